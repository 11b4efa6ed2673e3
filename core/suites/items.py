"""The suites' items: four categories, the same items in every language, read from the starter set.

A suite tests one ability with items whose right answers follow from how they are made (CheckList: Ribeiro et al. 2020,
Beyond Accuracy, ACL). An expectation is a set of labels: after a role swap neutral and contradiction both are right.
"""

from __future__ import annotations

import csv
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from hashlib import sha256
from pathlib import Path

from core.data.catalog import STARTER_FOLDER
from core.data.records import LABELS
from core.errors import BadInput, MissingData
from core.languages import language, sort_codes

FOLDER = STARTER_FOLDER / "suites"
#: What each category tests, in the order in which they are shown.
CATEGORIES = {
    "roles": "Who did what to whom: swapped, which does not follow, and someone in place of who did it, which does.",
    "negation": "A sentence against its negation, and against its negation denied.",
    "numbers": "Another number, at least, more than: what follows from a count and what does not.",
    "overlap": "The same words without entailment, and entailment in other words.",
}


@dataclass(frozen=True)
class SuiteItem:
    """One item in one language. `expected` holds the labels, as numbers, that are right; items of a `group` share
    their sentences; `form` says how the hypothesis was made."""

    id: str
    category: str
    group: str
    form: str
    expected: frozenset[int]
    language: str
    premise: str
    hypothesis: str

    @property
    def expectation(self) -> str:
        """The right labels in words: `neutral or contradiction`."""
        return " or ".join(LABELS[label] for label in sorted(self.expected))


@dataclass(frozen=True)
class Suite:
    """Items by language, whole languages in the order of figures; `categories` are those that were asked for."""

    items: dict[str, tuple[SuiteItem, ...]]
    categories: tuple[str, ...]

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(self.items)

    def of(self, category: str, code: str) -> list[SuiteItem]:
        """The items of a category in a language."""
        return [item for item in self.items[code] if item.category == category]


def load_suite(languages: Sequence[str] | None = None, categories: Sequence[str] | None = None) -> Suite:
    """The items in `languages` (None: all there are) of `categories` (None: all four).

    Raises `BadInput` for a language or a category that has no items, `MissingData` where the files are gone.
    """
    for category in categories or ():
        if category not in CATEGORIES:
            raise BadInput(f"There is no category {category[:40]!r}; there are {', '.join(CATEGORIES)}.")
    there = suite_languages()
    codes = {language(tag).code for tag in languages or there}
    for code in sorted(codes - set(there)):
        raise BadInput(f"The suites have no items in {code[:40]}; there are {', '.join(there)}.")
    kept = tuple(name for name in CATEGORIES if name in (categories or CATEGORIES))
    items = {code: read_items(code) for code in there if code in codes}
    return Suite({code: tuple(i for i in every if i.category in kept) for code, every in items.items()}, kept)


@cache
def suite_languages() -> tuple[str, ...]:
    """The languages that have items, in the order of figures. Raises `MissingData` where the files are gone."""
    codes = [path.stem.removeprefix("suites_") for path in FOLDER.glob("suites_*.tsv")]
    if not codes:
        raise MissingData("The suites' items are gone; restore core/data/starter/suites from the repository.")
    return tuple(sort_codes(codes))


@cache
def read_items(code: str) -> tuple[SuiteItem, ...]:
    """Every item in the language `code`, in the order of the file."""
    kinds = {row["id"]: row for row in _rows(FOLDER / "items.tsv")}
    return tuple(
        SuiteItem(
            row["id"], kind["category"], kind["group"], kind["form"],
            frozenset(LABELS.index(name) for name in kind["expected"].split()), code, row["premise"],
            row["hypothesis"],
        )
        for row in _rows(FOLDER / f"suites_{code}.tsv")
        if (kind := kinds[row["id"]])
    )  # fmt: skip


def content_hash(items: Sequence[SuiteItem]) -> str:
    """SHA-256 (hex) of the items, their expectations and their texts."""
    digest = sha256()
    for item in items:
        fields = (item.id, item.category, item.group, item.form, item.expectation, item.language)
        for text in (*fields, item.premise, item.hypothesis):
            content = text.encode()
            digest.update(f"{len(content)} ".encode() + content)
    return digest.hexdigest()


def _rows(path: Path) -> list[dict[str, str]]:
    try:
        with path.open(encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))
    except OSError as error:
        raise MissingData(
            f"{path.name} of the suites cannot be read; restore core/data/starter/suites from the repository."
        ) from error
