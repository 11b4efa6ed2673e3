"""Do runs agree on their items' gold labels, and if one does not, which order or shift would make it fit?

Runs can be compared only where they were judged by the same labels. What goes wrong in practice is an order of the
labels other than `core.data.records.LABELS`, and item ids that are counted from 1.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.data.records import LABELS

#: Items that an order or a shift has to fit before it says more than chance: 3 ** -30 is nothing.
CONVINCING = 30
#: Votes of a run that is known to be right, in a store of any size.
_TRUSTED = 1_000_000


@dataclass(frozen=True)
class Fit:
    """What would make gold labels fit: `order` gives the right label of each label 0, 1, 2 that stands there, `shift`
    is added to item ids; `items` were compared. Either may be None: it does not fit."""

    order: tuple[int, ...] | None
    shift: int | None
    items: int
    begins: int

    @property
    def convincing(self) -> bool:
        """Whether it is the same data in another order, and not other data that happens to fit."""
        return self.items >= CONVINCING and (self.order is not None or self.shift is not None)

    @property
    def sentence(self) -> str:
        """A half-sentence that begins with "they"."""
        ways = []
        if self.shift is not None:
            direction = f"{abs(self.shift)} {'lower' if self.shift < 0 else 'higher'}"
            ways.append(f"its item ids were {direction} (they begin at {self.begins})")
        if self.order is not None:
            names = ", ".join(LABELS[label] for label in self.order)
            ways.append(f"its labels 0, 1, 2 stood for {names} (they stand for {', '.join(LABELS)})")
        if not ways:
            return "they fit in no other order of the labels and under no shift of item ids: it was read on other data"
        return f"they would fit if {' or if '.join(ways)}"


def fit_gold(
    ids: NDArray[np.int64], gold: NDArray[np.int64], other_ids: NDArray[np.int64], other_gold: NDArray[np.int64]
) -> Fit:
    """What makes the labels `gold` [n] of items `ids` [n] those of the others ([m], [m]), where they differ.

    An order or a shift has to make every item fit, a shift on at least half of the items.
    """
    expected = pd.Series(other_gold, index=other_ids)
    here = expected.reindex(ids).to_numpy(float)
    shared = np.isfinite(here)
    orders = [order for order in permutations(range(3)) if order != (0, 1, 2)]
    order = next((o for o in orders if shared.any() and (np.array(o)[gold[shared]] == here[shared]).all()), None)
    begins = int(ids.min()) if len(ids) else 0
    offset = int(other_ids.min()) - begins if len(ids) and len(other_ids) else 0
    shift = next((s for s in dict.fromkeys((offset, -1, 1)) if s and _shifted(ids + s, gold, expected)), None)
    return Fit(order, shift, int(shared.sum()), begins)


def _shifted(ids: NDArray[np.int64], gold: NDArray[np.int64], expected: pd.Series) -> bool:
    there = expected.reindex(ids).to_numpy(float)
    shared = np.isfinite(there)
    return bool(2 * shared.sum() >= len(ids) and (gold[shared] == there[shared]).all())


@dataclass(frozen=True)
class Disagreement:
    """`odd`: runs whose gold labels are not those of most, with the number of items; `tied`: runs that disagree with
    each other where no side has more votes."""

    odd: dict[str, int]
    tied: tuple[str, ...]


def find_disagreement(table: pd.DataFrame, trusted: Collection[str] = ()) -> Disagreement:
    """Who disagrees in `table`: run_id, language, item_id, gold, and split where there are several.

    Each run has a vote on each item; those of `trusted` runs decide.
    """
    unit = [name for name in ("split", "language", "item_id") if name in table]
    votes = table[[*unit, "run_id", "gold"]].copy()
    votes["weight"] = np.where(votes["run_id"].isin(list(trusted)), _TRUSTED, 1)
    cells = votes.groupby([*unit, "gold"], observed=True)["weight"].sum().reset_index()
    cells = cells[cells.duplicated(unit, keep=False)]  # items with more than one label
    if cells.empty:
        return Disagreement({}, ())
    most = cells.groupby(unit, observed=True)["weight"].transform("max")
    top = cells[cells["weight"] == most]
    clear = top[~top.duplicated(unit, keep=False)].rename(columns={"gold": "right"})
    judged = votes.merge(clear[[*unit, "right"]], on=unit)
    wrong = judged[judged["gold"] != judged["right"]]
    odd = {str(run): int(items) for run, items in wrong.groupby("run_id", observed=True).size().items()}
    rest = votes[~votes["run_id"].isin(list(odd))]
    labels = rest.groupby(unit, observed=True)["gold"].transform("nunique")
    return Disagreement(odd, tuple(sorted(str(run) for run in rest.loc[labels > 1, "run_id"].unique())))
