"""The reference results into a store: on first opening, once, beside a person's own runs, and never in their way."""

from __future__ import annotations

import json
import logging
import shutil
import threading
from pathlib import Path

import duckdb
import pytest

from core.reference.export import export
from core.reference.manifest import sha256_of
from core.reference.unpack import read_reference
from core.workspace import Workspace, open_workspace
from store.results import reference_import
from store.results.importer import import_run, sync
from store.results.predictions import accuracy, coverage
from store.results.reference_import import import_reference
from store.results.runs import list_imports, list_runs
from tests.support.generated_reference import write_reference
from tests.support.make_run import write_run

ARMS = ("english-only", "transport", "adversarial")


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shipped") / "runs"
    write_reference(folder, premises=20, arms=ARMS, seeds=1)
    return folder


@pytest.fixture(scope="module")
def shipped(runs: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("shipped") / "reference"
    export(runs, out, partial=True)
    return out


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch):
    """`use(folder)` makes that folder the reference results, for a process that has opened nothing yet."""

    def chosen(folder: Path) -> None:
        monkeypatch.setenv("ISOGLOSS_REFERENCE", str(folder))
        monkeypatch.setattr(reference_import, "_settled", {})

    return chosen


def test_the_first_reading_of_a_fresh_store_imports_them(workspace: Workspace, shipped, use):
    use(shipped)
    found = list_runs(workspace)
    assert sorted(found["arm"]) == ["adversarial", "english-only", "transport", "warm-start"]
    read = accuracy(workspace, list(found["run_id"]), "test").set_index(["run_id", "language"])["accuracy"]
    table = read_reference(shipped).predictions("test")
    expected = 100 * (table["predicted"] == table["gold"]).groupby([table["run_id"], table["language"]]).mean()
    assert len(expected) == 3 * 15
    for key, value in expected.items():
        assert read[key] == pytest.approx(value)
    assert set(list_imports(workspace)["folder"]) == {"reference"}


def test_opening_again_changes_nothing(workspace: Workspace, shipped, use, dump):
    use(shipped)
    list_runs(workspace)
    before = dump(workspace)
    stamp = workspace.results.stat().st_mtime_ns
    use(shipped)  # as another process
    list_runs(workspace)
    assert not import_reference(workspace, shipped)
    assert workspace.results.stat().st_mtime_ns == stamp
    for name, table in dump(workspace).items():
        assert table.equals(before[name]), name


def test_off_means_none(workspace: Workspace, use, monkeypatch):
    use(Path("off"))
    monkeypatch.setenv("ISOGLOSS_REFERENCE", "off")
    assert list_runs(workspace).empty
    assert not workspace.results.exists()


def test_own_runs_stay_beside_them(workspace: Workspace, shipped, use):
    folder = write_run(workspace.runs, "transport", 7)
    use(shipped)
    assert sync(workspace) == [folder.name]
    found = list_runs(workspace)
    assert len(found) == 5 and folder.name in set(found["run_id"])
    assert found["group_id"].nunique() == 3  # own, shipped, the shipped warm start


def test_a_run_made_here_takes_the_place_of_its_shipped_copy(workspace: Workspace, runs, shipped, use):
    use(shipped)
    list_runs(workspace)
    own = next(p for p in runs.iterdir() if json.loads((p / "run.json").read_text())["arm"] == "transport")
    assert import_run(workspace, own) and not import_run(workspace, own)
    imports = list_imports(workspace).set_index(["run_id", "file"])
    assert imports.loc[(own.name, "predictions.parquet"), "folder"] == str(own)
    assert len(list_runs(workspace)) == 4
    assert coverage(workspace, [own.name])["items"].sum() == 15 * 60
    use(shipped)  # a later process does not bring the copy back
    assert len(list_runs(workspace)) == 4
    assert (list_imports(workspace)["run_id"] == own.name).sum() == imports.loc[own.name].shape[0]


