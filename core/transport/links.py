"""From a soft plan to hard links between words."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray


def gather_words(
    plan: NDArray[np.floating], source_words: NDArray[np.integer], target_words: NDArray[np.integer]
) -> NDArray[np.float64]:
    """Sum a plan over subwords [n, m] into a plan over words.

    source_words [n] and target_words [m] hold each subword's word index, from 0 without gaps.
    """
    rows, columns = int(source_words.max()) + 1, int(target_words.max()) + 1
    gathered = np.zeros((rows, columns))
    np.add.at(gathered, (source_words[:, None], target_words[None, :]), plan)
    return gathered


def mutual_argmax(scores: NDArray[np.floating]) -> list[tuple[int, int]]:
    """Cells that are the largest of their row and of their column (SimAlign's argmax, arXiv 2004.08728)."""
    best_column, best_row = scores.argmax(1), scores.argmax(0)
    return [(i, int(j)) for i, j in enumerate(best_column) if best_row[j] == i and scores[i, j] > 0]
