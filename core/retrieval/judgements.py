"""Judgements of retrieval: which candidates are right for a query, from TREC's, BEIR's and MTEB's files."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadInput
from core.notation import plural
from core.retrieval.fields import SHOWN

#: For each query its candidates' (mark, line).
Marks = dict[str, dict[str, tuple[int, int]]]
_HEADINGS = ("score", "relevance", "label")
_QUERY_KEYS = ("query-id", "query_id", "qid", "query")
_CANDIDATE_KEYS = ("corpus-id", "corpus_id", "doc_id", "docid", "pid", "candidate")
_MARK_KEYS = ("score", "relevance", "label", "mark")


@dataclass(frozen=True)
class Judged:
    """Marks by query and candidate, and what a person is told of them.

    A judged candidate that the collection has not stays, as for trec_eval: nothing finds it. A query that is not among
    those that are asked is left out, as trec_eval leaves it out.
    """

    marks: dict[str, dict[str, int]]
    told: tuple[str, ...] = ()


def read_qrels(path: Path) -> Marks:
    """TREC qrels (`query 0 candidate mark`), three columns (`query candidate mark`, with BEIR's header or without), or
    MTEB's JSON Lines (query-id, corpus-id, score).

    Columns are cut at tabs where a line has any, so that identities may hold spaces. Raises `BadInput` with the line.
    """
    found: Marks = {}
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"The qrels {path} cannot be read as UTF-8 text.") from error
    jsonl = path.suffix.lower() in (".jsonl", ".ndjson", ".json")
    for number, line in enumerate(text.split("\n"), 1):
        if not line.strip():
            continue
        cells = _of_json(path.name, number, line) if jsonl else _of_columns(line)
        if number == 1 and cells and cells[-1].lower() in _HEADINGS:
            continue
        if len(cells) not in (3, 4):
            raise BadInput(f"{path.name}, line {number}: qrels have 4 columns: query, 0, candidate, mark.")
        found.setdefault(cells[0], {})[cells[-2]] = (_mark(path.name, number, cells[-1]), number)
    if not found:
        raise BadInput(f"The qrels {path.name} hold no judgement.")
    return found


def _of_columns(line: str) -> list[str]:
    return [cell.strip() for cell in line.split("\t")] if "\t" in line else line.split()


def _of_json(name: str, number: int, line: str) -> list[str]:
    try:
        record: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{name}, line {number}: the line is not JSON.") from error
    if not isinstance(record, dict):
        raise BadInput(f"{name}, line {number}: the line is not an object with query-id, corpus-id and score.")
    cells = []
    for keys in (_QUERY_KEYS, _CANDIDATE_KEYS, _MARK_KEYS):
        value = next((record[key] for key in keys if record.get(key) not in (None, "")), None)
        if not isinstance(value, str | int | float):
            raise BadInput(f"{name}, line {number}: there is no {keys[0]}.")
        cells.append(str(value))
    return cells


def _mark(name: str, number: int, cell: str) -> int:
    """A mark as a whole number, as trec_eval's are; 1.0 is one."""
    try:
        value = float(cell)
        if value != int(value):
            raise ValueError
        return int(value)
    except (ValueError, OverflowError) as error:
        raise BadInput(f"{name}, line {number}: the mark {cell[:20]!r} is not a whole number.") from error


def check_qrels(
    qrels: Marks, name: str, queries: set[str], candidates: set[str], strict: bool = False,
    whole: Iterable[str] | None = None,
) -> Judged:  # fmt: skip
    """The marks of the queries that are there, and what is told.

    `whole` are the queries of the file before a part of them was chosen: a judgement of one of those is no fault.
    Raises `BadInput` if none of the queries is judged, and with `strict` with the line for an id that queries or
    collection do not have.
    """
    known = queries if whole is None else {*queries, *whole}
    no_query = {query: min(line for _, line in marks.values()) for query, marks in qrels.items() if query not in known}
    kept = {query: marks for query, marks in qrels.items() if query in queries}
    missing = {
        candidate: line for marks in kept.values() for candidate, (_, line) in marks.items()
        if candidate not in candidates
    }  # fmt: skip
    if no_query and (strict or not kept):
        query, line = next(iter(no_query.items()))
        raise BadInput(f"{name}, line {line}: no query has the id {query[:SHOWN]!r}.")
    if missing and (strict or len(missing) == len({c for marks in kept.values() for c in marks})):
        candidate, line = next(iter(missing.items()))
        raise BadInput(f"{name}, line {line}: the collection has no {candidate[:SHOWN]!r}.")
    told = []
    if no_query:
        first = next(iter(no_query))
        told.append(
            f"{name}: judgements of {plural(len(no_query), 'query')} that are not asked are left out ({first[:SHOWN]})."
        )
    if missing:
        first = next(iter(missing))
        told.append(
            f"{name}: {plural(len(missing), 'judged candidate')} not in the collection ({first[:SHOWN]}); nothing "
            "finds them, and they count as in trec_eval."
        )
    without = sum(all(mark <= 0 for mark, _ in marks.values()) for marks in kept.values())
    if without:
        told.append(f"{name}: {plural(without, 'query')} with no right candidate; they count as 0, as in trec_eval.")
    return Judged(
        {query: {key: mark for key, (mark, _) in marks.items()} for query, marks in kept.items()}, tuple(told)
    )
