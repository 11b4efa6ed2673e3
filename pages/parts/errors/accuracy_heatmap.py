"""Languages by arms: accuracy, change against the baseline, significance; a click shows the errors of a cell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import streamlit as st

from core.evaluation.slices import by_language
from core.figures import accuracy_heatmap
from core.figures.claim import claim
from core.languages import language
from core.notation import plural, rate
from pages.parts import show
from pages.parts.errors import claims
from pages.parts.errors.filters import ErrorSelection
from pages.parts.stored import read
from pages.parts.text import caption, finding, note
from store.results import selected
from store.results.selection import Selection
from store.results.slices import premise_differences


def changes(selection: Selection, arms: list[str], baseline: str) -> pd.DataFrame:
    """`core.evaluation.slices.by_language` of the arms against the baseline, kept until the store changes."""
    others = [arm for arm in arms if arm != baseline]
    return _tested(read(premise_differences, selection, others, baseline)) if others else by_language(_none())


def draw(chosen: ErrorSelection, saved_as: str) -> None:
    selection = chosen.with_baseline().of_items()
    accuracy = read(selected.accuracy, selection)
    if accuracy.empty:
        note("No item passes the filters of items, so there is nothing to compare.")
        return
    baseline = chosen.baseline
    found = changes(selection, chosen.arms, baseline)
    code, arm, value = accuracy_heatmap.worst(accuracy[accuracy["arm"].isin(chosen.arms)])
    finding(f"The lowest accuracy is {rate(value)}: {arm} in {language(code).name}.")
    title = f"Accuracy ×100 by language and arm, {chosen.split} split"

    def opened(cell: list[str]) -> None:
        st.session_state["run"], st.session_state["languages"] = [cell[0]], [cell[1]]
        st.session_state["outcome"] = "wrong"

    made = accuracy_heatmap.accuracy_heatmap(accuracy, found, baseline, title)
    show.figure(made, "languages-arms", saved_as, on_click=opened, alt=title)
    descriptive = chosen.descriptive()
    test = (
        "Tests: signs of whole premises flipped on seed means, Holm over the languages other than English of each arm"
    )
    caption(
        f"{test}. "
        + (f"Descriptive only, since {descriptive}. " if descriptive else "")
        + "Filters of items apply here, filters of predictions do not. Click a cell to list its errors."
    )
    _claims(chosen, selection, found, baseline)
    with st.expander("The numbers"):
        names = ("accuracy", "change", "low", "high")
        columns = {name: show.number(name) for name in names} | {
            p: show.number(p, digits=3) for p in ("p", "p corrected")
        }
        show.table(accuracy_heatmap.table(accuracy, found), "languages-arms", columns)


def _claims(chosen: ErrorSelection, selection: Selection, found: pd.DataFrame, baseline: str) -> None:
    told = []
    how = claims.command(chosen, "change", selection, "--against", baseline)
    rows: Iterator[Any] = found.itertuples(index=False)
    for row in rows:
        if len(found) > 15 and not language(row.value).low_resource:
            continue
        runs = chosen.group.loc[chosen.group["arm"].isin([row.arm, baseline]), "run_id"]
        what = f"Change in accuracy of {row.arm} against {baseline} in {language(row.value).name}"
        n = f"{plural(row.items, 'item')}, {plural(row.seeds, 'seed')}"
        words = claims.filters_in_words(selection)
        told.append(
            claim(what + words, row.difference, row.low, row.high, n, [r for r in runs if r in selection.run_ids], how)
        )
    claims.claims(told, "glance")


@st.cache_data(show_spinner="Testing the differences…", max_entries=64)
def _tested(sums: pd.DataFrame) -> pd.DataFrame:
    return by_language(sums)


def _none() -> pd.DataFrame:
    return pd.DataFrame(columns=["arm", "slice", "value", "premise", "difference", "items", "seeds"])
