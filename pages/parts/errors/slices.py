"""Slices in which two arms differ, corrected for the number looked at: the fixed ones and a person's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
import streamlit as st
from numpy.typing import NDArray

from core.errors import IsoglossError
from core.evaluation.slicing.family import OWN
from core.evaluation.slicing.opening import slice_keys
from core.evaluation.slicing.table import SliceTable
from core.figures.claim import claim
from core.figures.slices import drawn_slices, slice_forest, slice_mark, slice_name, slice_p
from core.notation import interval, plural, signed
from pages.parts import show
from pages.parts.errors import arm_pair, claims, slice_bench, slice_columns, slice_source
from pages.parts.errors.filters import ErrorSelection
from pages.parts.stored import read
from pages.parts.text import caption, finding, note
from store.results.changes import SliceFamily, slice_family
from store.results.selection import Selection


def draw(chosen: ErrorSelection, saved_as: str) -> None:
    line, kept = slice_bench.query_line()
    table = _bench(chosen, line, kept)
    if chosen.group["arm"].nunique() < 2:
        note("One arm is stored, and it takes two to compare.")
        return
    against, arm = arm_pair.choose(chosen)
    if arm == against:
        note("Both sides are the same arm; choose two.")
        return
    runs = chosen.group[chosen.group["arm"].isin([arm, against]) & chosen.group["seed"].isin(set(chosen.runs["seed"]))]
    selection = chosen.selection.of_items(runs["run_id"])
    own: dict[str, NDArray[np.int64]] = {}
    told: list[str] = []
    if table is not None and kept:
        own, told = slice_keys(table, kept, lambda kept_line: slice_source.sliced(table, kept_line).mask)
    codes = list(table.codes) if table is not None else []
    family: SliceFamily = read(slice_family, selection, arm, against, codes, own)
    if family.table.empty:
        note("The two arms share no item that passes the filters.")
        return
    _family(chosen, family, (arm, against), selection, bool(own), saved_as)
    for sentence in (*told, *_left_out(family)):
        caption(sentence)


def _bench(chosen: ErrorSelection, line: str, kept: dict[str, str]) -> SliceTable | None:
    """The line, its counts, and what is kept; the items, or None where none are asked for or their text is not here."""
    table: SliceTable | None = None
    problem = ""
    with st.expander("Columns of your own", key="columns", on_change="rerun") as place:
        if line or kept or place.open:
            try:
                table = slice_source.table_of(chosen)
            except IsoglossError as error:
                problem = f"Slices by text cannot be made here. {error}"
        if table is not None and place.open:
            slice_columns.draw(chosen, table)
    if problem:
        note(problem)
    if table is None:
        return None
    if line and slice_bench.draw_slice(chosen, table, line):
        slice_bench.keep(line)
    if kept:
        with st.expander(f"Kept slices ({len(kept)})"):
            slice_bench.manage(kept, table)
    return table


def _family(
    chosen: ErrorSelection, family: SliceFamily, arms: tuple[str, str], selection: Selection, kept: bool, saved_as: str
) -> None:
    table, (arm, against) = family.table, arms
    best = table.to_dict("records")[0]
    finding(
        f"Of {plural(len(table), 'slice')}, {arm} and {against} differ most surely in "
        f"{slice_name(best['slice'], best['value'])}: {signed(best['difference'])} points "
        f"({signed(best['low'])} to {signed(best['high'])}; {plural(int(best['items']), 'item')}; {slice_p(best)})."
    )
    drawn = drawn_slices(table)
    alt = f"{arm} minus {against} by slice, with intervals"
    show.figure(slice_forest(drawn, arm, against), "slices", saved_as, alt=alt)
    if len(drawn) < len(table):
        caption(f"{len(drawn)} of {len(table)} slices are drawn, kept ones first; the table has all of them.")
    show.table(_shown(table), "slices", _numbers())
    how = claims.command(chosen, "slices", selection, "--against", against, *["--kept"] * kept)
    rows: Iterator[Any] = table.head(5).itertuples(index=False)
    sentences = [
        claim(
            f"Change in accuracy of {arm} against {against}, {slice_name(r.slice, r.value)}"
            f"{claims.filters_in_words(selection)} ({slice_p(r._asdict())})",
            r.difference, r.low, r.high, plural(r.items, "item"), selection.run_ids, how,
        )
        for r in rows
    ]  # fmt: skip
    claims.claims(sentences, "slices", chosen)
    more = "" if selection.texts else " Switch on “Filter by text” for slices by length, subwords per word and overlap."
    caption(
        f"Ranked by “at least”: the end of the 95 % interval ({interval(best['low'], best['high'])} in the first "
        "row) that is nearer to zero, so that a small slice does not come first by chance. p is the study's own "
        "of a language. p over slices (Holm) and q (Benjamini and Hochberg) are for the other slices together, kept "
        "ones too, and explore: whoever looks at the answers, writes a slice and keeps it has looked at more than "
        f"these. Filters, fewer than three seeds and few premises leave them out.{more}"
    )


def _shown(table: pd.DataFrame) -> pd.DataFrame:
    rows = table.to_dict("records")
    return pd.DataFrame(
        {
            "slice": [slice_name(row["slice"], row["value"]) for row in rows],
            "by": table["slice"],
            "difference": table["difference"],
            "low": table["low"],
            "high": table["high"],
            "at least": table["at_least"],
            "items": table["items"],
            "premises": table["premises"],
            "p": table["p"],
            "p over slices": table["p_holm"],
            "q": table["q"],
            "mark": [slice_mark(row) for row in rows],
            "test": [slice_p(row) for row in rows],
        }
    )


def _numbers() -> dict[str, Any]:
    numbers = {name: show.number(name) for name in ("difference", "low", "high", "at least")}
    return numbers | {name: show.number(name, digits=3) for name in ("p", "p over slices", "q")}


def _left_out(family: SliceFamily) -> list[str]:
    """A sentence on each kept slice that is no slice of its own, and on the fixed ones together."""
    told = [f"The kept slice “{name}” has no item that both arms answered." for name in family.without]
    fixed = 0
    for (name, value), (same, other) in family.again.items():
        if name == OWN:
            told.append(
                f"The kept slice “{value}” has exactly the items of {slice_name(same, other)} and counts once, as that."
            )
        else:
            fixed += 1
    if fixed:
        told.append(
            f"{plural(fixed, 'slice')} of the same items as an earlier one {'is' if fixed == 1 else 'are'} left out."
        )
    return told
