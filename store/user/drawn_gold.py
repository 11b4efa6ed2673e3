"""Word links that a person drew on a page: kept by pair and author, listed, read back, deleted."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from core.config import content_hash
from core.data.links import SentenceLinks, from_base
from core.data.pharaoh import format_gold, parse_links
from core.errors import BadInput
from core.workspace import Workspace
from store.connection import reading, writing
from store.results.query import frame
from store.user.database import user_database

AUTHOR_LENGTH = 80
#: Words a side.
MOST_WORDS = 512


@dataclass(frozen=True)
class DrawnGold:
    """The links of one pair by one author; `kept` is UTC. A language that is not known is ""."""

    gold_id: str
    source: tuple[str, ...]
    target: tuple[str, ...]
    source_language: str
    target_language: str
    links: SentenceLinks
    author: str
    kept: datetime


def pair_identity(source: Sequence[str], target: Sequence[str], author: str) -> str:
    """Twelve hexadecimal digits of a pair's words and its author."""
    return content_hash([list(source), list(target), author])


def keep_gold(
    workspace: Workspace, source: Sequence[str], target: Sequence[str], languages: tuple[str, str],
    links: SentenceLinks, author: str,
) -> str:  # fmt: skip
    """Keep the links of a pair in place of those that the same author kept of it; returns their identifier.

    Raises `BadInput` for an author that is missing or too long, a pair that is too long, and links outside the pair.
    """
    name = check_author(author)
    if not source or not target or max(len(source), len(target)) > MOST_WORDS:
        raise BadInput(f"Links are kept of pairs of 1 to {MOST_WORDS} words a side; split longer ones.")
    if any(not (0 <= i < len(source) and 0 <= j < len(target)) for i, j in links.possible | links.sure):
        raise BadInput("A link lies outside the pair, so nothing was kept; draw the links again.")
    identity = pair_identity(source, target, name)
    text = format_gold(SentenceLinks(links.sure, links.possible | links.sure))
    with writing(user_database(workspace)) as con:
        con.execute(
            "INSERT OR REPLACE INTO drawn_gold VALUES (?, ?, ?, ?, ?, ?, ?, now() AT TIME ZONE 'UTC')",
            [
                identity, json.dumps(list(source), ensure_ascii=False), json.dumps(list(target), ensure_ascii=False),
                *languages, text, name,
            ],
        )  # fmt: skip
        act = "INSERT INTO audit VALUES (now() AT TIME ZONE 'UTC', 'links drawn', ?)"
        con.execute(act, [f"{identity} {name}: {text}"])
    return identity


def check_author(author: str) -> str:
    """An author's name in one line. Raises `BadInput` if it is empty or too long."""
    name = " ".join("".join(sign if sign.isprintable() else " " for sign in author).split())
    if not name:
        raise BadInput("Say whose links these are: give the author's name.")
    if len(name) > AUTHOR_LENGTH:
        raise BadInput(f"The author's name has {len(name)} characters; give at most {AUTHOR_LENGTH}.")
    return name


def list_gold(workspace: Workspace) -> list[DrawnGold]:
    """All that is kept, the newest last."""
    with reading(user_database(workspace)) as con:
        table = frame(con, "SELECT * FROM drawn_gold ORDER BY kept, gold_id")
    return [
        DrawnGold(
            str(row["gold_id"]), tuple(json.loads(row["source_words"])), tuple(json.loads(row["target_words"])),
            str(row["source_language"]), str(row["target_language"]), _links(str(row["links"])), str(row["author"]),
            row["kept"].to_pydatetime(),
        )
        for row in table.to_dict("records")
    ]  # fmt: skip


def delete_gold(workspace: Workspace, gold_id: str) -> None:
    """Delete what was kept under an identifier; nothing happens if it is gone already."""
    with writing(user_database(workspace)) as con:
        gone = con.execute("DELETE FROM drawn_gold WHERE gold_id = ? RETURNING author", [gold_id]).fetchall()
        for (author,) in gone:
            act = "INSERT INTO audit VALUES (now() AT TIME ZONE 'UTC', 'drawn links deleted', ?)"
            con.execute(act, [f"{gold_id} {author}"])


def pharaoh_files(kept: Sequence[DrawnGold]) -> tuple[str, str]:
    """Kept gold as a file of Pharaoh links, and as a table of source, target and links that `--gold` reads."""
    links = [format_gold(one.links) for one in kept]
    rows = [
        "\t".join([" ".join(one.source), " ".join(one.target), text]) for one, text in zip(kept, links, strict=True)
    ]
    return "".join(f"{text}\n" for text in links), "".join(f"{row}\n" for row in rows)


def _links(text: str) -> SentenceLinks:
    return from_base(parse_links(text, Path("kept links"), 1), 0, None, 1)[0]
