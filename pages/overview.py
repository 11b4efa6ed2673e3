"""Overview: the answer first, then what it rests on, what explains it and what it cost."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.errors import IsoglossError
from core.figures.accuracy import accuracy_by_language
from core.languages import language
from core.notation import plural
from core.reference.floors import shipped_floors
from core.verdict.recommendation import QUESTION
from pages.parts import groups, sections, show, sources, untrained
from pages.parts.guard import guarded, page
from pages.parts.overview import answer as overview_answer
from pages.parts.overview import controls as overview_controls
from pages.parts.overview import cost as overview_cost
from pages.parts.overview import examples, first_screen, stored_runs
from pages.parts.overview import measures as overview_measures
from pages.parts.overview import method as overview_method
from pages.parts.overview import outside as overview_outside
from pages.parts.overview import table as overview_table
from pages.parts.overview.sheet import sheet
from pages.parts.sections import Section
from pages.parts.stored import read
from pages.parts.text import caption, finding, note
from store.results import predictions
from store.results.benchmarks import data_kind, order_splits, stored_benchmark
from store.results.collapse import collapsed_arms
from store.results.groups import compare_runs

#: Tabs under the first screen; each is built when it is opened.
TABS = ("Languages", "Why", "Questions", "Runs and cost", "Method")


def body() -> None:
    link = st.session_state.pop(overview_answer.OPEN, None)
    if link:
        st.switch_page("pages/errors.py", query_params=link)
    saved_as = show.picture_format()
    stored = groups.chosen_runs()
    coverage = read(predictions.coverage, list(stored["run_id"])) if len(stored) else pd.DataFrame()
    if coverage.empty:
        sources.banner(stored)
        _nothing_stored(saved_as, len(stored))
        with guarded("stored runs"):
            stored_runs.section()
        return
    split = _split(stored, coverage)
    compared = read(compare_runs, stored, split)
    runs = compared.runs
    for sentence in compared.odd:
        note(sentence)
    found = sheet(runs, split)
    levels = pd.DataFrame(found["levels"])
    accuracy = read(predictions.accuracy, list(runs["run_id"]), split)
    kind = data_kind(runs, split)
    data = sources.DATA_NAMES.get(kind, "the data")
    if shown := stored_benchmark(runs, split).sentence:
        note(shown)
    collapsed = read(collapsed_arms, runs)
    answered = first_screen.answer(found, collapsed, runs, accuracy, split, data)
    asked = answered.languages if answered else ()
    first_screen.figure(levels, asked, split, data, runs, stored, saved_as)
    sources.banner(stored)

    def languages() -> None:
        overview_answer.by_language(levels, split, data, runs, saved_as)
        overview_table.accuracies(levels, found, runs, kind == "xnli", shipped_floors(kind, split))
        with guarded("other models"):
            overview_outside.section(split, kind)

    def why() -> None:
        with guarded("answer"):
            overview_answer.say(found, accuracy, split, data, collapsed)
        with guarded("controls"):
            overview_controls.controls(pd.DataFrame(found["controls"]), runs, split, saved_as)
        with guarded("objectives"):
            overview_cost.objectives(runs)
        with guarded("examples"):
            examples.section(stored)

    def questions() -> None:
        with guarded("levels"):
            overview_answer.cards(levels)
        with guarded("questions"):
            overview_table.questions(found["questions"], found["unanswerable"])
        with guarded("further measures"):
            overview_measures.measures(runs, split)

    def cost() -> None:
        with guarded("cost"):
            overview_cost.cost(runs)
        with guarded("training curves"):
            overview_cost.training(runs, saved_as)
        with guarded("stored runs"):
            stored_runs.section()

    def method() -> None:
        with guarded("method"):
            overview_method.method(runs, split, kind, found)
        with guarded("trials"):
            overview_cost.trials()
        with guarded("preregistration"):
            overview_cost.fixed()

    opened = (languages, why, questions, cost, method)
    sections.tabs([Section(title, build) for title, build in zip(TABS, opened, strict=True)])


def _split(runs: pd.DataFrame, coverage: pd.DataFrame) -> str:
    """The first that was read, in the order of preference, unless another is chosen."""
    splits = order_splits(runs, coverage["split"])
    if len(splits) == 1:
        return str(splits[0])
    chosen = st.segmented_control("Split", splits, default=splits[0], required=True, key="split", bind="query-params")
    return str(chosen or splits[0])


def _nothing_stored(saved_as: str, runs: int) -> None:
    what = "No run is stored yet" if runs == 0 else "The stored runs hold no predictions"
    note(
        f"{what}, so this page shows what the untrained encoder does on the project's own starter sentences. "
        f"Train the quick set of arms with {sources.HOW_TO_RUN} and reload this page."
    )
    table = untrained.retrieval_accuracy()
    items = int(table["items"].max())
    low_resource = table[[language(code).low_resource for code in table["language"]]]
    finding(
        f"Untrained, the encoder finds the English translation first for {low_resource['accuracy'].mean():.1f} "
        f"% of starter sentences in the low-resource languages, and for {table['accuracy'].mean():.1f} over "
        f"all {plural(len(table), 'language')} ({plural(items, 'sentence')} each)."
    )
    title = "Translations into English found first, starter sentences"
    made = accuracy_by_language(table, title, baseline="untrained", measure="accuracy at 1 ×100", chance=100.0 / items)
    show.figure(made, "untrained-retrieval", saved_as, alt=title)
    show.download(table, "untrained-retrieval")
    with guarded("examples"):
        examples.section(pd.DataFrame())
    caption(
        f"Each of the {plural(items, 'sentence')} of a language searches the English side by cosine of sentence "
        "vectors. This is retrieval on the starter set, not natural language inference and not XNLI."
    )


with page("Overview", "", QUESTION):
    try:
        body()
    except IsoglossError as error:  # as where two runs contradict each other: the way out stays open
        note(str(error))
        with guarded("stored runs"):
            stored_runs.section()
