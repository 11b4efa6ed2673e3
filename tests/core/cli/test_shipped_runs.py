"""Every verb that reads with a run reads with the runs that ship with the project, on a fresh install."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from core.cli import main
from core.shipped import SETTING, SHIPPED
from tests.support.invented_xnli import write_xnli
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.patching.effect import summarise

pytestmark = pytest.mark.slow  # they train and read

RUNS = {record["arm"]: record["run_id"] for record in json.loads((SHIPPED / "runs.json").read_text("utf-8"))
        if record["seed"] == 0}  # fmt: skip


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("fresh") / "home"


@pytest.fixture(autouse=True)
def shipped(monkeypatch, home, encoder):
    monkeypatch.setenv(SETTING, str(SHIPPED))
    monkeypatch.setenv("ISOGLOSS_HOME", str(home))
    monkeypatch.delenv("ISOGLOSS_DATA", raising=False)
    monkeypatch.setattr("core.encoder.load.load_encoder", lambda name="embedded", device="cpu": encoder)


def told(capsys, *arguments):
    assert main([*arguments, "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_predict(capsys):
    pair = ("--premise", "The cat sleeps.", "--hypothesis", "An animal rests.")
    answers = {arm: told(capsys, "predict", *pair, "--arm", arm) for arm in ("english-only", "transport")}
    assert {arm: answer["run_id"] for arm, answer in answers.items()} == {arm: RUNS[arm] for arm in answers}
    assert answers["english-only"]["probabilities"] != answers["transport"]["probabilities"]
    assert (
        told(capsys, "predict", *pair, "--run", RUNS["transport"])["probabilities"]
        == (answers["transport"]["probabilities"])
    )


def test_align_and_retrieve(capsys, tmp_path):
    (tmp_path / "pair.tsv").write_text("The cat sleeps\tDie Katze schläft\n", encoding="utf-8")
    assert told(capsys, "align", str(tmp_path / "pair.tsv"), "--arm", "adversarial")["run_id"] == RUNS["adversarial"]
    (tmp_path / "texts.txt").write_text("0\tThe cat sleeps.\n1\tIt rains.\n", encoding="utf-8")
    texts = str(tmp_path / "texts.txt")
    assert told(capsys, "retrieve", "--queries", texts, "--collection", texts, "--arm", "transport")["queries"] == 2


def test_patch(capsys, tmp_path):
    data = write_xnli(tmp_path / "data")
    out = tmp_path / "items.csv"
    # Invented texts: the stored answers are the real items', so that only some are flipped again.
    asked = ("--languages", "sw", "--layers", "4", "8", "--limit", "12", "--draws", "2", "--out", str(out))
    found = told(capsys, "patch", *asked, "--data", str(data))
    assert (found["run_id"], found["split"], found["kind"]) == (RUNS["english-only"], "test", "flipped")
    rows = pd.read_csv(out)
    assert set(rows.columns) > {"item_id", "p_patched"} and len(rows) <= 24
    assert found["rows"] == (summarise(rows).to_dict("records") if len(rows) else [])


@pytest.mark.parametrize(
    ("arguments", "reason"),
    [
        (["predict", "--premise", "a", "--hypothesis", "b", "--arm", "centring"], "centring trains nothing"),
        (["predict", "--premise", "a", "--hypothesis", "b", "--arm", "hybrid"], "There is no run of hybrid"),
        (["predict", "--premise", "a", "--hypothesis", "b", "--arm", "warm-start"], "are not in this workspace"),
        (["patch", "--languages", "sw"], "is not the one this run was tested on"),
        (["patch", "--arm", "translate-test", "--languages", "sw"], "translate-test trains nothing"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(capsys, arguments, reason):
    assert main(arguments) == 2
    told = capsys.readouterr()
    assert reason in told.err and len(told.err.strip().splitlines()) == 1 and not told.out
