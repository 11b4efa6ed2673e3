"""The retrieval experiment on the page: its verdict, its figure and its tables."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from core.errors import BadInput
from core.evaluation.objective_wording import in_todays_words
from core.figures.query_encoders import gains_over_baseline, levels_table, questions_table
from core.notation import p_value
from core.query_encoders.results import experiment_runs, query_table
from core.query_encoders.verdict import Level, levels, verdict
from core.verdict.verdict import Result
from pages.parts import show
from pages.parts.stored import workspace
from pages.parts.text import caption, finding, note


def stored() -> bool:
    """Whether the experiment was run."""
    return bool(experiment_runs(workspace()))


def section(saved_as: str) -> None:
    """What query encoders trained on bitext alone gain, where the experiment was run."""
    runs = experiment_runs(workspace())
    st.subheader("Query encoders trained on bitext alone", anchor=False)
    asked, values, problem = _answers(tuple(str(path) for path, _ in runs), _stamp([path for path, _ in runs]))
    if problem:
        note(problem)
        return
    primary = next((q for q in asked if q.primary), None)
    if primary is not None:
        finding(primary.sentence)
    else:
        arms = ", ".join(dict.fromkeys(str(told["arm"]) for _, told in runs))
        note(f"Not all runs are there yet ({arms}), so the primary question has no answer.")
    if any(q.second == "no-adaptation" for q in asked):
        made = gains_over_baseline(asked)
        show.figure(made, "query-encoders", saved_as, alt="Query encoders minus no adaptation")
    show.table(levels_table(values), "query-encoder-levels")
    caption(
        "Documents stay indexed by the frozen encoder and only the query encoder is trained, on bitext of Swahili, "
        "Urdu, Hindi, Thai and Turkish (OPTICAL, arXiv 2301.12566). ×100, intervals over queries of these runs."
    )
    if asked:
        table = questions_table(asked)
        columns = {name: show.difference(name) for name in ("difference", "low", "high")}
        show.dataframe(table.assign(p=[p_value(p) for p in table["p"]]), columns)
        show.download(table, "query-encoder-questions")
        caption("Differences in points; p of all but the primary question corrected over their number (Holm).")
    for _, told in runs:
        if told.get("took") is False:
            caption(f"{told['arm']}, seed {told['seed']}: {in_todays_words(told['took_sentence'])}")


def _stamp(folders: list[Path]) -> tuple[int, ...]:
    return tuple((folder / "run.json").stat().st_mtime_ns for folder in folders)


@st.cache_data(show_spinner="Comparing the query encoders…", max_entries=4)
def _answers(folders: tuple[str, ...], stamped: tuple[int, ...]) -> tuple[list[Result], list[Level], str]:
    runs = [one for one in experiment_runs(workspace()) if str(one[0]) in folders]
    try:
        rows: pd.DataFrame = query_table(runs)
    except BadInput as error:
        return [], [], str(error)
    return verdict(rows), levels(rows), ""
