"""Half a copy of a run folder is not the run: refused by name, and mended by copying the rest."""

from __future__ import annotations

import json
import shutil

import pyarrow.parquet as pq
import pytest

from core.errors import BadInput
from core.run_folder.files import FILES, list_files
from store.results.importer import import_run, sync
from store.results.runs import list_imports, list_runs
from tests.support.make_run import write_run

OTHERS = ("adapter.safetensors", "model.json")
NAMES = ("curves.parquet", "scores.parquet", "predictions.parquet", "plans.parquet", "plan_cells.parquet",
         "rankings.parquet", *OTHERS)  # fmt: skip


def whole(parent, **record):
    """A run folder as training leaves it: with weights, and with the list in run.json."""
    folder = write_run(parent, **record)
    for name in OTHERS:
        (folder / name).write_bytes(name.encode() * 100)
    described = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(described | {FILES: list_files(folder)}))
    return folder


@pytest.fixture
def source(tmp_path):
    return whole(tmp_path / "elsewhere")


def test_the_list_names_every_file_with_bytes_hash_and_rows(source):
    listed = json.loads((source / "run.json").read_text())[FILES]
    assert set(listed) == set(NAMES)
    for name, entry in listed.items():
        assert entry["bytes"] == (source / name).stat().st_size and len(entry["sha256"]) == 64
        assert entry.get("rows") == (pq.read_metadata(source / name).num_rows if name.endswith("parquet") else None)


@pytest.mark.slow
@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("how", ["missing", "cut", "empty", "a folder", "changed"])
def test_half_a_copy_is_refused_by_name_and_copying_again_mends_it(workspace, source, name, how):
    copy = workspace.runs / source.name
    shutil.copytree(source, copy)
    path, content = copy / name, (source / name).read_bytes()
    if how == "changed":
        path.write_bytes(content[:-1] + bytes([content[-1] ^ 1]))
    elif how in ("missing", "a folder"):
        path.unlink()
        if how == "a folder":
            path.mkdir()
    else:
        path.write_bytes(content[: len(content) // 2] if how == "cut" else b"")
    told: list[str] = []
    assert sync(workspace, on_problem=told.append) == []
    assert len(told) == 1 and name in told[0] and told[0].endswith("; copy the run folder again.")
    assert list_runs(workspace).empty
    if how == "a folder":
        path.rmdir()
    shutil.copyfile(source / name, path)
    assert sync(workspace) == [source.name]
    assert set(list_imports(workspace)["file"]) == {"run.json", *(n for n in NAMES if n.endswith("parquet"))}


def test_a_copy_that_has_only_begun_names_all_that_is_missing(workspace, source):
    copy = workspace.runs / source.name
    copy.mkdir()
    shutil.copyfile(source / "run.json", copy / "run.json")
    with pytest.raises(BadInput) as raised:
        import_run(workspace, copy)
    assert all(name in str(raised.value) for name in NAMES)
    assert "predictions.parquet (120 rows)" in str(raised.value)


def test_a_table_of_another_run_is_refused(workspace, source):
    shutil.copyfile(source / "predictions.parquet", source / "robust.parquet")
    with pytest.raises(BadInput, match="robust.parquet is not among the files"):
        import_run(workspace, source)


def test_other_files_beside_the_run_do_no_harm(workspace, source):
    (source / "notes.txt").write_text("mine")
    (source / ".DS_Store").write_bytes(b"x")
    assert import_run(workspace, source)


@pytest.mark.parametrize(
    "listed",
    [
        [], "scores.parquet", {"../run.json": {"bytes": 1, "sha256": "a" * 64}}, {"scores.parquet": 5},
        {"scores.parquet": {"bytes": -1, "sha256": "a" * 64}}, {"scores.parquet": {"bytes": 1, "sha256": "x"}},
        {"scores.parquet": {"bytes": True, "sha256": "a" * 64}}, {"/etc/passwd": {"bytes": 1, "sha256": "a" * 64}},
        {"scores.parquet": {"bytes": 1, "sha256": "a" * 64, "rows": "many"}}, {"": {"bytes": 1, "sha256": "a" * 64}},
    ],
)  # fmt: skip
def test_a_list_that_is_none_is_refused(workspace, source, listed):
    described = json.loads((source / "run.json").read_text())
    (source / "run.json").write_text(json.dumps(described | {FILES: listed}))
    with pytest.raises(BadInput, match="'files' is"):
        import_run(workspace, source)


def test_a_folder_from_before_the_list_is_imported_and_its_rest_later(workspace, tmp_path):
    folder = write_run(tmp_path / "elsewhere")
    copy = workspace.runs / folder.name
    copy.mkdir()
    for name in ("run.json", "scores.parquet"):
        shutil.copyfile(folder / name, copy / name)
    assert sync(workspace) == [folder.name]
    shutil.copytree(folder, copy, dirs_exist_ok=True)
    assert sync(workspace) == [folder.name]
    assert set(list_imports(workspace)["file"]) == {path.name for path in folder.iterdir()}
    assert sync(workspace) == [] and len(list_runs(workspace)) == 1


def test_the_list_is_no_part_of_what_a_run_is(workspace, source):
    """A run that was imported before its run.json listed files is the same run with the list."""
    record = json.loads((source / "run.json").read_text())
    (source / "run.json").write_text(json.dumps({k: v for k, v in record.items() if k != FILES}))
    assert import_run(workspace, source)
    (source / "run.json").write_text(json.dumps(record))
    assert import_run(workspace, source) is False
