"""A second process that works off batches beside this one: results come in order, and are those of one process.

It is started by hand, not by `multiprocessing`: that would run the program's main file again, which of the pages is the
app. Plain values go through its pipes as `marshal` writes them, and it ends when they close, however this one ended.
"""

from __future__ import annotations

import contextlib
import marshal
import os
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Generator, Iterator
from pathlib import Path
from queue import SimpleQueue
from typing import IO, Any, Generic, TypeVar

Batch = TypeVar("Batch")
Answer = TypeVar("Answer")
#: Batches that are worked off before a process is started: what is done by then is not worth one.
ALONE = 4
#: Batches that the worker has at once, one to do and one to go on with, and batches that are held at once in all.
_SENT, _HELD = 2, 8
#: One for all threads of this process: pages check files of several people at a time.
_only = threading.Lock()


def cores() -> int:
    """The processors that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def send(file: IO[bytes], value: Any) -> None:
    """Write a plain value (numbers, texts, None, lists and tuples of them). Raises `OSError` if no one reads it."""
    data = marshal.dumps(value)
    file.write(len(data).to_bytes(8, "little"))
    file.write(data)
    file.flush()


def receive(file: IO[bytes]) -> Any:
    """Read what `send` wrote in the process at the other end. Raises `EOFError` if it has ended."""
    size = file.read(8)
    data = file.read(int.from_bytes(size, "little")) if len(size) == 8 else b""
    if not data:
        raise EOFError
    return marshal.loads(data)


def _widen(pipe: IO[bytes]) -> None:
    """Let a pipe hold a batch, where the system can: who writes need not wait until the other process reads."""
    try:
        import fcntl

        fcntl.fcntl(pipe, fcntl.F_SETPIPE_SZ, 1 << 20)
    except (ImportError, AttributeError, OSError):
        pass


class Worker:
    """A process that runs `core.bitext.worker_main`: told of its work once, it answers each batch in turn.

    `setup` is what the other process makes its work of. Raises `OSError` if no process can be started.
    """

    def __init__(self, setup: tuple[Any, ...]) -> None:
        root = str(Path(__file__).parents[2])
        found = os.pathsep.join(filter(None, (root, os.environ.get("PYTHONPATH"))))
        self.process = subprocess.Popen(
            [sys.executable, "-m", "core.bitext.worker_main"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env=os.environ | {"PYTHONPATH": found, "PYTHONSAFEPATH": "1"},
            start_new_session=True,  # an interrupt from the keyboard is for this process, which ends the other
        )
        assert self.process.stdin and self.process.stdout
        self._in, self._out = self.process.stdin, self.process.stdout
        _widen(self._in)
        _widen(self._out)
        self._answers: SimpleQueue[Any] = SimpleQueue()
        self.ready = threading.Event()
        self._listener = threading.Thread(target=self._listen, daemon=True, name="bitext worker's answers")
        try:
            self._listener.start()
            self.send(setup)
        except BaseException:
            self.close()
            raise

    def send(self, batch: Any) -> None:
        """Give it a batch. Raises `OSError` if it has ended."""
        send(self._in, batch)

    def answer(self, wait: bool) -> tuple[bool, Any]:
        """(True, its next answer), (True, None) if it has ended; (False, None) if nothing is there and `wait` is not
        asked for."""
        if not wait and self._answers.empty():
            return False, None
        return True, self._answers.get()

    def close(self) -> None:
        """End it at once, whatever it is at."""
        self.process.kill()
        self.process.wait()
        if self._listener.ident is not None:
            self._listener.join()
        for pipe in (self._in, self._out):
            with contextlib.suppress(OSError):  # what was not sent stays so
                pipe.close()

    def _listen(self) -> None:
        try:
            receive(self._out)  # it is there, and everything it needs is loaded
            self.ready.set()
            while True:
                self._answers.put(receive(self._out))
        except (EOFError, OSError, ValueError, TypeError, MemoryError):
            pass
        finally:
            self._answers.put(None)


def worked_off(
    batches: Iterator[Batch], asked: Callable[[Batch], Any], work: Callable[[Any], Answer], setup: tuple[Any, ...]
) -> Generator[tuple[Batch, Answer], None, None]:
    """Each batch with what `work` answers to what is `asked` of it, in order; half of them by another process if there
    are many and this one may use two processors.

    `work` must answer the same to the same, whatever came before, and `core.bitext.worker_main` make the same work of
    `setup`. Where the other process cannot be started or ends, this one does it all. Errors are those of `batches` and
    `work`; the other process has ended when the iterator is closed.
    """
    with contextlib.closing(_Shared(batches, asked, work, setup)) as shared:
        yield from shared.run()


class _Slot(Generic[Batch, Answer]):
    """A batch on its way: what is asked of it, and the answer when it is there."""

    def __init__(self, batch: Batch, asked: Any) -> None:
        self.batch, self.asked = batch, asked
        self.answer: Answer | None = None


class _Shared(Generic[Batch, Answer]):
    """`worked_off`: this process does a batch whenever the next one to pass on is not there yet."""

    def __init__(
        self, batches: Iterator[Batch], asked: Callable[[Batch], Any], work: Callable[[Any], Answer],
        setup: tuple[Any, ...],
    ) -> None:  # fmt: skip
        self._batches, self._asked, self._work, self._setup = batches, asked, work, setup
        self._held: deque[_Slot[Batch, Answer]] = deque()
        self._sent: deque[_Slot[Batch, Answer]] = deque()
        self._worker: Worker | None = None
        self._more = True
        self._locked = False

    def run(self) -> Iterator[tuple[Batch, Answer]]:
        begun = 0
        while True:
            self._collect(wait=False)
            while self._worker and self._worker.ready.is_set() and len(self._sent) < _SENT and (slot := self._next()):
                self._pass(slot)
            if self._held and (answer := self._held[0].answer) is not None:
                yield self._held.popleft().batch, answer
            elif slot := self._next():
                slot.answer = self._work(slot.asked)
                begun += 1
                if begun == ALONE:
                    self._start()
            elif self._sent:
                self._collect(wait=True)
            else:
                return

    def close(self) -> None:
        if self._worker:
            self._worker.close()
            self._worker = None
        if self._locked:
            _only.release()
            self._locked = False

    def _start(self) -> None:
        if cores() < 2 or not sys.executable or getattr(sys, "frozen", False) or not _only.acquire(blocking=False):
            return
        self._locked = True
        with contextlib.suppress(OSError, RuntimeError):  # no process, no thread to be had
            self._worker = Worker(self._setup)

    def _next(self) -> _Slot[Batch, Answer] | None:
        """The next batch, if there is one and not too many are held."""
        if not self._more or len(self._held) >= _HELD:
            return None
        for batch in self._batches:
            slot = _Slot[Batch, Answer](batch, self._asked(batch))
            self._held.append(slot)
            return slot
        self._more = False
        return None

    def _pass(self, slot: _Slot[Batch, Answer]) -> None:
        assert self._worker
        self._sent.append(slot)
        try:
            self._worker.send(slot.asked)
        except OSError:
            self._alone()

    def _collect(self, wait: bool) -> None:
        """Take what the worker has answered; wait for one answer if asked to."""
        while self._worker and self._sent:
            there, answer = self._worker.answer(wait)
            if not there:
                return
            if answer is None:
                self._alone()
                return
            self._sent.popleft().answer = answer
            wait = False

    def _alone(self) -> None:
        """Go on without the worker, and do what it had."""
        self.close()
        while self._sent:
            slot = self._sent.popleft()
            slot.answer = self._work(slot.asked)
