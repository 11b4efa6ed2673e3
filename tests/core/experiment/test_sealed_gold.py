"""Sealed gold: no label of test is written before the last run of a locked study is in; then all is as if unsealed."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest

from core.config import EvaluationConfig
from core.errors import BadInput
from core.evaluation.scores import Score
from core.experiment.finished import Finished
from core.experiment.run_tables import write_json
from core.experiment.studies.code_version import same_code
from core.experiment.studies.lock import Lock
from core.experiment.studies.seal import Seal, check_same_lock, missing_protocols
from core.languages import LOW_RESOURCE
from core.run_folder.files import check_files
from core.workspace import open_workspace
from tests.support.late import COLLECTING
from tests.support.tiny import configuration

if not COLLECTING:
    from core.experiment.run import execute
    from core.experiment.studies.unseal import unseal

pytestmark = pytest.mark.slow  # they train and read

BASE = "english-only"
READING = EvaluationConfig(split="test", other_items=6, held_out_pairs=30, plan_pairs=1, calibrate=True)
HARDER = dataclasses.replace(
    READING, everywhere=(BASE,), languages=("en", *LOW_RESOURCE), robust_seeds=(0,), generalised_items=3,
    robust_items=9,
)  # fmt: skip
JUDGED = ("took", "took_sentence")
GOLD = ("accuracy", "macro_f1", "ece", "accuracy_other_items")


def reading_test(arm: str, start: str, reading: EvaluationConfig = READING):
    return dataclasses.replace(configuration(arm, warm_start=start), evaluation=reading)


def seal_of(*configs) -> Seal:
    rows = tuple({"arm": c.name, "seed": c.seed, "protocol": c.protocol} for c in configs)
    return Seal.of(Lock("mine", "0" * 64, "2027-01-01T00:00:00+00:00", "", (), rows))


@pytest.fixture(scope="module")
def begun(tmp_path_factory, tiny, starter):
    """A home that holds a warm start."""
    home = open_workspace(tmp_path_factory.mktemp("sealed-gold"))
    execute(configuration("warm-start"), home, starter, tiny)
    return home


@pytest.fixture(scope="module")
def pair(tmp_path_factory, begun, tiny, starter):
    return both(tmp_path_factory.mktemp("pair"), begun, tiny, starter, lambda home, start: reading_test(BASE, start))


@pytest.fixture
def runs(pair, tmp_path):
    """A run that is sealed, to be changed, and the same where it is not."""
    sealed, opened = pair
    return Finished(Path(shutil.copytree(sealed.folder, tmp_path / "run")), True), opened


def both(tmp_path, begun, tiny, starter, make):
    """The finished run of a home where it is sealed, and of one where it is not."""
    done = []
    for name in ("sealed", "open"):
        home = open_workspace(shutil.copytree(begun.home, tmp_path / name))
        config = make(home, configuration("warm-start").run_id)
        seal = seal_of(config) if name == "sealed" else None
        done.append(execute(config, home, starter, tiny, seal=seal))
    return done


def same_tables(one, two) -> bool:
    names = sorted(path.name for path in one.folder.glob("*.parquet"))
    for name in names:
        pd.testing.assert_frame_equal(pd.read_parquet(one.folder / name), pd.read_parquet(two.folder / name))
        assert pq.read_schema(one.folder / name) == pq.read_schema(two.folder / name)
    return names == sorted(path.name for path in two.folder.glob("*.parquet"))


def test_a_sealed_run_holds_no_label_and_unsealing_gives_what_an_open_run_has(runs, starter):
    sealed, opened = runs
    record = sealed.describe()
    assert record["sealed"] and record["study"]["name"] == "mine" and record["reading_started"] <= record["created"]
    assert set(record["commit"]) <= set("0123456789abcdef-dirty") and "sealed" not in opened.describe()
    table = pq.read_table(sealed.folder / "predictions.parquet")
    assert table["gold"].null_count == table.num_rows > 0 and table["gold"].type == "int8"
    scores = pd.read_parquet(sealed.folder / "scores.parquet")
    assert not set(scores[scores["split"] == "test"]["name"]).intersection(GOLD)
    assert "temperature" in set(scores["name"])
    assert unseal(sealed.folder, starter) and not unseal(sealed.folder, starter)
    assert same_tables(sealed, opened)
    check_files(sealed.folder, sealed.describe())
    assert [sealed.describe()[key] for key in JUDGED] == [opened.describe()[key] for key in JUDGED]
    assert sealed.describe()["sealed"] is False and not list(sealed.folder.glob(".*"))


def test_harder_inputs_and_arms_without_training_are_sealed_too(begun, tmp_path, tiny, starter):
    harder = both(tmp_path, begun, tiny, starter, lambda home, start: reading_test(BASE, start, HARDER))
    sealed, opened = harder
    robust = pq.read_table(sealed.folder / "robust.parquet")
    assert robust["gold"].null_count == robust.num_rows > 0
    assert unseal(sealed.folder, starter) and same_tables(sealed, opened)

    def applied(home, start):
        base = execute(reading_test(BASE, start), home, starter, tiny)
        return reading_test("balanced-prior", base.folder.name)

    sealed, opened = both(tmp_path / "applied", begun, tiny, starter, applied)
    assert pq.read_table(sealed.folder / "predictions.parquet")["gold"].null_count > 0
    assert unseal(sealed.folder, starter) and same_tables(sealed, opened)


def test_unsealing_that_was_stopped_goes_on(runs, starter, monkeypatch):
    sealed, opened = runs
    moved = []

    def stops(draft, path, **rest):
        if path.parent == sealed.folder and len(moved) == 1:
            raise KeyboardInterrupt
        moved.append(path.name) if path.parent == sealed.folder else None
        draft.replace(path)

    with monkeypatch.context() as patch:
        patch.setattr("core.experiment.studies.unseal.put_in_place", stops)
        with pytest.raises(KeyboardInterrupt):
            unseal(sealed.folder, starter)
    assert moved and sealed.describe()["sealed"] is True
    assert unseal(sealed.folder, starter) and same_tables(sealed, opened)
    check_files(sealed.folder, sealed.describe())


def test_labels_that_are_not_here_and_changed_files_are_refused(runs, starter, monkeypatch):
    folder = runs[0].folder
    with monkeypatch.context() as patch:
        patch.setattr("core.experiment.studies.unseal.items_to_read", lambda catalog, config: [])
        with pytest.raises(BadInput, match="have no item .* in "):
            unseal(folder, starter)
    path = folder / "predictions.parquet"
    path.write_bytes(path.read_bytes() + b"x")
    with pytest.raises(BadInput, match=r"predictions\.parquet has"):
        unseal(folder, starter)


def test_only_the_studys_own_runs_that_read_test_are_sealed():
    config = reading_test(BASE, "0" * 12)
    seal = seal_of(config, configuration("warm-start"))
    assert seal.covers(config) and not seal.covers(configuration("warm-start"))
    assert not seal.covers(reading_test("transport", "0" * 12))


def test_a_study_is_complete_when_every_protocol_is_there():
    config = reading_test(BASE, "0" * 12)
    seal = seal_of(config, configuration("warm-start"))
    record = {"run_id": "1" * 12, "protocol": config.protocol, "study": seal.as_record()}
    assert missing_protocols(record, [record]) == [configuration("warm-start").protocol]
    assert missing_protocols(record, [record, {"protocol": configuration("warm-start").protocol}]) == []
    with pytest.raises(BadInput, match="names no study"):
        missing_protocols({"run_id": "1" * 12}, [])


def test_runs_of_another_lock_are_told():
    config = reading_test(BASE, "0" * 12)
    one, two = seal_of(config), seal_of(config, configuration("warm-start"))
    check_same_lock(one, [{"study": one.as_record()}, {"run_id": "old"}])
    with pytest.raises(BadInput, match="not the one that run abc was made under"):
        check_same_lock(one, [{"run_id": "abc", "study": two.as_record()}])


def test_whether_two_commits_have_the_same_code():
    one, two = "a" * 40, "b" * 40
    assert same_code(one, one) is True and same_code("", one) is None and same_code(one, two) is None
    assert same_code(f"{one}-dirty", f"{one}-dirty") is None and same_code(f"{one}-dirty", two) is False


def test_a_record_says_where_its_code_and_reading_come_from(begun):
    folder = begun.run(configuration("warm-start").run_id)
    record = json.loads((folder / "run.json").read_text("utf-8"))
    assert "sealed" not in record and "study" not in record and record["reading_started"] <= record["created"]
    assert not (folder / "reading.json").exists()


def test_that_an_arm_no_longer_does_the_task_is_told_once_labels_are_there(runs, starter, monkeypatch):
    folder = runs[0].folder
    record = runs[0].describe() | {"took": True, "took_sentence": "Objective improved."}
    write_json(folder / "run.json", record)
    wrong = [Score("accuracy", "test", "en", 30.0, items=300)]
    monkeypatch.setattr("core.experiment.studies.unseal.predictions.scores_of", lambda *given: wrong)
    unseal(folder, starter)
    assert runs[0].describe()["took"] is False and "no better than chance" in runs[0].describe()["took_sentence"]
