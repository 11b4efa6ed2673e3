from __future__ import annotations

import json
import os
import shutil
from datetime import UTC, datetime

import pandas as pd
import pyarrow.parquet as pq
import pytest

from core.errors import BadInput
from store.results import importer, plans, rankings, runs, scores
from store.results.curves import read_curves
from tests.support.make_run import make_run_id, make_tables, write_run, write_table


def same(a: dict[str, pd.DataFrame], b: dict[str, pd.DataFrame]) -> None:
    assert a.keys() == b.keys()
    for name in a:
        pd.testing.assert_frame_equal(a[name], b[name])


def test_every_value_of_a_run_comes_back(workspace, run_folder_factory, dump):
    folder = run_folder_factory("transport", 1)
    assert importer.import_run(workspace, folder) is True
    stored = dump(workspace)
    for name, written in make_tables("transport", 1).items():
        got = stored[name]
        assert set(got["run_id"]) == {folder.name}
        assert len(got) == len(written)
        key = [c for c in written.columns if written[c].dtype.kind not in "f"]
        left = written.sort_values(key, ignore_index=True)
        right = got[written.columns].sort_values(key, ignore_index=True)
        pd.testing.assert_frame_equal(left, right, check_dtype=False)
    labels = stored["predictions"][["entailment", "neutral", "contradiction"]].to_numpy()
    assert (labels.argmax(axis=1) == stored["predictions"]["predicted"]).all()
    types = stored["predictions"].dtypes.astype(str).to_dict()
    assert (types["gold"], types["predicted"], types["entailment"]) == ("int8", "int8", "float32")


def test_the_record_comes_back_whole(workspace, run_folder_factory):
    folder = run_folder_factory("adversarial", 2, warm_start="0" * 12, extra={"new": [1, 2]}, took=None)
    importer.import_run(workspace, folder)
    record = runs.get_run(workspace, folder.name)
    group = record.pop("group_id")
    assert record == json.loads((folder / "run.json").read_text())
    listed = runs.list_runs(workspace).iloc[0]
    assert listed["group_id"] == group and listed["warm_start"] == "0" * 12 and pd.isna(listed["took"])
    assert listed["created"] == datetime(2026, 11, 3, 10, tzinfo=UTC)
    assert json.loads(listed["config"]) == record["config"]


def test_importing_twice_changes_nothing(workspace, run_folder_factory, dump):
    folder = run_folder_factory()
    importer.import_run(workspace, folder)
    before, stamp = dump(workspace), workspace.results.stat().st_mtime_ns
    assert importer.import_run(workspace, folder) is False
    assert importer.sync(workspace) == []
    same(before, dump(workspace))
    assert workspace.results.stat().st_mtime_ns == stamp


def test_equal_content_written_otherwise_is_the_same_run(workspace, run_folder_factory, tmp_path, dump):
    folder = run_folder_factory()
    importer.import_run(workspace, folder)
    before = dump(workspace)
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    record = json.loads((copy / "run.json").read_text())
    later = dict(reversed(record.items())) | {
        "created": "2027-01-01T00:00:00Z",
        "seconds": 99.0,
        "machine": {},
    }
    (copy / "run.json").write_text(json.dumps(later))
    for path in copy.glob("*.parquet"):
        table = pq.read_table(path).to_pandas().sample(frac=1, random_state=0)
        wide = {c: "int64" for c in table.columns if table[c].dtype.kind == "i"}
        write_table(copy, path.stem, table.astype(wide), compression="gzip", use_dictionary=False)
    assert importer.import_run(workspace, copy) is False
    same(before, dump(workspace))


@pytest.mark.parametrize("change", ["value", "row", "file gone", "record"])
def test_changed_content_under_the_same_identifier_is_refused(change, workspace, run_folder_factory, tmp_path, dump):
    folder = run_folder_factory()
    importer.import_run(workspace, folder)
    before = dump(workspace)
    copy = tmp_path / "copy"
    shutil.copytree(folder, copy)
    named = "scores.parquet"
    if change == "record":
        record = json.loads((copy / "run.json").read_text())
        (copy / "run.json").write_text(json.dumps(record | {"updates": 41}))
        named = "run.json"
    elif change == "file gone":
        (copy / named).unlink()
    else:
        table = pq.read_table(copy / named).to_pandas()
        table = table.iloc[1:] if change == "row" else table.assign(value=table["value"] + 1e-9)
        write_table(copy, "scores", table)
    with pytest.raises(BadInput, match=named) as raised:
        importer.import_run(workspace, copy)
    assert folder.name in str(raised.value) and "\n" not in str(raised.value)
    same(before, dump(workspace))


