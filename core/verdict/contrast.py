"""One measure of two arms: their difference at every seed, and what the study's one rule makes of it.

Every difference that is shown, in a verdict, a table, a figure or a report, is made by `Contrasts.contrast`, once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.arms.names import arm_name
from core.statistics.bootstrap import draw_weights, resample, resample_ratios, resampling_variance
from core.statistics.rules import Judged, by_seed, clusters_part, judge, linearised
from core.statistics.significance import SeedVariance, pooled_seed_variance
from core.verdict.analysis import Analysis
from core.verdict.answers import Answers
from core.verdict.measures import Indicator, premise_sums, rates
from core.verdict.questions import Measure


@dataclass(frozen=True)
class Contrast:
    """First minus second (x100) over the seeds both arms have: arms of one seed share their warm start.

    by_seed [k] holds the differences, `sampling` the items' part of the variance of their mean. units are the languages
    that all the runs have, of which the measure takes `chosen`; `premises` and `items` are of one language. `same` is
    True where both sides gave the same answers: they are the same predictions, and no question.
    """

    first_value: float
    second_value: float
    by_seed: NDArray[np.float64]
    sampling: float
    seeds: tuple[int, ...]
    chosen: tuple[str, ...]
    premises: int
    items: int
    same: bool = False

    @property
    def difference(self) -> float:
        return float(self.by_seed.mean())


@dataclass(frozen=True)
class _Shared:
    """What two arms share: seeds, sums by premise of both sides [k, U, P], counts [U, P], units, and which units are
    the same predictions."""

    seeds: tuple[int, ...]
    sums: list[NDArray[np.float64]]
    counts: NDArray[np.float64]
    units: list[str]
    same: NDArray[np.bool_]


class Contrasts:
    """Contrasts of one table of answers by one analysis; each is made once."""

    def __init__(self, answers: Answers, repetitions: int, seed: int = 0, analysis: Analysis | None = None) -> None:
        self.answers = answers
        self.analysis = analysis or Analysis()
        self._draw = (repetitions, seed)
        self._indicators: dict[object, Indicator] = {}
        self._seeds = {arm: answers.seeds(arm) for arm in answers.arms}
        self._weights: NDArray[np.float32] | None = None
        self._made: dict[object, tuple[Contrast, Judged] | None] = {}

    def of(self, answers: Answers) -> Contrasts:
        """Contrasts of other answers to the same items: by the same analysis, draws and clusters."""
        return Contrasts(replace(answers, clusters=self.answers.clusters), *self._draw, self.analysis)

    def indicator(self, measure: Measure) -> Indicator:
        """What the measure counts, made once."""
        if measure.count not in self._indicators:
            self._indicators[measure.count] = measure.count(self.answers)
        return self._indicators[measure.count]

    def contrast(self, measure: Measure, first: str, second: str) -> tuple[Contrast, Judged] | None:
        """The contrast and its estimate; None where the arms have no seed in common or lack the languages that the
        measure needs. What counts the same over the same languages is one contrast, whatever it is called."""
        units = self.indicator(measure).units
        weights = measure.weights(units)
        key = (measure.count, None if weights is None else weights.tobytes(), first, second, measure.margin)
        if key not in self._made:
            self._made[key] = self._make(measure, first, second)
        return self._made[key]

    def languages(self, measure: Measure, first: str, second: str) -> dict[str, tuple[Contrast, Judged]]:
        """The same two arms in each unit (language) alone, as `contrast` of a measure of that language gives them."""
        shared = self._shared(measure, first, second)
        if shared is None:
            return {}
        seeds, sums, counts, units, same = shared.seeds, shared.sums, shared.counts, shared.units, shared.same
        differences = 100.0 * (sums[0] - sums[1])
        if self.analysis.method == "first":
            ratios = resample_ratios(differences.mean(0), counts, self._cluster_weights(counts.shape[-1]))
            sampling = [resampling_variance(draws) for draws in ratios.T]
        found = {}
        for i, unit in enumerate(units):
            own, count, one = differences[:, [i]], counts[[i]], np.ones(1)
            part = sampling[i] if self.analysis.method == "first" else clusters_part(linearised(own, count, one))
            values = [100.0 * part_sums[:, i].sum(-1) / counts[i].sum() for part_sums in sums]
            contrast = Contrast(
                float(values[0].mean()), float(values[1].mean()), by_seed(own, count, one), part, seeds, (unit,),
                int((counts[i] > 0).sum()), int(counts[i].sum()), bool(same[i]),
            )  # fmt: skip
            found[unit] = (contrast, self._judge(contrast, measure, first, second, one, (unit,)))
        return found

    def pooled(self, measure: Measure, chosen: Sequence[str], weights: NDArray[np.float64]) -> SeedVariance | None:
        """What a single trained run borrows for its interval: the seeds' variance over the study's arms that have
        several seeds, in the languages `chosen` with their `weights`."""
        indicator, runs = self.indicator(measure), self.answers.runs
        used = [indicator.units.index(unit) for unit in chosen]
        own = [row for row, arm in enumerate(runs["arm"]) if self.analysis.has(arm)]
        values = np.array([rates(indicator, [row])[0, used] @ weights for row in own])
        return pooled_seed_variance(values, list(runs["arm"].iloc[own]), [int(s) for s in runs["seed"].iloc[own]])

    def _make(self, measure: Measure, first: str, second: str) -> tuple[Contrast, Judged] | None:
        shared = self._shared(measure, first, second)
        if shared is None:
            return None
        seeds, sums, counts, units, same = shared.seeds, shared.sums, shared.counts, shared.units, shared.same
        weights = measure.weights(units)
        if weights is None:
            return None
        kept, weights = np.flatnonzero(weights), weights[weights != 0]
        counts = counts[kept]
        values = [by_seed(100.0 * part[:, kept], counts, weights) for part in sums]
        differences = 100.0 * (sums[0] - sums[1])[:, kept]
        if self.analysis.method == "first":
            drawn = resample(differences.mean(0), counts, weights, self._cluster_weights(counts.shape[-1]))
            sampling = resampling_variance(drawn)
        else:
            sampling = clusters_part(linearised(differences, counts, weights))
        contrast = Contrast(
            float(values[0].mean()), float(values[1].mean()), values[0] - values[1], sampling, seeds,
            tuple(measure.chosen(units)), int((counts > 0).sum(-1).min()), int(counts.sum(-1).min()),
            bool(same[kept].all()),
        )  # fmt: skip
        return contrast, self._judge(contrast, measure, first, second, weights, [units[i] for i in kept])

    def _judge(
        self, contrast: Contrast, measure: Measure, first: str, second: str, weights: NDArray[np.float64],
        units: Sequence[str],
    ) -> Judged:  # fmt: skip
        control = any(arm not in (*self.analysis.main, self.analysis.baseline) for arm in (first, second))
        # A main arm's single run stays what it is, and what is put on a run has no variance of its own to borrow.
        borrows = len(contrast.seeds) == 1 and control and not any(arm_name(arm).applied for arm in (first, second))
        borrowed = self.pooled(measure, units, weights) if borrows else None
        return judge(
            self.analysis.method, contrast.by_seed, contrast.sampling, contrast.premises, measure.margin,
            borrowed=borrowed,
        )  # fmt: skip

    def _shared(self, measure: Measure, first: str, second: str) -> _Shared | None:
        rows = [self._seeds.get(arm, {}) for arm in (first, second)]
        seeds = tuple(sorted(rows[0].keys() & rows[1].keys()))
        if not seeds:
            return None
        indicator = self.indicator(measure)
        arm_rows = [[of_seed[seed] for seed in seeds] for of_seed in rows]
        shared = indicator.shared(arm_rows[0] + arm_rows[1])
        kept = np.flatnonzero(shared.any(-1))
        shared = shared[kept]
        sums = [premise_sums(indicator, indicator.value[own][:, kept] & shared) for own in arm_rows]
        units = [indicator.units[i] for i in kept]
        return _Shared(seeds, sums, premise_sums(indicator, shared), units, self._same(arm_rows, units))

    def _same(self, rows: list[list[int]], units: list[str]) -> NDArray[np.bool_]:
        """[U]: do both sides predict the same label for every item of the language, at every seed?"""
        answers = self.answers
        places = [answers.languages.index(unit) if unit in answers.languages else None for unit in units]
        sides = [answers.predicted[own] for own in rows]
        return np.array(
            [place is not None and bool((sides[0][:, place] == sides[1][:, place]).all()) for place in places]
        )

    def _cluster_weights(self, premises: int) -> NDArray[np.float32]:
        if self._weights is None:
            self._weights = draw_weights(premises, *self._draw)
        return self._weights
