"""Collections and queries from files, line by line: JSON Lines, MS MARCO's TSV; TREC qrels beside them.

A file is read through once before anything is made of it: every problem is told with its line, and nothing is
half-indexed. Lines are found again by their byte offsets, so that a collection never has to fit in memory.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import BadInput, IsoglossError
from core.languages import language
from core.progress import Progress, silent

#: Keys that hold the id and the text in JSON Lines, in order of preference: ours, BEIR's, WikiCLIR's and Mr. TyDi's.
ID_KEYS = ("id", "_id", "docid", "doc_id", "pid", "query_id", "qid")
TEXT_KEYS = ("text", "contents", "content", "passage", "sentence", "query", "question")
LANGUAGE_KEYS = ("lang", "language")
_LONGEST_LINE = 4 << 20
_REPORT = 20_000


@dataclass(frozen=True)
class Entry:
    """One line: id, text, and its language's code ("" if the file does not tell)."""

    id: str
    text: str
    lang: str


@dataclass(frozen=True)
class TextFile:
    """A file that was read through: where each entry's line begins, the hash of its bytes, and its languages."""

    path: Path
    offsets: NDArray[np.int64]
    sha256: str
    languages: tuple[str, ...]
    lang: str = ""

    def __len__(self) -> int:
        return len(self.offsets)

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[Entry]:
        """Entries start to stop, read anew from the file."""
        parse = parser(self.path, self.lang)
        with self.path.open("rb") as file:
            for number in range(start, len(self) if stop is None else min(stop, len(self))):
                file.seek(int(self.offsets[number]))
                yield parse(file.readline(), number + 1)

    def at(self, rows: Sequence[int]) -> list[Entry]:
        """The entries of these rows, in their order."""
        parse = parser(self.path, self.lang)
        found = []
        with self.path.open("rb") as file:
            for row in rows:
                file.seek(int(self.offsets[row]))
                found.append(parse(file.readline(), row + 1))
        return found


def read_through(
    path: Path, what: str = "collection", lang: str = "", wanted: set[str] | None = None, progress: Progress = silent
) -> tuple[TextFile, set[str]]:
    """Check every line of a file; the file, and which of the ids `wanted` it has.

    `lang` is the language of entries that do not tell theirs. Raises `BadInput` with the line: not JSON, no id, no
    text, an id that came before; and for a file without an entry.
    """
    offsets: list[int] = []
    seen: set[bytes] = set()
    languages: dict[str, None] = {}
    present: set[str] = set()
    digest = hashlib.sha256()
    parse = parser(path, lang)
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            at = 0
            for number, line in enumerate(iter(lambda: file.readline(_LONGEST_LINE), b""), 1):
                digest.update(line)
                begin, at = at, at + len(line)
                if not line.strip():
                    continue
                if len(line) >= _LONGEST_LINE:
                    raise BadInput(f"{path.name}, line {number}: the line is longer than {_LONGEST_LINE >> 20} MB.")
                entry = parse(line, number)
                name = hashlib.blake2b(entry.id.encode("utf-8", "surrogatepass"), digest_size=10).digest()
                if name in seen:
                    raise BadInput(f"{path.name}, line {number}: the id {entry.id[:60]!r} came before; ids are unique.")
                seen.add(name)
                offsets.append(begin)
                languages[entry.lang] = None
                if wanted is not None and entry.id in wanted:
                    present.add(entry.id)
                if number % _REPORT == 0:
                    progress(at, size, "reading the file through")
    except OSError as error:
        raise BadInput(f"The {what} {path} cannot be read ({error.strerror}).") from error
    if not offsets:
        raise BadInput(f"The {what} {path.name} holds no entry.")
    progress(size, size, "read through")
    return TextFile(path, np.array(offsets), digest.hexdigest(), tuple(languages), lang), present


