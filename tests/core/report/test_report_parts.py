"""What a report chooses by itself, and what it says was preregistered."""

from __future__ import annotations

import dataclasses
import json
import re
import subprocess
import tomllib

import pandas as pd
import pytest

from core.cli import main
from core.config import DataConfig, EvaluationConfig, ModelConfig, RunConfig, TrainingConfig
from core.experiment.studies.read import FIXED_ON, read_study
from core.reference.preregistration import FIXED
from core.report.examples import clearest, paired
from core.report.preregistered import fixing_commit, preregistered, protocol
from core.workspace import CHECKOUT

COLUMNS = ["language", "item_id", "gold", "predicted", "entailment", "neutral", "contradiction"]


def _predictions(*rows) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=COLUMNS)


def test_the_clearest_item_is_the_one_whose_gold_probability_changed_most():
    first = _predictions(
        ("sw", 1, 0, 1, 0.1, 0.8, 0.1), ("sw", 2, 0, 1, 0.3, 0.6, 0.1), ("ur", 3, 2, 2, 0.1, 0.1, 0.8),
        ("ur", 4, 1, 1, 0.2, 0.6, 0.2),
    )  # fmt: skip
    second = _predictions(
        ("sw", 1, 0, 0, 0.9, 0.05, 0.05), ("sw", 2, 0, 0, 0.8, 0.1, 0.1), ("ur", 3, 2, 0, 0.9, 0.05, 0.05),
        ("ur", 4, 1, 1, 0.2, 0.7, 0.1),
    )  # fmt: skip
    pairs = paired(first, second)
    fixed, broken = clearest(pairs, True), clearest(pairs, False)
    assert (fixed.language, fixed.item_id, fixed.among) == ("sw", 1, 2)
    assert fixed.change == pytest.approx(80) and broken.change == pytest.approx(-75)
    assert (broken.language, broken.item_id, broken.among) == ("ur", 3, 1)
    assert clearest(pairs[pairs["item_id"] == 4], True) is None


def test_a_stored_configuration_has_the_protocol_it_was_trained_under(tmp_path):
    config = RunConfig("transport", 0, "ab" * 32, ModelConfig(), TrainingConfig(10), DataConfig("real", "print", 5),
                       EvaluationConfig("test"), {"weight": 1.0}, "0123456789ab")  # fmt: skip
    told = json.loads(json.dumps(config.as_dict()))
    assert protocol(told) == config.protocol
    file = tmp_path / "mine.toml"
    own = FIXED.read_text(encoding="utf-8").replace('"ac2b4169d47e"', f'"{config.protocol}"')
    file.write_text(own.replace("margin = 1.0", "margin = 0.5"), encoding="utf-8")
    found = preregistered([{"config": told}, {"config": told | {"seed": 1}}], file)
    assert (found.protocols, found.followed, found.runs, found.margin, found.seeds) == (17, 1, 2, 0.5, 3)
    assert found.primary == "transport minus adversarial, mean accuracy over tr, th, hi, ur, sw, XNLI test"
    nothing = preregistered([{"config": told}], tmp_path / "nowhere.toml")
    assert (nothing.primary, nothing.protocols, nothing.followed) == (None, 0, 0)


def test_the_first_study_says_what_its_earlier_file_said_when_it_was_fixed():
    commit = fixing_commit()
    if commit is None or commit.name.endswith(FIXED.name):
        pytest.skip("this copy of the project has no history of the earlier file")
    show = ["git", "-C", str(CHECKOUT), "show", f"{commit.sha}:{commit.name}"]
    then = tomllib.loads(subprocess.run(show, check=True, capture_output=True, text=True).stdout)
    study = read_study(FIXED)
    assert commit.date == FIXED_ON[study.name] and list(study.protocols) == then["fixed"]["protocols"]
    assert len(study.seeds) == then["seeds"] and (study.warm_start == "one") == then["one_warm_start"]
    assert [arm.name for arm in study.arms] == then["arms"] + then["controls"]
    assert {arm.name: arm.settings for arm in study.arms if arm.settings} == then["settings"]
    assert study.training_sets == then["nli_repeats"]
    assert (study.bitext.pairs, study.bitext.batch) == (then["bitext_pairs"], then["bitext_batch"])
    for table, part in (("warm", study.warm), ("arm", study.train), ("evaluation", study.readings)):
        now = dataclasses.asdict(part)
        assert {key: list(now[key]) if isinstance(now[key], tuple) else now[key] for key in then[table]} == then[table]
    found, then_codes = preregistered([]), then["primary"]
    assert found.margin == then["margin"] and found.primary.split(" over ")[0] == then_codes.split(" over ")[0]
    assert set(re.findall(r"\b[a-z]{2}\b", found.primary)) == set(re.findall(r"\b[a-z]{2}\b", then_codes))


