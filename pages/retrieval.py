"""Retrieval: a query and its ranked candidates, for arms beside each other, and how well each arm ranks."""

from __future__ import annotations

import numpy as np
import pandas as pd
import streamlit as st

from core.arms.names import BASELINE, UNTRAINED
from core.figures.accuracy import accuracy_by_language
from core.figures.rank_changes import rank_changes
from core.figures.ranking import ranked_table, retrieval_by_language
from core.notation import plural
from core.retrieval.retrieval_set import RetrievalSet
from pages.parts import collapsed, encoders, groups, look, models, sections, show, sources, untrained
from pages.parts.drawn_arms import drawn_arms
from pages.parts.guard import guarded, page
from pages.parts.items import tokens_link
from pages.parts.retrieval import experiment as retrieval_experiment
from pages.parts.retrieval.all import all_queries
from pages.parts.retrieval.ranked_list import heading, ranked_list
from pages.parts.retrieval.scoring import DENSE, RERANKED, SCORINGS, Scoring, controls, rank, told_prompts
from pages.parts.retrieval.sets import Query, RetrievalRequest, chosen_request
from pages.parts.sections import Section
from pages.parts.stored import read
from pages.parts.text import caption, finding, note, passage
from store.results import scores as stored_scores

PURPOSE = "Does a sentence find its translation, or a question its answer, among many, and with which arm?"
TOP = 10
NONE = "none"
MEASURE = "retrieval_accuracy@1"


def body() -> None:
    saved_as = show.picture_format()
    runs = groups.chosen_runs()
    sources.banner(runs, "Rankings: computed now, over the sentences below")
    encoders.picker(runs)
    labels = models.choices(runs) | models.query_choices()
    if len(labels) == 1:
        note(
            "No run is stored with its weights here, so only the untrained encoder answers, over the project's own "
            f"starter sentences. Train arms to compare with {sources.HOW_TO_RUN}."
        )
    found: list[Section] = []
    with guarded("query"):
        request = chosen_request()
        chosen = _arms(labels, models.first_pair(labels, runs))
        scoring = controls()
        tables = _answer(request, chosen, labels, runs, scoring)
        if len(chosen) > 1:
            found.append(Section("Ranks", lambda: _ranks(tables, labels, runs, saved_as)))
        found.append(
            Section("Every query", lambda: all_queries(request, chosen, labels, scoring), ("all", "everywhere"))
        )
    found.insert(1 if len(found) > 1 else 0, Section("Languages", lambda: _by_language(runs, saved_as), ("controls",)))
    if retrieval_experiment.stored():
        found.append(Section("Query encoders", lambda: retrieval_experiment.section(saved_as)))
    sections.tabs(found)


def _arms(labels: dict[str, str], starting: tuple[str, str]) -> list[str]:
    keys = list(labels)
    if len(keys) == 1:
        return keys
    first, second, third = look.columns("arms", [2, 2, 2], "narrow")
    with first:
        a = st.selectbox(
            "Left", keys, keys.index(starting[0]), format_func=lambda k: labels[k], key="left", bind="query-params"
        )
    with second:
        others = [*keys, NONE]
        b = st.selectbox(
            "Right",
            others,
            others.index(starting[1]),
            format_func=lambda k: labels.get(k, NONE),
            key="right",
            bind="query-params",
        )
    with third:
        more = [NONE, *keys]
        c = st.selectbox("And", more, format_func=lambda k: labels.get(k, NONE), key="third", bind="query-params")
    return list(dict.fromkeys(choice for choice in (a, b, c) if choice != NONE))


