"""How well a freshly trained linear classifier names the language of a sentence from its pooled state."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler


def language_probe(states: NDArray[np.floating], language: NDArray[np.integer], seed: int = 0) -> NDArray[np.bool_]:
    """Which of n sentences a probe names right, [n]: logistic regression on standardised states [n, d],
    each sentence judged by a probe that was not trained on its fold (five folds)."""
    probe = make_pipeline(StandardScaler(), LogisticRegression(C=0.1, max_iter=300))
    folds = StratifiedKFold(5, shuffle=True, random_state=seed)
    predicted = cross_val_predict(probe, np.asarray(states, np.float64), language, cv=folds)
    return np.asarray(predicted == language)
