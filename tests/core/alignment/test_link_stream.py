"""Links of a stream: one line a pair whatever the pair is, in steps, gone on with after a kill."""

from __future__ import annotations

import errno
import json
import os
import signal
import subprocess
import sys
import time

import numpy as np
import pyarrow.parquet as pq
import pytest

from core.alignment.resumable_output import Journal
from core.cli import main
from core.data.pair_text import LONGEST_LINE, PairText
from core.errors import BadInput
from tests.support.late import COLLECTING
from tests.support.paths import ROOT

if not COLLECTING:
    from core.alignment.link_stream import link_stream
    from core.alignment.linking import link_pairs
    from core.alignment.token_masses import token_masses
    from core.alignment.word_links import DECODINGS, LinkSettings
    from core.encoder.read_as import read_as
    from core.encoder.states import token_states
    from core.transport.plans import PlanSettings

PAIRS = [
    ("The doctor bought two onions .", "Daktari alinunua vitunguu viwili ."),
    ("We closed the window because it rained .", "Wir schlossen das Fenster , weil es regnete ."),
    ("Good morning !", "Guten Morgen !"),
]


def test_the_three_forms_are_read_alike(tmp_path):
    texts = {
        "bars": "".join(f"{s} ||| {t}\n" for s, t in PAIRS),
        "tabs": "".join(f"{s}\t{t}\t0-0\n" for s, t in PAIRS),
    }
    read = {}
    for name, text in texts.items():
        (tmp_path / name).write_text("\ufeff" + text, encoding="utf-8")
        read[name] = [(line.source, line.target) for line in PairText(tmp_path / name)]
    (tmp_path / "x.en").write_text("".join(s + "\r\n" for s, _ in PAIRS), encoding="utf-8")
    (tmp_path / "x.de").write_text("".join(t + "\n" for _, t in PAIRS), encoding="utf-8")
    read["moses"] = [(line.source, line.target) for line in PairText(tmp_path / "x.en", tmp_path / "x.de")]
    assert read["bars"] == read["tabs"] == read["moses"] == [(s.split(), t.split()) for s, t in PAIRS]


def test_reading_goes_on_from_where_it_was(tmp_path):
    path = tmp_path / "pairs"
    path.write_text("".join(f"a{k} ||| b{k} ü\n" for k in range(20)), encoding="utf-8")
    first = PairText(path)
    rows = iter(first)
    head = [next(rows).source for _ in range(7)]
    second = PairText(path)
    second.start_at(first.offsets, first.lines)
    tail = list(second)
    assert [*head, *(line.source for line in tail)] == [[f"a{k}"] for k in range(20)]
    assert tail[0].line == 8


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"", "is empty"),
        (b"no separator here\n", "line 1: neither ||| nor a tab"),
        (b"a ||| b\n\xff\xfe ||| c\n", "line 2: the text is not UTF-8"),
        (b"a ||| b\n" + b"x" * (LONGEST_LINE + 5), "line 2: the line is longer"),
    ],
)
def test_a_file_that_is_no_pairs_is_one_sentence(tmp_path, data, says):
    (tmp_path / "f").write_bytes(data)
    with pytest.raises(BadInput) as told:
        list(PairText(tmp_path / "f"))
    assert says in str(told.value)


def test_a_moses_pair_of_unequal_length_is_told(tmp_path):
    (tmp_path / "a").write_text("x\ny\n")
    (tmp_path / "b").write_text("x\n")
    with pytest.raises(BadInput, match="line 1: the file ends here and .*a goes on"):
        list(PairText(tmp_path / "a", tmp_path / "b"))


HOSTILE = [
    *PAIRS[:2], ("", "x"), ("\u200b \u200b", "nothing to read"), ("\x00", "null"), ("🙂 🙂", "<b>smile</b>"),
    ("word " * 5000, "mot " * 30), ("أهلا بالعالم", "hello world"),
]  # fmt: skip


@pytest.mark.slow
def test_every_line_has_its_line_of_links_whatever_it_holds(encoder, tmp_path):
    path = tmp_path / "f"
    path.write_text("".join(f"{s} ||| {t}\n" for s, t in HOSTILE) + "no bars\n\n", encoding="utf-8")
    steps = list(link_stream(encoder, PairText(path), LinkSettings(), plans=True, step=4))
    lines = "".join(step.text for step in steps).split("\n")
    assert lines.pop() == "" and len(lines) == len(HOSTILE) + 2 == sum(step.lines for step in steps)
    assert "0-0" in lines[0].split() and lines[2] == "" and lines[-2:] == ["", ""]
    told = {line for step in steps for line, _ in step.problems}
    assert {3, 9, 10} <= told and not told & {1, 2, 8}
    assert sum(step.tallies["truncated"] for step in steps) == 1
    cuts = [cut for step in steps for cut in step.cuts]
    assert [line for line, _ in cuts] == [7] and "of 5,000" in cuts[0][1]
    for line, (source, target) in zip(lines, HOSTILE, strict=False):
        for link in line.split():
            i, j = map(int, link.split("-"))
            assert i < len(source.split()) and j < len(target.split())
    rows = [row for step in steps for row in step.plans.to_pylist()]
    assert [row["line"] for row in rows] == [n for n, line in enumerate(lines, 1) if n not in told]
    for row in rows:
        assert row["kept_mass"] == pytest.approx(sum(row["mass"]), abs=1e-4) and 0 <= row["entropy"] <= 1


