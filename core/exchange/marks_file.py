"""Marks on items as a CSV: written with their texts, read back as they were or as somebody edited them."""

from __future__ import annotations

import csv
import io
from collections.abc import Collection
from dataclasses import dataclass

from core.csv_cells import unguarded
from core.errors import BadInput

#: Bytes and rows that are read, and characters of a reason.
MOST_BYTES, MOST_ROWS, LONGEST = 4_000_000, 20_000, 500


@dataclass(frozen=True)
class ReadMarks:
    """`marks` are (item, language, reason), language "" for every one; `unread` says which rows were not taken."""

    marks: tuple[tuple[int, str, str], ...]
    unread: tuple[str, ...]


def read_marks_file(content: bytes, languages: Collection[str]) -> ReadMarks:
    """The marks of a CSV with the columns item and reason, and language where a mark is of one translation.

    Other columns are left unread. A row whose item is no number, whose language is none of `languages`, whose reason is
    empty or too long, or that repeats an item and language is told and left out. Raises `BadInput` for a file that is
    too large, not UTF-8, or without the two columns.
    """
    if len(content) > MOST_BYTES:
        raise BadInput(f"The file has {len(content):,} bytes, and marks are read up to {MOST_BYTES:,}; split it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError:
        raise BadInput("The file is not UTF-8; save it as CSV in UTF-8.") from None
    if "\0" in text:
        raise BadInput("The file holds null bytes and is no CSV; save it as CSV in UTF-8.")
    try:
        rows = csv.DictReader(io.StringIO(text, newline=""))
        names = {str(name).strip().lower(): name for name in rows.fieldnames or ()}
        if not {"item", "reason"} <= set(names):
            raise BadInput(
                "Marks need the columns item and reason (and language, where a mark is of one translation); "
                f"this file has {', '.join(map(repr, list(names)[:8])) or 'none'}."
            )
        found: dict[tuple[int, str], str] = {}
        unread: list[str] = []
        for number, row in enumerate(rows, start=1):
            if number > MOST_ROWS:
                unread.append(f"rows after {MOST_ROWS:,}: a file has at most so many")
                break
            item, code, reason = (unguarded((row.get(names.get(n, n)) or "").strip()) for n in _COLUMNS)
            wrong = _wrong(item, code, reason, languages, found)
            if wrong:
                unread.append(f"row {number}: {wrong}")
            else:
                found[int(item), code] = " ".join(reason.split())
    except csv.Error as error:
        raise BadInput(f"The file is no CSV that can be read ({error}); save it as CSV in UTF-8.") from None
    return ReadMarks(tuple((item, code, reason) for (item, code), reason in found.items()), tuple(unread))


_COLUMNS = ("item", "language", "reason")


def _wrong(item: str, code: str, reason: str, languages: Collection[str], found: Collection[tuple[int, str]]) -> str:
    if not (item.isascii() and item.isdigit() and len(item) < 10):
        return f"its item {item[:20]!r} is no number"
    if code and code not in languages:
        return f"its language {code[:20]!r} was not read by these runs"
    if not reason:
        return "its reason is empty"
    if len(reason) > LONGEST:
        return f"its reason has {len(reason):,} characters, and {LONGEST} are kept"
    return "it marks an item a second time" if (int(item), code) in found else ""