def test_the_commit_is_the_last_that_changed_the_file_and_none_without_history(tmp_path):
    file = tmp_path / "reference.toml"
    file.write_text("seeds = 3\n")
    assert fixing_commit(file) is None
    git = ["git", "-C", str(tmp_path), "-c", "user.name=a", "-c", "user.email=a@example.org"]
    subprocess.run([*git, "init", "-q"], check=True)
    subprocess.run([*git, "add", "."], check=True)
    subprocess.run([*git, "commit", "-qm", "fix"], check=True)
    sha = subprocess.run([*git, "rev-parse", "HEAD"], check=True, capture_output=True, text=True).stdout.strip()
    found = fixing_commit(file)
    assert found.sha == sha and not found.changed_since
    (tmp_path / "elsewhere").mkdir()
    subprocess.run([*git, "mv", "reference.toml", "elsewhere/moved.toml"], check=True)
    subprocess.run([*git, "commit", "-qm", "move"], check=True)
    file = tmp_path / "elsewhere" / "moved.toml"
    found = fixing_commit(file)
    assert found.sha == sha and found.name == "reference.toml", "that a file was moved is no change of what it says"
    file.write_text("# a comment\nseeds = 3\n")
    subprocess.run([*git, "commit", "-qam", "comment"], check=True)
    assert fixing_commit(file).sha == sha, "neither is a comment"
    file.write_text("seeds = 4\n")
    assert fixing_commit(file).changed_since
    subprocess.run([*git, "commit", "-qam", "change"], check=True)
    assert fixing_commit(file).sha != sha


def test_the_verb_writes_both_kinds_and_says_what_is_in_them(reported, tmp_path, capsys):
    for name in ("report.html", "report.pptx"):
        out = tmp_path / name
        status = main(["report", "--out", str(out), "--home", str(reported.home), "--item", "sw:5", "--plan", "A hen",
                       "--languages", "sw,en", "--arms", "transport", "english-only", "--json"])  # fmt: skip
        told = json.loads(capsys.readouterr().out)
        assert status == 0 and told["ok"] and told["bytes"] == out.stat().st_size > 30_000
        assert told["items"] == [{"language": "sw", "item": 5}] and told["languages"] == ["en", "sw"]
        assert told["arms"] == ["english-only", "transport"] and told["plans"] == 1
    assert sorted(path.name for path in tmp_path.iterdir()) == ["report.html", "report.pptx"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--out", "report.doc"], "ends in neither .html nor .pptx"),
        (["--out", "report.html", "--arms", "nothing"], "No stored run has the arm 'nothing'"),
        (["--out", "report.html", "--languages", "fi"], "No stored run has the language 'fi'"),
        (["--out", "report.html", "--item", "sw"], "is not an item"),
        (["--out", "report.html", "--item", "sw:99999"], "No run shown read item 99999 in Swahili"),
        (["--out", "report.html", "--plan", "nothing"], "No plan is kept under 'nothing'"),
        (["--out", "report.html", "--group", "nothing"], "No group of runs"),
        (["--out", "none/report.html", "--plan", "A hen"], "cannot be written"),
    ],
)
def test_what_cannot_be_done_is_told_in_one_sentence(reported, tmp_path, monkeypatch, capsys, arguments, told):
    monkeypatch.chdir(tmp_path)
    assert main(["report", "--home", str(reported.home), *arguments]) == 2
    assert told in capsys.readouterr().err.strip().splitlines()[-1]
    assert not list(tmp_path.iterdir())


def test_an_empty_store_says_how_to_fill_it(tmp_path, capsys):
    assert main(["report", "--out", str(tmp_path / "r.html"), "--home", str(tmp_path / "home")]) == 2
    assert "nothing to report; train some with" in capsys.readouterr().err
