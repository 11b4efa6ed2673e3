"""Retrieval: a query and its ranked translations, for two arms beside each other, and accuracy by language."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
import streamlit as st

from core.data.records import Bitext
from core.errors import IsoglossError
from core.figures.accuracy import accuracy_by_language
from core.figures.formats import plural
from core.figures.ranking import position, ranked_table, retrieval_by_language
from core.languages import language
from pages.parts import bitext_stored, groups, live, look, models, show, sources, untrained
from pages.parts.guard import guarded, page
from pages.parts.pairs import checked, language_box, sentence_box
from pages.parts.ranked import heading, ranked_list
from pages.parts.stored import read
from pages.parts.text import caption, finding, note, passage
from store import scores as stored_scores

PURPOSE = "Does a sentence find its translation among many, by the cosine of sentence vectors, and with which arm?"
TOP = 10
STARTER = "starter sentences"
FROM_ENGLISH, TO_ENGLISH = "from English", "to English"
NONE = "none"
MEASURE = "retrieval_accuracy@1"


@dataclass(frozen=True)
class Query:
    """What is asked of which candidates; `right` is the right answer's index, None for a typed query."""

    text: str
    code: str
    candidates: tuple[str, ...]
    candidate_code: str
    right: int | None


def body() -> None:
    saved_as = show.picture_format()
    runs = groups.chosen_runs()
    sources.banner(runs, "Rankings: computed now, over the sentences below")
    labels = models.choices(runs)
    if len(labels) == 1:
        note(
            "No run is stored with its weights here, so only the untrained encoder answers, over the project's own "
            f"starter sentences. Train arms to compare with {sources.HOW_TO_RUN}."
        )
    with guarded("query"):
        query = _query()
        chosen = _arms(labels)
        _answer(query, chosen, labels, runs)
    with guarded("retrieval accuracy"):
        _by_language(runs, saved_as)


def _query() -> Query:
    collections = _collections()
    first, second, third, fourth = look.columns("query", [2.2, 2, 2.4, 1.4], "narrow")
    with first:
        name = st.selectbox("Collection", list(collections), key="collection", bind="query-params")
    catalog = collections[name]
    with second:
        code = language_box(catalog.retrieval_languages())
    with third:
        way = st.segmented_control(
            "Direction",
            (TO_ENGLISH, FROM_ENGLISH),
            default=TO_ENGLISH,
            required=True,
            key="direction",
            wrap=True,
            bind="query-params",
        )
    with fourth:
        typed = st.toggle("Type a query", key="typed", bind="query-params")
    bitext: Bitext = catalog.retrieval(code)
    english, other = tuple(a for a, _ in bitext.pairs), tuple(b for _, b in bitext.pairs)
    asked, asked_code, candidates, candidate_code = (
        (english, "en", other, code) if way == FROM_ENGLISH else (other, code, english, "en")
    )
    if typed:
        text = st.text_input("Query, in any language", key="query", bind="query-params")
        return Query(checked(text, "query"), "", candidates, candidate_code, None)
    line = sentence_box(list(asked), f"Query in {language(asked_code).name}")
    return Query(asked[line], asked_code, candidates, candidate_code, line)


def _collections() -> dict[str, object]:
    """The starter sentences, the retrieval set of the real data where there is one, and the stored bitexts."""
    found: dict[str, object] = {STARTER: sources.starter()}
    try:
        real = sources.catalog()
        if real.kind == "real" and real.retrieval_languages():
            found[real.retrieval(real.retrieval_languages()[0]).name] = real
    except IsoglossError:  # the banner says what is wrong with the data
        pass
    try:
        found |= bitext_stored.collections()
    except IsoglossError as error:
        note(str(error))
    return found


def _arms(labels: dict[str, str]) -> list[str]:
    keys = list(labels)
    if len(keys) == 1:
        return keys
    first, second, _ = look.columns("arms", [2, 2, 4], "narrow")
    with first:
        a = st.selectbox("Left", keys, format_func=lambda k: labels[k], key="left", bind="query-params")
    with second:
        others = [*keys[1:], keys[0], NONE]
        b = st.selectbox("Right", others, format_func=lambda k: labels.get(k, NONE), key="right", bind="query-params")
    return [a] if b == NONE else [a, b]


def _answer(query: Query, chosen: list[str], labels: dict[str, str], runs: pd.DataFrame) -> None:
    st.html(f'<div class="iso-query">{passage(query.text, query.code)}</div>')
    said = st.container()
    tables, places = {}, {}
    for choice in dict.fromkeys(chosen):
        vectors = live.vectors(choice, query.candidates, f"{len(query.candidates):,} candidates")
        cosines = vectors @ live.vectors(choice, [query.text], "the query")[0]
        best = np.argsort(-cosines, kind="stable")[:TOP]
        tables[choice] = ranked_table(best, cosines[best], query.candidates, query.right)
        if query.right is not None:
            places[choice] = position(cosines, query.right)
    with said:
        _say(query, places, labels)
    for column, choice in zip(look.columns("lists", len(chosen), "medium", "large"), chosen, strict=True):
        other = next((c for c in chosen if c != choice), None)
        ranks = dict(zip(tables[other]["candidate"], tables[other]["rank"], strict=True)) if other else {}
        with column:
            title = heading(models.arm_of(choice, runs), labels[choice])
            st.html(ranked_list(title, tables[choice], query.candidate_code, ranks))
            show.download(tables[choice], f"ranking-{chosen.index(choice)}")


def _say(query: Query, places: dict[str, int], labels: dict[str, str]) -> None:
    among = plural(len(query.candidates), "candidate")
    if query.right is None:
        caption(f"A typed query has no right answer to mark; it is compared with {among}.")
        return
    told = ", ".join(f"{place} with {labels[choice]}" for choice, place in places.items())
    finding(f"Rank of the right translation among {among}: {told}.")


def _by_language(runs: pd.DataFrame, saved_as: str) -> None:
    st.subheader("How often is the right translation first?", anchor=False)
    found = read(stored_scores.read_scores, list(runs["run_id"]), names=MEASURE) if len(runs) else pd.DataFrame()
    if len(found):
        table = retrieval_by_language(found)
        data = sources.DATA_NAMES.get(str(runs["data_kind"].iloc[0]), "the data")
        where = "starter sentences" if data == sources.DATA_NAMES["starter"] else "retrieval set"
        title = f"Translations into English found first, {where}"
        baseline, name = "english-only", "retrieval-accuracy"
    else:
        table = untrained.retrieval_accuracy()
        title = "Translations into English found first, starter sentences"
        baseline, name = "untrained", "untrained-retrieval"
    items = int(table["items"].max())
    made = accuracy_by_language(
        table, title, baseline=baseline, measure="accuracy at 1 ×100", chance=100.0 / max(items, 1)
    )
    show.figure(made, name, saved_as, alt=title)
    show.download(table, name)
    caption(
        f"Up to {plural(items, 'sentence')} of a language search as many English ones; the right one has to come first."
    )


with page("Retrieval", PURPOSE):
    body()
