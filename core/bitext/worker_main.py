"""The main program of the process beside (`core/bitext/worker.py`): batches of pairs in, what they were judged out."""

from __future__ import annotations

import os
import signal
import sys
import threading
from queue import SimpleQueue
from typing import Any

from core.bitext.check import judging
from core.bitext.worker import receive, send


def main() -> None:
    """Answer batches until the process that started this one closes the pipe, or is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Answers go where standard output went; what a library prints goes nowhere.
    answers = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    asked: SimpleQueue[Any] = SimpleQueue()
    judge = judging(*receive(sys.stdin.buffer))
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()
    send(answers, True)
    while True:
        send(answers, judge(asked.get()))


def _listen(asked: SimpleQueue[Any]) -> None:
    """Take batches in while others are worked on, and end the process with the pipe, whatever it is at."""
    try:
        while True:
            asked.put(receive(sys.stdin.buffer))
    finally:
        os._exit(0)


if __name__ == "__main__":
    main()
