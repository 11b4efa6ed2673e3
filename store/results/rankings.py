"""Rankings: what a run retrieved for a query, best first."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from core.workspace import Workspace
from store.results.query import among, fetch, in_language_order


def read(
    workspace: Workspace, run_ids: Sequence[str], collection: str, query_language: str, query_id: int
) -> pd.DataFrame:
    """run_id, arm, seed, candidate_language, rank, candidate_id, score of one query, best first.

    Ranks are those the run wrote. Runs come in the order asked for.
    """
    of_runs, runs = among("k.run_id", run_ids)
    return fetch(
        workspace,
        f"""SELECT k.run_id, r.arm, r.seed, k.candidate_language, k."rank", k.candidate_id, k.score
            FROM rankings k JOIN runs r USING (run_id)
            WHERE {of_runs} AND k.collection = ? AND k.query_language = ? AND k.query_id = ?
            ORDER BY list_position(?::VARCHAR[], k.run_id),
                {in_language_order("k.candidate_language")}, k."rank" """,
        [*runs, collection, query_language, int(query_id), list(run_ids)],
    )


def reciprocal_ranks(workspace: Workspace, run_ids: Sequence[str]) -> pd.DataFrame:
    """arm, seed, language, sentence, reciprocal: 1 / rank of a sentence's translation, 0 where it is not among those
    listed; a row a run, language other than English, direction and sentence of every collection that pairs them."""
    of_runs, runs = among("k.run_id", run_ids)
    return fetch(
        workspace,
        f"""SELECT r.arm, r.seed,
                CASE WHEN k.query_language = 'en' THEN k.candidate_language ELSE k.query_language END AS language,
                k.collection || ' ' || k.query_id AS sentence,
                max(CASE WHEN k.candidate_id = k.query_id THEN 1.0 / k."rank" ELSE 0 END) AS reciprocal
            FROM rankings k JOIN runs r USING (run_id)
            WHERE {of_runs} AND k.query_language <> k.candidate_language
                AND 'en' IN (k.query_language, k.candidate_language)
            GROUP BY r.arm, r.seed, k.run_id, k.collection, k.query_language, k.candidate_language, k.query_id
            ORDER BY r.arm, r.seed, language, sentence, k.query_language""",
        [*runs],
    )


def collections(workspace: Workspace, run_ids: Sequence[str]) -> pd.DataFrame:
    """run_id, collection, query_language, candidate_language, queries: what there is to look at."""
    of_runs, runs = among("run_id", run_ids)
    return fetch(
        workspace,
        f"""SELECT run_id, collection, query_language, candidate_language, count(DISTINCT query_id) AS queries
            FROM rankings WHERE {of_runs}
            GROUP BY run_id, collection, query_language, candidate_language
            ORDER BY list_position(?::VARCHAR[], run_id), collection,
                {in_language_order("query_language")}, {in_language_order("candidate_language")}""",
        [*runs, list(run_ids)],
    )


def query_ids(workspace: Workspace, run_ids: Sequence[str], collection: str, query_language: str) -> list[int]:
    """The queries that at least one of the runs ranked, in order."""
    of_runs, runs = among("run_id", run_ids)
    queries = fetch(
        workspace,
        f"""SELECT DISTINCT query_id FROM rankings
            WHERE {of_runs} AND collection = ? AND query_language = ? ORDER BY query_id""",
        [*runs, collection, query_language],
    )
    return [int(value) for value in queries["query_id"]]
