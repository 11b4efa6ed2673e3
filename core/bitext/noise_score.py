"""The five scores of a pair, each turned so that higher is worse."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

#: Columns of a table of scores: balanced transport, mass that unbalanced transport leaves
#: untransported, cosine, log length ratio, ratio margin.
NAMES = ("transport", "leftover", "cosine", "length", "margin")


def noise_score(scores: NDArray[np.floating], name: str, typical: float | None = None) -> NDArray[np.float64]:
    """One score [n] turned so that higher is worse: cosine and margin from 1, and length as its distance from
    `typical` (the median of these scores unless given)."""
    values = np.asarray(scores[:, NAMES.index(name)], np.float64)
    if name in ("cosine", "margin"):
        return 1.0 - values
    if name == "length":
        middle = float(np.median(values)) if typical is None else typical
        return np.abs(values - middle)
    return values