def _answer(
    request: RetrievalRequest,
    chosen: list[str],
    labels: dict[str, str],
    runs: pd.DataFrame,
    scoring: Scoring,
) -> dict[str, pd.DataFrame]:
    """Draw the query and its ranked lists; the list of every choice."""
    searched, query = request.searched, request.query
    st.html(f'<div class="iso-query">{passage(query.text, query.code)}</div>')
    sentence = st.container()
    tables, places = {}, {}
    for choice in chosen:
        order, scores = rank(choice, searched, query, scoring, request.training)
        tables[choice] = ranked_table(order[:TOP], scores[:TOP], searched.candidates, searched.languages, query.right)
        if query.right:
            at = np.isin(order, list(query.right)).nonzero()[0]
            places[choice] = str(int(at[0]) + 1) if len(at) else f"below {RERANKED}"
    with sentence:
        trained = [choice for choice in chosen if choice != UNTRAINED]
        collapsed.warn(trained, labels, models.layers_of(trained))  # the last is searched
        _say(searched, query, places, labels)
    for column, choice in zip(look.columns("lists", len(chosen), "medium", "large"), chosen, strict=True):
        other = next((c for c in chosen if c != choice), None)
        ranks = dict(zip(tables[other]["candidate"], tables[other]["rank"], strict=True)) if other else {}
        names = [labels[c] for c in chosen if not c.startswith(models.QUERY)]
        links = [tokens_link(query.text, str(text), names) for text in tables[choice]["text"]]
        with column:
            title = heading(models.arm_of(choice, runs), labels[choice])
            st.html(ranked_list(title, tables[choice], ranks, links))
            show.download(tables[choice], f"ranking-{chosen.index(choice)}")
    prompts = dict.fromkeys(told_prompts(choice, searched) for choice in chosen)
    caption(f"Score: {SCORINGS[scoring.kind]}; {'; '.join(prompts)}. “tokens” opens the pair's token plan.")
    if scoring.kind != DENSE:
        caption(f"Tokens are compared for the {RERANKED} candidates whose vectors are nearest.")
    return tables


def _ranks(tables: dict[str, pd.DataFrame], labels: dict[str, str], runs: pd.DataFrame, saved_as: str) -> None:
    arms = [models.arm_of(choice, runs) for choice in tables]
    made = rank_changes(list(tables.values()), [labels[choice] for choice in tables], arms, TOP)
    with st.container(key="wide-ranks"):
        show.figure(made, "rank-changes", saved_as, alt="Changes of rank between the arms")


def _say(searched: RetrievalSet, query: Query, places: dict[str, str], labels: dict[str, str]) -> None:
    among = plural(len(searched.candidates), "candidate")
    if not query.right:
        caption(f"A typed query has no right answer to mark; it is compared with {among}.")
        return
    ranks = ", ".join(f"{place} with {labels[choice]}" for choice, place in places.items())
    what = "right translation" if len(query.right) == 1 else f"first of {len(query.right)} right ones"
    finding(f"Rank of the {what} among {among}: {ranks}.")


def _by_language(runs: pd.DataFrame, saved_as: str) -> None:
    st.subheader("How often is the right translation first?", anchor=False)
    found = read(stored_scores.read_scores, list(runs["run_id"]), names=MEASURE) if len(runs) else pd.DataFrame()
    if len(found):
        table = retrieval_by_language(found)
        data = sources.DATA_NAMES.get(str(runs["data_kind"].iloc[0]), "the data")
        where = "starter sentences" if data == sources.DATA_NAMES["starter"] else "retrieval set"
        title = f"Translations into English found first, {where}"
        baseline, name = BASELINE, "retrieval-accuracy"
    else:
        table = untrained.retrieval_accuracy()
        title = "Translations into English found first, starter sentences"
        baseline, name = "untrained", "untrained-retrieval"
    items = int(table["items"].max())
    made = accuracy_by_language(
        table[table["arm"].isin(drawn_arms(table["arm"]))],
        title,
        baseline=baseline,
        measure="accuracy at 1 ×100",
        chance=100.0 / max(items, 1),
    )
    show.figure(made, name, saved_as, alt=title)
    show.download(table, name)
    caption(
        f"Up to {plural(items, 'sentence')} of a language search as many English ones; the right one has to come first."
    )


with page("Retrieval", PURPOSE):
    body()
