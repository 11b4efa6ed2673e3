"""Study files: what is wrong is told with its line, and shipped ones say what they always said."""

from __future__ import annotations

import pytest

from core.errors import BadInput
from core.experiment.studies.lines import key_lines
from core.experiment.studies.read import find_study, parse_study, read_study, shipped_names, study_path

SMALL = """name = "mine"
seeds = [0, 1]

[warm]
updates = 4

[train]
updates = 2

[[benchmark]]
name = "own"
files = "nli/{lang}.tsv"
labels = ["entailment", "not-entailment"]

[[arm]]
name = "english-only"
role = "baseline"

[[arm]]
name = "strong"
arm = "transport"
settings = {token_weight = 3.0}

[[question]]
first = "strong"
second = "english-only"
"""


def test_a_study_says_what_its_file_says():
    study = parse_study(SMALL)
    assert (study.name, study.seeds, study.warm.updates, study.train.updates) == ("mine", (0, 1), 4, 2)
    assert study.arm("strong").method == "transport" and study.baseline == "english-only"
    assert study.benchmark().chance == 50.0 and study.questions[0].margin == 1.0


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("seeds = [0, 1]", "seeds = [0, -1]", 2, "from 0 on"),
        ("seeds = [0, 1]", "seeds = []", 2, "at least one seed"),
        ("seeds = [0, 1]", 'seeds = ["a"]', 2, "whole number"),
        ("seeds = [0, 1]", "sedes = [0, 1]", 2, "did you mean 'seeds'"),
        ("updates = 4", "updates = 0", 5, "at least 1"),
        ("updates = 4", "updates = true", 5, "whole number"),
        ("updates = 2", "updates = 2\nrate = 1", 9, "'rate' is no key"),
        ('labels = ["entailment", "not-entailment"]', 'labels = ["a"]', 13, "two or three"),
        ('files = "nli/{lang}.tsv"', 'files = "../{lang}.tsv"', 12, "relative to the data folder"),
        ('files = "nli/{lang}.tsv"', 'files = "nli/{lang}.tsv"\nids = [4]', 13, "two numbers"),
        ('files = "nli/{lang}.tsv"', 'files = "nli/{lang}.tsv"\nseeds = [7]', 13, "not all among"),
        ('files = "nli/{lang}.tsv"', 'files = "nli/{split}/{lang}.tsv"\nsplit = "dev"', 13, "no split"),
        ("updates = 2", 'updates = 2\n[bitext]\nfiles = "/{lang}"', 10, "relative to the data folder"),
        ("updates = 2", 'updates = 2\n[bitext]\nenglish = "text.en"', 10, "lies beside"),
        ("updates = 2", 'updates = 2\n[readings]\nsplit = "test"', 10, "[[benchmark]]'s to say"),
        ('role = "baseline"', 'role = "boss"', 17, "may be 'baseline'"),
        ('name = "strong"', 'name = "english-only"', 20, "two arms called"),
        ('second = "english-only"', 'second = "strong"', 26, "nothing can differ"),
        ('second = "english-only"', 'second = "nobody"', 26, "'nobody' is no arm"),
        ('second = "english-only"', 'second = "english-only"\nmargin = -1', 27, "above 0"),
        ('first = "strong"', "", 24, "'first' is missing"),
    ],
)
def test_what_cannot_be_is_told_with_its_line(old, new, line, words):
    assert old in SMALL
    with pytest.raises(BadInput) as told:
        parse_study(SMALL.replace(old, new, 1), "mine.toml")
    assert words in str(told.value)
    assert f"line {line}:" in str(told.value), told.value


def test_what_is_no_toml_is_told_with_its_line():
    with pytest.raises(BadInput, match="not valid TOML.*line 3"):
        parse_study('name = "a"\nseeds = [\n[warm]\n')


@pytest.mark.parametrize("content", [b"\xff\xfe\x00", b"x = 1\n" * 400_000, b"[[[[", b"a = " + b"[" * 5000])
def test_a_file_that_is_no_study_is_refused(tmp_path, content):
    path = tmp_path / "bad.toml"
    path.write_bytes(content)
    with pytest.raises(BadInput):
        read_study(path)


def test_shipped_studies_are_found_by_name_and_unknown_ones_say_what_there_is():
    assert {"quick", "xnli-first"} <= set(shipped_names())
    assert study_path("quick").name == "quick.toml"
    assert find_study("xnli-first").seeds == (0, 1, 2)
    with pytest.raises(BadInput, match="quick"):
        find_study("nothing")


def test_lines_are_those_of_the_text():
    found = key_lines(
        'a = [\n 1, # ]\n]\nb = """\nx = 1\n"""\n[t."u v"]\nc = {d = 1, e = [2]}\n[[arm]]\n[arm.s]\nw = 2\n'
    )
    assert ("x",) not in found and found["b",] == 4
    assert found["t", "u v", "c", "e"] == 8 and found["arm", 0, "s", "w"] == 11
