"""What can be searched on the retrieval page: queries, candidates and which candidate is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.data.catalog import Catalog
from core.data.records import Bitext
from core.errors import IsoglossError
from core.languages import language
from pages.parts import look, sources
from pages.parts.bitext import catalogue as bitext_catalogue
from pages.parts.pairs import checked, language_box, sentence_box
from pages.parts.text import note

STARTER, LAREQA = "starter sentences", "LAReQA"
FROM_ENGLISH, TO_ENGLISH, TO_ALL = "from English", "to English", "to all languages"


@dataclass(frozen=True)
class QuerySet:
    """Queries of one language, candidates in `codes`; `right[i]` are the right candidates of query i, and `own[i]` is
    the candidate that is the query itself, which is never a hit (-1: none is)."""

    name: str
    queries: tuple[str, ...]
    query_code: str
    candidates: tuple[str, ...]
    codes: tuple[str, ...]
    right: tuple[frozenset[int], ...]
    own: tuple[int, ...]


@dataclass(frozen=True)
class Query:
    """What is asked of a set: a text, its right candidates (none for a typed query), and itself among them."""

    text: str
    code: str
    right: frozenset[int]
    own: int


@dataclass(frozen=True)
class Collection:
    """The languages of a collection, its ways, and the set of a language and a way."""

    codes: list[str]
    ways: tuple[str, ...]
    make: Callable[[str, str], QuerySet]


@dataclass(frozen=True)
class Asked:
    """What the controls chose: the set, the query, where training bitext comes from, and the same in every language."""

    found: QuerySet
    query: Query
    training: Catalog
    every: Callable[[], list[QuerySet]]


def chosen_set() -> Asked:
    """The controls of what is searched, all of them in the link."""
    collections = _collections()
    first, second, third, fourth = look.columns("query", [2, 1.7, 3.2, 1.3], "narrow")
    with first:
        name = st.selectbox("Collection", list(collections), key="collection", bind="query-params")
    collection, training = collections[name]
    with second:
        code = language_box(collection.codes)
    with third:
        way = str(st.segmented_control(
            "Direction", collection.ways, default=TO_ENGLISH, required=True, key="direction", wrap=True,
            bind="query-params", help="All languages: every sentence is a candidate, whatever its language.",
        ))  # fmt: skip
    with fourth:
        typed = st.toggle("Type a query", key="typed", bind="query-params")
    found = collection.make(code, way)
    if typed:
        text = checked(st.text_input("Query, in any language", key="query", bind="query-params"), "query")
        query = Query(text, "", frozenset(), -1)
    else:
        line = sentence_box(list(found.queries), f"Query in {language(found.query_code).name}")
        query = Query(found.queries[line], found.query_code, found.right[line], found.own[line])
    return Asked(found, query, training, lambda: [collection.make(one, way) for one in collection.codes])


def _collections() -> dict[str, tuple[Collection, Catalog]]:
    """The starter sentences, the retrieval sets of the real data where they are, and the stored bitexts."""
    starter = sources.starter()
    found: dict[str, tuple[Collection, Catalog]] = {STARTER: (_parallel(STARTER, starter), starter)}
    training = starter
    try:
        real = sources.catalog()
        if real.kind == "real":
            training = real
            if real.retrieval_languages():
                name = real.retrieval(real.retrieval_languages()[0]).name
                found[name] = (_pairs(name, real), real)
            if "en" in real.question_languages():
                found[LAREQA] = (_questions(real), real)
    except IsoglossError:  # the banner says what is wrong with the data
        pass
    try:
        found |= {name: (_pairs(name, one), training) for name, one in bitext_catalogue.collections().items()}
    except IsoglossError as error:
        note(str(error))
    return found


def _pairs(name: str, catalog: Catalog | bitext_catalogue.StoredBitext) -> Collection:
    """Pairs with English: a sentence's translation is right."""

    def make(code: str, way: str) -> QuerySet:
        bitext: Bitext = catalog.retrieval(code)
        english, other = tuple(a for a, _ in bitext.pairs), tuple(b for _, b in bitext.pairs)
        asked, answers, codes = (other, english, (code, "en")) if way == TO_ENGLISH else (english, other, ("en", code))
        right = tuple(frozenset([k]) for k in range(len(asked)))
        return QuerySet(name, asked, codes[0], answers, (codes[1],) * len(answers), right, (-1,) * len(asked))

    return Collection(catalog.retrieval_languages(), (TO_ENGLISH, FROM_ENGLISH), make)


def _parallel(name: str, catalog: Catalog) -> Collection:
    """Pairs whose English is the same in every language: any translation is right, the sentence itself is no hit."""
    pairs = _pairs(name, catalog)

    def make(code: str, way: str) -> QuerySet:
        if way != TO_ALL:
            return pairs.make(code, way)
        english = tuple(a for a, _ in catalog.retrieval(pairs.codes[0]).pairs)
        texts = {"en": english} | {c: tuple(b for _, b in catalog.retrieval(c).pairs) for c in pairs.codes}
        many, codes = len(english), list(texts)
        at = codes.index(code) * many
        return QuerySet(
            name, texts[code], code, tuple(text for own in texts.values() for text in own),
            tuple(c for c in codes for _ in range(many)),
            tuple(frozenset(k + many * n for n, c in enumerate(codes) if c != code) for k in range(many)),
            tuple(range(at, at + many)),
        )  # fmt: skip

    return Collection(pairs.codes, (*pairs.ways, TO_ALL), make)


def _questions(catalog: Catalog) -> Collection:
    """Questions, and the sentences that answer them."""

    def make(code: str, way: str) -> QuerySet:
        asked = "en" if way == FROM_ENGLISH else code
        answered = {TO_ENGLISH: ["en"], FROM_ENGLISH: [code], TO_ALL: catalog.question_languages()}[way]
        questions = catalog.answered_questions(asked)
        texts: list[str] = []
        codes: list[str] = []
        right: dict[str, set[int]] = {}
        for own in answered:
            one = catalog.answered_questions(own)
            for key, answer in zip(one.ids, one.answers, strict=True):
                right.setdefault(key, set()).add(len(texts) + answer)
            texts += one.sentences
            codes += [own] * len(one.sentences)
        kept = [k for k, key in enumerate(questions.ids) if key in right]
        return QuerySet(
            LAREQA, tuple(questions.questions[k] for k in kept), asked, tuple(texts), tuple(codes),
            tuple(frozenset(right[questions.ids[k]]) for k in kept), (-1,) * len(kept),
        )  # fmt: skip

    return Collection(catalog.question_languages(), (TO_ENGLISH, FROM_ENGLISH, TO_ALL), make)
