"""Predictions against gold: do they agree, and does another order of labels or first item id fit far better?"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import permutations

import numpy as np
import pandas as pd

from core.data.records import LABELS
from core.errors import BadInput
from core.exchange.outside.columns import label_of
from core.notation import plural

AS_STATED = (0, 1, 2)
#: How much better another reading has to fit, as a share of right answers, and in standard errors.
_FAR, _ERRORS = 0.10, 4.0
#: Items below which nothing is said of other readings.
_FEWEST = 30


@dataclass(frozen=True)
class Mend:
    """What is done to a file on request: `relabel` gives what each label 0, 1, 2 that stands there means, `shift` is
    added to its item ids."""

    relabel: tuple[int, int, int] = AS_STATED
    shift: int = 0

    @property
    def sentence(self) -> str:
        """What it does, as half a sentence; "" where it does nothing."""
        parts = []
        if self.relabel != AS_STATED:
            read = [f"read {LABELS[k]} ({k}) as {LABELS[new]}" for k, new in enumerate(self.relabel) if k != new]
            parts.append(", ".join(read))
        if self.shift:
            parts.append(f"add {self.shift} to each item id")
        return " and ".join(parts)

    @property
    def options(self) -> str:
        """The same as options of the verb."""
        parts = [f"--relabel {','.join(map(str, self.relabel))}"] if self.relabel != AS_STATED else []
        parts += [f"--shift {self.shift}"] if self.shift else []
        return " ".join(parts)


NO_MEND = Mend()


@dataclass(frozen=True)
class Fit:
    """`agreement` with gold x100 over `rows` predictions of known items; `better`, if another reading fits far
    better, and its own `fitted` (x100)."""

    agreement: float
    rows: int
    better: Mend | None
    fitted: float
    told: tuple[str, ...]


def read_relabel(text: str) -> tuple[int, int, int]:
    """What `--relabel` says: three labels, what 0, 1 and 2 of the file mean. Raises `BadInput` for anything else.

    >>> read_relabel("contradiction,neutral,entailment")
    (2, 1, 0)
    """
    found = [label_of(part) for part in text.split(",")]
    first, second, third = (*found, None, None, None)[:3]
    if len(found) != 3 or first is None or second is None or third is None or {first, second, third} != {0, 1, 2}:
        raise BadInput(
            f"{text[:40]!r} is no order of the labels: name what 0, 1 and 2 of the file mean, as in --relabel 2,1,0."
        )
    return first, second, third


def mended(table: pd.DataFrame, mend: Mend) -> pd.DataFrame:
    """The predictions read as `mend` says."""
    made = table.assign(item_id=table["item_id"] + mend.shift)
    for old, new in enumerate(mend.relabel):
        made[LABELS[new]] = table[LABELS[old]]
    return made


def fit_predictions(table: pd.DataFrame, gold: pd.DataFrame, mend: Mend = NO_MEND) -> Fit:
    """Hold `table` (language, item_id, probabilities), read as `mend` says, against `gold` (language, item_id, gold),
    and beside it every other reading of the file.

    Rows whose item is not known count as wrong, so that a shift that loses items does not win. Languages share their
    items, so that the standard error is of items.
    """
    table = table[table["language"].isin(set(gold["language"]))]
    if table.empty:
        return Fit(float("nan"), 0, None, float("nan"), ())
    known = gold.set_index(["language", "item_id"])["gold"]
    predicted = table[list(LABELS)].to_numpy().argmax(1)
    shares: dict[Mend, float] = {}
    rows, agreement = 0, float("nan")
    for shift in dict.fromkeys((mend.shift, 0, -1, 1)):
        keys = pd.MultiIndex.from_arrays([table["language"], table["item_id"] + shift])
        right = known.reindex(keys).to_numpy(float)
        if shift == mend.shift:
            there = np.isfinite(right)
            rows = int(there.sum())
            said = np.array(mend.relabel)[predicted[there]]
            agreement = 100.0 * float((said == right[there]).mean()) if rows else float("nan")
        for order in permutations(AS_STATED):
            shares[Mend((order[0], order[1], order[2]), shift)] = float((np.array(order)[predicted] == right).mean())
    stated = shares[mend]
    order_of = sorted(shares, key=lambda m: (-shares[m], m.relabel != AS_STATED, abs(m.shift)))
    best = order_of[0]
    items = table["item_id"].nunique()
    chance = float(gold["gold"].value_counts(normalize=True).max())
    margin = max(_FAR, _ERRORS * np.sqrt(0.5 / items))
    far = items >= _FEWEST and shares[best] > stated + margin and shares[best] > chance + margin / 2
    told = [f"{agreement:.1f} in 100 of {plural(rows, 'prediction')} agree with the gold labels."]
    if far:
        what = " and ".join(
            ["the labels look reversed or in another order"] * (best.relabel != AS_STATED)
            + ["the item ids look shifted"] * bool(best.shift)
        )
        told.append(
            f"{what[0].upper()}{what[1:]}: {best.sentence}? Then {100 * shares[best]:.1f} instead of "
            f"{100 * stated:.1f} in 100 are right. Nothing was changed; {best.options} does it."
        )
        told += [
            f"This fits as well: {other.sentence} ({100 * shares[other]:.1f}); look at the file to tell which it is."
            for other in order_of[1:3]
            if shares[best] - shares[other] < 0.01
        ]
    elif rows and agreement / 100 <= chance + _ERRORS * np.sqrt(0.25 / items):
        told.append("That is not clearly above guessing, and no other order of labels or first item id fits better.")
    return Fit(agreement, rows, best if far else None, 100 * shares[best], tuple(told))


def join_gold(table: pd.DataFrame, gold: pd.DataFrame) -> tuple[pd.DataFrame, tuple[str, ...]]:
    """The predictions of known items with their gold label, each once, and what was left out or is missing.

    Raises `BadInput` where nothing is left.
    """
    told = []
    strange = table[~table["language"].isin(set(gold["language"]))]
    if len(strange):
        names = ", ".join(sorted(set(strange["language"]))[:8])
        told.append(f"{plural(len(strange), 'row')} of languages that the benchmark does not have left out: {names}.")
    joined = table.merge(gold, on=["language", "item_id"], how="inner")
    unknown = len(table) - len(strange) - len(joined)
    if unknown:
        told.append(f"{plural(unknown, 'row')} of items that the benchmark does not have left out.")
    if joined.empty:
        first, last = int(gold["item_id"].min()), int(gold["item_id"].max())
        raise BadInput(
            f"No row is of an item of the benchmark, whose items go from {first} to {last}. {' '.join(told)}"
        )
    kept = joined.drop_duplicates(["language", "item_id"])
    if len(joined) > len(kept):
        doubled = len(joined) - len(kept)
        told.append(f"{plural(doubled, 'row')} of an item that stood there already left out; the first was kept.")
    told += _missing(kept, gold)
    return kept.sort_values(["language", "item_id"], ignore_index=True), tuple(told)


def _missing(kept: pd.DataFrame, gold: pd.DataFrame) -> Sequence[str]:
    read, every = (Counter(table["language"].astype(str)) for table in (kept, gold))
    short = {code: every[code] - n for code, n in read.items() if n < every[code]}
    told = [f"Missing items: {', '.join(f'{code} {n:,} of {every[code]:,}' for code, n in short.items())}."] * bool(
        short
    )
    absent = sorted(every.keys() - read.keys())
    return told + [f"Languages without predictions: {', '.join(absent)}."] * bool(absent)
