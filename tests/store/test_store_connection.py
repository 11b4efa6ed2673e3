"""Opening the stores: settings, damage, locks, and the threads of one process."""

from __future__ import annotations

import os
import sqlite3
import subprocess
import sys
import threading
import time
from contextlib import closing
from dataclasses import replace

import duckdb
import pytest

from core.errors import IsoglossError
from core.workspace import CHECKOUT
from store.connection import reading, writing
from store.database import results_database
from store.failures import as_sentences
from store.results import importer, predictions, runs
from store.sharing import StillBusy, turnstile


@pytest.fixture
def filled(workspace, run_folder_factory):
    importer.import_run(workspace, run_folder_factory())
    return workspace


@pytest.fixture
def holder():
    """`holder(path)` holds a DuckDB file for writing from a program that knows no turnstile."""
    started: list[subprocess.Popen[str]] = []

    def hold(path, seconds=60.0):
        code = (
            "import duckdb, sys, time\n"
            "con = duckdb.connect(sys.argv[1])\n"
            "print('held', flush=True)\n"
            "time.sleep(float(sys.argv[2]))\n"
        )
        process = subprocess.Popen(
            [sys.executable, "-c", code, str(path), str(seconds)], stdout=subprocess.PIPE, text=True
        )
        started.append(process)
        assert process.stdout is not None and process.stdout.readline() == "held\n"
        return process

    yield hold
    for process in started:
        process.kill()
        process.wait()


def one_sentence(error: BaseException) -> str:
    text = str(error)
    assert text.endswith(".") and "\n" not in text and "Traceback" not in text
    return text


def test_nothing_but_the_store_is_read_or_downloaded(filled, tmp_path):
    (tmp_path / "secret.csv").write_text("a,b\n1,2\n")
    for opened in (reading, writing):
        with opened(results_database(filled)) as con:
            for name in ("autoinstall_known_extensions", "autoload_known_extensions", "enable_external_access"):
                assert con.execute("SELECT current_setting(?)", [name]).fetchone() == (False,)
            for attempt in (
                f"SELECT * FROM '{tmp_path / 'secret.csv'}'",
                f"COPY runs TO '{tmp_path / 'out.csv'}'",
                f"ATTACH '{tmp_path / 'other.duckdb'}'",
                "SET enable_external_access = true",
                "INSTALL httpfs",
            ):
                with pytest.raises(duckdb.Error):
                    con.execute(attempt)
    assert not (tmp_path / "out.csv").exists() and not (tmp_path / "other.duckdb").exists()


def test_readers_cannot_write(filled):
    with pytest.raises(duckdb.InvalidInputException), reading(results_database(filled)) as con:
        con.execute("DELETE FROM runs")
    assert len(runs.list_runs(filled)) == 1


@pytest.mark.parametrize("kind", ["garbage", "empty", "cut", "flipped", "folder"])
def test_a_damaged_store_says_how_to_rebuild_it_and_is_left_alone(kind, filled, run_folder_factory):
    path = filled.results
    content = path.read_bytes()
    broken = {
        "garbage": b"garbage" * 1000,
        "empty": b"",
        "cut": content[:20_000],
        "flipped": content[:12_288] + bytes(b ^ 0x55 for b in content[12_288:]),
        "folder": b"",
    }[kind]
    path.unlink()
    if kind == "folder":
        path.mkdir()
    else:
        path.write_bytes(broken)
    folder = run_folder_factory("transport", 1)
    for ask in (lambda: predictions.accuracy(filled, ["x"], "test"), lambda: importer.import_run(filled, folder)):
        with pytest.raises(IsoglossError) as raised:
            ask()
        told = one_sentence(raised.value)
        assert str(path) in told and "move it away and rebuild it with `python -m core import`" in told
    assert path.is_dir() if kind == "folder" else path.read_bytes() == broken
    if kind != "folder":
        path.rename(path.with_name("old.duckdb"))
        assert len(importer.sync(filled)) == 2, "what the sentence says works"


