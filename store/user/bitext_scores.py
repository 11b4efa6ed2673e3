"""What scoring found of a stored bitext: five scores a pair, and how far synthetic noise says to trust them."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd
import pyarrow as pa

from core.bitext.noise_score import NAMES
from core.workspace import Workspace
from store.connection import reading, writing
from store.results.query import count, frame
from store.user.database import user_database


def write_scores(workspace: Workspace, bitext_id: str, scores: pd.DataFrame) -> None:
    """Put in scores (number and `NAMES`); a pair that had some gets the new ones. Nothing if the bitext is gone."""
    table = pa.Table.from_pandas(scores[["number", *NAMES]], preserve_index=False)
    with writing(user_database(workspace)) as con:
        if not count(con, "SELECT count(*) FROM bitexts WHERE bitext_id = ?", [bitext_id]):
            return
        con.register("new_scores", table)
        con.execute(
            "DELETE FROM bitext_scores WHERE bitext_id = ? AND number IN (SELECT number FROM new_scores)", [bitext_id]
        )
        con.execute(
            f"""INSERT INTO bitext_scores (bitext_id, number, {", ".join(NAMES)})
                SELECT ?, number, {", ".join(NAMES)} FROM new_scores""",
            [bitext_id],
        )
        con.unregister("new_scores")


def read_scores(workspace: Workspace, bitext_id: str) -> pd.DataFrame:
    """number and `NAMES` of every pair that has all of them, by number."""
    with reading(user_database(workspace)) as con:
        return frame(
            con,
            f"""SELECT number, {", ".join(NAMES)} FROM bitext_scores
                WHERE bitext_id = ? AND margin IS NOT NULL ORDER BY number""",
            [bitext_id],
        )


def delete_scores(workspace: Workspace, bitext_id: str) -> None:
    """Delete the scores of a bitext and what synthetic noise showed of them, in one transaction."""
    with writing(user_database(workspace)) as con:
        for table in ("bitext_scores", "bitext_trust"):
            con.execute(f"DELETE FROM {table} WHERE bitext_id = ?", [bitext_id])


def write_trust(workspace: Workspace, bitext_id: str, document: dict[str, Any]) -> None:
    """Put in what synthetic noise showed of the scores."""
    with writing(user_database(workspace)) as con:
        if count(con, "SELECT count(*) FROM bitexts WHERE bitext_id = ?", [bitext_id]):
            con.execute("INSERT OR REPLACE INTO bitext_trust VALUES (?, ?)", [bitext_id, json.dumps(document)])


def read_trust(workspace: Workspace, bitext_id: str) -> dict[str, Any] | None:
    """What synthetic noise showed of the scores, or None before that."""
    with reading(user_database(workspace)) as con:
        documents = con.execute("SELECT document FROM bitext_trust WHERE bitext_id = ?", [bitext_id]).fetchall()
    return json.loads(documents[0][0]) if documents else None
