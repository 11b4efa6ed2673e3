"""Calibration: does a probability mean what it says? (Guo et al. 2017, arXiv 1706.04599)"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from scipy.special import log_softmax

from core.verdict.answers import PROBABILITIES
from core.verdict.measures import ENGLISH

BINS = 15
_LEAST = 1e-30  # float32 probabilities reach zero, whose logarithm nothing could scale
_RANGE = (math.log(0.05), math.log(20.0))


def reliability(probabilities: NDArray[np.floating], gold: NDArray[np.integer], bins: int = BINS) -> pd.DataFrame:
    """low, high, items, confidence, accuracy (x100) of the `bins` equal bins ]low, high] of confidence.

    probabilities [n, 3], gold [n]; confidence is the largest probability. Bins without items are left out.
    """
    confidence = probabilities.max(1).astype(np.float64)
    right = probabilities.argmax(1) == gold
    place = np.clip(np.ceil(confidence * bins).astype(int) - 1, 0, bins - 1)
    items = np.bincount(place, minlength=bins)
    kept = np.flatnonzero(items)
    sums = [np.bincount(place, weights=values, minlength=bins)[kept] for values in (confidence, right)]
    return pd.DataFrame(
        {
            "low": 100.0 * kept / bins,
            "high": 100.0 * (kept + 1) / bins,
            "items": items[kept],
            "confidence": 100.0 * sums[0] / items[kept],
            "accuracy": 100.0 * sums[1] / items[kept],
        }
    )


def expected_calibration_error(
    probabilities: NDArray[np.floating], gold: NDArray[np.integer], bins: int = BINS
) -> float:
    """Mean over items of |accuracy - confidence| of their bin, x100; NaN without items."""
    table = reliability(probabilities, gold, bins)
    if table.empty:
        return math.nan
    return float(np.average((table["accuracy"] - table["confidence"]).abs(), weights=table["items"]))


def fit_temperature(probabilities: NDArray[np.floating], gold: NDArray[np.integer]) -> float:
    """The temperature (0.05 to 20) under which the gold labels are likeliest; above 1 for an overconfident model."""
    logits = np.log(np.maximum(probabilities.astype(np.float64), _LEAST))
    rows = np.arange(len(gold))

    def loss(log_temperature: float) -> float:
        scaled = log_softmax(logits / math.exp(log_temperature), axis=1)
        return -float(scaled[rows, gold].mean())

    return math.exp(float(minimize_scalar(loss, bounds=_RANGE, method="bounded", options={"xatol": 1e-4}).x))


def scale(probabilities: NDArray[np.floating], temperature: float) -> NDArray[np.float64]:
    """Probabilities [n, 3] after dividing their logits by `temperature`; the predicted label stays."""
    logits = np.log(np.maximum(probabilities.astype(np.float64), _LEAST))
    return np.asarray(np.exp(log_softmax(logits / temperature, axis=1)))


def calibration(table: pd.DataFrame, validation: pd.DataFrame | None = None) -> pd.DataFrame:
    """run_id, arm, seed, language, items, ece, temperature, ece_scaled (x100 but the temperature).

    `table` holds predictions (columns as for `read_answers`), `validation` those of the validation split, whose
    English rows alone fit one temperature a run: no other language's labels are used. Without them temperature
    and ece_scaled are NaN.
    """
    temperatures: dict[str, float] = {}
    if validation is not None:
        for identifier, english in validation[validation["language"] == ENGLISH].groupby("run_id"):
            temperatures[str(identifier)] = fit_temperature(*_arrays(english))
    rows = []
    for (run, arm, seed, language), predictions in table.groupby(["run_id", "arm", "seed", "language"], sort=False):
        probabilities, gold = _arrays(predictions)
        temperature = temperatures.get(str(run), math.nan)
        after = math.nan
        if math.isfinite(temperature):
            after = expected_calibration_error(scale(probabilities, temperature), gold)
        before = expected_calibration_error(probabilities, gold)
        rows.append((run, arm, seed, language, len(predictions), before, temperature, after))
    names = ["run_id", "arm", "seed", "language", "items", "ece", "temperature", "ece_scaled"]
    return pd.DataFrame(rows, columns=names)


def _arrays(predictions: pd.DataFrame) -> tuple[NDArray[np.float64], NDArray[np.int64]]:
    return predictions[list(PROBABILITIES)].to_numpy(np.float64), predictions["gold"].to_numpy(np.int64)