def test_a_store_without_one_of_its_tables_says_which(filled):
    with writing(results_database(filled)) as con:
        con.execute("DROP TABLE predictions")
    with pytest.raises(IsoglossError) as raised:
        predictions.accuracy(filled, ["x"], "test")
    assert "lacks the table predictions; move it away and rebuild it" in one_sentence(raised.value)


def test_another_programs_file_in_its_place_is_told(filled):
    filled.results.unlink()
    with closing(sqlite3.connect(filled.results)) as other:
        other.execute("CREATE TABLE t (x)")
        other.commit()
    before = filled.results.read_bytes()
    with pytest.raises(IsoglossError) as raised:
        runs.list_runs(filled)
    assert "is another program's file; move it away" in one_sentence(raised.value)
    assert filled.results.read_bytes() == before


_LIMITED = """
import resource, signal, sys
from pathlib import Path
from core.errors import IsoglossError
from core.workspace import open_workspace
from store.connection import writing
from store.database import results_database
from store.failures import as_sentences

database = results_database(open_workspace(Path(sys.argv[1])))
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
limit = database.path.stat().st_size + 200_000
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
try:
    with writing(database) as con:
        con.execute("CREATE TABLE big AS SELECT md5(random()::VARCHAR) AS x FROM range(300000)")
except IsoglossError as error:
    print(error)
"""


@pytest.mark.skipif(sys.platform == "win32", reason="there are no such limits there")
def test_a_file_that_may_not_grow_is_told_and_nothing_is_lost(filled):
    before = runs.list_runs(filled)
    told = subprocess.run(
        [sys.executable, "-c", _LIMITED, str(filled.home)], cwd=CHECKOUT, capture_output=True, text=True, timeout=120
    )
    assert "cannot be written: it would be larger than a file may be here" in told.stdout and told.stderr == ""
    assert runs.list_runs(filled).equals(before)


def test_any_other_failure_of_a_commit_is_one_sentence(filled):
    database = results_database(filled)
    for text, words in (
        (
            'TransactionContext Error: Failed to commit: Could not write file "x": Disk quota exceeded',
            "share of the disk",
        ),
        ("TransactionContext Error: Failed to commit: something new", r"cannot be written \(something new\); nothing"),
    ):
        with pytest.raises(IsoglossError, match=words) as raised, as_sentences(database):
            raise duckdb.TransactionException(text)
        one_sentence(raised.value)


def test_a_file_that_stays_locked(filled, holder):
    process = holder(filled.results)
    begun = time.monotonic()
    for opened in (reading, writing):
        with pytest.raises(IsoglossError) as raised, opened(results_database(filled), timeout=0.3):
            raise AssertionError("opened a locked file")
        told = one_sentence(raised.value)
        assert f"process {process.pid}" in told and str(filled.results) in told and "try again" in told
    assert time.monotonic() - begun >= 0.6


def test_a_file_that_is_locked_for_a_while(filled, holder, run_folder_factory):
    holder(filled.results, 0.6)
    assert len(runs.list_runs(filled)) == 1
    holder(filled.results, 0.6)
    assert importer.import_run(filled, run_folder_factory("transport", 1)) is True


def test_a_turnstile_that_stays_closed(filled):
    database = results_database(filled)
    with turnstile(database.path, time.monotonic() + 5):
        failed: list[str] = []

        def ask(opened):
            try:
                with opened(database, timeout=0.2):
                    failed.append("opened")
            except IsoglossError as error:
                failed.append(one_sentence(error))

        for opened in (reading, writing):
            thread = threading.Thread(target=ask, args=(opened,))
            thread.start()
            thread.join()
    assert len(failed) == 2 and all("still in use by another program" in told for told in failed)
    assert len(runs.list_runs(filled)) == 1, "and once it opens, all is well"
    with turnstile(database.path, time.monotonic() + 5):
        thread = threading.Thread(target=lambda: failed.append(type(_busy(database.path)).__name__))
        thread.start()
        thread.join()
    assert failed[-1] == "StillBusy"


def _busy(path):
    try:
        with turnstile(path, time.monotonic() + 0.05):
            return None
    except StillBusy as error:
        return error


def test_a_folder_that_cannot_hold_a_turnstile_can_still_be_read(filled, monkeypatch):
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("store.sharing.FileLock.acquire", refuse)
    assert len(runs.list_runs(filled)) == 1


