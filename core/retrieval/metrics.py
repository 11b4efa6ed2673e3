"""Retrieval metrics from a ranking and its judgements, counted by trec_eval (through pytrec-eval-terrier).

Rankings are orders, or come with their scores: then equal ones stand as trec_eval puts them, the later id first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytrec_eval
from numpy.typing import NDArray

from core.errors import BadInput
from core.retrieval.ranked import in_order
from core.statistics.bootstrap import resample_means
from core.statistics.intervals import percentile_interval

#: Our names and trec_eval's. MAP is over all right candidates of a query, as LAReQA defines it (Roy et al. 2020), those
#: beyond the ranking's end counting 0.
MEASURES: dict[str, tuple[str, str]] = {
    "accuracy@1": ("P.1", "P_1"),
    "mrr@10": ("recip_rank", "recip_rank"),
    "recall@1": ("recall.1", "recall_1"),
    "recall@10": ("recall.10", "recall_10"),
    "recall@100": ("recall.100", "recall_100"),
    "ndcg@10": ("ndcg_cut.10", "ndcg_cut_10"),
    "map": ("map", "map"),
}
#: How many candidates of a ranking a measure reads; MAP reads all.
CUTS = {"accuracy@1": 1, "mrr@10": 10, "recall@1": 1, "recall@10": 10, "recall@100": 100, "ndcg@10": 10}
REPETITIONS = 2000

Qrels = Mapping[str, Mapping[str, int]]
Rankings = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Value:
    """A mean over queries x100 with its 95 % interval."""

    value: float
    low: float
    high: float


def by_query(
    qrels: Qrels, rankings: Rankings, scores: Mapping[str, Sequence[float]] | None = None, depth: int | None = None
) -> pd.DataFrame:
    """One row a judged query, x100: query and a column for each of `MEASURES` that rankings of `depth` candidates can
    answer (None: of all).

    `rankings` holds candidate ids, best first, `scores` the score of each as a run file has it; without scores a
    ranking's order counts. A judged query without a ranking, or without a right candidate, counts 0, as in trec_eval
    with -c. Raises `BadInput` if no query has a right candidate.
    """
    judged = {query: dict(marks) for query, marks in qrels.items() if marks}
    if not any(mark > 0 for marks in judged.values() for mark in marks.values()):
        raise BadInput("No query has a right candidate in the qrels: name the qrels of these queries.")
    scored = {query: _scored(rankings.get(query, ()), None if scores is None else scores[query]) for query in judged
              if query in rankings}  # fmt: skip
    names = {name for name, _ in MEASURES.values()}
    whole = _evaluate(judged, scored, names)
    first_ten = _evaluate(judged, {q: dict(in_order(s)[:10]) for q, s in scored.items()}, {"recip_rank"})
    kept = [name for name in MEASURES if depth is None or CUTS.get(name, 0) <= depth]
    rows = []
    for query in judged:
        own: dict[str, float] = whole.get(query, {})
        row: dict[str, object] = {"query": query}
        for ours in kept:
            found = first_ten.get(query, {}) if ours == "mrr@10" else own
            row[ours] = 100.0 * found.get(MEASURES[ours][1], 0.0)
        rows.append(row)
    return pd.DataFrame(rows)


def _scored(ranking: Sequence[str], scores: Sequence[float] | None) -> dict[str, float]:
    places = [float(-place) for place in range(len(ranking))] if scores is None else map(float, scores)
    return dict(zip(ranking, places, strict=True))


def _evaluate(
    judged: dict[str, dict[str, int]], scored: dict[str, dict[str, float]], names: set[str]
) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = pytrec_eval.RelevanceEvaluator(judged, names).evaluate(scored)
    return found


def summary(table: pd.DataFrame, repetitions: int = REPETITIONS) -> dict[str, Value]:
    """Means over the queries of a `by_query` table; intervals by drawing queries again (percentiles)."""
    names = [name for name in MEASURES if name in table]
    values = table[names].to_numpy(np.float64)
    lows, highs = intervals(values, repetitions)
    means = values.mean(0)
    return {name: Value(float(means[k]), float(lows[k]), float(highs[k])) for k, name in enumerate(names)}


def differences(first: pd.DataFrame, second: pd.DataFrame, repetitions: int = REPETITIONS) -> dict[str, Value]:
    """First minus second of the measures that two `by_query` tables of the same queries have, intervals by drawing
    queries again, each with both its values."""
    names = [name for name in MEASURES if name in first and name in second]
    joined = first.merge(second, on="query", suffixes=("", "_second"), validate="one_to_one")
    values = joined[names].to_numpy(np.float64) - joined[[f"{name}_second" for name in names]].to_numpy(np.float64)
    lows, highs = intervals(values, repetitions)
    return {
        name: Value(float(v), float(lows[k]), float(highs[k]))
        for k, (name, v) in enumerate(zip(names, values.mean(0), strict=True))
    }


def intervals(
    values: NDArray[np.float64], repetitions: int = REPETITIONS
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """95 % percentile bootstrap of the column means of values [q, m], queries drawn again: low [m], high [m]."""
    return percentile_interval(resample_means(values, repetitions))
