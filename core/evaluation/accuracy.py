"""Accuracy and macro-F1 of NLI predictions, one language at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from core.data.records import LABELS
from core.evaluation.scores import Score
from core.statistics.intervals import wilson


def fold(probabilities: NDArray[np.floating], labels: int) -> NDArray[np.floating]:
    """Three-way answers [n, 3] to a benchmark of so many labels; of two, the second is neutral and contradiction
    together, and the third class has probability 0.

    >>> fold(np.array([[0.5, 0.25, 0.25]]), 2).tolist()
    [[0.5, 0.5, 0.0]]
    """
    if labels == len(LABELS):
        return probabilities
    folded = np.zeros_like(probabilities)
    folded[:, 0], folded[:, 1] = probabilities[:, 0], probabilities[:, 1:].sum(1)
    return folded


def nli_scores(
    gold: NDArray[np.integer], probabilities: NDArray[np.floating], split: str, language: str, labels: int = 3
) -> list[Score]:
    """Accuracy with its Wilson 95 % interval, and macro-F1 over the first `labels` classes, both x100; gold [n],
    probabilities [n, 3]."""
    from sklearn.metrics import f1_score  # a page that shows stored accuracies need not load it

    predicted = probabilities.argmax(1)
    correct = int((predicted == gold).sum())
    low, high = wilson(correct, len(gold))
    f1 = 100.0 * float(f1_score(gold, predicted, average="macro", labels=list(range(labels)), zero_division=0.0))
    return [
        Score("accuracy", split, language, 100.0 * correct / len(gold), low, high, len(gold)),
        Score("macro_f1", split, language, f1, items=len(gold)),
    ]
