"""The overview's account: whether objectives moved, costs, training, and what was tried and fixed before."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.evaluation.objective_wording import in_todays_words
from core.figures import costs
from core.figures.curves import training_curves
from core.figures.definitions import definition
from core.figures.table_latex import latex_table
from core.reference.preregistration import flat, read_fixed, read_trials
from pages.parts import show
from pages.parts.cards import told
from pages.parts.stored import read
from pages.parts.text import caption
from store.records import read_records
from store.results import curves as stored_curves
from store.results import scores


def objectives(runs: pd.DataFrame) -> None:
    """Did each arm's own objective move?"""
    st.subheader("Did each arm's own objective move?", anchor=False)
    table = costs.objectives(runs, read(scores.read_scores, list(runs["run_id"])))
    judged = runs[runs["took"].notna()]
    several = judged["arm"].duplicated(keep=False)
    names = [
        f"{arm}, seed {seed}" if many else arm
        for arm, seed, many in zip(judged["arm"], judged["seed"], several, strict=True)
    ]
    sentences = [in_todays_words(sentence) for sentence in judged["took_sentence"]]
    lines = [told(arm, text, name) for arm, text, name in zip(judged["arm"], sentences, names, strict=True)]
    st.html(f'<ul class="iso-list">{"".join(lines)}</ul>')
    numbers = {str(name): show.number(str(name), digits=3 if "cost" in str(name) else 1) for name in table.columns[3:]}
    with st.expander("The same as numbers"):
        show.table(table, "objectives", numbers)
    caption("An arm that did not move its own objective on held-out bitext says nothing about that objective.")


def cost(runs: pd.DataFrame) -> None:
    """Minutes, tokens and pairs: the mean of a run of each arm; the warm start they share stands in front."""
    st.subheader("What it cost", anchor=False)
    starts = [str(start) for start in dict.fromkeys(runs["warm_start"].dropna()) if start not in set(runs["run_id"])]
    records = read(read_records, [*starts, *runs["run_id"]])
    table = costs.cost_by_arm(records)
    whole = ("updates", "tokens forward", "tokens backward", "English pairs", "bitext pairs")
    columns = {
        name: st.column_config.NumberColumn(name, format="localized", help=definition(name) or None) for name in whole
    }
    columns |= {name: show.number(name, definition(name)) for name in ("minutes", "training minutes")}
    show.dataframe(table, columns)
    with show.side_by_side("cost"):
        show.download(table, "cost")
        show.download(costs.cost_table(runs), "cost-by-run", "CSV by run")
        show.latex(latex_table(table, "Cost of a run, mean by arm"), "cost")
    caption(
        "The mean of a run of each arm; every arm of a seed begins at the same warm start. The same number of updates "
        "is not the same compute: compare the tokens. Minutes also depend on what else the machine did, and on whether "
        "an earlier run had kept what the frozen layers give."
    )


def training(runs: pd.DataFrame, saved_as: str) -> None:
    found = read(stored_curves.read_curves, list(runs["run_id"]))
    if found.empty:
        return
    with st.expander("How training went"):
        show.figure(training_curves(found, "Training curves, one line a run"), "curves", saved_as)
        show.download(found, "curves")


def trials() -> None:
    """The log of tuning trials, where there is one."""
    table = read_trials()
    if table is None or table.empty:
        return
    with st.expander(f"What was tried before: {len(table)} trials"):
        columns = {"english": show.number("English ×100", definition("english")), "minutes": show.number("minutes")}
        columns["objective"] = show.number("objective", definition("objective"), digits=3)
        show.dataframe(table, columns)
        with show.side_by_side("trials"):
            show.download(table, "trials")
            show.latex(latex_table(table, "Tuning trials"), "trials")
        caption(
            "Strengths were chosen by English validation and each arm's own objective; no test item was read for it."
        )


def fixed() -> None:
    """What was decided before the test split was read, where the file is there."""
    found = read_fixed()
    if found is None:
        return
    text, content = found
    with st.expander("Preregistered: what was fixed before XNLI's test split was read"):
        table = flat(content)
        show.dataframe(table)
        show.download(table, "fixed")
        caption("The committed file, as it is:")
        st.code(text, language="toml")
