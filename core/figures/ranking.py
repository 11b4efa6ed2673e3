"""Ranked candidates of one query, and what they say, as tables and sentences."""

from __future__ import annotations

from collections.abc import Container, Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray


def ranked_table(
    indices: NDArray[np.integer], scores: NDArray[np.floating], candidates: Sequence[str], codes: Sequence[str],
    right: Container[int],
) -> pd.DataFrame:  # fmt: skip
    """rank, candidate (numbered from 1), language, text, cosine, right; `indices` and `scores` [top] are best first."""
    return pd.DataFrame(
        {
            "rank": np.arange(1, len(indices) + 1),
            "candidate": np.asarray(indices) + 1,
            "language": [codes[int(i)] for i in indices],
            "text": [candidates[int(i)] for i in indices],
            "cosine": np.asarray(scores, dtype=np.float64),
            "right": [int(i) in right for i in indices],
        }
    )


def position(scores: NDArray[np.floating], right: int) -> int:
    """Rank of the right answer among all candidates, from 1; ties go to the lower index, as in retrieval."""
    better = int((scores > scores[right]).sum())
    return 1 + better + int((scores[:right] == scores[right]).sum())


def retrieval_by_language(scores: pd.DataFrame) -> pd.DataFrame:
    """Seed means of a stored rate, for `accuracy_by_language`: arm, language, seeds, items, accuracy, low, high.

    `scores` has arm, language, value, low, high (x100) and items; scores of no one language are left out.
    """
    own = scores[scores["language"] != ""]
    table = own.groupby(["arm", "language"], as_index=False, sort=False).agg(
        seeds=("value", "size"),
        items=("items", "max"),
        accuracy=("value", "mean"),
        low=("low", "mean"),
        high=("high", "mean"),
    )
    table["low"] = table["low"].fillna(table["accuracy"])
    table["high"] = table["high"].fillna(table["accuracy"])
    return table
