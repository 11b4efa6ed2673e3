"""What can be searched on the retrieval page: queries, candidates and which candidate is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.data.catalog import Catalog
from core.data.records import Bitext
from core.errors import IsoglossError
from core.languages import language
from pages.parts import bitext_stored, look, sources
from pages.parts.pairs import checked, language_box, sentence_box
from pages.parts.text import note

STARTER, LAREQA = "starter sentences", "LAReQA, answers in English"
FROM_ENGLISH, TO_ENGLISH = "from English", "to English"


@dataclass(frozen=True)
class QuerySet:
    """Queries of one language, candidates of another; `right[i]` is the right candidate of query i."""

    name: str
    queries: tuple[str, ...]
    query_code: str
    candidates: tuple[str, ...]
    candidate_code: str
    right: tuple[int, ...]


@dataclass(frozen=True)
class Query:
    """What is asked of a set: a text, and its right candidate (None for a typed query)."""

    text: str
    code: str
    right: int | None


#: Languages, and the set of one of them in a direction.
Collection = tuple[list[str], Callable[[str, str], QuerySet]]


def chosen_set() -> tuple[QuerySet, Query, Catalog]:
    """The controls of what is searched, all of them in the link; and where training bitext comes from."""
    collections = _collections()
    first, second, third, fourth = look.columns("query", [2.2, 2, 2.4, 1.4], "narrow")
    with first:
        name = st.selectbox("Collection", list(collections), key="collection", bind="query-params")
    (codes, make), training = collections[name]
    with second:
        code = language_box(codes)
    with third:
        way = st.segmented_control(
            "Direction", (TO_ENGLISH, FROM_ENGLISH), default=TO_ENGLISH, required=True, key="direction", wrap=True,
            bind="query-params",
        )  # fmt: skip
    with fourth:
        typed = st.toggle("Type a query", key="typed", bind="query-params")
    found = make(code, way)
    if typed:
        text = st.text_input("Query, in any language", key="query", bind="query-params")
        return found, Query(checked(text, "query"), "", None), training
    line = sentence_box(list(found.queries), f"Query in {language(found.query_code).name}")
    return found, Query(found.queries[line], found.query_code, found.right[line]), training


def _collections() -> dict[str, tuple[Collection, Catalog]]:
    """The starter sentences, the retrieval sets of the real data where they are, and the stored bitexts."""
    starter = sources.starter()
    found: dict[str, tuple[Collection, Catalog]] = {STARTER: (_pairs(STARTER, starter), starter)}
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
        found |= {name: (_pairs(name, one), training) for name, one in bitext_stored.collections().items()}
    except IsoglossError as error:
        note(str(error))
    return found


def _pairs(name: str, catalog: Catalog | bitext_stored.StoredBitext) -> Collection:
    def make(code: str, way: str) -> QuerySet:
        bitext: Bitext = catalog.retrieval(code)
        english, other = tuple(a for a, _ in bitext.pairs), tuple(b for _, b in bitext.pairs)
        right = tuple(range(len(english)))
        if way == FROM_ENGLISH:
            return QuerySet(name, english, "en", other, code, right)
        return QuerySet(name, other, code, english, "en", right)

    return catalog.retrieval_languages(), make


def _questions(catalog: Catalog) -> Collection:
    def make(code: str, way: str) -> QuerySet:
        asked, answered = ("en", code) if way == FROM_ENGLISH else (code, "en")
        questions, candidates = catalog.answered_questions(asked), catalog.answered_questions(answered)
        right = dict(zip(candidates.ids, candidates.answers, strict=True))
        kept = [k for k, name in enumerate(questions.ids) if name in right]
        return QuerySet(
            LAREQA, tuple(questions.questions[k] for k in kept), asked, candidates.sentences, answered,
            tuple(right[questions.ids[k]] for k in kept),
        )  # fmt: skip

    return catalog.question_languages(), make
