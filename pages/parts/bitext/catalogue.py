"""The stored bitexts as every page lists and reads them, without what reads files."""

from __future__ import annotations

from typing import Any

import pandas as pd

from core.data.records import Bitext
from core.data.starter_gold import Gold
from core.errors import BadInput
from pages.parts.stored import read_own, workspace
from store.user import bitext_gold, bitexts


def listing() -> pd.DataFrame:
    """Every stored bitext, newest first."""
    table: pd.DataFrame = read_own(bitexts.list_bitexts)
    return table


def label(row: Any) -> str:
    """What a selector shows of one."""
    return f"{row.name}, {row.source_language}–{row.target_language} ({row.bitext_id[:6]})"


def collection(row: Any) -> str:
    """What retrieval's list of collections calls it."""
    return f"your bitext: {label(row)}"


def linked_numbers(bitext_id: str) -> list[int]:
    """The numbers, from 0, of the pairs that have a person's gold links."""
    numbers: list[int] = read_own(bitext_gold.gold_numbers, bitext_id)
    return numbers


def pair(bitext_id: str, number: int) -> tuple[str, str, Gold | None]:
    """Source, target and gold links of one stored pair. Raises `BadInput` if it is gone."""
    table = bitexts.read_pairs(workspace(), bitext_id, number, 1)
    if table.empty:
        raise BadInput("This pair is not stored any more; choose another.")
    source, target = str(table["source"].iloc[0]), str(table["target"].iloc[0])
    links = bitext_gold.read_gold(workspace(), bitext_id, number)
    gold = Gold(tuple(source.split()), tuple(target.split()), links.sure, links.possible) if links else None
    return source, target, gold


class StoredBitext:
    """A stored bitext with what the pages ask of a catalogue: `retrieval_languages()` and `retrieval(code)`."""

    def __init__(self, bitext_id: str, name: str, code: str) -> None:
        self.bitext_id, self.name, self._code = bitext_id, name, code

    def retrieval_languages(self) -> list[str]:
        """Its language beside English."""
        return [self._code]

    def retrieval(self, code: str, name: str | None = None) -> Bitext:
        """Its first 1,000 pairs, English first. Raises `BadInput` if it was deleted meanwhile."""
        first = bitexts.as_bitext(workspace(), self.bitext_id)
        return Bitext(first.name, first.source_language, first.target_language, tuple(p for p in first.pairs if all(p)))


def collections() -> dict[str, StoredBitext]:
    """The stored bitexts with English on one side, by the label that a selector shows."""
    by_label: dict[str, StoredBitext] = {}
    for row in listing().itertuples():
        others = [code for code in (row.source_language, row.target_language) if code != "en"]
        if len(others) == 1 and others[0] != "und":
            by_label[collection(row)] = StoredBitext(str(row.bitext_id), str(row.name), str(others[0]))
    return by_label