def test_any_parquet_file_may_be_absent(workspace, run_folder_factory):
    folder = run_folder_factory("untrained", 0, tables={})
    assert importer.import_run(workspace, folder) is True
    assert importer.import_run(workspace, folder) is False
    assert list(runs.list_runs(workspace)["run_id"]) == [folder.name]
    assert scores.read_scores(workspace, [folder.name]).empty
    assert read_curves(workspace, [folder.name]).empty
    assert plans.list_plans(workspace, folder.name).empty
    assert rankings.collections(workspace, [folder.name]).empty


def test_an_empty_parquet_file_is_no_error(workspace, run_folder_factory):
    empty = {name: table.iloc[:0] for name, table in make_tables().items()}
    assert importer.import_run(workspace, run_folder_factory("centring", 0, tables=empty)) is True


def test_sync_imports_what_is_new_and_skips_the_unfinished(workspace, run_folder_factory, monkeypatch):
    first = run_folder_factory("english-only", 0)
    write_run(workspace.runs / ".tmp-1", "hybrid", 0)
    (workspace.runs / "notes.txt").write_text("not a run")
    assert importer.sync(workspace) == [first.name]
    second = run_folder_factory("english-only", 1)
    read: list[str] = []
    real = importer.read_run_folder
    monkeypatch.setattr(importer, "read_run_folder", lambda folder: read.append(folder.name) or real(folder))
    assert importer.sync(workspace) == [second.name]
    assert read == [second.name], "a folder that was not touched is not read again"
    os.utime(first / "scores.parquet", ns=(1, 1))
    assert importer.sync(workspace) == []
    assert read == [second.name, first.name], "a folder that was touched is read again"


def test_one_bad_folder_does_not_keep_the_others_out(workspace, run_folder_factory):
    good = [run_folder_factory("transport", seed).name for seed in range(3)]
    bad = workspace.runs / make_run_id("transport", 1)
    (bad / "run.json").write_text("{")
    told: list[str] = []
    assert sorted(importer.sync(workspace, on_problem=told.append)) == sorted(set(good) - {bad.name})
    assert len(told) == 1 and str(bad / "run.json") in told[0]
    with pytest.raises(BadInput, match="run.json"):
        importer.sync(workspace)
    assert len(runs.list_runs(workspace)) == 2


def test_sync_of_nothing_makes_no_store(workspace):
    assert importer.sync(workspace) == []
    assert not workspace.results.exists()


def test_a_failure_in_mid_import_leaves_nothing_of_the_run(workspace, run_folder_factory, monkeypatch, dump):
    importer.import_run(workspace, run_folder_factory("transport", 0))
    before = dump(workspace)
    folder = run_folder_factory("transport", 1)
    real = importer._insert_table

    def failing(con, run, name):
        if name == "plans":
            raise OSError("the disk went away")
        real(con, run, name)

    monkeypatch.setattr(importer, "_insert_table", failing)
    with pytest.raises(OSError, match="went away"):
        importer.import_run(workspace, folder)
    same(before, dump(workspace))
    monkeypatch.undo()
    assert importer.import_run(workspace, folder) is True


def test_what_was_imported_is_listed(workspace, run_folder_factory):
    folder = run_folder_factory()
    importer.import_run(workspace, folder)
    listed = runs.list_imports(workspace).set_index("file")
    assert set(listed.index) == {p.name for p in folder.iterdir()}
    assert listed.loc["predictions.parquet", "items"] == 120
    assert (listed["folder"] == str(folder)).all() and (listed["sha256"].str.len() == 64).all()
    age = datetime.now(UTC) - listed["imported"].iloc[0].to_pydatetime()
    assert abs(age.total_seconds()) < 120
