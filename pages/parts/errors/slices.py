"""Slices ranked by how much two arms differ there, corrected for the number looked at."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pandas as pd
import streamlit as st

from core.figures.claim import claim
from core.languages import language
from core.notation import interval, p_value, plural, signed
from core.verdict.marks import p_words
from pages.parts import show
from pages.parts.errors import claims
from pages.parts.errors.filters import ErrorSelection
from pages.parts.stored import read
from pages.parts.text import caption, finding, note
from store.results.changes import slice_changes


def draw(chosen: ErrorSelection) -> None:
    selection = chosen.with_baseline().of_items()
    others = [arm for arm in chosen.group["arm"].drop_duplicates() if arm != chosen.baseline]
    if not others:
        note("One arm is stored, and it takes two to compare.")
        return
    start = next((others.index(arm) for arm in chosen.arms if arm in others), 0)
    arm = st.selectbox(f"Arm, against {chosen.baseline}", others, start, key="arm", bind="query-params", width=260)
    runs = chosen.group[
        chosen.group["arm"].isin([arm, chosen.baseline]) & chosen.group["seed"].isin(set(chosen.runs["seed"]))
    ]
    selection = chosen.selection.of_items(runs["run_id"])
    table = read(slice_changes, selection, [arm], chosen.baseline)
    if table.empty:
        note("The two arms share no item that passes the filters.")
        return
    best = table.iloc[0]
    stands = _p(best)
    finding(
        f"Of {plural(len(table), 'slice')}, {arm} and {chosen.baseline} differ most surely in "
        f"{_named(best['slice'], best['value'])}: {signed(best['difference'])} points "
        f"({signed(best['low'])} to {signed(best['high'])}; {plural(int(best['items']), 'item')}; {stands})."
    )
    shown = pd.DataFrame(
        {
            "slice": [_named(name, value) for name, value in zip(table["slice"], table["value"], strict=True)],
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
        }
    )
    numbers = {name: show.number(name) for name in ("difference", "low", "high", "at least")}
    show.table(shown, "slices", numbers | {name: show.number(name, digits=3) for name in ("p", "p over slices", "q")})
    how = claims.command(chosen, "slices", selection, "--against", chosen.baseline)
    rows: Iterator[Any] = table.head(5).itertuples(index=False)
    sentences = [
        claim(
            f"Change in accuracy of {arm} against {chosen.baseline}, {_named(r.slice, r.value)}"
            f"{claims.filters_in_words(selection)} ({_p(r._asdict())})",
            r.difference, r.low, r.high, plural(r.items, "item"), runs["run_id"], how,
        )
        for r in rows
    ]  # fmt: skip
    claims.claims(sentences, "slices", chosen)
    more = "" if selection.texts else " Switch on “Filter by text” for slices by length, subwords per word and overlap."
    caption(
        f"Ranked by “at least”: the end of the 95 % interval ({interval(best['low'], best['high'])} in the first "
        "row) that is nearer to zero, so that a small slice does not come first by chance. p is the study's own "
        "of a language. p over slices (Holm) and q (Benjamini and Hochberg) are for the other slices together and "
        f"explore; filters and fewer than three seeds leave them out. Slices of the same items are one.{more}"
    )


def _named(name: str, value: str) -> str:
    if name in ("language", "language and gold label"):
        code, *rest = str(value).split(", ")
        return ", ".join([language(code).label, *rest])
    return f"{name}: {value}"


def _p(row: Mapping[str, Any]) -> str:
    """The study's own p of a language, the one over slices, or why there is none."""
    if row["p_holm"] == row["p_holm"]:
        return f"p {p_value(row['p_holm'])} over slices"
    return p_words(row)
