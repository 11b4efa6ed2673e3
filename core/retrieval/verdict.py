"""The retrieval experiment's verdict: a pure function from every query's outcome to answered questions.

The statistics are those of the main experiment, with the query as the unit that is drawn again: a question of LAReQA
jointly over its languages, a sentence of Tatoeba in its own; seeds are a second source of variance.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.evaluation.bootstrap import REPETITIONS, draw_weights, resample
from core.evaluation.significance import (
    LEVEL,
    MARGIN,
    Estimate,
    SeedVariance,
    estimate,
    holm,
    paired_seed_variance,
    pooled_seed_variance,
)
from core.retrieval.settings import (
    ADVERSARIAL,
    CENTRING,
    MEAN_MATCHING,
    NO_ADAPTATION,
    SHUFFLED,
    TRANSPORT,
    UNTRAINED,
    experiment,
)
from core.retrieval.tasks import ENGLISH, LAREQA_ENGLISH, LAREQA_POOL, TATOEBA

Outcome = Literal["ahead", "equivalent", "undecided"]
Variance = Literal["own", "pooled", "none", "unknown"]


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
class Question:
    """Is `first` better than `second` in a measure? All values x100; differences are first minus second.

    seed_variance: "own", "pooled" (borrowed by an arm with one seed), "none" (neither arm trains anything), "unknown"
    (then there is no test). `p` of secondary questions is corrected over all of them (Holm); intervals are not.
    """

    measure: str
    primary: bool
    first: str
    second: str
    difference: float
    low: float
    high: float
    p: float
    outcome: Outcome
    ahead: str | None
    first_value: float
    second_value: float
    smallest: float
    seed_variance: Variance
    seeds: int
    queries: int
    languages: tuple[str, ...]
    lower_is_better: bool

    @property
    def sentence(self) -> str:
        """The answer in one plain sentence, made from these numbers."""
        told = f"{self.difference:+.1f} points, 95 % interval {self.low:+.1f} to {self.high:+.1f}"
        if self.outcome == "ahead":
            other = self.second if self.ahead == self.first else self.first
            return f"In {self.measure}, {self.ahead} is ahead of {other} ({self.first} minus {self.second}: {told})."
        pair = f"{self.first} and {self.second}"
        if self.outcome == "equivalent":
            return f"In {self.measure}, {pair} are equivalent within {MARGIN:g} point ({told})."
        if self.seed_variance == "unknown":
            return f"In {self.measure}, {pair} are undecided: one seed gives no test ({told})."
        return (
            f"In {self.measure}, {pair} are undecided ({told}); a difference below {self.smallest:.1f} points could "
            "have been missed."
        )


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


def verdict(rows: pd.DataFrame, repetitions: int = REPETITIONS) -> list[Question]:
    """Answers to all questions that the rows allow. `rows` has arm, seed and the columns of `tasks.ROWS`."""
    if rows.empty:
        return []
    outcomes: dict[str, Outcomes] = {}
    drafts = []
    for measure, first, second in ask(set(rows["arm"])):
        if measure.name not in outcomes:
            outcomes[measure.name] = Outcomes(rows, measure)
        if made := _contrast(outcomes[measure.name], first, second, repetitions):
            drafts.append((measure, first, second, *made))
    primary = [
        measure is PRIMARY and {first, second} == {TRANSPORT, ADVERSARIAL} for measure, first, second, *_ in drafts
    ]
    corrected = _corrected(drafts, primary)
    return [_question(*draft, main, *p) for draft, main, p in zip(drafts, primary, corrected, strict=True)]


def levels(rows: pd.DataFrame, repetitions: int = 1000) -> list[Level]:
    """Every arm in every measure."""
    found = []
    for measure in MEASURES:
        one = Outcomes(rows, measure)
        if not one.languages:
            continue
        for arm in dict.fromkeys(arm for arm, _ in one.runs):
            own = list(one.seeds(arm).values())
            low, high = np.percentile(one.draw(one.values[own].mean(0), repetitions), [2.5, 97.5])
            found.append(Level(arm, measure.name, float(one.means()[own].mean()), float(low), float(high), len(own)))
    return found


_Made = tuple[Estimate, Variance, float, float, int, Outcomes]


def _contrast(outcomes: Outcomes, first: str, second: str, repetitions: int) -> _Made | None:
    ours, theirs = outcomes.seeds(first), outcomes.seeds(second)
    if not ours or not theirs or not outcomes.languages:
        return None
    if first in UNTRAINED:
        ours = dict.fromkeys(theirs, ours[0]) if second not in UNTRAINED else ours
    elif second in UNTRAINED:
        theirs = dict.fromkeys(ours, theirs[0])
    seeds = sorted(ours.keys() & theirs.keys())
    if not seeds:
        return None
    rows = [[own[seed] for seed in seeds] for own in (ours, theirs)]
    means = outcomes.means()
    by_seed = means[rows[0]] - means[rows[1]]
    difference = outcomes.values[rows[0]].mean(0) - outcomes.values[rows[1]].mean(0)
    drawn = outcomes.draw(difference, repetitions)
    variance: Variance = "own"
    between: SeedVariance | None = None
    if first in UNTRAINED and second in UNTRAINED:
        variance = "none"
    else:
        between = paired_seed_variance(by_seed)
        if between is None:
            between = pooled_seed_variance(means, [a for a, _ in outcomes.runs], [s for _, s in outcomes.runs])
            variance = "pooled" if between is not None else "unknown"
    queries = int(outcomes.counts.sum(1).min())
    found = estimate(float(by_seed.mean()), float(drawn.var(ddof=1)), queries, len(seeds), between)
    return found, variance, float(means[rows[0]].mean()), float(means[rows[1]].mean()), len(seeds), outcomes


def _corrected(drafts: list[tuple[Measure, str, str, Estimate, Variance, float, float, int, Outcomes]],
               primary: list[bool]) -> list[tuple[float, float, int]]:  # fmt: skip
    """p, p of equivalence, and how many questions it was corrected over."""
    tested = [k for k, draft in enumerate(drafts) if not primary[k] and draft[4] != "unknown"]
    p = dict(zip(tested, holm([drafts[k][3].p for k in tested]), strict=True))
    same = dict(zip(tested, holm([drafts[k][3].p_equivalent for k in tested]), strict=True))
    return [
        (p.get(k, draft[3].p), same.get(k, draft[3].p_equivalent), len(tested) if k in p else 1)
        for k, draft in enumerate(drafts)
    ]


def _question(
    measure: Measure, first: str, second: str, found: Estimate, variance: Variance, first_value: float,
    second_value: float, seeds: int, outcomes: Outcomes, primary: bool, p: float, same: float, family: int,
) -> Question:  # fmt: skip
    outcome: Outcome = "undecided"
    if variance != "unknown":
        outcome = "ahead" if p < LEVEL else "equivalent" if same < LEVEL else "undecided"
    better = (found.difference > 0) != measure.lower_is_better
    return Question(
        measure=measure.name, primary=primary, first=first, second=second, difference=found.difference,
        low=found.low, high=found.high, p=p if variance != "unknown" else 1.0, outcome=outcome,
        ahead=(first if better else second) if outcome == "ahead" else None, first_value=first_value,
        second_value=second_value, smallest=found.smallest(LEVEL / family), seed_variance=variance, seeds=seeds,
        queries=int(outcomes.counts.sum(1).min()), languages=outcomes.languages,
        lower_is_better=measure.lower_is_better,
    )  # fmt: skip
