"""Languages by arms: accuracy, change against the baseline, significance; a click shows the errors of a cell."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import streamlit as st

from core.figures import accuracy_heatmap
from core.figures.claim import claim
from core.languages import language
from core.notation import plural, rate
from core.verdict.marks import p_words
from pages.parts import show
from pages.parts.errors import claims
from pages.parts.errors.filters import ErrorSelection
from pages.parts.stored import read
from pages.parts.text import caption, finding, note
from store.results import selected
from store.results.changes import language_changes
from store.results.selection import Selection


def changes(selection: Selection, arms: list[str], baseline: str) -> pd.DataFrame:
    """`store.results.changes.language_changes` of the arms against the baseline, kept until the store changes."""
    found: pd.DataFrame = read(language_changes, selection, [arm for arm in arms if arm != baseline], baseline)
    return found


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
    test = "★: the study's own p, over premises and seeds, Holm over languages; one run or some items carry no star"
    caption(
        f"{test}. "
        + (f"Descriptive only, since {descriptive}. " if descriptive else "")
        + "Filters of items apply here, filters of predictions do not. Click a cell to list its errors."
    )
    _claims(chosen, selection, found, baseline)
    with st.expander("The numbers"):
        names = ("accuracy", "change", "low", "high")
        columns = {name: show.number(name) for name in names} | {"p": show.number("p", digits=3)}
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
        n = f"{plural(row.items, 'item')}, {plural(row.seeds, 'seed')}, {p_words(row._asdict())}"
        words = claims.filters_in_words(selection)
        told.append(
            claim(what + words, row.difference, row.low, row.high, n, [r for r in runs if r in selection.run_ids], how)
        )
    claims.claims(told, "glance", chosen)
