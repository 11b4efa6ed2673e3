"""Overview: which arm does best where, what it cost, and whether its own objective moved."""

from __future__ import annotations

import math

import pandas as pd
import streamlit as st

from core.figures import costs, summary
from core.figures.accuracy import ORDERS, accuracy_by_language
from core.figures.curves import training_curves
from core.figures.formats import plural
from core.figures.style import CHANCE, arm_style
from core.languages import language
from pages.parts import groups, look, show, sources, untrained
from pages.parts.cards import card, told
from pages.parts.guard import guarded, page
from pages.parts.stored import read
from pages.parts.text import caption, finding, note
from store import curves as stored_curves
from store import predictions, scores

PURPOSE = (
    "Does optimal-transport posterior alignment or adversarial training make a multilingual encoder more robust "
    "on XNLI, above all in low-resource languages? This page compares the arms language by language."
)


#: Where a click on a mark leads, until the next run of the page goes there.
OPEN = "open-errors"


def body() -> None:
    link = st.session_state.pop(OPEN, None)
    if link:
        st.switch_page("pages/errors.py", query_params=link)
    saved_as = show.picture_format()
    runs = groups.chosen_runs()
    coverage = read(predictions.coverage, list(runs["run_id"])) if len(runs) else pd.DataFrame()
    sources.banner(runs)
    if coverage.empty:
        _nothing_stored(saved_as, len(runs))
        return
    split = _split(coverage)
    accuracy = read(predictions.accuracy, list(runs["run_id"]), split)
    languages = summary.by_language(accuracy)
    arms = summary.by_arm(languages)
    data = sources.DATA_NAMES.get(str(runs["data_kind"].iloc[0]), "the data")
    finding(summary.finding(arms, split, data))
    _cards(arms)
    _by_language(languages, split, data, runs, saved_as)
    _table(languages)
    with guarded("objectives"):
        _objectives(runs)
    with guarded("cost"):
        _cost(runs)
    with guarded("training curves"):
        _curves(runs, saved_as)


def _split(coverage: pd.DataFrame) -> str:
    """The test split where it was read, unless another is chosen."""
    splits = sorted(set(coverage["split"]), key=lambda name: (name != "test", name))
    if len(splits) == 1:
        return str(splits[0])
    chosen = st.segmented_control("Split", splits, default=splits[0], required=True, key="split", bind="query-params")
    return str(chosen or splits[0])


def _cards(arms: pd.DataFrame) -> None:
    shown = arms[[not arm_style(arm).control for arm in arms["arm"]]]
    items = plural(int(shown["items"].max()) if len(shown) else 0, "item")
    left, middle, right = look.columns("cards", 3)
    with left:
        rows = list(shown[["arm", "low_resource", "low", "high"]].itertuples(index=False, name=None))
        poor = plural(int(shown["low_resource_languages"].max()) if len(shown) else 0, "language")
        card("Low-resource mean, accuracy ×100", rows, f"{poor}, {items} each; 95 % interval.")
    with middle:
        rows = list(shown[["arm", "english", "english_low", "english_high"]].itertuples(index=False, name=None))
        read_in_english = plural(int(shown["english_items"].max()) if len(shown) else 0, "item")
        card("English, accuracy ×100", rows, f"{read_in_english}; 95 % interval (Wilson).")
    with right:
        rows = [(arm, gap, math.nan, math.nan) for arm, gap in zip(shown["arm"], shown["gap"], strict=True)]
        card("Gap: English minus low-resource mean", rows, "A gap can also close because English fell.")


def _by_language(languages: pd.DataFrame, split: str, data: str, runs: pd.DataFrame, saved_as: str) -> None:
    order = st.segmented_control(
        "Languages in the order of",
        ORDERS,
        default=ORDERS[0],
        required=True,
        key="order",
        bind="query-params",
        help="Web text: from most to least text on the web. Effect: largest distance from english-only first.",
    )
    title = f"Accuracy by language, {summary.SPLITS.get(split, split)} of {data}"
    made = accuracy_by_language(languages, title, order or ORDERS[0])

    def open_errors(mark: list[str]) -> None:
        arm, code = mark
        run_id = str(runs.loc[runs["arm"] == arm, "run_id"].iloc[0])
        link = {
            "run": groups.run_labels(runs)[run_id],
            "languages": language(code).label,
            "outcome": "wrong",
        }
        if "split" in st.query_params:
            link["split"] = split
        if "group" in st.query_params:
            link["group"] = st.query_params["group"]
        st.session_state[OPEN] = link

    show.figure(made, "accuracy-by-language", saved_as, on_click=open_errors, alt=title)
    caption(
        f"Each mark is the mean of {plural(int(languages['seeds'].max()), 'seed')} an arm. "
        "Click a mark to see the errors behind it."
    )


def _table(languages: pd.DataFrame) -> None:
    st.subheader("Every arm in every language", anchor=False)
    table = summary.wide(languages)
    numbers = {str(name): show.number(str(name)) for name in table.columns if name not in ("Arm", "Seeds")}
    numbers["Arm"] = st.column_config.TextColumn("Arm", pinned=True)
    show.table(table, "accuracy", numbers)
    caption(f"Accuracy ×100; chance is {CHANCE:.1f}. Low-resource mean: Turkish, Thai, Hindi, Urdu, Swahili.")


def _objectives(runs: pd.DataFrame) -> None:
    st.subheader("Did each arm's own objective move?", anchor=False)
    table = costs.objectives(runs, read(scores.read_scores, list(runs["run_id"])))
    took = runs[runs["took"].notna()]
    lines = [told(arm, text) for arm, text in zip(took["arm"], took["took_sentence"], strict=True)]
    st.html(f'<ul class="iso-list">{"".join(lines)}</ul>')
    numbers = {str(name): show.number(str(name), digits=3 if "cost" in str(name) else 1) for name in table.columns[3:]}
    show.table(table, "objectives", numbers)
    caption("An arm that did not move its own objective on held-out bitext says nothing about that objective.")


def _cost(runs: pd.DataFrame) -> None:
    st.subheader("What it cost", anchor=False)
    table = costs.cost_table(runs)
    columns = {
        name: st.column_config.NumberColumn(name, format="localized")
        for name in ("updates", "tokens forward", "tokens backward", "English pairs", "bitext pairs")
    }
    show.table(table, "cost", {**columns, "seconds": show.number("seconds", digits=0)})
    caption("The same number of updates is not the same compute: compare the tokens too.")


def _curves(runs: pd.DataFrame, saved_as: str) -> None:
    found = read(stored_curves.read_curves, list(runs["run_id"]))
    if found.empty:
        return
    with st.expander("How training went"):
        show.figure(training_curves(found, "Training curves, one line a run"), "curves", saved_as)
        show.download(found, "curves")


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
        f"of 100 starter sentences in the low-resource languages, and for {table['accuracy'].mean():.1f} over "
        f"all {plural(len(table), 'language')} ({plural(items, 'sentence')} each)."
    )
    title = "Translations into English found first, starter sentences"
    made = accuracy_by_language(table, title, baseline="untrained", measure="accuracy at 1 ×100", chance=100.0 / items)
    show.figure(made, "untrained-retrieval", saved_as, alt=title)
    show.download(table, "untrained-retrieval")
    caption(
        f"Each of the {plural(items, 'sentence')} of a language searches the English side by cosine of sentence "
        "vectors. This is retrieval on the starter set, not natural language inference and not XNLI."
    )


with page("Overview", PURPOSE):
    body()
