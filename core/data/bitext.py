"""Bitext files: Moses pairs (two line-aligned files), two-column TSV or CSV, and JSON Lines."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.data.nli import json_records
from core.data.text import Quoting, at, read_lines, read_rows
from core.errors import BadInput
from core.languages import ALIASES, XNLI_CODES
from core.languages import language as language_of

Pair = tuple[str, str]
_SOURCE = ("source", "src", "english", "source_text", "sentence1")
_TARGET = ("target", "tgt", "translation", "target_text", "sentence2")


def read_bitext(
    source: Path, target: Path | None = None, languages: Pair = ("en", "und"), quoting: Quoting = "auto"
) -> tuple[Pair, ...]:
    """Sentence pairs of a bitext, in the file's order; the empty lines of a Moses pair are ("", "").

    Two files are a Moses pair; one file is read by its ending: `.jsonl` as JSON Lines, `.csv` and anything
    else as a table of two columns, with or without a header. `languages` (source, target) tell which
    column or key is which where the file names them by language. Raises `BadInput` with file and line.
    """
    if target is not None:
        return read_moses(source, target)
    if source.suffix.lower() in (".jsonl", ".json"):
        return _read_json(source, languages)
    return _read_table(source, languages, quoting)


def read_moses(source: Path, target: Path) -> tuple[Pair, ...]:
    """The pairs of two line-aligned files. Raises `BadInput` if one has more lines than the other."""
    for one, other in ((source, target), (target, source)):
        if not one.is_file():
            raise BadInput(f"{other} has no other side; {one.name} should be beside it.")
    left, right = read_lines(source), read_lines(target)
    if len(left) != len(right):
        short, longer = (source, target) if len(left) < len(right) else (target, source)
        raise BadInput(
            f"{at(short, min(len(left), len(right)))}: the file ends here, but {longer} has "
            f"{max(len(left), len(right))} lines; both sides of a bitext need the same number."
        )
    return tuple((a.strip(), b.strip()) for a, b in zip(left, right, strict=True))


def _read_table(path: Path, languages: Pair, quoting: Quoting) -> tuple[Pair, ...]:
    rows = read_rows(path, quoting)
    line, first = next(rows)
    header = _header(first, languages)
    pairs: list[Pair] = []
    width, (a, b) = len(first), header or (0, 1)
    if header is None:
        if width != 2:
            raise BadInput(
                f"{at(path, line)}: {width} column{'' if width == 1 else 's'} and no header; "
                "a bitext has two columns, source and target."
            )
        pairs.append((first[0].strip(), first[1].strip()))
    for line, row in rows:
        if len(row) != width:
            raise BadInput(f"{at(path, line)}: {len(row)} columns where the first line has {width}.")
        pairs.append((row[a].strip(), row[b].strip()))
    if not pairs:
        raise BadInput(f"{path} has a header and no pair.")
    return tuple(pairs)


def _header(row: list[str], languages: Pair) -> tuple[int, int] | None:
    """The two columns that a header names, or None if the first row is already a pair."""
    names = [cell.strip().casefold() for cell in row]
    by_word = _one_of(names, _SOURCE), _one_of(names, _TARGET)
    if by_word[0] is not None and by_word[1] is not None:
        return by_word[0], by_word[1]
    codes = [_code(name) for name in names]
    wanted = [language_of(tag).code for tag in languages]
    if wanted[0] not in codes:
        return None
    first = codes.index(wanted[0])
    others = [i for i, code in enumerate(codes) if code is not None and i != first]
    if wanted[1] in codes:
        return first, codes.index(wanted[1])
    return (first, others[0]) if wanted[1] == "und" and len(others) == 1 else None


def _one_of(names: list[str], known: tuple[str, ...]) -> int | None:
    return next((names.index(name) for name in known if name in names), None)


def _code(name: str) -> str | None:
    cleaned = name.replace("_", "-")
    base = cleaned.split("-")[0]
    if len(cleaned) <= 10 and (base in XNLI_CODES or base in ALIASES or len(cleaned) == 2):
        try:
            return language_of(cleaned).code
        except BadInput:
            return None
    return None


def _read_json(path: Path, languages: Pair) -> tuple[Pair, ...]:
    return tuple(
        (source.strip(), target.strip())
        for line, record in json_records(path)
        for source, target in [_json_pair(path, line, record, languages)]
    )


def _json_pair(path: Path, line: int, record: Any, languages: Pair) -> Pair:
    inner = record.get("translation")
    for candidate in (record, inner if isinstance(inner, dict) else {}):
        for source, target in _key_pairs(candidate, languages):
            if isinstance(candidate[source], str) and isinstance(candidate[target], str):
                return candidate[source], candidate[target]
    raise BadInput(f"{at(path, line)}: no pair of texts under source and target, or under {' and '.join(languages)}.")


def _key_pairs(record: Any, languages: Pair) -> Iterator[Pair]:
    keys = {str(key).casefold(): key for key in record}
    source = next((keys[name] for name in _SOURCE if name in keys), None)
    target = next((keys[name] for name in _TARGET if name in keys), None)
    if source is not None and target is not None:
        yield source, target
    codes = {code: key for name, key in keys.items() if (code := _code(name)) is not None}
    first, second = (language_of(tag).code for tag in languages)
    if first in codes and second in codes:
        yield codes[first], codes[second]
    elif first in codes and second == "und" and len(codes) == 2:
        yield codes[first], next(key for code, key in codes.items() if code != first)
