"""How high each arm stands: seed means with intervals by language and across languages."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.languages import LOW_RESOURCE
from core.statistics.bootstrap import REPETITIONS, draw_weights, resample
from core.statistics.intervals import percentile_interval, wilson
from core.verdict.answers import Answers
from core.verdict.measures import ENGLISH, correct, premise_sums
from core.verdict.verdict import FEWEST_PREMISES

LOW, OTHERS, GAP = "low-resource", "others", "gap"
COLUMNS = ("arm", "unit", "value", "low", "high", "seeds", "items", "premises", "interval")


@dataclass(frozen=True)
class _Unit:
    """A weighted mean over languages: `weights` [L] sum to one, for the gap to zero."""

    name: str
    weights: NDArray[np.float64]


def levels(answers: Answers, repetitions: int = REPETITIONS, seed: int = 0) -> pd.DataFrame:
    """`COLUMNS`: accuracy x100 of every arm, averaged over its seeds; a row an arm and unit.

    A unit is a language, `LOW` (mean over the low-resource languages), `OTHERS` (mean over all but English) or `GAP`
    (English minus `LOW`). A mean is given where the arm has every language that any arm has for it. The 95 % interval
    is of these runs: the percentiles of a bootstrap that draws premises (`interval` "bootstrap"), or with fewer than
    20 premises Wilson's on the items ("wilson"; not known for the gap, and the widest case for a mean). `items` and
    `premises` are of one language.
    """
    indicator = correct(answers)
    rows = []
    weights: NDArray[np.float32] | None = None
    for arm in answers.arms:
        rows_of_arm = list(answers.seeds(arm).values())
        shared = indicator.shared(rows_of_arm)
        counts = premise_sums(indicator, shared)
        sums = premise_sums(indicator, (indicator.value[rows_of_arm] & shared).mean(axis=0))
        there = counts.sum(-1) > 0
        for unit in _units(answers, there):
            used = np.flatnonzero(unit.weights)
            items, premises = int(counts[used].sum(-1).min()), int((counts[used] > 0).sum(-1).min())
            value = 100.0 * float((sums[used].sum(-1) / counts[used].sum(-1)) @ unit.weights[used])
            if premises >= FEWEST_PREMISES:
                if weights is None:
                    weights = draw_weights(counts.shape[-1], repetitions, seed)
                drawn = resample(100.0 * sums[used], counts[used], unit.weights[used], weights)
                low, high = (float(bound) for bound in percentile_interval(drawn))
                kind = "bootstrap"
            else:
                low, high = wilson(round(value * items / 100), items) if unit.name != GAP else (np.nan, np.nan)
                kind = "wilson"
            low, high = (low, high) if unit.name == GAP else (min(low, value), max(high, value))
            rows.append((arm, unit.name, value, low, high, len(rows_of_arm), items, premises, kind))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _units(answers: Answers, there: NDArray[np.bool_]) -> list[_Unit]:
    """The units that an arm with the languages `there` has."""
    codes = answers.languages
    low = np.array([code in LOW_RESOURCE for code in codes])
    others = np.array([code != ENGLISH for code in codes])
    units = [_Unit(code, np.eye(len(codes))[i]) for i, code in enumerate(codes) if there[i]]
    for name, chosen in ((LOW, low), (OTHERS, others)):
        if chosen.any() and there[chosen].all():
            units.append(_Unit(name, chosen / chosen.sum()))
    english = ~others
    if english.any() and there[english].all() and low.any() and there[low].all():
        units.append(_Unit(GAP, english - low / low.sum()))
    return units
