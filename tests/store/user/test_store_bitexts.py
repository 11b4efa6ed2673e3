"""Bitexts in the user store: whole or not at all, listed, read, scored, deleted."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time

import pandas as pd
import pytest

from core.bitext.records import Pair
from core.bitext.staging import write_staged
from core.data.links import SentenceLinks
from core.errors import BadInput
from store.connection import writing
from store.user import bitext_gold, bitext_scores, bitexts
from store.user.bitexts import NewBitext
from store.user.database import user_database
from tests.support.paths import ROOT


def new(name="talks", kept=7, **changed):
    values = {
        "name": name, "sha256": "ab" * 32, "file": "talks.tsv", "format": "tsv", "licence": "CC0", "provenance": "mine",
        "source_language": "sw", "target_language": "en",
        "report": {"read": 10, "kept": kept, "dropped": {"empty": 10 - kept}, "errors": [], "unreadable": 0},
    }  # fmt: skip
    return NewBitext(**(values | changed))


@pytest.fixture
def staged(tmp_path):
    """Ten pairs, of which three are marked with bit 1."""
    path = tmp_path / "staged.parquet"
    write_staged(path, ((Pair(i + 2, f"jozi {i}", f"pair {i} \ud800"), int(i % 4 == 1)) for i in range(10)))
    return path


def test_stored_listed_read_and_deleted(workspace, staged):
    assert bitexts.list_bitexts(workspace).empty
    identity = bitexts.store(workspace, new(), staged, 1)
    row = bitexts.get(workspace, "talks")
    assert row["bitext_id"] == identity and row["pairs"] == 7 and row["report"]["read"] == 10
    table = bitexts.read_pairs(workspace, identity)
    assert table["number"].tolist() == list(range(7))
    assert table["line"].tolist() == [2, 4, 5, 6, 8, 9, 10]
    assert table["target"].iloc[0] == "pair 0 ?"
    assert list(bitexts.iterate_pairs(workspace, identity, at_once=3))[-1] == (6, "jozi 8", "pair 8 ?")
    assert bitexts.as_bitext(workspace, identity).pairs[1] == ("pair 2 ?", "jozi 2"), "English first"
    assert bitexts.pairs_by_number(workspace, identity, [5, 2])["source"].tolist() == ["jozi 7", "jozi 3"]
    bitexts.delete(workspace, identity[:6])
    assert bitexts.list_bitexts(workspace).empty and bitexts.read_pairs(workspace, identity).empty
    with pytest.raises(BadInput, match="There is no stored bitext"):
        bitexts.delete(workspace, identity)


def test_storing_again_only_renames(workspace, staged):
    first = bitexts.store(workspace, new(), staged, 1)
    assert bitexts.store(workspace, new("renamed"), staged, 1) == first
    assert bitexts.list_bitexts(workspace)["name"].tolist() == ["renamed"]
    other = bitexts.store(workspace, new("all of it", kept=10), staged, 0)
    assert other != first and len(bitexts.list_bitexts(workspace)) == 2


@pytest.mark.parametrize(("changed", "says"), [({"name": "  "}, "a name"), ({"kept": 0}, "No pair is left")])
def test_what_cannot_be_stored(workspace, staged, changed, says):
    with pytest.raises(BadInput, match=says):
        bitexts.store(workspace, new(**changed), staged, 1)
    assert bitexts.list_bitexts(workspace).empty


def test_samples_are_nested_and_the_same_each_time(workspace, staged):
    identity = bitexts.store(workspace, new(kept=10), staged, 0)
    small, large = (set(bitexts.sample_pairs(workspace, identity, n)["number"]) for n in (4, 8))
    assert len(small) == 4 and small < large
    assert set(bitexts.sample_pairs(workspace, identity, 4)["number"]) == small


def test_scores_replace_each_other_and_leave_with_their_bitext(workspace, staged):
    identity = bitexts.store(workspace, new(), staged, 1)
    scores = pd.DataFrame({"number": [0, 3], "transport": [0.5, 0.7], "leftover": 0.1, "cosine": 0.9, "length": 0.0})
    scores["margin"] = 1.1
    bitext_scores.write_scores(workspace, identity, scores)
    bitext_scores.write_scores(workspace, identity, scores.assign(number=[3, 4], transport=[0.2, 0.3]))
    assert bitext_scores.read_scores(workspace, identity)["transport"].tolist() == pytest.approx([0.5, 0.2, 0.3])
    assert bitexts.list_bitexts(workspace)["scored"].tolist() == [3]
    bitext_scores.write_trust(workspace, identity, {"a": 1})
    bitext_scores.write_trust(workspace, identity, {"a": 2})
    assert bitext_scores.read_trust(workspace, identity) == {"a": 2}
    bitexts.delete(workspace, identity)
    bitext_scores.write_scores(workspace, identity, scores)
    bitext_scores.write_trust(workspace, identity, {"a": 3})
    assert (
        bitext_scores.read_scores(workspace, identity).empty and bitext_scores.read_trust(workspace, identity) is None
    )


def test_scores_without_a_margin_are_made_again(workspace, staged):
    identity = bitexts.store(workspace, new(), staged, 1)
    with writing(user_database(workspace)) as con:
        con.execute(
            """INSERT INTO bitext_scores (bitext_id, number, transport, leftover, cosine, length)
               VALUES (?, 0, 1, 1, 1, 1)""",
            [identity],
        )
    assert bitext_scores.read_scores(workspace, identity).empty
    assert bitexts.list_bitexts(workspace)["scored"].tolist() == [0]
    scores = pd.DataFrame(
        {"number": [0], "transport": 0.5, "leftover": 0.1, "cosine": 0.9, "length": 0.0, "margin": 1.1}
    )
    bitext_scores.write_scores(workspace, identity, scores)
    assert bitext_scores.read_scores(workspace, identity)["margin"].tolist() == pytest.approx([1.1])


def test_an_import_that_is_killed_leaves_nothing(workspace, staged, tmp_path):
    """The process is stopped between the pairs' insertion and the commit."""
    bitexts.store(workspace, new(), staged, 1)
    before = bitexts.list_bitexts(workspace)
    code = (
        "import sys, time\nfrom pathlib import Path\nsys.path.insert(0, 'tests/store/user')\n"
        "from core.workspace import open_workspace\nfrom store.user import bitexts\n"
        "from test_store_bitexts import new\n"
        "def stop(*_):\n    print('inside', flush=True)\n    time.sleep(600)\n"
        "bitexts.audit = stop\n"
        f"bitexts.store(open_workspace({str(workspace.home)!r}), new('half', kept=10), Path({str(staged)!r}), 0)\n"
    )
    env = os.environ | {"PYTHONPATH": str(ROOT)}
    process = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT, stdout=subprocess.PIPE, env=env)
    try:
        assert process.stdout is not None and process.stdout.readline().strip() == b"inside"
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait(30)
    time.sleep(0.1)
    assert bitexts.list_bitexts(workspace).equals(before)
    identity = new("half", kept=10).identity(0)
    assert bitexts.read_pairs(workspace, identity).empty
    assert bitexts.store(workspace, new("whole", kept=10), staged, 0) == identity


def test_gold_links_stay_with_their_bitext_and_leave_with_it(workspace, staged):
    identity = bitexts.store(workspace, new(), staged, 1)
    links = {
        3: SentenceLinks(frozenset({(0, 1)}), frozenset({(0, 1), (1, 0)})),
        0: SentenceLinks(frozenset(), frozenset({(1, 1)})),
    }
    bitext_gold.write_gold(workspace, identity, links)
    assert bitext_gold.gold_numbers(workspace, identity) == [0, 3]
    assert bitext_gold.read_gold(workspace, identity, 3) == links[3]
    assert bitext_gold.read_gold(workspace, identity, 0) == links[0]
    assert bitext_gold.read_gold(workspace, identity, 1) is None
    bitext_gold.write_gold(workspace, identity, {1: links[3]})
    assert bitext_gold.gold_numbers(workspace, identity) == [1], "new links take the place of the old"
    bitexts.delete(workspace, identity)
    assert bitext_gold.gold_numbers(workspace, identity) == []
    with pytest.raises(BadInput, match="There is no stored bitext"):
        bitext_gold.write_gold(workspace, identity, links)
