"""Predictions by item: accuracy, what the runs cover, every prediction, and one item as all runs saw it.

Labels are 0, 1, 2 as in `core.data.records.LABELS`. `predicted` is the most probable label.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import pandas as pd

from core.workspace import Workspace
from store.results.query import among, fetch, in_language_order

_PROBABILITIES = "p.entailment, p.neutral, p.contradiction"


def accuracy(
    workspace: Workspace, run_ids: Sequence[str], split: str, languages: Iterable[str] | None = None
) -> pd.DataFrame:
    """run_id, arm, seed, language, items, correct, accuracy (x100), one row a run and language."""
    of_runs, runs = among("run_id", run_ids)
    of_languages, codes = among("language", languages)
    return fetch(
        workspace,
        f"""SELECT run_id, arm, seed, language, items, correct, 100.0 * correct / items AS accuracy
            FROM (SELECT run_id, language, count(*) AS items, count(*) FILTER (predicted = gold) AS correct
                  FROM predictions WHERE {of_runs} AND split = ? AND {of_languages} GROUP BY ALL)
            JOIN runs USING (run_id)
            ORDER BY list_position(?::VARCHAR[], run_id), {in_language_order("language")}""",
        [*runs, split, *codes, list(run_ids)],
    )


def coverage(workspace: Workspace, run_ids: Sequence[str]) -> pd.DataFrame:
    """run_id, split, language, items: what the runs have predictions for."""
    of_runs, runs = among("run_id", run_ids)
    return fetch(
        workspace,
        f"""SELECT run_id, split, language, count(*) AS items FROM predictions WHERE {of_runs}
            GROUP BY run_id, split, language
            ORDER BY list_position(?::VARCHAR[], run_id), split, {in_language_order("language")}""",
        [*runs, list(run_ids)],
    )


def read(
    workspace: Workspace, run_ids: Sequence[str], split: str, languages: Iterable[str] | None = None
) -> pd.DataFrame:
    """Every prediction, for statistics: run_id, language, item_id, gold, predicted and the probabilities.

    Sorted by run (as asked for), language (as the figures order them) and item.
    """
    of_runs, runs = among("p.run_id", run_ids)
    of_languages, codes = among("p.language", languages)
    return fetch(
        workspace,
        f"""SELECT p.run_id, p.language, p.item_id, p.gold, p.predicted, {_PROBABILITIES}
            FROM predictions p WHERE {of_runs} AND p.split = ? AND {of_languages}
            ORDER BY list_position(?::VARCHAR[], p.run_id), {in_language_order("p.language")}, p.item_id""",
        [*runs, split, *codes, list(run_ids)],
    )


def read_robust(workspace: Workspace, run_ids: Sequence[str]) -> pd.DataFrame:
    """Every prediction under harder inputs: the columns of `read` and split, which names the input."""
    of_runs, runs = among("p.run_id", run_ids)
    return fetch(
        workspace,
        f"""SELECT p.run_id, p.split, p.language, p.item_id, p.gold, p.predicted, {_PROBABILITIES}
            FROM robust p WHERE {of_runs} ORDER BY p.run_id, p.split, p.language, p.item_id""",
        runs,
    )


def item(workspace: Workspace, run_ids: Sequence[str], split: str, item_id: int) -> pd.DataFrame:
    """One item in every language, as every run saw it.

    Columns: run_id, arm, seed, language, gold, predicted, correct and the probabilities.
    """
    of_runs, runs = among("p.run_id", run_ids)
    return fetch(
        workspace,
        f"""SELECT p.run_id, r.arm, r.seed, p.language, p.gold, p.predicted, p.predicted = p.gold AS correct,
                {_PROBABILITIES}
            FROM predictions p JOIN runs r USING (run_id) WHERE {of_runs} AND p.split = ? AND p.item_id = ?
            ORDER BY {in_language_order("p.language")}, list_position(?::VARCHAR[], p.run_id)""",
        [*runs, split, int(item_id), list(run_ids)],
    )
