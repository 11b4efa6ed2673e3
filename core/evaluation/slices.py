"""Arms against one arm on many slices at once: sign-flip tests by premise, intervals, corrections for their number.

The test and the interval are those of `core.verdict.by_language`: whole premises change sign or are drawn again,
because the items of a premise, and the translations of an item, are not independent.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from statsmodels.stats.multitest import multipletests

from core.statistics.bootstrap import REPETITIONS, draw_weights, resample_ratios, resampling_variance
from core.statistics.significance import estimate, holm, sign_flip
from core.verdict.measures import ENGLISH

COLUMNS = (
    "arm", "slice", "value", "items", "premises", "seeds", "difference", "low", "high", "p", "p_holm", "q",
)  # fmt: skip
_UNIT = ["arm", "slice", "value"]


def compare_slices(
    sums: pd.DataFrame, flips: int = 10_000, repetitions: int = REPETITIONS, seed: int = 0
) -> pd.DataFrame:
    """`COLUMNS`, a row for each arm and slice of `sums`; differences and intervals x100.

    `sums` is the table of `store.results.slices.premise_differences`: arm, slice, value, premise, difference, items,
    seeds. p_holm is corrected by Holm over all rows, q is Benjamini and Hochberg's false discovery rate. The interval
    (95 %, cluster bootstrap over premises) and p speak of these runs: seeds are averaged, not drawn again.
    """
    if sums.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    units, differences, counts = _matrices(sums)
    p = sign_flip(differences, flips, seed)
    variances = _variances(differences, counts, repetitions, seed)
    rows = []
    for i, unit in enumerate(units.to_dict("records")):
        premises, items = int((counts[i] > 0).sum()), int(counts[i].sum())
        value = float(differences[i].sum() / counts[i].sum())
        interval = estimate(value, float(variances[i]), premises, int(unit["seeds"]), None)
        rows.append(
            (
                unit["arm"],
                unit["slice"],
                unit["value"],
                items,
                premises,
                int(unit["seeds"]),
                value,
                interval.low,
                interval.high,
                p[i],
            )
        )
    table = pd.DataFrame(rows, columns=list(COLUMNS[:-2]))
    table["p_holm"] = multipletests(table["p"], method="holm")[1]
    table["q"] = multipletests(table["p"], method="fdr_bh")[1]
    return table


def by_language(sums: pd.DataFrame, flips: int = 10_000, repetitions: int = REPETITIONS) -> pd.DataFrame:
    """`compare_slices` of the slice `language`, corrected as the verdict does: by Holm, for each arm over the languages
    other than English. English keeps its own p; `q` is left out."""
    table = compare_slices(sums[sums["slice"] == "language"], flips, repetitions).drop(columns="q")
    others = table["value"] != ENGLISH
    table["p_holm"] = table["p"]
    for _, rows in table[others].groupby("arm"):
        table.loc[rows.index, "p_holm"] = holm(rows["p"].tolist())
    return table


def rank(table: pd.DataFrame) -> pd.DataFrame:
    """Slices by how much the arms differ at least: the bound of the interval that is nearer to zero, then the
    difference itself. A small slice with a large difference by chance does not come first. `at_least` is that bound,
    0 where the interval holds zero."""
    low, high = table["low"].to_numpy(float), table["high"].to_numpy(float)
    ranked = table.assign(at_least=np.where((low > 0) | (high < 0), np.minimum(np.abs(low), np.abs(high)), 0.0))
    order = np.lexsort((-ranked["difference"].abs(), -ranked["at_least"]))
    return ranked.iloc[order].reset_index(drop=True)


def _matrices(sums: pd.DataFrame) -> tuple[pd.DataFrame, NDArray[np.float64], NDArray[np.float64]]:
    """Units (arm, slice, value, seeds) in their order, and sums of differences x100 and items, both [U, P]."""
    units = sums.groupby(_UNIT, sort=False)[["seeds"]].max().reset_index()
    places: dict[tuple[str, ...], int] = {key: i for i, key in enumerate(_keys(units, _UNIT))}
    row = np.array([places[key] for key in _keys(sums, _UNIT)])
    column = np.unique(sums["premise"].to_numpy(), return_inverse=True)[1]
    shape = (len(units), int(column.max()) + 1)
    differences, counts = np.zeros(shape), np.zeros(shape)
    differences[row, column] = 100.0 * sums["difference"].to_numpy(np.float64)
    counts[row, column] = sums["items"].to_numpy(np.float64)
    return units, differences, counts


def _keys(table: pd.DataFrame, names: Sequence[str]) -> list[tuple[str, ...]]:
    return list(zip(*(table[name] for name in names), strict=True))


def _variances(
    differences: NDArray[np.float64], counts: NDArray[np.float64], repetitions: int, seed: int
) -> NDArray[np.float64]:
    """[U]: the bootstrap variance of each unit's mean, over the repetitions that draw an item of it."""
    weights = draw_weights(counts.shape[1], repetitions, seed)
    ratios = resample_ratios(differences, counts, weights)
    return np.array([resampling_variance(draws) for draws in ratios.T])
