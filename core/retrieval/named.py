"""Collections by name: LAReQA in a language or in all, Tatoeba's pairs, the starter sentences, a stored bitext.

A name is `lareqa:LANG` (or `lareqa:all`), `tatoeba:LANG`, `starter:LANG`: on the side of queries the questions, or the
sentences in LANG; on the side of candidates the sentences, for pairs the English ones.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.data.catalog import Catalog, starter_catalog
from core.errors import BadInput
from core.retrieval.collection import Entry

KINDS = ("lareqa", "tatoeba", "starter")


@dataclass(frozen=True)
class Named:
    """Queries, candidates, and which candidates are right for a query, by id."""

    queries: list[Entry]
    candidates: list[Entry]
    qrels: dict[str, dict[str, int]]


def is_named(text: str) -> bool:
    """Whether a text is a name rather than a path."""
    return text.partition(":")[0] in KINDS and ":" in text


def queries_of(name: str, catalog: Catalog) -> list[Entry]:
    """The queries of that name. Raises `BadInput` for a name that is not known, `MissingData` without the data."""
    kind, code = _split(name)
    if kind == "lareqa":
        one = catalog.answered_questions(code)
        return [Entry(key, text, one.language) for key, text in zip(one.ids, one.questions, strict=True)]
    return [Entry(str(k), other, code) for k, (_, other) in enumerate(_pairs(kind, code, catalog))]


def candidates_of(name: str, catalog: Catalog) -> list[Entry]:
    """The candidates of that name; ids are `LANG-number`."""
    kind, code = _split(name)
    if kind == "lareqa":
        codes = catalog.question_languages() if code == "all" else [code]
        return [
            Entry(f"{own}-{k}", text, own)
            for own in codes
            for k, text in enumerate(catalog.answered_questions(own).sentences)
        ]
    return [Entry(f"en-{k}", english, "en") for k, (english, _) in enumerate(_pairs(kind, code, catalog))]


def qrels_of(queries: str, candidates: str, catalog: Catalog) -> dict[str, dict[str, int]] | None:
    """The judgements that two names imply; None where they are of different sets."""
    kind, code = _split(queries)
    other, pool = _split(candidates)
    if kind != other or (kind != "lareqa" and code != pool):
        return None
    if kind == "lareqa":
        codes = catalog.question_languages() if pool == "all" else [pool]
        asked = set(catalog.answered_questions(code).ids)
        found: dict[str, dict[str, int]] = {}
        for own in codes:
            one = catalog.answered_questions(own)
            for key, answer in zip(one.ids, one.answers, strict=True):
                if key in asked:
                    found.setdefault(key, {})[f"{own}-{answer}"] = 1
        return found
    return {str(k): {f"en-{k}": 1} for k in range(len(_pairs(kind, code, catalog)))}


def _pairs(kind: str, code: str, catalog: Catalog) -> tuple[tuple[str, str], ...]:
    if kind == "starter":
        return starter_catalog().retrieval(code).pairs
    return catalog.retrieval(code, "Tatoeba (LASER)").pairs


def _split(name: str) -> tuple[str, str]:
    kind, _, code = name.partition(":")
    if kind not in KINDS or not code:
        raise BadInput(f"{name[:60]!r} is neither a file nor one of {', '.join(f'{kind}:LANG' for kind in KINDS)}.")
    return kind, code