def test_a_run_made_here_before_is_not_replaced(workspace: Workspace, runs, shipped, use, monkeypatch):
    own = next(p for p in runs.iterdir() if json.loads((p / "run.json").read_text())["arm"] == "adversarial")
    import_run(workspace, own)
    use(shipped)
    assert len(list_runs(workspace)) == 4
    imports = list_imports(workspace)
    assert set(imports.loc[imports["run_id"] == own.name, "folder"]) == {str(own)}
    assert coverage(workspace, [own.name])["items"].sum() == 15 * 60


def test_other_results_replace_them_and_leave_own_runs(workspace: Workspace, shipped, use, tmp_path):
    folder = write_run(workspace.runs, "transport", 7)
    use(shipped)
    sync(workspace)
    write_reference(tmp_path / "runs", premises=20, arms=("english-only", "transport"), seeds=1, seed=5)
    export(tmp_path / "runs", tmp_path / "newer", partial=True)
    use(tmp_path / "newer")
    found = list_runs(workspace)
    assert sorted(found["arm"]) == ["english-only", "transport", "transport", "warm-start"]
    assert folder.name in set(found["run_id"])
    imports = list_imports(workspace)
    version = imports.loc[imports["file"] == "manifest.json", "sha256"]
    assert list(version) == [sha256_of(tmp_path / "newer" / "manifest.json")]


def test_damaged_results_are_told_in_the_log_and_keep_nobody_out(workspace: Workspace, shipped, use, tmp_path, caplog):
    shutil.copytree(shipped, tmp_path / "damaged")
    (tmp_path / "damaged" / "scores.parquet").write_bytes(b"x")
    use(tmp_path / "damaged")
    write_run(workspace.runs, "transport", 7)
    with caplog.at_level(logging.WARNING):
        assert len(sync(workspace)) == 1
    assert "scores.parquet is not the file that the manifest names" in caplog.text
    assert len(list_runs(workspace)) == 1


def test_a_workspace_that_cannot_be_written_is_still_read(shipped, use, tmp_path, monkeypatch, caplog):
    import store.connection

    workspace = open_workspace(tmp_path / "home")

    def denied(*args: object, **options: object) -> None:
        raise PermissionError(13, "Permission denied", str(workspace.results))

    monkeypatch.setattr(store.connection, "_create", denied)  # the tests may run as root, who may write anywhere
    use(shipped)
    with caplog.at_level(logging.WARNING):
        assert list_runs(workspace).empty
        assert list_runs(workspace).empty
    assert caplog.text.count("were not imported") == 1


def test_readers_that_arrive_during_the_import_wait_and_see_it(workspace: Workspace, shipped, use):
    use(shipped)
    seen: list[object] = []

    def look() -> None:
        try:
            seen.append(len(list_runs(workspace)))
        except Exception as error:
            seen.append(error)

    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert seen == [4] * 8


def test_a_reference_run_with_a_bad_record_is_refused(workspace: Workspace, shipped, use, tmp_path, caplog):
    shutil.copytree(shipped, tmp_path / "bad")
    records = json.loads((tmp_path / "bad" / "runs.json").read_text())
    records[0]["seconds"] = "long"
    (tmp_path / "bad" / "runs.json").write_text(json.dumps(records))
    manifest = json.loads((tmp_path / "bad" / "manifest.json").read_text())
    manifest["files"]["runs.json"] = sha256_of(tmp_path / "bad" / "runs.json")
    (tmp_path / "bad" / "manifest.json").write_text(json.dumps(manifest))
    use(tmp_path / "bad")
    with caplog.at_level(logging.WARNING):
        assert list_runs(workspace).empty
    assert "'seconds' is \"long\"" in caplog.text


def test_the_store_file_holds_only_what_was_shipped(workspace: Workspace, shipped, use):
    use(shipped)
    list_runs(workspace)
    with duckdb.connect(workspace.results, read_only=True) as con:
        counts = {
            name: con.execute(f"SELECT count(*) FROM {name}").fetchone()[0]  # type: ignore[index]
            for name in ("predictions", "scores", "curves", "plans", "plan_cells", "rankings")
        }
    reference = read_reference(shipped)
    assert counts == {name: reference.packed(name).num_rows for name in counts}
