"""Taking turns at one DuckDB file, between the threads of this process and between processes.

DuckDB lets one process hold a file for writing, or several for reading, and within a process it cannot mix
the two. So the threads of a process share one read-only instance, a cursor each, and a writer waits until
they are done. Between processes the same is arranged by a turnstile, a lock file beside the store: whoever
opens the file passes it, and a writer keeps it until it has finished. Readers that arrive meanwhile queue
at the turnstile instead of holding the file in relay for ever.

The lock that DuckDB takes is the process's, and closing *any* descriptor of the file gives it up: never open
a store with anything but DuckDB, and never open it twice at once. Both are why opening and closing are here.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import duckdb
from filelock import FileLock, Timeout

#: After so many seconds a shared instance takes no new readers: a writer elsewhere may be waiting.
SHARED_SECONDS = 0.5


class StillBusy(Exception):
    """The turn did not come before the deadline."""


class FileTurns:
    """The turns at one file in this process. Use `turns_of`; not to be nested within one thread."""

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._instance: duckdb.DuckDBPyConnection | None = None
        self._opened = 0.0
        self._readers = 0
        self._exclusive = False  # somebody opens the file, or writes
        self._writers_waiting = 0
        self._inside: set[int] = set()

    @contextmanager
    def reading(
        self, opening: Callable[[], duckdb.DuckDBPyConnection], deadline: float
    ) -> Iterator[duckdb.DuckDBPyConnection]:
        """A cursor on the shared instance, which `opening` makes if there is none.

        `deadline` is on `time.monotonic()`'s clock. Raises `StillBusy` when it passes.
        """
        with self._changed:
            self._await(self._reader_may_enter, deadline)
            self._enter()
            if self._instance is None:
                self._exclusive = True
                cursor = None
            else:
                cursor = self._instance.cursor()
                self._readers += 1
        try:
            if cursor is None:
                cursor = self._open(opening)
            try:
                yield cursor
            finally:
                self._leave(cursor)
        finally:
            self._inside.discard(threading.get_ident())

    @contextmanager
    def writing(self, deadline: float) -> Iterator[None]:
        """This process's only turn: no reader and no other writer is inside. Raises `StillBusy`."""
        with self._changed:
            self._writers_waiting += 1
            try:
                self._await(lambda: not self._exclusive and self._instance is None, deadline)
                self._enter()
            finally:
                self._writers_waiting -= 1
                self._changed.notify_all()
            self._exclusive = True
        try:
            yield
        finally:
            with self._changed:
                self._exclusive = False
                self._inside.discard(threading.get_ident())
                self._changed.notify_all()

    def _await(self, condition: Callable[[], bool], deadline: float) -> None:
        if threading.get_ident() in self._inside:
            raise RuntimeError("A store is already open in this thread; close it before opening it again.")
        if not self._changed.wait_for(condition, max(0.0, deadline - time.monotonic())):
            raise StillBusy

    def _enter(self) -> None:
        self._inside.add(threading.get_ident())

    def _reader_may_enter(self) -> bool:
        if self._exclusive or self._writers_waiting:
            return False
        return self._instance is None or time.monotonic() - self._opened < SHARED_SECONDS

    def _open(self, opening: Callable[[], duckdb.DuckDBPyConnection]) -> duckdb.DuckDBPyConnection:
        instance = None
        try:
            instance = opening()
            return self._publish(instance)
        finally:
            with self._changed:
                self._exclusive = False
                self._changed.notify_all()

    def _publish(self, instance: duckdb.DuckDBPyConnection) -> duckdb.DuckDBPyConnection:
        with self._changed:
            cursor = instance.cursor()
            self._instance, self._opened, self._readers = instance, time.monotonic(), 1
            return cursor

    def _leave(self, cursor: duckdb.DuckDBPyConnection) -> None:
        with self._changed:
            cursor.close()
            self._readers -= 1
            if self._readers == 0 and self._instance is not None:
                self._instance.close()
                self._instance = None
            self._changed.notify_all()


_turns: dict[Path, FileTurns] = {}
_turns_lock = threading.Lock()


def turns_of(path: Path) -> FileTurns:
    """The turns at the file `path` (resolved), the same object for every thread."""
    with _turns_lock:
        return _turns.setdefault(path, FileTurns())


@contextmanager
def turnstile(path: Path, deadline: float) -> Iterator[None]:
    """Hold the turnstile of the store `path` between processes. Raises `StillBusy` at the deadline.

    A folder that cannot be written has no turnstile, and needs none: nobody can write the store either.
    """
    lock = FileLock(path.with_name(path.name + ".lock"))
    with suppress(OSError):
        try:
            lock.acquire(timeout=max(0.0, deadline - time.monotonic()), poll_interval=0.01)
        except Timeout as error:
            raise StillBusy from error
    try:
        yield
    finally:
        lock.release()
