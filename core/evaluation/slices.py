"""Arms against one arm on many slices at once, by the study's rule: intervals, and p over the slices looked at.

Premises and seeds are drawn as in `core.verdict.contrast`: the items of a premise, and the translations of an item, are
not independent. A slice that the answer sheet has as a question of its own (a language) takes its numbers from there.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from statsmodels.stats.multitest import multipletests

from core.statistics.bootstrap import REPETITIONS, draw_weights, resample_ratios, resampling_variance
from core.statistics.rules import Judged, Method, by_seed, clusters_part, judge, linearised

#: p is that of the study's own question, NaN where there is none; p_holm and q are over the slices looked at.
COLUMNS = (
    "arm", "slice", "value", "items", "premises", "seeds", "difference", "low", "high", "p", "tested", "p_holm", "q",
)  # fmt: skip
_UNIT = ["arm", "slice", "value"]
_ANSWERED = ["difference", "low", "high", "p", "tested", "items", "premises"]


def compare_slices(
    sums: pd.DataFrame, method: Method, answered: pd.DataFrame | None = None, exploring: bool = True,
    repetitions: int = REPETITIONS, seed: int = 0,
) -> pd.DataFrame:  # fmt: skip
    """`COLUMNS`, a row for each arm and slice of `sums`; differences and intervals x100.

    `sums` is the table of `store.results.slices.premise_differences`. Slices of the same items are one, the first of
    them. `answered` (arm, language and `COLUMNS`' numbers) are the study's own differences by language: such a slice is
    theirs, with their p, and no part of what is corrected here. With `exploring` the others that have three seeds and
    premises enough have p_holm (Holm) and q (Benjamini and Hochberg) over them; without, nothing is tested, as where
    filters chose the items.
    """
    if sums.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    units, differences, counts = _matrices(_distinct(sums))
    judged = _judge(differences, counts, units["seeds"].tolist(), method, repetitions, seed)
    table = units.assign(
        items=counts.sum(-1).astype(int), premises=(counts > 0).sum(-1), difference=[one.difference for one in judged],
        low=[one.low for one in judged], high=[one.high for one in judged], p=np.nan, tested=False,
    )  # fmt: skip
    table = from_study(table, answered)
    own = (table["slice"] == "language") & table["known"]
    explored = ~own & np.array([one.tested for one in judged]) & exploring
    table["p_holm"], table["q"] = np.nan, np.nan
    if explored.any():
        p = np.array([one.p for one in judged])[explored]
        table.loc[explored, "p_holm"] = multipletests(p, method="holm")[1]
        table.loc[explored, "q"] = multipletests(p, method="fdr_bh")[1]
    return table[list(COLUMNS)]


def by_language(
    sums: pd.DataFrame, method: Method, answered: pd.DataFrame | None = None, repetitions: int = REPETITIONS
) -> pd.DataFrame:
    """`compare_slices` of the slice `language`, without what is over slices: p is the study's, or there is none."""
    table = compare_slices(sums[sums["slice"] == "language"], method, answered, False, repetitions)
    return table.drop(columns=["p_holm", "q"])


def from_study(table: pd.DataFrame, answered: pd.DataFrame | None) -> pd.DataFrame:
    """The table with the numbers of `answered` where it has the arm and language; `known` says where."""
    table = table.assign(known=False)
    if answered is None or answered.empty:
        return table
    numbers = {(str(row["arm"]), str(row["language"])): row for row in answered.to_dict("records")}
    for at, row in zip(table.index, table.to_dict("records"), strict=True):
        found = numbers.get((str(row["arm"]), str(row["value"]))) if row["slice"] == "language" else None
        if found is not None:
            for name in _ANSWERED:
                table.loc[at, name] = found[name]
            table.loc[at, "known"] = True
    return table


def rank(table: pd.DataFrame) -> pd.DataFrame:
    """Slices by how much the arms differ at least: the bound of the interval that is nearer to zero, then the
    difference itself. A small slice with a large difference by chance does not come first. `at_least` is that bound,
    0 where the interval holds zero."""
    low, high = table["low"].to_numpy(float), table["high"].to_numpy(float)
    ranked = table.assign(at_least=np.where((low > 0) | (high < 0), np.minimum(np.abs(low), np.abs(high)), 0.0))
    order = np.lexsort((-ranked["difference"].abs(), -ranked["at_least"]))
    return ranked.iloc[order].reset_index(drop=True)


def same_items(sums: pd.DataFrame) -> dict[tuple[str, str, str], tuple[str, str, str]]:
    """Slices (arm, slice, value) of the same items of an arm as an earlier one, with that one; they are no second
    question, so that they count once."""
    first: dict[tuple[str, tuple[tuple[int, str], ...]], tuple[str, str, str]] = {}
    again = {}
    for unit, rows in sums[sums["place"] == 0].groupby(_UNIT, sort=False):
        items = tuple(sorted(zip(rows["premise"].astype(int), rows["content"].astype(str), strict=True)))
        name = (str(unit[0]), str(unit[1]), str(unit[2]))
        if (earlier := first.setdefault((name[0], items), name)) != name:
            again[name] = earlier
    return again


def _distinct(sums: pd.DataFrame) -> pd.DataFrame:
    """Without slices of the same items of an arm as an earlier one: `content` names a premise's items."""
    again = same_items(sums)
    return sums[[key not in again for key in _keys(sums.astype(dict.fromkeys(_UNIT, str)), _UNIT)]]


def _matrices(sums: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.float64], NDArray[np.float64]]:
    """Units (arm, slice, value, seeds) in their order; sums of differences x100 [U, k, P] (NaN at seeds that an arm
    lacks) and items [U, P]."""
    units = sums.groupby(_UNIT, sort=False)[["seeds"]].max().reset_index()
    places: dict[tuple[str, ...], int] = {key: i for i, key in enumerate(_keys(units, _UNIT))}
    row = np.array([places[key] for key in _keys(sums, _UNIT)])
    column = np.unique(sums["premise"].to_numpy(), return_inverse=True)[1]
    place = sums["place"].to_numpy(int)
    shape = (len(units), int(place.max()) + 1, int(column.max()) + 1)
    differences, counts = np.zeros(shape), np.zeros((shape[0], shape[2]))
    differences[row, place, column] = 100.0 * sums["difference"].to_numpy(np.float64)
    counts[row, column] = sums["items"].to_numpy(np.float64)
    return units, differences, counts


def _keys(table: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, ...]]:
    return list(zip(*(table[name] for name in names), strict=True))


def _judge(
    differences: NDArray[np.float64], counts: NDArray[np.float64], seeds: Sequence[int], method: Method,
    repetitions: int, seed: int,
) -> list[Judged]:  # fmt: skip
    """Each unit by the rule; for the first one the bootstrap of all units at once."""
    sampling = [0.0] * len(counts)
    if method == "first":
        means = differences.sum(1) / np.array(seeds, float)[:, None]
        ratios = resample_ratios(means, counts, draw_weights(counts.shape[1], repetitions, seed))
        sampling = [resampling_variance(draws) for draws in ratios.T]
    found = []
    for own, count, k, part in zip(differences, counts, seeds, sampling, strict=True):
        values, one = own[: int(k), None], np.ones(1)
        clusters = part if method == "first" else clusters_part(linearised(values, count[None], one))
        found.append(judge(method, by_seed(values, count[None], one), clusters, int((count > 0).sum())))
    return found