def parser(path: Path, lang: str = "") -> Callable[[bytes, int], Entry]:
    """How a line of the file is read, by the file's ending: .jsonl (.ndjson, .json), or .tsv (.txt) as MS MARCO's."""
    ending = path.suffix.lower()
    if ending in (".jsonl", ".ndjson", ".json"):
        return lambda line, number: _json_entry(path.name, line, number, lang)
    if ending in (".tsv", ".txt"):
        return lambda line, number: _tab_entry(path.name, line, number, lang)
    raise BadInput(f"{path.name} is neither .jsonl (one JSON object a line) nor .tsv (id, tab, text); rename it.")


def _decoded(name: str, line: bytes, number: int) -> str:
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise BadInput(f"{name}, line {number}: the line is not UTF-8; save the file as UTF-8.") from error


def _json_entry(name: str, line: bytes, number: int, lang: str) -> Entry:
    try:
        found: Any = json.loads(_decoded(name, line, number))
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{name}, line {number}: the line is not JSON.") from error
    if not isinstance(found, dict):
        raise BadInput(f"{name}, line {number}: the line is not an object with id and text.")
    key = next((key for key in ID_KEYS if found.get(key) not in (None, "")), None)
    if key is None or not isinstance(found[key], str | int):
        raise BadInput(f"{name}, line {number}: there is no id (any of {', '.join(ID_KEYS)}).")
    text = next((found[key] for key in TEXT_KEYS if isinstance(found.get(key), str)), "")
    title = found.get("title")
    if isinstance(title, str) and title.strip() and not text.startswith(title):
        text = f"{title.strip()} {text}"
    tag = next((found[key] for key in LANGUAGE_KEYS if isinstance(found.get(key), str)), lang)
    return _entry(name, number, str(found[key]), text, tag)


def _tab_entry(name: str, line: bytes, number: int, lang: str) -> Entry:
    identity, tab, text = _decoded(name, line, number).partition("\t")
    if not tab:
        raise BadInput(f"{name}, line {number}: there is no tab between id and text.")
    return _entry(name, number, identity.strip(), text, lang)


def _entry(name: str, number: int, identity: str, text: str, tag: str) -> Entry:
    if not identity:
        raise BadInput(f"{name}, line {number}: the id is empty.")
    if not text.strip():
        raise BadInput(f"{name}, line {number}: the text is empty (any of {', '.join(TEXT_KEYS)}).")
    try:
        code = language(tag).code if tag.strip() else ""
    except IsoglossError as error:
        raise BadInput(f"{name}, line {number}: {error}") from error
    return Entry(identity, text.strip(), code)


def read_qrels(path: Path) -> dict[str, dict[str, tuple[int, int]]]:
    """TREC qrels (`query 0 candidate mark`) or three columns (`query candidate mark`, with BEIR's header or without).

    For each query its candidates' (mark, line). Raises `BadInput` with the line.
    """
    found: dict[str, dict[str, tuple[int, int]]] = {}
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"The qrels {path} cannot be read as UTF-8 text.") from error
    for number, line in enumerate(text.splitlines(), 1):
        cells = line.split()
        if not cells or (number == 1 and cells[-1].lower() in ("score", "relevance", "label")):
            continue
        if len(cells) not in (3, 4):
            raise BadInput(f"{path.name}, line {number}: qrels have 4 columns: query, 0, candidate, mark.")
        try:
            mark = int(cells[-1])
        except ValueError as error:
            raise BadInput(f"{path.name}, line {number}: the mark {cells[-1][:20]!r} is not a whole number.") from error
        found.setdefault(cells[0], {})[cells[-2]] = (mark, number)
    if not found:
        raise BadInput(f"The qrels {path.name} hold no judgement.")
    return found


def check_qrels(
    qrels: dict[str, dict[str, tuple[int, int]]], name: str, queries: set[str], candidates: set[str]
) -> dict[str, dict[str, int]]:
    """The marks alone. Raises `BadInput` with the line for an id that queries or collection do not have."""
    for query, marks in qrels.items():
        for candidate, (_, line) in marks.items():
            if query not in queries:
                raise BadInput(f"{name}, line {line}: no query has the id {query[:60]!r}.")
            if candidate not in candidates:
                raise BadInput(f"{name}, line {line}: the collection has no {candidate[:60]!r}.")
    return {query: {key: mark for key, (mark, _) in marks.items()} for query, marks in qrels.items()}
