"""Progress of long work: what is done, how much there is, and when it will end."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Never, Protocol

from tqdm import tqdm


class Progress(Protocol):
    """Called as work goes on: `progress(done, total, text)`. It may raise `Cancelled`."""

    def __call__(self, done: int, total: int, text: str = "") -> None: ...


def silent(done: int, total: int, text: str = "") -> None:
    """Progress that shows nothing."""


def bar(title: str, unit: str = "it") -> Progress:
    """A progress bar with an estimate on standard error; with the unit "B" in kB and MB."""
    shown: tqdm[Never] | None = None

    def show(done: int, total: int, text: str = "") -> None:
        nonlocal shown
        line: tqdm[Never] = shown or tqdm(
            total=total, desc=title, file=sys.stderr, mininterval=0.5, unit=unit, unit_scale=unit == "B"
        )
        line.total = total
        if text:
            line.set_postfix_str(text, refresh=False)
        line.update(done - line.n)
        if done >= total:
            line.close()
        shown = None if done >= total else line

    return show


def throttled(report: Callable[[int, int, str], None], seconds: float = 1.0) -> Progress:
    """Pass progress on at most once in `seconds`, and always at the end."""
    last = 0.0

    def show(done: int, total: int, text: str = "") -> None:
        nonlocal last
        now = time.monotonic()
        if done >= total or now - last >= seconds:
            last = now
            report(done, total, text)

    return show
