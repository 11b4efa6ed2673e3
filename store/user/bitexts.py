"""A person's own bitexts in the user store: put in whole or not at all, listed, read in part, scored, deleted."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from core.config import content_hash
from core.data.records import Bitext
from core.errors import BadInput
from core.workspace import Workspace
from store.connection import reading, writing
from store.results.query import count, frame
from store.user.database import user_database

_COLUMNS = """bitext_id, name, sha256, file, format, licence, provenance, source_language, target_language, pairs,
    report, created"""


@dataclass(frozen=True)
class NewBitext:
    """What a person says of a bitext they store, and what its check found; `report` is the report's document."""

    name: str
    sha256: str
    file: str
    format: str
    licence: str
    provenance: str
    source_language: str
    target_language: str
    report: dict[str, Any]

    def identity(self, dropping: int) -> str:
        """Twelve hexadecimal digits of content, columns, languages and filters."""
        chosen = [self.report.get("columns"), self.report.get("limits"), dropping, self.report["kept"]]
        return content_hash([self.sha256, self.source_language, self.target_language, *chosen])


def store(workspace: Workspace, new: NewBitext, staged: Path, dropping: int) -> str:
    """Store the staged pairs whose mask shares no bit with `dropping`; returns the bitext's identity.

    One transaction: a process that is killed leaves nothing. Storing the same content again only renames it.
    Raises `BadInput` if no pair would be stored or the name is empty.
    """
    name = " ".join(new.name.split())[:120]
    if not name:
        raise BadInput("Give the bitext a name.")
    if new.report["kept"] < 1:
        raise BadInput("No pair is left with these filters, so there is nothing to store; switch some off.")
    identity = new.identity(dropping)
    with writing(user_database(workspace)) as con:
        if count(con, "SELECT count(*) FROM bitexts WHERE bitext_id = ?", [identity]):
            con.execute(
                "UPDATE bitexts SET name = ?, licence = ?, provenance = ? WHERE bitext_id = ?",
                [name, new.licence[:2000], new.provenance[:2000], identity],
            )
        else:
            con.register("staged", pa.RecordBatchReader.from_batches(_SCHEMA, _batches(staged, identity, dropping)))
            con.execute("INSERT INTO bitext_pairs SELECT * FROM staged")
            con.unregister("staged")
            stored = count(con, "SELECT count(*) FROM bitext_pairs WHERE bitext_id = ?", [identity])
            con.execute(
                f"INSERT INTO bitexts ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?, ?, ?, now() AT TIME ZONE 'UTC')",
                [
                    identity, name, new.sha256, new.file[:200], new.format, new.licence[:2000], new.provenance[:2000],
                    new.source_language, new.target_language, stored, json.dumps(new.report, ensure_ascii=False),
                ],
            )  # fmt: skip
        audit(con, "bitext stored", f"{identity} {name}")
    return identity


def list_bitexts(workspace: Workspace) -> pd.DataFrame:
    """Every stored bitext, newest first; `report` is JSON text, `scored` how many of its pairs have scores."""
    with reading(user_database(workspace)) as con:
        return frame(
            con,
            f"""SELECT {_COLUMNS}, coalesce(s.scored, 0) AS scored FROM bitexts
                LEFT JOIN (SELECT bitext_id, count(margin) AS scored FROM bitext_scores GROUP BY 1) s USING (bitext_id)
                ORDER BY created DESC, bitext_id""",
        )


def get(workspace: Workspace, bitext: str) -> dict[str, Any]:
    """The bitext of this identity, its beginning, or this name. Raises `BadInput` if there is none, or several."""
    stored = list_bitexts(workspace)
    chosen = stored[(stored["bitext_id"] == bitext) | (stored["name"] == bitext)]
    if chosen.empty and len(bitext) >= 4:
        chosen = stored[stored["bitext_id"].str.startswith(bitext)]
    if len(chosen) > 1:
        raise BadInput(f"Several stored bitexts are called {bitext[:60]!r}; name one by its identity.")
    if chosen.empty:
        names = ", ".join(str(name) for name in stored["name"][:10]) or "none is stored yet"
        raise BadInput(f"There is no stored bitext {bitext[:60]!r}; there are: {names}.")
    row = {str(key): value for key, value in chosen.iloc[0].items()}
    return row | {"report": json.loads(row["report"])}


