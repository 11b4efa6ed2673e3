"""Collections by name: LAReQA in a language or in all, Tatoeba's pairs, the starter sentences, a stored bitext.

A name is `lareqa:LANG` (or `lareqa:all`), `tatoeba:LANG`, `starter:LANG`, `bitext:NAME`: on the side of queries the
questions, or the sentences in LANG; on the side of candidates the sentences, for pairs the English ones (of a bitext
without English its source).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from core.data.catalog import Catalog, starter_catalog
from core.data.records import Bitext
from core.errors import BadInput
from core.retrieval.collection import Entry

KINDS = ("lareqa", "tatoeba", "starter")
STORED = "bitext"


@dataclass(frozen=True)
class Shelf:
    """Where names lead: a catalogue, and the stored bitexts by name or identity."""

    catalog: Catalog
    bitext: Callable[[str], Bitext]


def is_named(text: str) -> bool:
    """Whether a text is a name rather than a path."""
    return ":" in text and text.partition(":")[0] in (*KINDS, STORED)


def queries_of(name: str, shelf: Shelf) -> list[Entry]:
    """The queries of that name. Raises `BadInput` for a name that is not known, `MissingData` without the data."""
    kind, code = _split(name)
    if kind == "lareqa":
        one = shelf.catalog.answered_questions(code)
        return [Entry(key, text, one.language) for key, text in zip(one.ids, one.questions, strict=True)]
    bitext = _pairs(kind, code, shelf)
    return [Entry(str(k), other, bitext.target_language) for k, (_, other) in enumerate(bitext.pairs)]


def candidates_of(name: str, shelf: Shelf) -> list[Entry]:
    """The candidates of that name; ids are `LANG-number`."""
    kind, code = _split(name)
    if kind == "lareqa":
        codes = shelf.catalog.question_languages() if code == "all" else [code]
        return [
            Entry(f"{own}-{k}", text, own)
            for own in codes
            for k, text in enumerate(shelf.catalog.answered_questions(own).sentences)
        ]
    bitext = _pairs(kind, code, shelf)
    own = bitext.source_language
    return [Entry(f"{own}-{k}", text, own) for k, (text, _) in enumerate(bitext.pairs)]


def qrels_of(queries: str, candidates: str, shelf: Shelf) -> dict[str, dict[str, int]] | None:
    """The judgements that two names imply; None where they are of different sets."""
    kind, code = _split(queries)
    other, pool = _split(candidates)
    if kind != other or (kind != "lareqa" and code != pool):
        return None
    if kind == "lareqa":
        codes = shelf.catalog.question_languages() if pool == "all" else [pool]
        asked = set(shelf.catalog.answered_questions(code).ids)
        found: dict[str, dict[str, int]] = {}
        for own in codes:
            one = shelf.catalog.answered_questions(own)
            for key, answer in zip(one.ids, one.answers, strict=True):
                if key in asked:
                    found.setdefault(key, {})[f"{own}-{answer}"] = 1
        return found
    bitext = _pairs(kind, code, shelf)
    return {str(k): {f"{bitext.source_language}-{k}": 1} for k in range(len(bitext.pairs))}


def _pairs(kind: str, code: str, shelf: Shelf) -> Bitext:
    if kind == STORED:
        return shelf.bitext(code)
    if kind == "starter":
        return starter_catalog().retrieval(code)
    return shelf.catalog.retrieval(code, "Tatoeba (LASER)")


def _split(name: str) -> tuple[str, str]:
    kind, _, code = name.partition(":")
    if not is_named(name) or not code:
        kinds = ", ".join(f"{kind}:LANG" for kind in KINDS)
        raise BadInput(f"{name[:60]!r} is neither a file nor one of {kinds}, {STORED}:NAME.")
    return kind, code
