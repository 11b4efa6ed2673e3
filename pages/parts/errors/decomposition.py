"""What a difference is made of: a shift of answers and the rest, and by language what stands behind both."""

from __future__ import annotations

from dataclasses import replace
from urllib.parse import urlencode

import pandas as pd
import streamlit as st

from core.figures.decomposition import answer_figure, confidence_figure
from core.figures.definitions import definition
from core.figures.style import CHANCE
from core.languages import language
from core.notation import plural
from core.reference.floors import read_floors
from core.shipped import reference_folder
from core.verdict.decomposition import Decomposition, decompositions
from pages.parts import look, show
from pages.parts.errors.filters import ErrorSelection
from pages.parts.overview.sheet import sheet
from pages.parts.stored import read
from pages.parts.text import caption, finding, note
from store.results.errors.answer_shares import answer_shares
from store.results.groups import arm_runs, compare_runs

VIEW = "Parts of a difference"


def link(kept: dict[str, str]) -> str:
    """The address of the view; `kept` goes with it."""
    return f"errors?{urlencode(kept | {'view': VIEW})}"


def draw(chosen: ErrorSelection, saved_as: str) -> None:
    """The parts of one of the sheet's differences, with how often its two arms answer each label."""
    compared = read(compare_runs, arm_runs(chosen.group), chosen.split)  # what others brought is in no answer
    asked = decompositions(sheet(compared.runs, chosen.split)["questions"])
    if not asked:
        note(
            "No difference was also made with balanced answers here: that takes two arms of one study that read "
            "the same items with three labels."
        )
        return
    labels = {one.label: one for one in asked}
    name = st.selectbox("Difference", list(labels), key="difference", bind="query-params")
    one = labels[str(name)]
    finding(one.sentence)
    _parts(one)
    arms = compared.runs[compared.runs["arm"].isin([one.first, one.second])]
    selection = replace(chosen.selection.of_items(arms["run_id"]), languages=one.languages)
    shares = read(answer_shares, selection)
    if shares.empty:
        note("No prediction of these two arms passes the filters of items.")
        return
    numbers = [c for c in shares if c not in ("run_id", "arm", "seed", "language", "items")]
    table = shares.groupby(["arm", "language"], as_index=False, sort=False)[numbers].mean()
    left, right = look.columns("answers", [3, 2], "medium")
    with left:
        title = "How often each label is answered"
        show.figure(answer_figure(table, title), "answers", saved_as, alt=f"{title}, by language: {one.label}")
    with right:
        title = "How much surer than right"
        made = confidence_figure(table, title)
        show.figure(made, "over-confidence", saved_as, alt=f"{title}, by language: {one.label}")
    seeds = arms.groupby("arm")["seed"].nunique()
    told = ", ".join(f"{arm} {plural(int(count), 'seed')}" for arm, count in seeds.items())
    narrowed = (
        " Filters of items apply to the figures and the table, not to the difference." if not selection.whole else ""
    )
    caption(f"Means over seeds ({told}). The difference and its interval are those of every other page.{narrowed}")
    _between(table, chosen)


def _parts(one: Decomposition) -> None:
    rows = pd.DataFrame(
        {
            "part": ["whole difference", "shift of answers", "the rest"],
            "points": [one.difference, one.shift, one.rest],
            "low": [one.low, None, one.rest_low],
            "high": [one.high, None, one.rest_high],
        }
    )
    columns = {
        "points": show.difference("points", f"{one.first} minus {one.second}."),
        "low": show.difference("low", definition("interval of a difference")),
        "high": show.difference("high", definition("interval of a difference")),
    }
    show.table(rows, "parts-of-a-difference", columns)
    caption(f"{definition('label prior')} The shift is the whole less the rest and has no interval of its own.")


def _between(table: pd.DataFrame, chosen: ErrorSelection) -> None:
    """Both arms by language between what needs no understanding and what labels allow."""
    floors = read_floors(reference_folder(), chosen.kind, chosen.split) or {}
    alone = {row["language"]: row["accuracy"] for row in floors.get("hypothesis_only", ())}
    most = {row["language"]: row["ceiling"] for row in floors.get("ceiling", ())}
    shown = pd.DataFrame(
        {
            "language": [language(code).label for code in table["language"]],
            "arm": table["arm"],
            "accuracy": table["accuracy"],
            "chance": floors.get("chance", CHANCE),
            "hypothesis alone": table["language"].map(alone).astype(float),
            "ceiling": table["language"].map(most).astype(float),
            "confidence": table["confidence"],
            "over-confidence": table["over_confidence"],
            "entailment": table["answered_0"],
            "neutral": table["answered_1"],
            "contradiction": table["answered_2"],
        }
    )
    if not alone:
        shown = shown.drop(columns=["hypothesis alone", "ceiling"])
    plain = [str(name) for name in shown if name not in ("language", "arm", "over-confidence")]
    numbers = {name: show.number(name) for name in plain}
    numbers["over-confidence"] = show.difference("over-confidence", "Confidence minus accuracy, in points.")
    show.table(shown, "answers-by-language", numbers, height=250)
    caption(
        "×100. entailment, neutral and contradiction: how often they are answered."
        + (" Hypothesis alone and ceiling: see Overview, Languages." if alone else "")
    )