def test_every_decoding_links_what_belongs_together(encoder, subtests):
    pairs = [(s.split(), t.split()) for s, t in PAIRS]
    for decoding in DECODINGS:
        with subtests.test(decoding):
            threshold = 1e-3 if decoding == "softmax" else 0.3
            linked = link_pairs(encoder, pairs, LinkSettings(decoding, 6, PlanSettings(epsilon=0.1), threshold))
            assert {(0, 0), (1, 1), (2, 2)} <= set(linked[2].links)
            for links, (source, target) in zip(linked, pairs, strict=True):
                assert links.source_words == source and links.target_words == target
                assert len(links.scores) == len(links.links) and all(0 <= score <= 1 + 1e-9 for score in links.scores)
                assert (links.plan is not None) == decoding.startswith("transport")


@pytest.mark.parametrize("marginals", ["norm", "frequency", "attention"])
def test_marginals_that_the_encoder_weighs(encoder, marginals):
    settings = LinkSettings("transport-argmax", 6, PlanSettings(epsilon=0.1, marginals=marginals))
    for one in link_pairs(encoder, [(s, t) for s, t in PAIRS], settings):
        assert one.plan is not None and len(set(one.plan.tokens.a.round(9))) > 1
        assert one.plan.tokens.a.sum() == pytest.approx(1) and one.plan.plan.sum() == pytest.approx(1, abs=1e-3)
    if marginals == "frequency":
        rows = token_states(encoder, [PAIRS[0][0]], 6)
        mass = token_masses(encoder, [PAIRS[0][0]], rows, "frequency", 6)[0]
        ids = encoder.tokenizer.convert_tokens_to_ids(rows[0].tokens)
        assert mass.argmin() == np.argmin(ids)  # pieces are numbered from the most frequent


def lines_of(count):
    return [f"{s} {k} ||| {k} {t}" for k in range(count) for s, t in [PAIRS[k % 3]]]


def run_align(arguments, home):
    command = [sys.executable, "-m", "core", "align", *map(str, arguments), "--home", str(home), "--json"]
    return subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.mark.slow
def test_a_killed_stream_goes_on_without_a_lost_or_doubled_line(tmp_path, encoder):
    source, out, plans = tmp_path / "pairs", tmp_path / "links", tmp_path / "plans.parquet"
    source.write_text("\n".join(lines_of(700)) + "\n", encoding="utf-8")
    arguments = [source, "--out", out, "--plans", plans, "--layer", 1]
    process = run_align(arguments, tmp_path / "home")
    journal = tmp_path / "links.journal"
    try:
        deadline = time.monotonic() + 300
        while not journal.exists() and process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        os.kill(process.pid, signal.SIGKILL)
    finally:
        process.kill()
        process.communicate()
    assert not out.exists() and not plans.exists()
    done = json.loads(journal.read_text())["state"]["lines"]
    assert 0 < done < 700
    with (tmp_path / "links.part").open("a") as draft:  # what a kill between two writes leaves behind
        draft.write("0-0 1-1\n0-")
    status = main(["align", *map(str, arguments), "--home", str(tmp_path / "home"), "--json"])
    assert status == 0
    whole = "".join(step.text for step in link_stream(read_as(encoder), PairText(source), chosen_at_layer_1()))
    assert out.read_text() == whole and whole.count("\n") == 700
    assert pq.read_table(plans)["line"].to_pylist() == list(range(1, 701))
    assert sorted(path.name for path in tmp_path.iterdir()) == ["home", "links", "pairs", "plans.parquet"]


def test_a_full_disk_is_told_and_the_same_command_goes_on(tmp_path, monkeypatch):
    def full(descriptor):
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    out, identity = tmp_path / "links", {"settings": 1}
    with pytest.raises(BadInput, match=r"links cannot be written \(No space left on device\); make room"):
        with Journal(out, identity) as journal:
            journal.commit("0-0\n", [4], 1, {"pairs": 1})
            monkeypatch.setattr(os, "fsync", full)
            journal.commit("1-1\n", [8], 2, {"pairs": 2})
    monkeypatch.undo()
    assert not out.exists()
    with Journal(out, identity) as journal:
        assert journal.resumed and journal.state.lines == 1
        journal.commit("1-1\n", [8], 2, {"pairs": 2})
        journal.finish()
    assert out.read_text() == "0-0\n1-1\n" and [path.name for path in tmp_path.iterdir()] == ["links"]


