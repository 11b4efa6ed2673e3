"""Files that appear whole or not at all: under a kill, a full disk, another umask, and two writers."""

from __future__ import annotations

import ast
import errno
import os
import signal
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from core import files
from core.errors import BadInput
from core.files import atomic_draft, atomic_folder, atomic_write, put_in_place, remove_drafts
from tests.support.paths import ROOT

#: Writes half of a draft of argv[2] by the context argv[1], says so, and waits to be killed.
HALF = """
import sys, time
from pathlib import Path
from core import files
with getattr(files, sys.argv[1])(Path(sys.argv[2])) as draft:
    (draft if draft.suffix else draft / "part").write_text("half")
    print("half", flush=True)
    time.sleep(60)
"""


def names(folder: Path) -> list[str]:
    return sorted(path.name for path in folder.iterdir())


def half_written(context: str, path: Path) -> subprocess.Popen[bytes]:
    """A process that has written half of a draft of `path`."""
    process = subprocess.Popen([sys.executable, "-c", HALF, context, str(path)], cwd=ROOT, stdout=subprocess.PIPE)
    assert process.stdout is not None and process.stdout.readline() == b"half\n"
    return process


def killed(process: subprocess.Popen[bytes]) -> None:
    process.send_signal(signal.SIGKILL)
    process.communicate()


def test_text_and_bytes_replace_what_was_there(tmp_path):
    path = tmp_path / "table.json"
    for content, read in (("ɔ\n", "ɔ\n".encode()), (b"\xff\x00", b"\xff\x00")):
        atomic_write(path, content)
        assert path.read_bytes() == read
    assert names(tmp_path) == ["table.json"]


def test_a_kill_in_the_middle_leaves_the_old_file_whole_and_the_next_writer_sweeps(tmp_path):
    path = tmp_path / "table.json"
    path.write_text("old")
    process = half_written("atomic_draft", path)
    assert path.read_text() == "old" and len(names(tmp_path)) == 2
    with atomic_draft(path) as draft:
        draft.write_text("new")
        assert len(names(tmp_path)) == 3, "the draft of a process that lives is left alone"
    remove_drafts(tmp_path)
    assert path.read_text() == "new" and len(names(tmp_path)) == 2
    killed(process)
    assert path.read_text() == "new" and len(names(tmp_path)) == 2, "a process that is killed cleans nothing"
    atomic_write(path, "newer")
    assert path.read_text() == "newer" and names(tmp_path) == ["table.json"]


def test_a_folders_strays_are_swept_and_its_files_are_not(tmp_path):
    for name in ("a.json", "b.json"):
        killed(half_written("atomic_draft", tmp_path / name))
    kept = tmp_path / ".a.json.draft"  # a file that is only called so
    kept.write_text("a person's")
    (tmp_path / "b.json").write_text("old")
    remove_drafts(tmp_path, "a.json.")
    assert [name.split(".")[1] for name in names(tmp_path) if name.endswith(".draft")] == ["a", "b"]
    remove_drafts(tmp_path)
    assert names(tmp_path) == [".a.json.draft", "b.json"]
    remove_drafts(tmp_path / "absent")


@pytest.mark.parametrize("old", ["old", None])
def test_a_full_disk_leaves_the_old_file_and_no_draft(tmp_path, monkeypatch, old):
    path = tmp_path / "report.html"
    if old:
        path.write_text(old)

    def full(self: Path, content: bytes) -> int:
        with self.open("wb") as file:
            file.write(content[:1])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Path, "write_bytes", full)
    with pytest.raises(OSError, match="No space left"):
        atomic_write(path, "new")
    with pytest.raises(BadInput, match=r"^The report cannot be written \(No space left on device\); name another\.$"):
        atomic_write(path, "new", what="The report", advice="name another")
    assert names(tmp_path) == (["report.html"] if old else [])
    assert not old or path.read_text() == old


def test_a_disk_that_fills_while_flushing_leaves_the_old_file(tmp_path, monkeypatch):
    path = tmp_path / "report.html"
    path.write_text("old")

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match="No space left"):
        atomic_write(path, "new")
    assert names(tmp_path) == ["report.html"] and path.read_text() == "old"
    atomic_write(path, "new", durable=False)
    assert path.read_text() == "new"


@pytest.mark.parametrize(("umask", "mode"), [(0o022, 0o644), (0o002, 0o664), (0o077, 0o600)])
def test_the_mode_is_that_of_any_new_file_whatever_the_writer_gave(tmp_path, umask, mode):
    before = os.umask(umask)
    try:
        atomic_write(tmp_path / "a", "text")
        with atomic_draft(tmp_path / "b") as draft:
            draft.write_text("as safetensors writes it")
            draft.chmod(0o600)
    finally:
        os.umask(before)
    assert {stat.S_IMODE((tmp_path / name).stat().st_mode) for name in "ab"} == {mode}


