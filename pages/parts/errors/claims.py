"""“Copy as claim”: a number of the page as one sentence that says how to get it again."""

from __future__ import annotations

import shlex
from collections.abc import Sequence

import streamlit as st

from core.data.records import LABELS
from core.experiment.run_encoder import told_readings
from pages.parts.errors.filters import ErrorSelection
from store.results.selection import TEXT, Selection


def claims(sentences: Sequence[str], name: str, chosen: ErrorSelection) -> None:
    """A button that opens the sentences, each with its own button to copy it and with who read."""
    if not sentences:
        return
    runs = chosen.group[chosen.group["run_id"].isin(chosen.with_baseline().run_ids)]
    reading = told_readings(runs.to_dict("records"))
    with st.popover("Copy as claim", icon=":material/format_quote:", key=f"claim-{name}"):
        for sentence in sentences:
            st.code(f"{sentence} Read by {reading}.", language=None, wrap_lines=True)


def command(chosen: ErrorSelection, what: str, selection: Selection, *more: str) -> str:
    """The command line that prints the numbers of a view for this selection."""
    return shlex.join(["python", "-m", "core", "errors", what, *arguments(selection), *more]) + _data(chosen)


def arguments(s: Selection) -> list[str]:
    """The options of `python -m core errors` that ask for this selection."""
    found = ["--runs", ",".join(s.run_ids), "--split", s.split]
    if s.languages:
        found += ["--languages", ",".join(s.languages)]
    for option, labels in (("--gold", s.gold), ("--predicted", s.predicted)):
        if labels is not None:
            found += [option, LABELS[labels[0]]]
    if s.correct is not None:
        found += ["--outcome", "right" if s.correct else "wrong"]
    if s.like_english is not None:
        found += ["--english", "same" if s.like_english else "other"]
    if s.runs_agree is not None:
        found += ["--agreement", "agree" if s.runs_agree else "differ"]
        if s.compared != s.run_ids:
            found += ["--compared", ",".join(s.compared)]
    for name in ("confidence", *TEXT):
        limits = getattr(s, name)
        if limits is not None:
            found += [f"--{name}", f"{limits[0]:g},{limits[1]:g}"]
    if s.texts and any(getattr(s, name) is not None for name in TEXT):
        found += ["--texts", s.texts]
    if s.without:
        found.append("--unmarked")
    return found


def filters_in_words(s: Selection) -> str:
    """The filters that choose among items or predictions, for a claim; "" where there are none."""
    said = []
    for name, labels in (("gold", s.gold), ("predicted", s.predicted)):
        if labels is not None:
            said.append(f"{name} {LABELS[labels[0]]}")
    if s.correct is not None:
        said.append("right" if s.correct else "wrong")
    if s.like_english is not None:
        said.append("labelled as in English" if s.like_english else "labelled other than in English")
    if s.runs_agree is not None:
        said.append("runs agree" if s.runs_agree else "runs differ")
    for name in ("confidence", *TEXT):
        limits = getattr(s, name)
        if limits is not None:
            said.append(f"{name} {limits[0]:g} to {limits[1]:g}")
    if s.without:
        said.append("without items marked doubtful")
    return f" ({', '.join(said)})" if said else ""


def _data(chosen: ErrorSelection) -> str:
    return "" if chosen.kind == "xnli" else "  # starter data, not XNLI"
