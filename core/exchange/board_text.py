"""A board as text, as JSON and as CSV."""

from __future__ import annotations

import csv
import io
from typing import Any

from core.exchange.board import Board, BoardRow
from core.notation import p_equals, signed

COLUMNS = (
    "benchmark", "split", "group", "first", "second", "difference", "low", "high", "p", "status", "ahead", "seeds",
    "items", "clusters", "languages", "family_size",
)  # fmt: skip


def row_record(row: BoardRow) -> dict[str, Any]:
    """A row under `COLUMNS`; rates x100. p is null where nothing is tested."""
    one = row.answer
    return {
        "benchmark": row.benchmark, "split": row.split, "group": row.group, "first": one.contrast.first,
        "second": one.contrast.second, "difference": one.difference, "low": one.low, "high": one.high,
        "p": None if one.outcome == "described" else one.p, "status": row.status, "ahead": one.ahead,
        "seeds": list(one.seeds), "items": one.items, "clusters": one.clusters,
        "languages": list(one.contrast.languages), "family_size": one.family_size,
    }  # fmt: skip


def board_text(board: Board) -> str:
    """One line a contrast, under a line for each benchmark and group; then what was not paired, and notes."""
    lines: list[str] = []
    width = max((len(_sides(row)) for row in board.rows), default=0)
    heading = ""
    for row in board.rows:
        languages = ", ".join(row.answer.contrast.languages)
        now = f"{row.benchmark} ({row.split}), accuracy in {row.group} ({languages}); first minus second, 95 % interval"
        if now != heading:
            lines += [*([""] if lines else []), now]
            heading = now
        one = row.answer
        p = "" if one.outcome == "described" else f"  p {p_equals(one.p)}"
        status = f"{one.ahead} ahead{row.status.removeprefix('ahead')}" if one.ahead else row.status
        seeds = "" if one.outcome == "described" else f", {len(one.seeds)} seeds"
        lines.append(
            f"  {_sides(row):<{width}}  {signed(one.difference):>6}  ({signed(one.low)} to {signed(one.high)}){p}  "
            f"{status}{seeds}"
        )
    if not board.rows:
        lines.append("No two cards can be compared.")
    for title, texts in (("Not paired or not used:", board.unpaired), ("Notes:", board.notes)):
        if texts:
            lines += ["", title, *(f"  {text}" for text in texts)]
    return "\n".join(lines)


def board_csv(board: Board) -> str:
    """The rows under `COLUMNS`; several values of a cell with spaces between them."""
    buffer = io.StringIO()
    writer = csv.DictWriter(buffer, COLUMNS, lineterminator="\n")
    writer.writeheader()
    for row in board.rows:
        record = row_record(row)
        writer.writerow({k: " ".join(map(str, v)) if isinstance(v, list) else v for k, v in record.items()})
    return buffer.getvalue()


def _sides(row: BoardRow) -> str:
    return f"{row.answer.contrast.first} − {row.answer.contrast.second}"
