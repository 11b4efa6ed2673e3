"""A run taken out of the results stays out, whatever is synchronised, rebuilt or shipped next, and comes back whole."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

from core.errors import BadInput, MissingData
from core.reference.export import export
from store.results import reference_import
from store.results.importer import import_run, sync
from store.results.predictions import coverage
from store.results.removal import list_removed, remove_run, restore_run
from store.results.runs import list_imports, list_runs
from tests.support.generated_reference import write_reference
from tests.support.make_run import write_run

ARMS = ("english-only", "transport")


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("shipped")
    write_reference(out / "runs", premises=10, arms=ARMS, seeds=1)
    export(out / "runs", out / "reference", partial=True)
    return out / "reference"


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch):
    def chosen(folder: Path) -> None:
        monkeypatch.setenv("ISOGLOSS_REFERENCE", str(folder))
        monkeypatch.setattr(reference_import, "_settled", {})

    return chosen


def test_an_own_run_moves_away_and_comes_back_whole(workspace, dump):
    folder, other = (write_run(workspace.runs, "transport", seed) for seed in (0, 1))
    sync(workspace)
    before, files = dump(workspace), {path.name: path.read_bytes() for path in folder.iterdir()}
    removed = remove_run(workspace, folder.name)
    assert removed.folder == workspace.removed / folder.name and not folder.exists() and not removed.shipped
    assert {path.name: path.read_bytes() for path in removed.folder.iterdir()} == files
    assert all(folder.name not in set(table["run_id"]) for table in dump(workspace).values())
    assert sync(workspace) == [] and list(list_runs(workspace)["run_id"]) == [other.name]
    workspace.results.unlink()  # rebuilt from the folders, as `doctor` advises
    assert sync(workspace) == [other.name]
    assert [(row["run_id"], row["arm"]) for row in list_removed(workspace)] == [(folder.name, "transport")]
    assert restore_run(workspace, folder.name) == folder
    after = dump(workspace)
    for name, table in before.items():
        if name != "imports":
            assert table.equals(after[name]), name
    assert list_removed(workspace) == []


def test_every_copy_under_runs_goes_and_one_elsewhere_stays(workspace, tmp_path):
    folder = write_run(tmp_path / "elsewhere", "transport")
    shutil.copytree(folder, workspace.runs / "copy-of-it")
    shutil.copytree(folder, workspace.runs / folder.name)
    import_run(workspace, folder)
    remove_run(workspace, folder.name)
    assert sync(workspace) == [] and folder.is_dir()
    assert len(list(workspace.removed.glob("*/run.json"))) == 2


def test_removing_the_same_run_again_keeps_both_folders(workspace):
    for _ in range(2):
        folder = write_run(workspace.runs, "transport")
        sync(workspace)
        remove_run(workspace, folder.name)
    assert len(list(workspace.removed.glob("*/run.json"))) == 2 and list_runs(workspace).empty


def test_runs_that_began_from_it_are_named(workspace):
    start = write_run(workspace.runs, "warm-start")
    child = write_run(workspace.runs, "transport", warm_start=start.name)
    sync(workspace)
    assert remove_run(workspace, start.name).needed_by == (child.name,)


def test_a_shipped_run_stays_out_of_this_store_and_the_next(workspace, shipped, use):
    use(shipped)
    run = str(list_runs(workspace).set_index("arm").loc["transport", "run_id"])
    items = coverage(workspace, [run])["items"].sum()
    removed = remove_run(workspace, run)
    assert removed.shipped and removed.folder is None
    use(shipped)  # as another process
    assert run not in set(list_runs(workspace)["run_id"])
    workspace.results.unlink()
    use(shipped)
    assert run not in set(list_runs(workspace)["run_id"]) and run not in set(list_imports(workspace)["run_id"])
    assert coverage(workspace, [run]).empty
    assert [(row["run_id"], row["folder"]) for row in list_removed(workspace)] == [(run, "")]
    assert restore_run(workspace, run) is None
    assert coverage(workspace, [run])["items"].sum() == items and list_removed(workspace) == []
    assert len(list_runs(workspace)) == 3


def test_what_is_not_there_is_told(workspace, monkeypatch):
    for call in (remove_run, restore_run):
        with pytest.raises(MissingData, match="0123456789ab"):
            call(workspace, "0123456789ab")
        with pytest.raises(BadInput, match="no run's identifier"):
            call(workspace, "../../etc")
    folder = write_run(workspace.runs)
    sync(workspace)

    def denied(*_: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(os, "replace", denied)
    with pytest.raises(BadInput, match="cannot be moved"):
        remove_run(workspace, folder.name)
    assert list(list_runs(workspace)["run_id"]) == [folder.name], "what cannot be moved away stays stored"
