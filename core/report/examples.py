"""Which items a report shows where none was named: the clearest error fixed and the clearest error broken."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from core.data.records import LABELS
from core.languages import sort_codes


@dataclass(frozen=True)
class ExampleItem:
    """An item with how many stood to choice; `change` is that of the gold label's probability, x100."""

    language: str
    item_id: int
    change: float
    among: int


def paired(first: pd.DataFrame, second: pd.DataFrame) -> pd.DataFrame:
    """Both runs' predictions of one item a row: language, item_id, gold, predicted_a, predicted_b, change.

    `first` and `second` have the store's columns of one run each; `change` is the gold label's probability with the
    second minus that with the first, x100.
    """
    keys = ["language", "item_id", "gold"]
    both = first.merge(second, on=keys, suffixes=("_a", "_b"))
    rows, gold = np.arange(len(both)), both["gold"].to_numpy()
    a, b = (both[[f"{label}_{side}" for label in LABELS]].to_numpy(float) for side in "ab")
    change = 100.0 * (b[rows, gold] - a[rows, gold])
    return both[[*keys, "predicted_a", "predicted_b"]].assign(change=change)


def clearest(pairs: pd.DataFrame, fixed: bool) -> ExampleItem | None:
    """Of `paired` the item that the second run fixed (or broke) with the largest change; None if there is none.

    Equal changes go to the first language in the figures' order, then to the lower number.
    """
    right_a, right_b = pairs["predicted_a"] == pairs["gold"], pairs["predicted_b"] == pairs["gold"]
    own = pairs[(~right_a & right_b) if fixed else (right_a & ~right_b)]
    if own.empty:
        return None
    ranks = {code: i for i, code in enumerate(sort_codes(sorted(set(own["language"]))))}
    order = own.assign(size=-own["change"].abs(), rank=own["language"].map(ranks))
    best = order.sort_values(["size", "rank", "item_id"], kind="stable").iloc[0]
    return ExampleItem(str(best["language"]), int(best["item_id"]), float(best["change"]), len(own))
