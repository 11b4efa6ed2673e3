"""What can be searched on the retrieval page: queries, candidates and which candidate is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.data.catalog import Catalog
from core.errors import IsoglossError
from core.languages import language
from core.retrieval.named import TO_ENGLISH, Collection, collections_of, sentence_pairs
from core.retrieval.retrieval_set import RetrievalSet
from pages.parts import look, sources
from pages.parts.bitext import catalogue as bitext_catalogue
from pages.parts.pairs import checked, language_box, sentence_box
from pages.parts.text import note


@dataclass(frozen=True)
class Query:
    """What is asked of a set: a text, its right candidates (none for a typed query), and itself among them."""

    text: str
    code: str
    right: frozenset[int]
    itself: int


@dataclass(frozen=True)
class RetrievalRequest:
    """What the controls chose: the set, the query, where training bitext comes from, and the same in every language."""

    searched: RetrievalSet
    query: Query
    training: Catalog
    every: Callable[[], list[RetrievalSet]]


def chosen_request() -> RetrievalRequest:
    """The controls of what is searched, all of them in the link."""
    collections = _collections()
    first, second, third, fourth = look.columns("query", [2, 1.7, 3.2, 1.3], "narrow")
    with first:
        name = st.selectbox("Collection", list(collections), key="collection", bind="query-params")
    collection, training = collections[name]
    with second:
        code = language_box(collection.languages)
    with third:
        direction = str(st.segmented_control(
            "Direction", collection.directions, default=TO_ENGLISH, required=True, key="direction", wrap=True,
            bind="query-params", help="All languages: every sentence is a candidate, whatever its language.",
        ))  # fmt: skip
    with fourth:
        typed = st.toggle("Type a query", key="typed", bind="query-params")
    searched = collection.make(code, direction)
    if typed:
        text = checked(st.text_input("Query, in any language", key="query", bind="query-params"), "query")
        query = Query(text, "", frozenset(), -1)
    else:
        line = sentence_box(list(searched.queries), f"Query in {language(searched.query_language).name}")
        query = Query(searched.queries[line], searched.query_language, searched.right[line], searched.itself[line])
    return RetrievalRequest(
        searched, query, training, lambda: [collection.make(other, direction) for other in collection.languages]
    )


def _collections() -> dict[str, tuple[Collection, Catalog]]:
    """The starter sentences, the retrieval sets of the real data where they are, and the stored bitexts."""
    training = starter = sources.starter()
    offered = {name: (collection, starter) for name, collection in collections_of(starter).items()}
    try:
        real = sources.catalog()
        if real.kind == "real":
            training = real
            offered |= {name: (collection, real) for name, collection in collections_of(real).items()}
    except IsoglossError:  # the banner says what is wrong with the data
        pass
    try:
        bitexts = bitext_catalogue.collections()
        offered |= {name: (sentence_pairs(name, bitext), training) for name, bitext in bitexts.items()}
    except IsoglossError as error:
        note(str(error))
    return offered
