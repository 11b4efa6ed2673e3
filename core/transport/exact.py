"""Exact optimal transport, one problem at a time, through POT's network simplex."""

from __future__ import annotations

import numpy as np
import ot
from numpy.typing import NDArray

from core.transport.ragged import check_finite


def exact_plan(cost: NDArray[np.floating], a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.float64]:
    """The optimal plan [n, m] of an unregularised problem, with marginals a [n] and b [m].

    Raises `BadInput` for a cost or a mass that is infinite or not a number.
    """
    _check(cost, a, b)
    plan = ot.emd(np.asarray(a, np.float64), np.asarray(b, np.float64), np.asarray(cost, np.float64))
    return np.asarray(plan, np.float64)


def exact_cost(cost: NDArray[np.floating], a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """<P, C> of the optimal plan."""
    return float((exact_plan(cost, a, b) * cost).sum())


def partial_plan(
    cost: NDArray[np.floating], a: NDArray[np.floating], b: NDArray[np.floating], share: float
) -> NDArray[np.float64]:
    """The cheapest plan [n, m] that moves `share` (0 to 1) of the lesser of the two masses.

    Caffarelli and McCann 2010; POT's reduction to a balanced problem with one more point on each side
    (Chapel et al. 2020, NeurIPS). Raises ValueError for a share outside (0, 1], `BadInput` as `exact_plan`.
    """
    if not 0 < share <= 1:
        raise ValueError("a partial plan moves a share between 0 and 1")
    _check(cost, a, b)
    left, right = np.asarray(a, np.float64), np.asarray(b, np.float64)
    if share == 1 and np.isclose(left.sum(), right.sum()):
        return exact_plan(cost, left, right)
    mass = share * min(left.sum(), right.sum())
    plan = ot.partial.partial_wasserstein(left, right, np.asarray(cost, np.float64), m=mass)
    return np.asarray(plan, np.float64)


def _check(cost: NDArray[np.floating], a: NDArray[np.floating], b: NDArray[np.floating]) -> None:
    for name, values in (("cost", cost), ("source mass", a), ("target mass", b)):
        check_finite(name, [values])
