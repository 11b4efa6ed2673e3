"""The retrieval experiment's verdict: a pure function from every query's outcome to answered questions.

The statistics are those of the main experiment, with the query as the unit that is drawn again: a question of LAReQA
jointly over its languages, a sentence of Tatoeba in its own; seeds are a second source of variance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.query_encoders.settings import (
    ADVERSARIAL,
    CENTRING,
    MEAN_MATCHING,
    NO_ADAPTATION,
    SHUFFLED,
    TRANSPORT,
    WITHOUT_TRAINING,
    experiment,
)
from core.query_encoders.tasks import ENGLISH, LAREQA_ENGLISH, LAREQA_POOL, TATOEBA
from core.statistics.bootstrap import REPETITIONS, draw_weights, resample, resampling_variance
from core.statistics.intervals import percentile_interval
from core.statistics.rules import judge
from core.statistics.significance import pooled_seed_variance
from core.verdict.contrast import Contrast
from core.verdict.verdict import Result, UncorrectedResult, holm_corrected


@dataclass(frozen=True)
class Measure:
    """A mean over languages of a value x100 of each query of a task; `languages` None takes all of them."""

    name: str
    task: str
    value: Callable[[pd.DataFrame], pd.Series]
    languages: tuple[str, ...] | None = None
    lower_is_better: bool = False


def _precision(rows: pd.DataFrame) -> pd.Series:
    return 100.0 * rows["average_precision"].astype(float)


def _first(rows: pd.DataFrame) -> pd.Series:
    return 100.0 * (rows["rank"] == 1)


def _own(rows: pd.DataFrame) -> pd.Series:
    return 100.0 * rows["own_language"].astype(float)


PRIMARY = Measure(
    "MAP on LAReQA, candidates in English", LAREQA_ENGLISH, _precision, tuple(experiment()["primary_languages"])
)
TATOEBA_FIRST = Measure("accuracy at 1 on Tatoeba", TATOEBA, _first, tuple(experiment()["languages"]))
POOL = Measure("MAP on LAReQA, eleven languages in one pool", LAREQA_POOL, _precision)
OWN_LANGUAGE = Measure("top hits in the query's own language", LAREQA_POOL, _own, None, lower_is_better=True)
ENGLISH_PRECISION = Measure("MAP on LAReQA, queries in English", LAREQA_ENGLISH, _precision, (ENGLISH,))
#: Asked of the two main arms; the first is the primary one.
MEASURES = (PRIMARY, TATOEBA_FIRST, POOL, OWN_LANGUAGE, ENGLISH_PRECISION)


@dataclass(frozen=True)
class Level:
    """An arm's mean in a measure (x100) over its seeds, with the interval over queries of these runs."""

    arm: str
    measure: str
    value: float
    low: float
    high: float
    seeds: int


class Outcomes:
    """Every query's value of a measure as arrays, the same queries for all runs."""

    def __init__(self, rows: pd.DataFrame, measure: Measure) -> None:
        self.measure = measure
        own = rows[rows["task"] == measure.task]
        if measure.languages is not None:
            own = own[own["language"].isin(measure.languages)]
        own = own.assign(value=measure.value(own))
        # A sentence of Tatoeba has a number in each language that stands for another sentence.
        cluster = own["query_id"] if measure.task != TATOEBA else own["language"] + "/" + own["query_id"]
        table = own.assign(cluster=cluster).pivot_table(
            index=["language", "cluster"], columns=["arm", "seed"], values="value", aggfunc="mean", observed=True
        )
        table = table.dropna()
        self.runs = [(str(key[0]), int(key[1])) for key in table.columns.to_flat_index()]
        self.languages = tuple(dict.fromkeys(table.index.get_level_values("language")))
        clusters = list(dict.fromkeys(table.index.get_level_values("cluster")))
        at = {name: k for k, name in enumerate(clusters)}
        rows_of = [self.languages.index(code) for code in table.index.get_level_values("language")]
        columns = [at[name] for name in table.index.get_level_values("cluster")]
        self.counts = np.zeros((len(self.languages), len(clusters)))
        self.counts[rows_of, columns] = 1.0
        self.values = np.zeros((len(self.runs), *self.counts.shape))
        self.values[:, rows_of, columns] = table.to_numpy(float).T

    def seeds(self, arm: str) -> dict[int, int]:
        """Rows by seed."""
        return {seed: k for k, (own, seed) in enumerate(self.runs) if own == arm}

    def means(self) -> NDArray[np.float64]:
        """Means over languages of each run, [n]."""
        return np.asarray((self.values.sum(2) / self.counts.sum(1)).mean(1))

    def draw(self, values: NDArray[np.float64], repetitions: int) -> NDArray[np.float64]:
        """Means over languages of values [L, Q] with queries drawn again: [repetitions]."""
        weights = draw_weights(self.counts.shape[1], repetitions)
        equal = np.full(len(self.languages), 1.0 / len(self.languages))
        return resample(values, self.counts, equal, weights)