def chosen_at_layer_1():
    import dataclasses

    from core.alignment.defaults import chosen_settings

    return dataclasses.replace(chosen_settings(), layer=1)


def test_a_journal_of_other_work_is_not_gone_on_with(tmp_path):
    out = tmp_path / "out"
    with Journal(out, {"settings": 1}) as journal:
        journal.commit("a\n", [2], 1, {})
    with Journal(out, {"settings": 2}) as journal:
        assert not journal.resumed and journal.state.lines == 0
        journal.commit("b\n", [2], 1, {})
    with Journal(out, {"settings": 2}) as journal:
        assert journal.resumed and journal.state.lines == 1
        journal.commit("c\n", [4], 2, {})
        journal.finish()
    assert out.read_text() == "b\nc\n"


def test_a_kill_between_the_last_two_renames_is_finished_by_the_same_command(tmp_path):
    out = tmp_path / "out"
    with Journal(out, {}) as journal:
        journal.commit("a\n", [2], 1, {"pairs": 1})
        record = journal.record.read_text()
        journal.finish()
    complete = json.loads(record)
    complete["state"]["complete"] = True
    journal.record.write_text(json.dumps(complete))
    with Journal(out, {}) as journal:
        assert journal.resumed and journal.state.complete
        journal.finish()
    assert out.read_text() == "a\n" and [path.name for path in tmp_path.iterdir()] == ["out"]


def test_two_processes_do_not_write_one_file(tmp_path):
    with Journal(tmp_path / "out", {}):
        with pytest.raises(BadInput, match="Another process is writing"):
            with Journal(tmp_path / "out", {}):
                pass


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.delenv("ISOGLOSS_DATA", raising=False)
    monkeypatch.setenv("ISOGLOSS_HOME", str(tmp_path / "home"))
    (tmp_path / "pairs.tsv").write_text("".join(f"{s}\t{t}\n" for s, t in PAIRS), encoding="utf-8")
    return tmp_path


@pytest.mark.slow
def test_the_verbs_align_and_score(here, capsys):
    pairs, links = str(here / "pairs.tsv"), str(here / "links")
    assert main(["align", pairs, "--out", links, "--scores", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["pairs"] == 3 and told["seconds"] > 0 and told["resumed_after"] == 0
    assert len((here / "links").read_text().splitlines()) == 3
    assert main(["score-alignment", "--gold", links, "--links", links, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["aer"] == 0 and told["f1"] == 100 and told["sentences"] == 3 and told["gold_base"] == 0
    assert main(["align", pairs]) == 0
    plain = capsys.readouterr().out
    assert plain == "".join(
        " ".join(link.split(":")[0] for link in line.split()) + "\n"
        for line in (here / "links").read_text().splitlines()
    )
    assert main(["align", pairs, "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["pairs"] == 3 and told["links_of_lines"] == plain.splitlines()


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["align", "nowhere"], "There is no file nowhere"),
        (["align", "pairs.tsv", "--decoding", "guess"], "no decoding 'guess'"),
        (["align", "pairs.tsv", "--layer", "40"], "layer 40 is not one of them"),
        (["align", "pairs.tsv", "--arm", "magic"], "no run of magic"),
        (["align", "pairs.tsv", "--epsilon", "-1"], "regularisation -1 is outside"),
        (["align", "pairs.tsv", "--plans", "p.parquet"], "--plans needs --out"),
        (["align", "pairs.tsv", "--out", "no/where"], "The folder no is not there"),
        (["score-alignment", "--gold", "nowhere", "--links", "pairs.tsv"], "There is no file nowhere"),
        (["score-alignment", "--gold", "one", "--links", "zero"], "zero, line 1: the file ends here"),
        (["score-alignment", "--gold", "two", "--links", "two"], "--base 0 or --base 1"),
        (["alignment-error"], "There are no gold alignments"),
    ],
)
def test_bad_input_is_one_sentence(here, capsys, monkeypatch, arguments, says):
    monkeypatch.chdir(here)
    monkeypatch.setenv("HF_HOME", str(here / "hub"))
    (here / "one").write_text("0-0\n0-1\n")
    (here / "two").write_text("1-1\n")
    (here / "zero").write_text("0-1\n")
    assert main(arguments) == 2
    printed = capsys.readouterr()
    assert printed.out == "" and says in printed.err and "Traceback" not in printed.err
