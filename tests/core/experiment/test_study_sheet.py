"""A study's sheet is made by its own rule and questions, whichever page asks; its file is kept beside its runs."""

from __future__ import annotations

import dataclasses
import json

import numpy as np
import pandas as pd
import pytest

from tests.support.late import COLLECTING
from tests.support.planted import planted
from tests.support.small_study import ARMS

if not COLLECTING:
    from core.experiment.studies.read import find_study, parse_study
    from core.experiment.studies.sheet import analysis_of, keep_study, study_of, study_sheet, study_sheet_key
    from core.experiment.studies.verdict import as_record, judge_study
    from core.verdict.sentences import tell

OWN = (
    """name = "mine"
seeds = [0, 1, 2]

[warm]
updates = 2

[train]
updates = 2

[bitext]
languages = ["sw", "th"]

[[benchmark]]
name = "xnli"
source = "xnli"
split = "validation"

"""
    + ARMS
    + """
[[arm]]
name = "anchor-only"
role = "control"

[[arm]]
name = "smoothing"
role = "secondary"
seeds = [0]

[[question]]
first = "gentle"
second = "english-only"
name = "low"

[[question]]
first = "gentle"
second = "anchor-only"
family = "other"
margin = 2.0
"""
)
EFFECTS = {"english-only": 0.0, "gentle": 6.0, "anchor-only": 1.0, "smoothing": 2.0}
SEEDS = {"english-only": 3, "gentle": 3, "anchor-only": 3, "smoothing": 1}


@pytest.fixture(scope="module")
def table() -> pd.DataFrame:
    return planted(np.random.default_rng(3), EFFECTS, seeds=SEEDS, languages=("en", "sw", "th"), premises=120)


def test_the_sheet_has_the_studys_answers_as_its_verdict_does(table):
    study = parse_study(OWN)
    sheet, judged = study_sheet(study, table), judge_study(study, table)
    assert (sheet["analysis"]["study"], sheet["analysis"]["method"]) == ("mine", "crossed")
    assert len(sheet["questions"]) == len(judged.answers) == 2
    for q, answer in zip(sheet["questions"], judged.answers, strict=True):
        record = as_record(answer)
        for name in ("name", "first", "second", "difference", "low", "high", "p", "p_equivalent", "ahead", "items"):
            assert q[name] == record[name], name
        assert q["family_name"] == record["family"] and q["primary"] == record["primary"]
        assert q["prior_corrected"]["difference"] == record["prior_corrected"]["difference"]
        assert q["smallest"] is None, "a study's detectable effect is planned, never read off its result"
        assert tell(q) == q["sentence"] and "minimum detectable" not in q["sentence"]
    assert sheet["questions"][0]["ahead"] == "gentle"


def test_controls_go_by_the_studys_roles(table):
    """A study's own arms under their own names: anchor-only explains what the study compares, smoothing stands too."""
    rows = pd.DataFrame(study_sheet(parse_study(OWN), table)["controls"])
    of = {(row["question"], row["arm"]): row for row in rows.to_dict("records")}
    anchor = next(row for (question, arm), row in of.items() if arm == "anchor-only" and "anchor" in question)
    assert anchor["seeds"] == 3 and set(anchor["languages"].split()) == {"sw", "th"}
    lone = next(row for (_, arm), row in of.items() if arm == "smoothing")
    assert not lone["tested"] and np.isnan(lone["p"] if lone["p"] is not None else np.nan) and lone["seeds"] == 1
    gentle = [row for (_, arm), row in of.items() if arm == "gentle"]
    asked = study_sheet(parse_study(OWN), table)["questions"][0]
    for row in gentle:
        assert (row["low"], row["high"]) == pytest.approx((asked["low"], asked["high"])) and row["p"] == asked["p"]


def test_every_new_control_has_its_question():
    analysis = analysis_of(find_study("xnli-first"))
    from core.verdict.controls import _explained

    new = ("anchor-only", "english-compute", "smoothing", "erase-language", "balanced-prior", "warm-start-only")
    arms = ("english-only", "transport", "adversarial", "mean-matching", *new)
    found = {control: question for question, _, controls in _explained(analysis, arms) for control in controls}
    assert set(found) == {"mean-matching", *new} and len(set(found.values())) == 7


def test_a_study_is_known_by_what_its_runs_are_stored_under(tmp_path):
    assert study_of(["reference", "reference", "quick"]).name == "xnli-first"
    assert study_of(["custom"]) is None and study_of([]) is None
    path = tmp_path / "of mine.toml"
    path.write_text(OWN)
    assert study_of(["mine"], tmp_path / "kept") is None
    keep_study(path, "mine", tmp_path / "kept")
    assert study_of(["mine", "quick", "mine"], tmp_path / "kept") == parse_study(OWN)
    keep_study(tmp_path / "of mine.toml", "../mine", tmp_path / "kept" / "deep")
    assert study_of(["../mine"], tmp_path / "kept" / "deep") is None, "a name is no path"


def test_the_key_changes_with_what_the_file_says_of_the_analysis():
    study = parse_study(OWN)
    others = [
        dataclasses.replace(study, analysis=dataclasses.replace(study.analysis, method="first")),
        dataclasses.replace(study, analysis=dataclasses.replace(study.analysis, prior=False)),
        dataclasses.replace(study, questions=study.questions[:1]),
        None,
    ]
    keys = {study_sheet_key(one, {"run": "1"}, "test") for one in (study, *others)}
    assert len(keys) == 5
    assert study_sheet_key(dataclasses.replace(study, title="x"), {"run": "1"}, "test") in keys


def test_runs_of_no_study_are_crossed(table):
    made = study_sheet(None, table[table["arm"] != "gentle"])
    assert made["analysis"] == {"study": "", "method": "crossed", "arms": []}
    assert json.dumps(made, allow_nan=False) and {q["method"] for q in made["questions"]} == {"crossed"}
