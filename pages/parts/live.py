"""What pages compute while a person waits: vectors, kept by content, with progress."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from typing import TYPE_CHECKING, Any

import streamlit as st

from pages.parts import models

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


class Recent:
    """The last `limit` results by key, shared by all sessions.

    Not `st.cache_data`, which forbids a computation to report progress to the page it was called from.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._found: OrderedDict[Hashable, Any] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable, compute: Callable[[], Any]) -> Any:
        """The result of `key`, computed if it is not kept."""
        with self._lock:
            if key in self._found:
                self._found.move_to_end(key)
                return self._found[key]
        result = compute()
        with self._lock:
            self._found[key] = result
            while len(self._found) > self._limit:
                self._found.popitem(last=False)
        return result


@st.cache_resource(show_spinner=False)
def _recent(what: str, limit: int) -> Recent:
    return Recent(limit)


def vectors(choice: str, texts: Sequence[str], what: str) -> NDArray[np.float32]:
    """Sentence vectors [n, d] of one choice; `what` tells the person what is being read."""

    def compute() -> NDArray[np.float32]:
        from core.encoder.vectors import sentence_vectors

        encoder = models.load(choice)
        bar = st.empty()

        def show(done: int, total: int, text: str = "") -> None:
            if total > 40:
                bar.progress(done / total, f"Reading {what}: {done} of {total} sentences…")

        with models.one_at_a_time():
            found = sentence_vectors(encoder, texts, progress=show)
        bar.empty()
        return found

    return _recent("vectors", 120).get((choice, tuple(texts)), compute)
