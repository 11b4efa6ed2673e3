"""Items as columns: texts, measures and a person's own columns side by side, so that a test reads one array."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd
import pyarrow as pa
from numpy.typing import NDArray

from core.data.records import NLIItem

#: Above every number of an item: a row's key is its language's place times this, plus the item.
ITEMS = 1 << 32


@dataclass(frozen=True)
class Side:
    """Texts of a column: each once in `texts`, and which of them a row has in `place` [n]; -1 for none."""

    texts: pa.Array
    place: NDArray[np.int64]


@dataclass(frozen=True)
class SliceTable:
    """n items of several languages in the order of their keys. `language` [n] indexes `codes`; `sides`, `measures` and
    `own` (a person's columns) are by name; `english` [n] is the row of the English parallel, -1 where there is none.
    `content` names it all, for caches."""

    content: str
    codes: tuple[str, ...]
    language: NDArray[np.int16]
    item: NDArray[np.int64]
    gold: NDArray[np.int8]
    english: NDArray[np.int64]
    sides: Mapping[str, Side]
    measures: Mapping[str, NDArray[np.float64]]
    own: Mapping[str, Side] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.item)

    @cached_property
    def keys(self) -> NDArray[np.int64]:
        """[n], rising."""
        return self.language.astype(np.int64) * ITEMS + self.item

    def rows(self, keys: NDArray[np.int64]) -> NDArray[np.int64]:
        """The row of each key, -1 where it is not here."""
        if not len(self):
            return np.full(len(keys), -1)
        at = np.minimum(np.searchsorted(self.keys, keys), len(self) - 1)
        return np.where(self.keys[at] == keys, at, -1)

    def with_own(self, columns: pd.DataFrame) -> SliceTable:
        """With a person's columns: rows of name, language ("" for every one), item_id, value (text). What is said of a
        language goes before what is said of all."""
        own = {str(name): self._own(rows) for name, rows in columns.groupby("name", sort=True)}
        mark = str(pd.util.hash_pandas_object(columns, index=False).sum()) if len(columns) else ""
        return SliceTable(
            f"{self.content}{mark}", self.codes, self.language, self.item, self.gold, self.english, self.sides,
            self.measures, own,
        )  # fmt: skip

    def _own(self, rows: pd.DataFrame) -> Side:
        texts, inverse = np.unique(rows["value"].to_numpy(str), return_inverse=True)
        place = np.full(len(self), -1, np.int64)
        items, codes = rows["item_id"].to_numpy(np.int64), rows["language"].to_numpy(str)
        whole = codes == ""
        by_item = dict(zip(items[whole].tolist(), inverse[whole].tolist(), strict=True))
        if by_item:
            distinct, back = np.unique(self.item, return_inverse=True)
            place = np.array([by_item.get(one, -1) for one in distinct.tolist()], np.int64)[back]
        numbers = {code: number for number, code in enumerate(self.codes)}
        known = ~whole & np.isin(codes, self.codes)
        keys = np.array([numbers[code] for code in codes[known]], np.int64) * ITEMS + items[known]
        at = self.rows(keys)
        place[at[at >= 0]] = inverse[known][at >= 0]
        return Side(pa.array([str(text) for text in texts], pa.string()), place)


def make_table(items: Mapping[str, Sequence[NLIItem]], measures: pd.DataFrame, content: str) -> SliceTable:
    """The table of items by language with their `core.evaluation.slicing.measures`."""
    codes = tuple(items)
    rows = [(number, item) for number, code in enumerate(codes) for item in sorted(items[code], key=lambda one: one.id)]
    language = np.array([number for number, _ in rows], np.int16)
    item = np.array([one.id for _, one in rows], np.int64)
    keyed = measures.assign(
        key=measures["language"].map({code: number for number, code in enumerate(codes)}) * ITEMS + measures["item_id"]
    ).set_index("key")
    aligned = keyed.loc[language.astype(np.int64) * ITEMS + item]
    names = [name for name in measures.columns if name not in ("language", "item_id")]
    table = SliceTable(
        content, codes, language, item, np.array([one.label for _, one in rows], np.int8),
        np.full(len(rows), -1, np.int64),
        {
            "premise": _side([one.premise for _, one in rows]),
            "hypothesis": _side([one.hypothesis for _, one in rows]),
        },
        {name: aligned[name].to_numpy(np.float64) for name in names},
    )  # fmt: skip
    if "en" in codes:
        table.english[:] = table.rows(codes.index("en") * ITEMS + item)
    return table


def _side(texts: Sequence[str]) -> Side:
    places: dict[str, int] = {}
    place = np.array([places.setdefault(text, len(places)) for text in texts], np.int64)
    whole = [unicodedata.normalize("NFC", text.encode("utf-8", "replace").decode()) for text in places]
    return Side(pa.array(whole, pa.string()), place)
