"""Errors: from a number to the items behind it, and from an item to its tokens."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.data.records import LABELS
from core.figures.distribution import cosine_by_label
from core.languages import language
from core.notation import plural
from pages.parts import groups, sections, show, sources, untrained
from pages.parts.errors import accuracy_heatmap
from pages.parts.errors import confusion as errors_confusion
from pages.parts.errors import decomposition as errors_decomposition
from pages.parts.errors import doubtful as errors_doubtful
from pages.parts.errors import filters as bar
from pages.parts.errors import flips as errors_flips
from pages.parts.errors import item as errors_item
from pages.parts.errors import outside as errors_outside
from pages.parts.errors import predictions as errors_list
from pages.parts.errors import slices as errors_slices
from pages.parts.errors import suites as errors_suites
from pages.parts.errors import views as errors_views
from pages.parts.errors import whatif as errors_whatif
from pages.parts.errors.filters import ErrorSelection
from pages.parts.guard import guarded, page
from pages.parts.items import Texts
from pages.parts.sections import Section
from pages.parts.stored import read
from pages.parts.text import caption, finding, note
from store.results import predictions, selected
from store.results.benchmarks import stored_benchmark
from store.results.groups import newest_of_each

PURPOSE = "Which items does an arm get wrong, in which languages, and what do the other arms say about the same item?"
VIEWS = (
    "Languages by arms",
    errors_decomposition.VIEW,
    "Confusion",
    "Flips",
    "Slices",
    errors_doubtful.VIEW,
    "Calibration",
    "Premise by hypothesis",
    "Alignment and accuracy",
    "Suites",
)


def body() -> None:
    saved_as = show.picture_format()
    runs = groups.chosen_runs()
    others = groups.other_models(runs)
    ids = [*runs["run_id"], *others["run_id"]]
    coverage = read(predictions.coverage, ids) if len(runs) else pd.DataFrame()
    sources.banner(runs)
    if coverage.empty:
        _nothing_stored(saved_as, len(runs))
        return
    chosen = bar.choose(_newest(runs), coverage, others)
    counted = read(selected.count, chosen.selection)
    finding(chosen.count_sentence(counted))
    if counted.predictions == 0:
        note(chosen.emptied_by())
    if shown := stored_benchmark(chosen.group, chosen.split).sentence:
        note(shown)
    texts = Texts(chosen.kind, chosen.split)
    view = st.segmented_control(
        "View", VIEWS, default=VIEWS[0], required=True, key="view", bind="query-params", wrap=True,
        label_visibility="collapsed",
    )  # fmt: skip
    with guarded(str(view)):
        _view(str(view or VIEWS[0]), chosen, saved_as, texts)
    sections.set_by_click("item", None)
    sections.tabs(
        [
            Section(errors_list.TAB, lambda: errors_list.draw(chosen, counted, texts)),
            Section(errors_item.TAB, lambda: errors_item.draw(chosen, texts, saved_as), errors_item.ASKED_BY),
            Section("What if", lambda: errors_item.what_if(chosen, texts), errors_whatif.ASKED_BY),
        ]
    )
    errors_outside.section(runs, chosen.split)


def _view(view: str, chosen: ErrorSelection, saved_as: str, texts: Texts) -> None:
    if view == errors_decomposition.VIEW:
        errors_decomposition.draw(chosen, saved_as)
    elif view == "Confusion":
        errors_confusion.draw(chosen, saved_as)
    elif view == "Flips":
        errors_flips.draw(chosen, saved_as, texts)
    elif view == "Slices":
        errors_slices.draw(chosen, saved_as)
    elif view == errors_doubtful.VIEW:
        errors_doubtful.draw(chosen, texts)
    elif view == "Calibration":
        errors_outside.certain(chosen)
        errors_views.calibration(chosen, saved_as)
    elif view == "Premise by hypothesis":
        errors_views.generalised(chosen, saved_as)
    elif view == "Alignment and accuracy":
        errors_views.alignment(chosen, saved_as)
    elif view == "Suites":
        errors_suites.draw(chosen, saved_as)
    else:
        accuracy_heatmap.draw(chosen, saved_as)


def _newest(runs: pd.DataFrame) -> pd.DataFrame:
    """The newest run of each arm and seed, with one recipe an arm; says so where older ones are left out."""
    kept = newest_of_each(runs)
    left = len(runs) - len(kept)
    if left:
        caption(
            f"{plural(left, 'older run')} of an arm that has a newer one of the seed or of other settings left out."
        )
    return kept


def _nothing_stored(saved_as: str, runs: int) -> None:
    what = "No run is stored yet, so no classifier has been trained" if runs == 0 else "No run here has predictions"
    note(
        f"{what} and there are no errors to show. Instead this page shows how near the untrained encoder puts premise "
        f"and hypothesis in the project's own starter items. Train the quick set with {sources.HOW_TO_RUN}."
    )
    codes = sources.starter().xnli_languages("test")
    code = st.selectbox(
        "Language",
        codes,
        format_func=lambda c: language(c).label,
        key="language",
        bind="query-params",
        width=260,
    )
    table = untrained.pair_cosines(code)
    means = table.groupby("label")["cosine"].mean()
    by_label = ", ".join(f"{LABELS[label]} {value:.3f}" for label, value in zip(means.index, means, strict=True))
    where = f"{language(code).name}, {plural(len(table), 'item')}"
    finding(f"Mean cosine of premise and hypothesis in {where}: {by_label}.")
    title = f"Starter items in {language(code).name}: how near are premise and hypothesis?"
    note_ = "untrained encoder, one point an item; no classifier has been trained"
    show.figure(cosine_by_label(table, title, note_), "premise-hypothesis-cosine", saved_as, alt=title)
    items = {item.id: item for item in sources.starter().xnli("test", code).items}
    rows = table.assign(
        label=[LABELS[int(label)] for label in table["label"]],
        premise=[items[int(i)].premise for i in table["item_id"]],
        hypothesis=[items[int(i)].hypothesis for i in table["item_id"]],
    ).rename(columns={"item_id": "item", "label": "gold"})
    show.table(rows, "starter-items", {"cosine": show.number("cosine", digits=3)})


with page("Errors", PURPOSE):
    body()
