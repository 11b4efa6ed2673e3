"""Confusion matrices of the chosen arms side by side; a click on a cell lists its items."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from core.data.records import LABELS
from core.figures.claim import claim
from core.figures.confusion import confusion
from core.languages import language
from core.notation import plural
from core.statistics.intervals import wilson
from pages.parts import look, show
from pages.parts.errors import claims
from pages.parts.errors.filters import ANY, ErrorSelection
from pages.parts.stored import read
from pages.parts.text import caption, note
from store.results import selected


def draw(chosen: ErrorSelection, saved_as: str) -> None:
    selection = chosen.selection.without_labels()
    counts = read(selected.confusion, selection)
    if counts.empty:
        note("No prediction passes the filters other than those of labels.")
        return
    counts = counts.merge(chosen.group[["run_id", "arm", "seed"]], on="run_id")
    codes = selection.languages
    where = ", ".join(language(code).name for code in codes) if codes else "all its languages"
    told = []
    arms = [arm for arm in chosen.arms if arm in set(counts["arm"])]
    for start in range(0, len(arms), 3):
        row = arms[start : start + 3]
        for column, arm in zip(look.columns(f"confusion-{start}", len(row), "medium"), row, strict=True):
            own = counts[counts["arm"] == arm]
            cells = own.groupby(["gold", "predicted"], as_index=False)["items"].sum()
            seeds = own["seed"].nunique()
            label = f"{arm}, {where}" + (f", {plural(seeds, 'seed')}" if seeds > 1 else "")
            with column:
                made = confusion(cells, "Gold against predicted", label)
                show.figure(
                    made, f"confusion-{arm}", saved_as, on_click=_opened(arm), alt=f"{label}: gold and predicted"
                )
            right = int(cells.loc[cells["gold"] == cells["predicted"], "items"].sum())
            total = int(cells["items"].sum())
            how = claims.command(chosen, "confusion", selection)
            words = claims.filters_in_words(selection)
            told.append(
                claim(
                    f"Accuracy of {label}{words}", 100 * right / total, *wilson(right, total),
                    plural(total, "prediction"), sorted(set(own["run_id"])), how, change=False,
                )
            )  # fmt: skip
    caption("Counts before the filters of labels and outcome. Click a cell to list its items.")
    table = counts.assign(gold=[LABELS[i] for i in counts["gold"]], predicted=[LABELS[i] for i in counts["predicted"]])
    claims.claims(told, "confusion", chosen)
    show.download(table, "confusion")


def _opened(arm: str) -> Callable[[list[int]], None]:
    def opened(cell: list[int]) -> None:
        st.session_state["gold"], st.session_state["predicted"] = LABELS[cell[0]], LABELS[cell[1]]
        st.session_state["outcome"], st.session_state["run"] = ANY, [arm]

    return opened
