"""The last results by key: bounded, computed once whoever asks, failures forgotten."""

from __future__ import annotations

import threading

import pytest

from core.errors import BadInput
from core.recent import Recent


def test_results_are_computed_once_and_the_oldest_forgotten():
    computed: list[int] = []
    recent = Recent(2)

    def compute(key: int) -> int:
        computed.append(key)
        return key * 10

    assert [recent.get(k, lambda k=k: compute(k)) for k in (1, 2, 1, 3, 1, 2)] == [10, 20, 10, 30, 10, 20]
    assert computed == [1, 2, 3, 2]


def test_threads_that_ask_for_one_key_share_one_computation():
    recent = Recent(4)
    computed: list[int] = []
    found: list[int] = []
    go_on = threading.Event()

    def compute(key: int) -> int:
        computed.append(key)
        assert go_on.wait(30)
        return key

    workers = [
        threading.Thread(target=lambda i=i: found.append(recent.get(i % 3, lambda: compute(i % 3)))) for i in range(30)
    ]
    for worker in workers:
        worker.start()
    go_on.set()
    for worker in workers:
        worker.join()
    assert sorted(found) == sorted(i % 3 for i in range(30)) and sorted(computed) == [0, 1, 2]


def test_a_failed_computation_is_not_kept():
    recent = Recent(2)

    def fail() -> int:
        raise BadInput("no")

    with pytest.raises(BadInput):
        recent.get("x", fail)
    assert recent.get("x", lambda: 5) == 5
