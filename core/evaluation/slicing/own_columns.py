"""A person's own columns of items, from a CSV file: bounded, and what is not read is told."""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import Collection, Iterator

import pandas as pd

from core.csv_cells import unguarded
from core.errors import BadInput, IsoglossError
from core.evaluation.slicing.query import RESERVED
from core.languages import language
from core.notation import plural

#: Bytes, rows, columns, characters of a value and of a name.
MOST_BYTES, MOST_ROWS, MOST_COLUMNS, LONGEST_VALUE, LONGEST_NAME = 16 << 20, 200_000, 20, 200, 40
_ITEM, _LANGUAGE = ("item", "item_id", "id"), ("language", "lang", "code")


def read_own_columns(data: bytes, items: Collection[int], languages: Collection[str]) -> tuple[pd.DataFrame, list[str]]:
    """name, language ("" for every one), item_id, value of a CSV with a column `item` and perhaps `language`, and a
    sentence on all that was not read. `items` and `languages` are those that the data set has.

    Cells are parted by commas, semicolons or tabs. Raises `BadInput` where nothing can be read.
    """
    if len(data) > MOST_BYTES:
        raise BadInput(f"The file has {len(data):,} bytes; {MOST_BYTES:,} are read.")
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise BadInput(f"The file is not in UTF-8 (byte {error.start + 1}); save it as CSV in UTF-8.") from None
    first = text.split("\n", 1)[0]
    rows = csv.reader(io.StringIO(text, newline=""), delimiter=max(",;\t", key=first.count))
    told: list[str] = []
    try:
        heads = [unguarded(head).strip() for head in next(rows, [])]
        item, code = _place(heads, _ITEM), _place(heads, _LANGUAGE)
        if item is None:
            raise BadInput("The file has no column named item; its first line names the columns, one of them item.")
        columns = _columns(heads, {item, code}, told)
        found = _values(rows, columns, item, code, (set(items), set(languages)), told)
    except csv.Error as error:
        raise BadInput(f"The file is no CSV ({error}); save it as CSV in UTF-8.") from None
    if found.empty:
        raise BadInput(" ".join(["No value was read of this file.", *told]))
    return found, told


def _place(heads: list[str], names: tuple[str, ...]) -> int | None:
    return next((at for at, head in enumerate(heads) if head.lower() in names), None)


def _columns(heads: list[str], taken: set[int | None], told: list[str]) -> dict[int, str]:
    columns: dict[int, str] = {}
    for at, head in enumerate(heads):
        if at in taken:
            continue
        reason = ""
        if not head or not head.isprintable() or "`" in head:
            reason = "its name is empty or has signs that no name has"
        elif head.lower() in RESERVED:
            reason = "the language of slices has a word of this name"
        elif head in columns.values():
            reason = "another has its name"
        elif len(head) > LONGEST_NAME:
            reason = f"its name has more than {LONGEST_NAME} characters"
        elif len(columns) >= MOST_COLUMNS:
            reason = f"{MOST_COLUMNS} columns are read"
        if reason:
            told.append(f"Column {at + 1} (“{head[:LONGEST_NAME]}”) is left out: {reason}.")
        else:
            columns[at] = head
    return columns


def _values(
    rows: Iterator[list[str]], columns: dict[int, str], item: int, code: int | None, known: tuple[set[int], set[str]],
    told: list[str],
) -> pd.DataFrame:  # fmt: skip
    unread: Counter[str] = Counter()
    values: dict[tuple[str, str, int], str] = {}
    for number, row in enumerate(rows):
        if number >= MOST_ROWS:
            unread[f"beyond the {MOST_ROWS:,} that are read"] += 1
            continue
        if not any(cell.strip() for cell in row):
            continue
        given = row[item].strip() if item < len(row) else ""
        tag = row[code].strip() if code is not None and code < len(row) else ""
        reason, name = _reason(given, tag, known)
        if reason:
            unread[reason] += 1
            continue
        for at, column in columns.items():
            cell = unguarded(row[at]).strip() if at < len(row) else ""
            key = (column, name, int(given))
            if not cell:
                continue
            if len(cell) > LONGEST_VALUE or not cell.isprintable():
                unread[f"with a value of more than {LONGEST_VALUE} characters, or of signs that do not print"] += 1
            elif key in values:
                unread["of an item that an earlier one was of"] += 1
            else:
                values[key] = cell
    told += [f"Not read: {plural(number, 'line')} {reason}." for reason, number in unread.items()]
    table = pd.DataFrame(
        [(*key, value) for key, value in values.items()], columns=["name", "language", "item_id", "value"]
    )
    return table.astype({"item_id": "int32"})


def _reason(given: str, tag: str, known: tuple[set[int], set[str]]) -> tuple[str, str]:
    """Why a line is not read, or "" and the code of its language ("" for every one)."""
    if not (given.isascii() and given.isdigit() and len(given) < 10):
        return "whose item is no whole number", ""
    if int(given) not in known[0]:
        return "of items that this data set does not have", ""
    if not tag:
        return "", ""
    try:
        code = language(tag).code
    except IsoglossError:
        return "whose language is no language tag", ""
    return ("", code) if code in known[1] else ("of languages that this data set does not have", "")
