"""The gold word alignments of the starter set: five hand-linked pairs a language."""

from __future__ import annotations

from dataclasses import dataclass

from core.data.catalog import STARTER_FOLDER
from core.data.links import Link, from_base
from core.data.pharaoh import parse_links
from core.data.text import at, read_rows
from core.errors import BadInput
from core.languages import language, sort_codes

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
        except ValueError as error:
            raise BadInput(f"{at(path, line)}: a pair has split, line, source, target and Pharaoh links.") from error
        words = tuple(source.split(" ")), tuple(target.split(" "))
        own, wrong = from_base(parse_links(links, path, line), 0, (len(words[0]), len(words[1])), line)
        if wrong:
            raise BadInput(f"{at(path, line)}: {wrong[0].reason}.")
        found.append(Gold(*words, own.sure, own.possible))
    return found
