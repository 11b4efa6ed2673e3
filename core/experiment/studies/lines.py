"""On which line of a TOML text a value stands, so that what is wrong with a study can be told with its line."""

from __future__ import annotations

import re

_HEADER = re.compile(r"^\s*(\[\[?)\s*(.+?)\s*\]\]?\s*(?:#.*)?$")
_KEY = r"(?:\"[^\"]*\"|'[^']*'|[A-Za-z0-9_-]+)"
_ENTRY = re.compile(rf"^\s*({_KEY}(?:\s*\.\s*{_KEY})*)\s*=")
_PART = re.compile(_KEY)

Path = tuple[str | int, ...]


def key_lines(text: str) -> dict[Path, int]:
    """Every table and key of a valid TOML text to its line, counted from 1; the n-th `[[arm]]` is ("arm", n - 1).

    >>> key_lines('seeds = [0]\\n\\n[[arm]]\\nname = "a"\\n')
    {('seeds',): 1, ('arm', 0): 3, ('arm', 0, 'name'): 4}
    """
    found: dict[Path, int] = {}
    counts: dict[Path, int] = {}
    table: Path = ()
    depth, quote = 0, ""
    for number, line in enumerate(text.splitlines(), 1):
        if not depth and not quote:
            if header := _HEADER.match(line):
                table = _table(_parts(header[2]), header[1] == "[[", counts)
                found.setdefault(table, number)
                continue
            if entry := _ENTRY.match(line):
                path = table + tuple(_parts(entry[1]))
                found.setdefault(path, number)
                for key in re.findall(rf"[{{,]\s*({_KEY})\s*=", line[entry.end() :]):
                    found.setdefault((*path, _bare(key)), number)
        depth, quote = _open(line, depth, quote)
    return found


def line_of(found: dict[Path, int], path: Path) -> int:
    """The line of `path`, else of the nearest table around it; 1 where nothing of it stands there."""
    while path:
        if path in found:
            return found[path]
        path = path[:-1]
    return 1


def _table(parts: list[str], array: bool, counts: dict[Path, int]) -> Path:
    """The path of a header; a part that names an array of tables means its last one."""
    path: Path = ()
    for k, part in enumerate(parts):
        path = (*path, part)
        if array and k == len(parts) - 1:
            counts[path] = counts.get(path, -1) + 1
        if path in counts:
            path = (*path, counts[path])
    return path


def _parts(text: str) -> list[str]:
    return [_bare(part) for part in _PART.findall(text)]


def _bare(key: str) -> str:
    return key[1:-1] if key[:1] in "\"'" else key


def _open(line: str, depth: int, quote: str) -> tuple[int, str]:
    """How many brackets, and which multi-line quote, are still open after a line."""
    at = 0
    while at < len(line):
        if quote:
            end = line.find(quote, at)
            if end < 0:
                return depth, quote if len(quote) == 3 else ""
            at, quote = end + len(quote), ""
            continue
        three = line[at : at + 3]
        if three in ('"""', "'''"):
            quote, at = three, at + 3
        elif line[at] in "\"'":
            mark = line[at]
            at += 1
            while at < len(line) and line[at] != mark:
                at += 2 if line[at] == "\\" and mark == '"' else 1
            at += 1
        elif line[at] == "#":
            break
        else:
            depth += {"[": 1, "{": 1, "]": -1, "}": -1}.get(line[at], 0)
            at += 1
    return depth, quote