def read_pairs(workspace: Workspace, bitext_id: str, start: int = 0, limit: int | None = None) -> pd.DataFrame:
    """number, line, source, target of `limit` pairs from number `start` on."""
    with reading(user_database(workspace)) as con:
        return frame(
            con,
            """SELECT number, line, source, target FROM bitext_pairs
               WHERE bitext_id = ? AND number >= ? AND number < ? ORDER BY number""",
            [bitext_id, start, start + (limit if limit is not None else 2**31 - 1)],
        )


def sample_pairs(workspace: Workspace, bitext_id: str, size: int) -> pd.DataFrame:
    """number, line, source, target of `size` pairs drawn evenly over the bitext, the same each time, by number."""
    with reading(user_database(workspace)) as con:
        return frame(
            con,
            """SELECT number, line, source, target FROM bitext_pairs
               WHERE bitext_id = ? ORDER BY hash(number), number LIMIT ?""",
            [bitext_id, size],
        ).sort_values("number", ignore_index=True)


def iterate_pairs(workspace: Workspace, bitext_id: str, at_once: int = 50_000) -> Iterator[tuple[int, str, str]]:
    """(number, source, target) of every pair in order; the store is open only between portions."""
    start = 0
    while len(table := read_pairs(workspace, bitext_id, start, at_once)):
        yield from zip(table["number"].tolist(), table["source"].tolist(), table["target"].tolist(), strict=True)
        start += at_once


def as_bitext(workspace: Workspace, bitext_id: str, limit: int = 1000) -> Bitext:
    """The first pairs as the pages and the catalogue know a bitext: English first where one side is English."""
    row = get(workspace, bitext_id)
    table = read_pairs(workspace, row["bitext_id"], 0, limit)
    sides = [table["source"].tolist(), table["target"].tolist()]
    languages = [row["source_language"], row["target_language"]]
    if languages[1] == "en" and languages[0] != "en":
        sides.reverse()
        languages.reverse()
    return Bitext(row["name"], languages[0], languages[1], tuple(zip(*sides, strict=True)))


def pairs_by_number(workspace: Workspace, bitext_id: str, numbers: list[int]) -> pd.DataFrame:
    """number, line, source, target of these pairs, in the order asked for."""
    with reading(user_database(workspace)) as con:
        pairs = frame(
            con,
            """SELECT number, line, source, target FROM bitext_pairs
               WHERE bitext_id = ? AND list_contains(?::INTEGER[], number)""",
            [bitext_id, numbers],
        )
    return pairs.set_index("number").reindex(numbers).reset_index()


def delete(workspace: Workspace, bitext_id: str) -> None:
    """Delete a bitext with its pairs and scores, in one transaction. Raises `BadInput` if there is none."""
    row = get(workspace, bitext_id)
    with writing(user_database(workspace)) as con:
        for table in ("bitext_scores", "bitext_trust", "bitext_gold", "bitext_pairs", "bitexts"):
            con.execute(f"DELETE FROM {table} WHERE bitext_id = ?", [row["bitext_id"]])
        audit(con, "bitext deleted", f"{row['bitext_id']} {row['name']}")


_SCHEMA = pa.schema(
    [("bitext_id", pa.string()), ("number", pa.int32()), ("line", pa.int32()), ("source", pa.string()),
     ("target", pa.string())]
)  # fmt: skip


def _batches(staged: Path, identity: str, dropping: int) -> Iterator[pa.RecordBatch]:
    number = 0
    for batch in pq.ParquetFile(staged).iter_batches(batch_size=20_000):
        keeping = pc.equal(pc.bit_wise_and(batch.column("mask"), pa.scalar(dropping, pa.int64())), 0)
        kept = batch.filter(keeping)
        yield pa.record_batch(
            [
                pa.array([identity] * kept.num_rows, pa.string()),
                pa.array(range(number, number + kept.num_rows), pa.int32()),
                kept.column("line"),
                kept.column("source"),
                kept.column("target"),
            ],
            schema=_SCHEMA,
        )
        number += kept.num_rows


def audit(con: Any, what: str, detail: str) -> None:
    """Note what a person did, within the transaction that does it."""
    con.execute("INSERT INTO audit VALUES (now() AT TIME ZONE 'UTC', ?, ?)", [what, detail])