def test_nesting_is_a_mistake_that_shows_at_once(filled):
    database = results_database(filled)
    for outer in (reading, writing):
        for inner in (reading, writing):
            with pytest.raises(RuntimeError, match="already open in this thread"), outer(database):
                with inner(database):
                    pass
    assert len(runs.list_runs(filled)) == 1


def test_an_exception_rolls_back_and_lets_go(filled):
    with pytest.raises(KeyError), writing(results_database(filled)) as con:
        con.execute("DELETE FROM runs")
        raise KeyError("x")
    assert len(runs.list_runs(filled)) == 1
    with pytest.raises(duckdb.BinderException), reading(results_database(filled)) as con:
        con.execute("SELECT nothing_like_this")
    with duckdb.connect(filled.results):
        pass  # nobody holds the file, or this would fail


def test_a_store_that_was_replaced_is_read_anew(filled, run_folder_factory):
    other = replace(filled, home=filled.home / "other")
    importer.import_run(other, run_folder_factory("adversarial", 0))
    assert set(runs.list_runs(filled)["arm"]) == {"transport"}
    other.results.replace(filled.results)
    assert set(runs.list_runs(filled)["arm"]) == {"adversarial"}


@pytest.mark.slow
def test_threads_read_while_a_thread_imports(workspace, run_folder_factory):
    """What Streamlit does: sessions are threads, and the importer may run in one of them."""
    folders = [run_folder_factory("transport", seed, items=6) for seed in range(12)]
    seen: dict[int, list[int]] = {n: [] for n in range(4)}
    failed: list[BaseException] = []
    done = threading.Event()

    def read(number):
        try:
            while not done.is_set():
                listed = runs.list_runs(workspace)
                ids = listed["run_id"].tolist()
                items = predictions.accuracy(workspace, ids, "test")["items"].sum()
                assert items == 24 * len(ids)
                seen[number].append(len(ids))
        except BaseException as error:
            failed.append(error)

    threads = [threading.Thread(target=read, args=(number,)) for number in seen]
    for thread in threads:
        thread.start()
    try:
        for folder in folders:
            assert importer.import_run(workspace, folder) is True
    finally:
        done.set()
        for thread in threads:
            thread.join(60)
    assert not failed, failed
    for counts in seen.values():
        assert counts == sorted(counts), "what was once seen stays"
        assert len(set(counts)) > 2, "readers are served between imports, not after them"
    assert len(runs.list_runs(workspace)) == len(folders)


@pytest.mark.slow
def test_readers_in_relay_do_not_keep_a_writer_out(filled):
    """Each reader leaves only after another has come, so the file is never let go; a writer's turn still comes."""
    database = results_database(filled)
    done = threading.Event()
    came = threading.Condition()
    entries = [0]
    reads: list[float] = []

    def relay():
        while not done.is_set():
            with reading(database) as con, came:
                con.execute("SELECT count(*) FROM predictions").fetchall()
                entries[0] += 1
                mine = entries[0]
                came.notify_all()
                came.wait_for(lambda mine=mine: entries[0] > mine, timeout=1.0)
            reads.append(time.monotonic())

    threads = [threading.Thread(target=relay) for _ in range(3)]
    for thread in threads:
        thread.start()
    try:
        time.sleep(0.3)
        code = (
            "import sys; from pathlib import Path; from core.workspace import Workspace\n"
            "from store.connection import writing; from store.database import results_database\n"
            "with writing(results_database(Workspace(Path(sys.argv[1]))), timeout=20) as con:\n"
            "    con.execute('UPDATE runs SET seed = 5')\n"
        )
        environment = os.environ | {"PYTHONPATH": str(CHECKOUT)}
        subprocess.run([sys.executable, "-c", code, str(filled.home)], check=True, timeout=60, env=environment)
        after = time.monotonic()
        time.sleep(1.0)
    finally:
        done.set()
        for thread in threads:
            thread.join(60)
    assert runs.list_runs(filled)["seed"].tolist() == [5]
    assert max(reads) > after, "and readers go on afterwards"
