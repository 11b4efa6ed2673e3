"""The smaller views of the errors page: calibration, premise by hypothesis language, alignment and accuracy."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.evaluation.explained import STEP, changes, slopes
from core.evaluation.flip_odds import FEWEST, flip_odds
from core.figures.claim import claim
from core.figures.explained import explained, told
from core.figures.flip_odds import odds_finding, odds_forest, told_odds
from core.figures.generalised import SCORE, language_map, language_pairs
from core.figures.reliability import expected_error, reliability_curves
from core.notation import plural
from pages.parts import look, show
from pages.parts.errors import claims
from pages.parts.errors.accuracy_heatmap import changes as accuracy_changes
from pages.parts.errors.filters import ErrorSelection
from pages.parts.stored import read
from pages.parts.text import caption, finding, note
from store.results import premise_costs, rankings, scores, selected

#: Runs whose curves are drawn; more would be too small to read.
MOST = 9


def calibration(chosen: ErrorSelection, saved_as: str) -> None:
    """Accuracy against confidence, a panel a run."""
    selection = chosen.selection.of_items()
    bins = read(selected.calibration, selection)
    if bins.empty:
        note("No item passes the filters of items, so there is no curve to draw.")
        return
    runs = [run for run in selection.run_ids if run in set(bins["run_id"])]
    labels = {run: chosen.labels[run] for run in runs[:MOST]}
    arms = dict(zip(chosen.group["run_id"], chosen.group["arm"], strict=True))
    title = f"Does confidence mean what it says? {chosen.split} split"
    errors = {run: expected_error(bins[bins["run_id"] == run]) for run in runs}
    best, worst = min(errors, key=lambda r: errors[r]), max(errors, key=lambda r: errors[r])
    finding(
        f"The expected calibration error is lowest for {chosen.labels[best]} ({errors[best]:.1f}) and highest for "
        f"{chosen.labels[worst]} ({errors[worst]:.1f})."
    )
    show.figure(reliability_curves(bins, labels, arms, title), "calibration", saved_as, alt=title)
    if len(runs) > MOST:
        caption(f"The first {MOST} of {plural(len(runs), 'run')} are drawn; the table has all of them.")
    caption("Filters of items apply here, filters of predictions do not.")
    how = claims.command(chosen, "calibration", selection)
    words = claims.filters_in_words(selection)
    sentences = [
        claim(
            f"Expected calibration error ×100 of {chosen.labels[run]} in 15 bins{words}", errors[run], float("nan"),
            float("nan"), plural(int(bins.loc[bins["run_id"] == run, "items"].sum()), "prediction"), [run], how, False,
        )
        for run in runs
    ]  # fmt: skip
    claims.claims(sentences, "calibration", chosen)
    show.download(bins.assign(run=bins["run_id"].map(chosen.labels)), "calibration")


def generalised(chosen: ErrorSelection, saved_as: str) -> None:
    """Premise language by hypothesis language, where runs store it."""
    found = read(scores.read_scores, list(chosen.group["run_id"]), SCORE)
    pairs = language_pairs(found)
    pairs = pairs[pairs["split"].isin(["", chosen.split])]
    shown = [run for run in chosen.selection.run_ids if run in set(pairs["run_id"])]
    if not shown:
        note(
            "No chosen run stores accuracies with premise and hypothesis in two languages, so there is no map to draw."
        )
        return
    arms = dict(zip(chosen.group["run_id"], chosen.group["arm"], strict=True))
    bases = chosen.group.loc[chosen.group["arm"] == chosen.baseline, "run_id"]
    base = next((run for run in bases if run in set(pairs["run_id"])), None)
    change = base is not None and st.toggle(
        f"Show the change against {chosen.baseline}", key="against", bind="query-params"
    )
    for start in range(0, len(shown), 2):
        row = shown[start : start + 2]
        for column, run in zip(look.columns(f"generalised-{start}", len(row), "wide"), row, strict=True):
            own = pairs[pairs["run_id"] == run]
            other = pairs[pairs["run_id"] == base] if change and run != base else None
            with column:
                made = language_map(own, arms[run], chosen.labels[run], other)
                show.figure(
                    made, f"generalised-{run}", saved_as, alt=f"{chosen.labels[run]}: premise by hypothesis language"
                )
    caption("The filters above do not apply: these accuracies were counted by the runs themselves.")
    show.download(pairs, "generalised")


def alignment(chosen: ErrorSelection, saved_as: str) -> None:
    """Does alignment go with accuracy? By language."""
    baseline = chosen.baseline
    selection = chosen.with_baseline().of_items()
    ranks = read(rankings.reciprocal_ranks, list(selection.run_ids))
    accuracy = accuracy_changes(selection, chosen.arms, baseline)
    table = changes(ranks, accuracy, baseline) if len(ranks) and len(accuracy) else pd.DataFrame()
    if table.empty:
        note(
            f"It takes {baseline}, another arm of the same seed and the rankings of translations that both kept; no "
            "such pair of runs is among those chosen."
        )
        _by_item(chosen, saved_as)
        return
    lines = slopes(table)
    for line in told(lines):
        finding(line)
    show.figure(
        explained(table, baseline),
        "alignment-accuracy",
        saved_as,
        alt="Change in translations found against change in accuracy",
    )
    caption(
        "Mean reciprocal rank ×100 of a sentence's translation, both ways between the language and English, over "
        f"{plural(int(table['sentences'].max()), 'sentence')} that no arm trained on; the training objective is no "
        "measure of alignment. A point is a language, and languages are few: the line describes them and is no cause."
    )
    how = claims.command(chosen, "alignment", selection, "--against", baseline)
    sentences = [
        claim(
            f"Points of accuracy that {one.arm} gains against {baseline} for {STEP:g} points of mean reciprocal rank",
            one.slope, one.low, one.high, plural(one.languages, "language"), selection.run_ids, how,
        )
        for one in lines
        if one.low == one.low
    ]  # fmt: skip
    claims.claims(sentences, "alignment", chosen)
    names = ("mrr", "mrr_low", "mrr_high", "difference", "low", "high")
    show.table(table, "alignment-accuracy", {name: show.number(name) for name in names})
    _by_item(chosen, saved_as)


def _by_item(chosen: ErrorSelection, saved_as: str) -> None:
    """The same by item: does a flip go with its own premise coming nearer?"""
    baseline = chosen.baseline
    selection = chosen.with_baseline().of_items()
    st.subheader("Item by item: odds associations", anchor=False)
    answers = read(premise_costs.premise_answers, list(selection.run_ids), selection.split, selection.languages)
    table = flip_odds(answers, baseline) if len(answers) else pd.DataFrame()
    if table.empty:
        note(
            f"No two of these runs, {baseline} and another arm of its seed, kept the plans of XNLI's premises, so the "
            "odds of a flip cannot be set against the cost of its own premise; seed 0 of the main arms of `python -m "
            "core run --preset reference` keeps them."
        )
        return
    lines = told_odds(table)
    finding(odds_finding(table) or f"Fewer than {FEWEST} items flipped either way, too few to give odds.")
    if lines:
        alt = "Odds associations of a flip with its own premise coming nearer to English"
        show.figure(odds_forest(table, baseline), "flip-odds", saved_as, alt=alt)
    caption(
        f"Of the languages and premises whose plans were kept ({plural(int(table['premises'].max()), 'premise')}). "
        f"Fixed: wrong with {baseline}, right with the arm; broken: the other way round. Logistic regression with an "
        "intercept a language, errors clustered by premise; filters of languages apply, other filters do not. "
        "An association, not a cause."
    )
    how = claims.command(chosen, "flip-odds", selection, "--against", baseline)
    estimated = (row for row in table.to_dict("records") if row["odds"] == row["odds"])
    sentences = [
        f"{line[:-1]} ({plural(row['flips'], 'flip')} of {plural(row['items'], 'item')}, "
        f"{plural(row['premises'], 'premise')}; runs {', '.join(selection.run_ids)}; `{how}`)."
        for line, row in zip(lines, estimated, strict=True)
    ]
    claims.claims(sentences, "flip-odds", chosen)
    show.table(table, "flip-odds", {n: show.number(n, digits=2) for n in ("odds", "low", "high")})
