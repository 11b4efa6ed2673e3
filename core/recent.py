"""The last results of slow computations by key: bounded, shared by threads, each computed once."""

from __future__ import annotations

import threading
from collections.abc import Callable, Hashable
from typing import Any

from cachetools import LRUCache, cached


class Recent:
    """The `limit` results asked for last, whoever asked.

    Two threads that ask for one key at the same time share one computation; one that failed is not kept. Unlike
    `st.cache_data` it lets a computation report progress to the page it was called from.

    >>> squares = Recent(2)
    >>> [squares.get(k, lambda: k * k) for k in (2, 3, 2)]
    [4, 9, 4]
    """

    def __init__(self, limit: int) -> None:
        def result(key: Hashable, compute: Callable[[], Any]) -> Any:
            return compute()

        self._get: Callable[[Hashable, Callable[[], Any]], Any] = cached(
            LRUCache(limit), key=lambda key, compute: key, condition=threading.Condition()
        )(result)

    def get(self, key: Hashable, compute: Callable[[], Any]) -> Any:
        """The result of `key`, computed if it is not kept. `compute` must not ask for the same key again."""
        return self._get(key, compute)
