"""One measure of two arms: their difference, its resampling variance and how it varies with the seed."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.statistics.bootstrap import draw_weights, resample, resampling_variance
from core.statistics.significance import SeedVariance, pooled_seed_variance
from core.verdict.answers import Answers
from core.verdict.measures import Indicator, premise_sums, rates
from core.verdict.questions import Measure


@dataclass(frozen=True)
class Contrast:
    """First minus second (x100) over the seeds both arms have: arms of one seed share their warm start.

    by_seed [k] holds the differences, `sampling` the bootstrap variance of their mean. units are the languages
    that all the runs have, of which the measure takes `chosen`; `premises` and `items` are of one language.
    """

    first_value: float
    second_value: float
    by_seed: NDArray[np.float64]
    sampling: float
    seeds: tuple[int, ...]
    chosen: tuple[str, ...]
    premises: int
    items: int

    @property
    def difference(self) -> float:
        return float(self.by_seed.mean())


class Contrasts:
    """Contrasts of one table of answers; what several of them need is made once."""

    def __init__(self, answers: Answers, repetitions: int, seed: int = 0) -> None:
        self.answers = answers
        self._draw = (repetitions, seed)
        self._indicators: dict[object, Indicator] = {}
        self._seeds = {arm: answers.seeds(arm) for arm in answers.arms}
        self._weights: NDArray[np.float32] | None = None

    def indicator(self, measure: Measure) -> Indicator:
        """What the measure counts, made once."""
        if measure.count not in self._indicators:
            self._indicators[measure.count] = measure.count(self.answers)
        return self._indicators[measure.count]

    def contrast(self, measure: Measure, first: str, second: str) -> Contrast | None:
        """None where the arms have no seed in common or lack the languages that the measure needs."""
        rows = [self._seeds[arm] for arm in (first, second)]
        seeds = tuple(sorted(rows[0].keys() & rows[1].keys()))
        indicator = self.indicator(measure)
        if not seeds:
            return None
        arm_rows = [[by_seed[seed] for seed in seeds] for by_seed in rows]
        shared = indicator.shared(arm_rows[0] + arm_rows[1])
        kept = np.flatnonzero(shared.any(-1))
        units = [indicator.units[i] for i in kept]
        weights = measure.weights(units)
        if weights is None:
            return None
        kept, weights = kept[weights != 0], weights[weights != 0]
        shared = shared[kept]
        counts = premise_sums(indicator, shared)
        sums = [premise_sums(indicator, indicator.value[rows][:, kept] & shared) for rows in arm_rows]
        values = [100.0 * (part.sum(-1) / counts.sum(-1)) @ weights for part in sums]
        difference = 100.0 * (sums[0].mean(0) - sums[1].mean(0))
        drawn = resample(difference, counts, weights, self._cluster_weights(counts.shape[-1]))
        return Contrast(
            float(values[0].mean()), float(values[1].mean()), values[0] - values[1],
            resampling_variance(drawn), seeds, tuple(measure.chosen(units)),
            int((counts > 0).sum(-1).min()), int(counts.sum(-1).min()),
        )  # fmt: skip

    def pooled(self, measure: Measure) -> SeedVariance | None:
        """What a single-seed control borrows: the seeds' variance over the arms that have several seeds."""
        indicator, runs = self.indicator(measure), self.answers.runs
        weights = measure.weights(indicator.units)
        if weights is None:
            return None
        used = weights != 0
        values = np.array([rates(indicator, [row])[0, used] @ weights[used] for row in range(len(runs))])
        return pooled_seed_variance(values, list(runs["arm"]), [int(s) for s in runs["seed"]])

    def _cluster_weights(self, premises: int) -> NDArray[np.float32]:
        if self._weights is None:
            self._weights = draw_weights(premises, *self._draw)
        return self._weights
