"""Floors and ceiling: planted hypotheses give themselves away, and identical texts with two labels cap accuracy."""

from __future__ import annotations

import json

import numpy as np
import pytest

from core.data.catalog import open_catalog, starter_catalog
from core.data.records import NLIItem, NLISet
from core.errors import BadInput
from core.evaluation.floors import hypothesis_only, label_ceiling
from core.experiment.studies.read import find_study
from core.languages import LOW_RESOURCE
from core.reference.floors import FILE, check_floors, make_floors, read_floors, tell_floors
from core.shipped import SHIPPED


def items(random, count, share, words=("yes", "maybe", "never")):
    """Hypotheses that hold their label's word in `share` of the items, else another label's."""
    made = []
    for number in range(count):
        label = number % 3
        word = words[label] if random.random() < share else words[(label + 1 + number % 2) % 3]
        made.append(NLIItem(number, f"premise {number}", f"the {random.integers(40)} is {word}", label))
    return tuple(made)


def test_a_planted_word_is_found_and_chance_is_chance():
    random = np.random.default_rng(0)
    training = [NLISet("mnli", "train", "en", items(random, 900, 0.8))]
    foreign = items(random, 600, 0.8, ("ndiyo", "labda", "kamwe"))
    tests = {"en": items(random, 600, 0.8), "sw": foreign}
    english, swahili = hypothesis_only(training, {}, tests)
    assert english.accuracy == pytest.approx(80, abs=5) and english.low < english.accuracy < english.high
    assert swahili.accuracy == pytest.approx(100 / 3, abs=6) and swahili.items == 600
    assert hypothesis_only(training, {}, tests) == [english, swahili], "nothing is drawn"


def test_repeats_weigh_a_set_and_nought_leaves_it_out():
    random = np.random.default_rng(1)
    good = NLISet("good", "train", "en", items(random, 600, 1.0))
    bad = NLISet("bad", "train", "en", items(random, 900, 1.0, ("maybe", "never", "yes")))
    test = {"en": items(random, 300, 1.0)}
    assert hypothesis_only([good, bad], {"bad": 0}, test)[0].accuracy == 100
    assert hypothesis_only([good, bad], {}, test)[0].accuracy < 30, "more of the other set"
    assert hypothesis_only([good, bad], {"good": 5}, test)[0].accuracy == 100
    with pytest.raises(BadInput, match="training items of every label"):
        hypothesis_only([good], {"good": 0}, test)


def test_the_ceiling_by_hand():
    made = [NLIItem(0, "a b", "c", 0), NLIItem(1, "a  b ", "c", 1), NLIItem(2, "a b", "c", 1), NLIItem(3, "d", "c", 2)]
    found = label_ceiling("sw", made)
    assert (found.items, found.identical, found.two_labels, found.ceiling) == (4, 1, 1, 75.0)
    assert label_ceiling("en", made[1:]).ceiling == 100.0


def test_the_shipped_numbers_and_what_is_told_of_them():
    floors = read_floors(SHIPPED, "xnli", "test")
    assert floors is not None and floors["command"].startswith("python -m core study floors xnli-first")
    alone = {row["language"]: row["accuracy"] for row in floors["hypothesis_only"]}
    assert len(alone) == 15 and 45 < alone["en"] < 55
    assert all(row["items"] == 5010 for row in floors["hypothesis_only"])
    assert sum(row["two_labels"] for row in floors["ceiling"]) == 11
    for row in floors["ceiling"]:
        assert row["ceiling"] == pytest.approx(100 * (5010 - row["two_labels"]) / 5010)
    low = sum(alone[code] for code in LOW_RESOURCE) / 5
    told = tell_floors(floors)
    assert "chance is 33.3" in told and f"{alone['en']:.1f} in English and {low:.1f} in the low-resource" in told
    assert "11 pairs of identical texts in 15 languages" in told and "leaves 99.94 where they are most" in told
    assert read_floors(SHIPPED, "starter", "test") is None and read_floors(SHIPPED, "xnli", "validation") is None
    assert read_floors(None, "xnli", "test") is None


@pytest.mark.data
def test_the_shipped_numbers_are_what_their_command_makes_from_the_data(data_dir):
    line, wrong = check_floors(SHIPPED, open_catalog(data_dir))
    assert line == "floors      15 languages made again, 0 of 3 parts differ" and wrong == []


@pytest.mark.slow
def test_a_check_finds_a_changed_number_and_a_file_that_is_none(tmp_path, monkeypatch):
    starter = starter_catalog()
    made = make_floors(find_study("quick"), "quick", starter)
    monkeypatch.setattr("core.reference.floors.FIRST_STUDY", "quick")
    assert check_floors(tmp_path, starter) == ("", [])
    (tmp_path / FILE).write_text(json.dumps(made), encoding="utf-8")
    assert check_floors(tmp_path, starter)[1] == [] and "not made again" in check_floors(tmp_path, None)[0]
    made["hypothesis_only"][3]["accuracy"] += 0.1
    (tmp_path / FILE).write_text(json.dumps(made), encoding="utf-8")
    assert check_floors(tmp_path, starter)[1] == [f"{FILE} differs in hypothesis_only from what its command makes."]
    made["training"] = {"another set": 3}
    (tmp_path / FILE).write_text(json.dumps(made | {"ceiling": made["ceiling"] * 2}), encoding="utf-8")
    line, wrong = check_floors(tmp_path, starter)
    assert wrong == [] and "whose training sets are others here" in line
    made["ceiling"][0]["two_labels"] += 1
    (tmp_path / FILE).write_text(json.dumps(made), encoding="utf-8")
    assert check_floors(tmp_path, starter)[1] == [f"{FILE} differs in ceiling from what its command makes."]
    for text in ("{}", "[1]", '{"hypothesis_only": 1}', "no JSON"):
        (tmp_path / FILE).write_text(text, encoding="utf-8")
        assert len(check_floors(tmp_path, None)[1]) == 1 and read_floors(tmp_path, "xnli", "test") is None, text