def ask(arms: set[str]) -> list[tuple[Measure, str, str]]:
    """The questions that these arms allow, the primary one first."""
    asked = [(measure, TRANSPORT, ADVERSARIAL) for measure in MEASURES]
    others = [(TRANSPORT, MEAN_MATCHING), (TRANSPORT, SHUFFLED)]
    asked += [(PRIMARY, first, second) for first, second in others]
    for arm in (TRANSPORT, ADVERSARIAL, MEAN_MATCHING, SHUFFLED, CENTRING):
        asked += [(measure, arm, NO_ADAPTATION) for measure in (PRIMARY, TATOEBA_FIRST)]
    return [one for one in asked if {one[1], one[2]} <= arms]


def verdict(rows: pd.DataFrame, repetitions: int = REPETITIONS) -> list[Result]:
    """Answers to all questions that the rows allow, the primary one first; the others are corrected together.

    `rows` has arm, seed and the columns of `tasks.ROWS`.
    """
    if rows.empty:
        return []
    outcomes: dict[str, Outcomes] = {}
    drafts = []
    for measure, first, second in ask(set(rows["arm"])):
        if measure.name not in outcomes:
            outcomes[measure.name] = Outcomes(rows, measure)
        if draft := _draft(outcomes[measure.name], first, second, repetitions):
            drafts.append(draft)
    return [one for primary in (True, False) for one in holm_corrected([d for d in drafts if d.primary is primary])]


def levels(rows: pd.DataFrame, repetitions: int = 1000) -> list[Level]:
    """Every arm in every measure."""
    found = []
    for measure in MEASURES:
        one = Outcomes(rows, measure)
        if not one.languages:
            continue
        for arm in dict.fromkeys(arm for arm, _ in one.runs):
            own = list(one.seeds(arm).values())
            low, high = percentile_interval(one.draw(one.values[own].mean(0), repetitions))
            found.append(Level(arm, measure.name, float(one.means()[own].mean()), float(low), float(high), len(own)))
    return found


def _draft(outcomes: Outcomes, first: str, second: str, repetitions: int) -> UncorrectedResult | None:
    measure, ours, theirs = outcomes.measure, outcomes.seeds(first), outcomes.seeds(second)
    if not ours or not theirs or not outcomes.languages:
        return None
    if first in WITHOUT_TRAINING:
        ours = dict.fromkeys(theirs, ours[0]) if second not in WITHOUT_TRAINING else ours
    elif second in WITHOUT_TRAINING:
        theirs = dict.fromkeys(ours, theirs[0])
    seeds = sorted(ours.keys() & theirs.keys())
    if not seeds:
        return None
    rows = [[own[seed] for seed in seeds] for own in (ours, theirs)]
    means = outcomes.means()
    drawn = outcomes.draw(outcomes.values[rows[0]].mean(0) - outcomes.values[rows[1]].mean(0), repetitions)
    queries = int(outcomes.counts.sum(1).min())
    made = Contrast(
        float(means[rows[0]].mean()), float(means[rows[1]].mean()), means[rows[0]] - means[rows[1]],
        resampling_variance(drawn), tuple(seeds), outcomes.languages, queries, queries,
    )  # fmt: skip
    trained = first not in WITHOUT_TRAINING or second not in WITHOUT_TRAINING
    borrowed = None
    if trained and len(seeds) == 1:
        borrowed = pooled_seed_variance(means, [a for a, _ in outcomes.runs], [s for _, s in outcomes.runs])
    found = judge("first", made.by_seed, made.sampling, queries, borrowed=borrowed, trained=trained)
    primary = (measure, first, second) == (PRIMARY, TRANSPORT, ADVERSARIAL)
    return UncorrectedResult(
        measure.name, first, second, made, found, found.source, len(measure.languages or outcomes.languages),
        measure.lower_is_better, "primary" if primary else "secondary", unit="query",
    )  # fmt: skip