def test_safetensors_are_readable_by_others(tmp_path):
    import torch

    from core.training.checkpoint import load_checkpoint, save_checkpoint
    from core.training.loop import TrainingState

    before = os.umask(0o022)
    try:
        save_checkpoint(tmp_path, TrainingState(3, 0, 0, 0.0, [], {"x": torch.ones(2)}))
    finally:
        os.umask(before)
    (file,) = tmp_path.iterdir()
    state = load_checkpoint(tmp_path)
    assert stat.S_IMODE(file.stat().st_mode) == 0o644 and state is not None and state.update == 3


def test_the_file_and_its_folder_are_flushed_before_and_after_the_rename(tmp_path, monkeypatch):
    flushed: list[Path] = []
    flush = files._flush
    monkeypatch.setattr(files, "_flush", lambda path: (flushed.append(path), flush(path)))
    atomic_write(tmp_path / "a", "text")
    assert [path.name for path in flushed] == ["a", tmp_path.name] and flushed[0].parent != tmp_path
    flushed.clear()
    with atomic_folder(tmp_path / "run") as draft:
        (draft / "inner").mkdir()
        for name in ("scores", "inner/curves"):
            (draft / name).write_text("x")
    assert {path.name for path in flushed} == {"scores", "curves", tmp_path.name}
    flushed.clear()
    atomic_write(tmp_path / "a", "text", durable=False)
    assert not flushed


def test_an_exception_and_a_draft_that_was_not_written_leave_the_old_file(tmp_path):
    path = tmp_path / "a"
    path.write_text("old")
    with pytest.raises(ZeroDivisionError), atomic_draft(path) as draft:
        draft.write_text("half")
        _ = 1 / 0
    with pytest.raises(FileNotFoundError), atomic_draft(path):
        pass
    assert names(tmp_path) == ["a"] and path.read_text() == "old"


def test_a_long_name_has_a_draft(tmp_path):
    path = tmp_path / ("語" * 80)  # 240 bytes
    atomic_write(path, "x")
    assert names(tmp_path) == [path.name]


def test_a_folder_that_is_not_there_is_refused_in_the_callers_words(tmp_path):
    with pytest.raises(BadInput, match=r"^links cannot be written \(No such file or directory\)\.$"):
        atomic_write(tmp_path / "absent" / "links", "x", what="links")


def test_a_folder_takes_the_place_of_another_whole(tmp_path):
    path = tmp_path / "run"
    for number in range(2):
        with atomic_folder(path) as draft:
            (draft / f"file{number}").write_text("x")
            assert number == 0 or names(path) == ["file0"]
        assert names(path) == [f"file{number}"] and names(tmp_path) == ["run"]
    with pytest.raises(ZeroDivisionError), atomic_folder(path) as draft:
        _ = 1 / 0
    killed(half_written("atomic_folder", path))
    assert names(path) == ["file1"] and len(names(tmp_path)) == 2
    remove_drafts(tmp_path)
    assert names(tmp_path) == ["run"]


def test_a_folder_that_cannot_be_named_gives_the_old_one_back(tmp_path, monkeypatch):
    path = tmp_path / "run"
    path.mkdir()
    (path / "old").write_text("x")

    def refuse(draft: Path, target: Path, durable: bool = True) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(files, "put_in_place", refuse)
    with pytest.raises(OSError, match="Input/output"), atomic_folder(path) as draft:
        (draft / "new").write_text("x")
    assert names(path) == ["old"] and names(tmp_path) == ["run"]


def test_a_resumable_draft_is_put_in_place(tmp_path):
    (tmp_path / "links.part").write_text("whole")
    (tmp_path / "links").write_text("old")
    put_in_place(tmp_path / "links.part", tmp_path / "links")
    assert names(tmp_path) == ["links"] and (tmp_path / "links").read_text() == "whole"


def _renames(path: Path) -> list[str]:
    """Calls that rename a file: of `os` or `shutil`, or a path's own `rename` or `replace` to one place."""
    calls = [node for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))) if isinstance(node, ast.Call)]
    renames = []
    for call in calls:
        if not isinstance(call.func, ast.Attribute):
            continue
        owner = call.func.value.id if isinstance(call.func.value, ast.Name) else ""
        of_module = (owner, call.func.attr) in {(m, n) for m in ("os", "shutil") for n in ("replace", "rename", "move")}
        place = len(call.args) == 1 and not call.keywords and not isinstance(call.args[0], ast.Constant)
        if of_module or (call.func.attr in ("replace", "rename") and place):
            renames.append(f"{path.name}:{call.lineno}")
    return renames


def test_no_other_module_renames_a_draft(tmp_path):
    sources = [path for top in ("core", "store", "pages") for path in sorted((ROOT / top).rglob("*.py"))]
    assert _renames(ROOT / "core" / "files.py")
    assert not [text for path in sources if path != ROOT / "core" / "files.py" for text in _renames(path)]
    (tmp_path / "a.py").write_text('os.replace(a, b)\nnew.replace(path)\n"a".replace("b", "c")\nx.rename("size")\n')
    assert _renames(tmp_path / "a.py") == ["a.py:1", "a.py:2"]
