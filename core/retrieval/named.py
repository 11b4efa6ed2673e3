"""Which collections there are to search, and what their names mean: LAReQA, Tatoeba, the starter sentences, a bitext.

A name is `lareqa:LANG` (or `lareqa:all`), `tatoeba:LANG`, `starter:LANG`, `bitext:NAME`: on the side of queries the
questions, or the sentences in LANG; on the side of candidates the sentences, for pairs the English ones (of a bitext
without English its source).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Protocol

from core.data.catalog import Catalog, starter_catalog
from core.data.questions import AnsweredQuestions
from core.data.records import Bitext
from core.errors import BadInput
from core.retrieval.fields import Entry
from core.retrieval.retrieval_set import RetrievalSet, answers, any_translation, translations

KINDS = ("lareqa", "tatoeba", "starter")
STORED = "bitext"
STARTER, LAREQA = "starter sentences", "LAReQA"
#: Tatoeba's pairs as the catalogue declares them.
TATOEBA = "Tatoeba (LASER)"
FROM_ENGLISH, TO_ENGLISH, TO_ALL = "from English", "to English", "to all languages"


@dataclass(frozen=True)
class CollectionSources:
    """Where names lead: a catalogue, and the stored bitexts by name or identity."""

    catalog: Catalog
    bitext: Callable[[str], Bitext]


class PairSource(Protocol):
    """What has pairs with English by language: a catalogue, or a stored bitext."""

    def retrieval_languages(self) -> list[str]: ...

    def retrieval(self, code: str, name: str | None = None) -> Bitext: ...


@dataclass(frozen=True)
class Collection:
    """The languages of a collection, the directions in which it is searched, and the set of a language and one."""

    languages: list[str]
    directions: tuple[str, ...]
    make: Callable[[str, str], RetrievalSet]


def collections_of(catalog: Catalog) -> dict[str, Collection]:
    """What a catalogue has to search, by name; of the starter set alone its parallel sentences."""
    if catalog.kind == "starter":
        return {STARTER: parallel_sentences(STARTER, catalog)}
    found: dict[str, Collection] = {}
    if codes := catalog.retrieval_languages():
        name = catalog.retrieval(codes[0]).name
        found[name] = sentence_pairs(name, catalog)
    if "en" in catalog.question_languages():
        found[LAREQA] = answered_questions(catalog)
    return found


def sentence_pairs(name: str, pairs: PairSource) -> Collection:
    """Pairs with English: a sentence's translation is right."""

    def make(code: str, direction: str) -> RetrievalSet:
        return translations(name, pairs.retrieval(code), direction == TO_ENGLISH)

    return Collection(pairs.retrieval_languages(), (TO_ENGLISH, FROM_ENGLISH), make)


def parallel_sentences(name: str, catalog: Catalog) -> Collection:
    """Pairs whose English is the same in every language: any translation is right."""
    codes = catalog.retrieval_languages()

    def make(code: str, direction: str) -> RetrievalSet:
        if direction == TO_ALL:
            return any_translation(name, [catalog.retrieval(other) for other in codes], code)
        return translations(name, catalog.retrieval(code), direction == TO_ENGLISH)

    return Collection(codes, (TO_ENGLISH, FROM_ENGLISH, TO_ALL), make)


def answered_questions(catalog: Catalog) -> Collection:
    """LAReQA: questions, and the sentences that answer them."""
    codes, read = catalog.question_languages(), reading(catalog)

    def make(code: str, direction: str) -> RetrievalSet:
        asked = "en" if direction == FROM_ENGLISH else code
        answered = {TO_ENGLISH: ["en"], FROM_ENGLISH: [code], TO_ALL: codes}[direction]
        return answers(LAREQA, read, asked, answered)

    return Collection(codes, (TO_ENGLISH, FROM_ENGLISH, TO_ALL), make)


def reading(catalog: Catalog) -> Callable[[str], AnsweredQuestions]:
    """LAReQA's questions by language, each language's file read once."""
    return cache(catalog.answered_questions)


def tatoeba(catalog: Catalog, code: str) -> RetrievalSet:
    """Tatoeba's sentences in a language over their English translations."""
    return translations(TATOEBA, catalog.retrieval(code, TATOEBA))


def is_named(text: str) -> bool:
    """Whether a text is a name rather than a path."""
    return ":" in text and text.partition(":")[0] in (*KINDS, STORED)


def is_translation(text: str) -> bool:
    """Whether a name is of sentences and their translations, which are compared rather than searched for."""
    return is_named(text) and text.partition(":")[0] != "lareqa"


def queries_of(name: str, sources: CollectionSources) -> list[Entry]:
    """The queries of that name. Raises `BadInput` for a name that is not known, `MissingData` without the data."""
    kind, code = _split(name)
    return _named_set(kind, code, code, sources).query_entries()


def candidates_of(name: str, sources: CollectionSources) -> list[Entry]:
    """The candidates of that name; ids are `LANG-number`."""
    kind, code = _split(name)
    asked = sources.catalog.question_languages()[0] if (kind, code) == ("lareqa", "all") else code
    return _named_set(kind, asked, code, sources).candidate_entries()


def qrels_of(queries: str, candidates: str, sources: CollectionSources) -> dict[str, dict[str, int]] | None:
    """The judgements that two names imply; None where they are of different sets."""
    kind, code = _split(queries)
    other, pool = _split(candidates)
    if kind != other or (kind != "lareqa" and code != pool):
        return None
    return _named_set(kind, code, pool, sources).judgements()


def _named_set(kind: str, asked: str, pool: str, sources: CollectionSources) -> RetrievalSet:
    """Of LAReQA the questions in `asked` over the sentences of `pool`; of another kind the pairs of `asked`."""
    if kind == "lareqa":
        codes = sources.catalog.question_languages() if pool == "all" else [pool]
        return answers(LAREQA, reading(sources.catalog), asked, codes)
    if kind == "tatoeba":
        return tatoeba(sources.catalog, asked)
    return translations(kind, sources.bitext(asked) if kind == STORED else starter_catalog().retrieval(asked))


def _split(name: str) -> tuple[str, str]:
    kind, _, code = name.partition(":")
    if not is_named(name) or not code:
        kinds = ", ".join(f"{kind}:LANG" for kind in KINDS)
        raise BadInput(f"{name[:60]!r} is neither a file nor one of {kinds}, {STORED}:NAME.")
    return kind, code
