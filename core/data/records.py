"""The records that every loader returns."""

from __future__ import annotations

from dataclasses import dataclass

LABELS: tuple[str, str, str] = ("entailment", "neutral", "contradiction")


@dataclass(frozen=True)
class NLIItem:
    """One NLI pair. `label` indexes `LABELS`; `id` is the row in the data set's own order."""

    id: int
    premise: str
    hypothesis: str
    label: int


@dataclass(frozen=True)
class NLISet:
    """NLI items of one language from one data set and split."""

    name: str
    split: str
    language: str
    items: tuple[NLIItem, ...]


@dataclass(frozen=True)
class Bitext:
    """Sentence pairs, English (or any pivot) first. `pairs[i] = (source, target)`."""

    name: str
    source_language: str
    target_language: str
    pairs: tuple[tuple[str, str], ...]
