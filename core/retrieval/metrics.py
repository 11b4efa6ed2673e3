"""Retrieval metrics from a ranking and its judgements, counted by trec_eval (through pytrec-eval-terrier).

Rankings are compared as orders: of equal scores the one that a ranking has first stays first.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import pytrec_eval
from numpy.typing import NDArray

from core.errors import BadInput
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
REPETITIONS = 2000

Qrels = Mapping[str, Mapping[str, int]]
Rankings = Mapping[str, Sequence[str]]


@dataclass(frozen=True)
class Value:
    """A mean over queries x100 with its 95 % interval."""

    value: float
    low: float
    high: float


def by_query(qrels: Qrels, rankings: Rankings) -> pd.DataFrame:
    """One row a judged query, x100: query and a column for each of `MEASURES`.

    `rankings` holds candidate ids, best first. A judged query without a ranking counts 0; queries without a right
    candidate are left out. Raises `BadInput` if no query is judged.
    """
    judged = {query: dict(marks) for query, marks in qrels.items() if any(mark > 0 for mark in marks.values())}
    if not judged:
        raise BadInput("No query has a right candidate in the qrels: name the qrels of these queries.")
    scored = {
        query: {candidate: float(-place) for place, candidate in enumerate(rankings.get(query, ()))} for query in judged
    }
    names = {name for name, _ in MEASURES.values()}
    whole = _evaluate(judged, scored, names)
    first_ten = _evaluate(judged, {q: dict(list(s.items())[:10]) for q, s in scored.items()}, {"recip_rank"})
    rows = []
    for query in judged:
        own: dict[str, float] = whole.get(query, {})
        row: dict[str, object] = {"query": query}
        for ours, (_, theirs) in MEASURES.items():
            found = first_ten.get(query, {}) if ours == "mrr@10" else own
            row[ours] = 100.0 * found.get(theirs, 0.0)
        rows.append(row)
    return pd.DataFrame(rows)


def _evaluate(
    judged: dict[str, dict[str, int]], scored: dict[str, dict[str, float]], names: set[str]
) -> dict[str, dict[str, float]]:
    found: dict[str, dict[str, float]] = pytrec_eval.RelevanceEvaluator(judged, names).evaluate(scored)
    return found


def summary(table: pd.DataFrame, repetitions: int = REPETITIONS) -> dict[str, Value]:
    """Means over the queries of a `by_query` table; intervals by drawing queries again (percentiles)."""
    values = table[list(MEASURES)].to_numpy(np.float64)
    lows, highs = intervals(values, repetitions)
    means = values.mean(0)
    return {name: Value(float(means[k]), float(lows[k]), float(highs[k])) for k, name in enumerate(MEASURES)}


def intervals(
    values: NDArray[np.float64], repetitions: int = REPETITIONS
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """95 % percentile bootstrap of the column means of values [q, m], queries drawn again: low [m], high [m]."""
    return percentile_interval(resample_means(values, repetitions))
