"""Accuracy and macro-F1 of NLI predictions, one language at a time."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.metrics import f1_score

from core.evaluation.scores import Score
from core.statistics.intervals import wilson


def nli_scores(
    gold: NDArray[np.integer], probabilities: NDArray[np.floating], split: str, language: str
) -> list[Score]:
    """Accuracy with its Wilson 95 % interval, and macro-F1, both x100; gold [n], probabilities [n, 3]."""
    predicted = probabilities.argmax(1)
    correct = int((predicted == gold).sum())
    low, high = wilson(correct, len(gold))
    f1 = 100.0 * float(f1_score(gold, predicted, average="macro", labels=[0, 1, 2], zero_division=0.0))
    return [
        Score("accuracy", split, language, 100.0 * correct / len(gold), low, high, len(gold)),
        Score("macro_f1", split, language, f1, items=len(gold)),
    ]
