"""A person's slices beside the fixed ones, in the form that `core.evaluation.slices.compare_slices` judges together."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.evaluation.slicing.table import ITEMS

#: What the slices of a person are called beside "language" and the other fixed ones.
OWN = "kept slice"


def own_sums(paired: pd.DataFrame, slices: Mapping[str, NDArray[np.int64]]) -> pd.DataFrame:
    """The rows that `store.results.slices.premise_differences` gives, for slices by name.

    `paired` is one arm's `store.results.slices.paired_items`; a slice is the keys of its items
    (`core.evaluation.slicing.table.SliceTable.keys`, rising). Those without an item that both arms answered are left
    out.
    """
    keys = paired["language"].to_numpy(np.int64) * ITEMS + paired["item_id"].to_numpy(np.int64)
    place = paired["place"].to_numpy(np.int64)
    premises, premise = np.unique(paired["item_id"].to_numpy(np.int64) // 3, return_inverse=True)
    cell = place * len(premises) + premise
    cells = (int(place.max()) + 1 if len(paired) else 0) * len(premises)
    difference, mark = paired["difference"].to_numpy(np.float64), paired["mark"].to_numpy(np.uint64)
    parts = []
    for name, wanted in slices.items():
        chosen = np.flatnonzero(np.isin(keys, wanted))
        own = cell[chosen]
        counts = np.bincount(own, minlength=cells)
        sums = np.bincount(own, difference[chosen], minlength=cells)
        content = np.zeros(cells, np.uint64)
        np.bitwise_xor.at(content, own, mark[chosen])
        filled = np.flatnonzero(counts)
        parts.append(
            pd.DataFrame(
                {
                    "slice": OWN,
                    "value": name,
                    "premise": premises[filled % len(premises)],
                    "place": filled // len(premises),
                    "difference": sums[filled],
                    "items": counts[filled],
                    "content": content[filled].astype(str),
                }
            )
        )
    kept = [part for part in parts if len(part)]
    if not kept:
        return pd.DataFrame()
    return pd.concat(kept, ignore_index=True).assign(arm=paired["arm"].iloc[0], seeds=int(paired["seeds"].iloc[0]))
