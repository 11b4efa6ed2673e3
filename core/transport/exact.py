"""Exact optimal transport, one problem at a time, through POT's network simplex."""

from __future__ import annotations

import numpy as np
import ot
from numpy.typing import NDArray


def exact_plan(cost: NDArray[np.floating], a: NDArray[np.floating], b: NDArray[np.floating]) -> NDArray[np.float64]:
    """The optimal plan [n, m] of an unregularised problem, with marginals a [n] and b [m]."""
    plan = ot.emd(np.asarray(a, np.float64), np.asarray(b, np.float64), np.asarray(cost, np.float64))
    return np.asarray(plan, np.float64)


def exact_cost(cost: NDArray[np.floating], a: NDArray[np.floating], b: NDArray[np.floating]) -> float:
    """<P, C> of the optimal plan."""
    return float((exact_plan(cost, a, b) * cost).sum())
