"""Word links that a person drew for a stored bitext: put in together, read by pair, removed."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pyarrow as pa

from core.data.links import SentenceLinks, from_base
from core.data.pharaoh import format_gold, parse_links
from core.workspace import Workspace
from store.connection import reading, writing
from store.user.bitexts import audit, get
from store.user.database import user_database


def write_gold(workspace: Workspace, bitext_id: str, links: Mapping[int, SentenceLinks]) -> None:
    """Put in links by the pairs' numbers, counted from 0, in place of those that were there.

    Raises `BadInput` if the bitext is gone.
    """
    row = get(workspace, bitext_id)
    with writing(user_database(workspace)) as con:
        con.execute("DELETE FROM bitext_gold WHERE bitext_id = ?", [row["bitext_id"]])
        if links:
            numbers = sorted(links)
            new = pa.table({"number": numbers, "links": [format_gold(links[number]) for number in numbers]})
            con.register("new_gold", new)
            con.execute("INSERT INTO bitext_gold SELECT ?, number, links FROM new_gold", [row["bitext_id"]])
            con.unregister("new_gold")
        audit(con, "gold links stored" if links else "gold links removed", f"{row['bitext_id']} {len(links)} pairs")


def gold_numbers(workspace: Workspace, bitext_id: str) -> list[int]:
    """The numbers of the pairs that have links, in order."""
    with reading(user_database(workspace)) as con:
        query = "SELECT number FROM bitext_gold WHERE bitext_id = ? ORDER BY number"
        return [int(number) for (number,) in con.execute(query, [bitext_id]).fetchall()]


def read_gold(workspace: Workspace, bitext_id: str, number: int) -> SentenceLinks | None:
    """The links of one pair in the bitext's own order of sides, None if it has none."""
    with reading(user_database(workspace)) as con:
        row = con.execute(
            "SELECT links FROM bitext_gold WHERE bitext_id = ? AND number = ?", [bitext_id, number]
        ).fetchone()
    if row is None:
        return None
    return from_base(parse_links(row[0], Path("stored links"), number), 0, None, number)[0]
