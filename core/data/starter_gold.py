"""The gold word alignments of the starter set: five hand-linked pairs a language."""

from __future__ import annotations

from dataclasses import dataclass

from core.data.catalog import STARTER_FOLDER
from core.data.text import at, read_rows
from core.errors import BadInput
from core.languages import language, sort_codes

Link = tuple[int, int]
_FOLDER = STARTER_FOLDER / "alignments"


@dataclass(frozen=True)
class Gold:
    """What people linked in a pair of tokenised sentences; `possible` holds the sure links too."""

    source: tuple[str, ...]
    target: tuple[str, ...]
    sure: frozenset[Link]
    possible: frozenset[Link]


def gold_languages() -> list[str]:
    """Codes of the languages with gold links to English."""
    return sort_codes([language(path.stem.removeprefix("en-")).code for path in _FOLDER.glob("en-*.tsv")])


def starter_gold(code: str) -> list[Gold]:
    """The hand-linked pairs of English and `code`, in the file's order. Raises `BadInput` with file and line."""
    path = _FOLDER / f"en-{code}.tsv"
    rows = read_rows(path, "plain")
    next(rows)
    found = []
    for line, row in rows:
        try:
            _, _, source, target, links = row
            sure, possible = _links(links)
        except ValueError as error:
            raise BadInput(f"{at(path, line)}: a pair has split, line, source, target and Pharaoh links.") from error
        gold = Gold(tuple(source.split(" ")), tuple(target.split(" ")), sure, possible)
        if any(i >= len(gold.source) or j >= len(gold.target) for i, j in possible):
            raise BadInput(f"{at(path, line)}: a link points past the end of a sentence.")
        found.append(gold)
    return found


def _links(text: str) -> tuple[frozenset[Link], frozenset[Link]]:
    """Sure links, and sure or possible ones, in Pharaoh form, base 0: `i-j` is sure, `ipj` possible."""
    sure: set[Link] = set()
    possible: set[Link] = set()
    for mark in text.split():
        left, right = mark.split("-" if "-" in mark else "p")
        (sure if "-" in mark else possible).add((int(left), int(right)))
    return frozenset(sure), frozenset(sure | possible)
