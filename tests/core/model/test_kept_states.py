"""Files of kept states: whole or not there, one writer, room on the disk, and no draft of a killed process."""

import multiprocessing
import os
import sys
import types

import pytest
from filelock import FileLock

from tests.support.late import COLLECTING, bring_in
from tests.support.tiny import free_disk

if not COLLECTING:
    from core.model.kept_states import is_kept, keeping, remove_strays, room

GIB = 1 << 30


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_appears_whole_and_nothing_stays_beside_it(tmp_path):
    path = tmp_path / "new" / "a.states"
    with keeping(path, 4) as file:
        file.write(b"12")
        assert not path.exists()
        file.write(b"34")
    assert path.read_bytes() == b"1234" and is_kept(path, 4) and not is_kept(path, 5)
    assert names(path.parent) == ["a.states"]


@pytest.mark.parametrize("written", [b"123", b"12345"])
def test_a_file_of_another_size_is_not_kept(tmp_path, written):
    with keeping(tmp_path / "a.states", 4) as file:
        file.write(written)
    assert names(tmp_path) == []


def test_what_is_stopped_leaves_nothing(tmp_path):
    with pytest.raises(KeyboardInterrupt), keeping(tmp_path / "a.states", 4) as file:
        file.write(b"12")
        raise KeyboardInterrupt
    assert names(tmp_path) == []


@pytest.mark.parametrize(
    ("left", "size", "kept"),
    [(21, 1, True), (20, 1, False), (40, 10, True), (39, 10, False), (19, 0, False), (20, 0, True)],
)
def test_twenty_gib_and_three_times_its_size_stay_free_beside_a_file(tmp_path, monkeypatch, left, size, kept):
    free_disk(monkeypatch, left * GIB)
    assert room(tmp_path, size * GIB) is kept


def test_a_short_disk_keeps_nothing(tmp_path, monkeypatch):
    free_disk(monkeypatch, 20 * GIB + 3)
    with keeping(tmp_path / "a.states", 4) as file:
        assert file is None
    assert names(tmp_path) == []


def test_the_same_file_has_one_writer_and_others_are_free(tmp_path):
    with keeping(tmp_path / "a.states", 4) as file:
        file.write(b"1234")
        with keeping(tmp_path / "a.states", 4) as second:
            assert second is None
        with keeping(tmp_path / "b.states", 4) as other:
            other.write(b"5678")
    assert names(tmp_path) == ["a.states", "b.states"]
    assert (tmp_path / "a.states").read_bytes() == b"1234"


def half(path, told):
    """Fill half of a file, tell it, and stay there: in a process of its own, where no test begins."""
    bring_in(__name__)
    with keeping(path, 4) as file:
        file.write(b"12")
        file.flush()
        told.send(True)
        told.recv()


@pytest.mark.slow
def test_the_draft_of_a_killed_process_is_removed_and_that_of_a_living_one_stays(tmp_path, monkeypatch):
    # Pages that were tested before in this process stay its main module, and the child would run it.
    monkeypatch.setitem(sys.modules, "__main__", types.ModuleType("__main__"))
    context = multiprocessing.get_context("spawn")
    here, there = context.Pipe()
    process = context.Process(target=half, args=(tmp_path / "a.states", there))
    process.start()
    assert here.poll(120) and here.recv()
    remove_strays(tmp_path)
    assert names(tmp_path) == ["a.lock", "a.part"]
    with keeping(tmp_path / "a.states", 4) as file:
        assert file is None
    process.kill()
    process.join()
    assert names(tmp_path) == ["a.lock", "a.part"], "a process that is killed cleans nothing"
    remove_strays(tmp_path)
    assert names(tmp_path) == []


def test_a_draft_without_a_lock_is_a_stray_and_a_kept_file_is_not(tmp_path):
    for name in ("a.part", "b.states", "c.part"):
        (tmp_path / name).touch()
    with FileLock(tmp_path / "c.lock"):
        remove_strays(tmp_path)
        assert names(tmp_path) == ["b.states", "c.lock", "c.part"]
    remove_strays(tmp_path / "absent")


def test_strays_of_the_time_before_locks_go_after_a_day(tmp_path):
    day = 24 * 3600
    ages = {"0123abcd.4711": 2 * day, "0123abcd.4712": 0, "0123abcd.states": 2 * day, "notes.2": 2 * day}
    for name, age in ages.items():
        path = tmp_path / name
        path.touch()
        os.utime(path, (path.stat().st_mtime - age,) * 2)
    remove_strays(tmp_path)
    assert names(tmp_path) == ["0123abcd.4712", "0123abcd.states", "notes.2"]
