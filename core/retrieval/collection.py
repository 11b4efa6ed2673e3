"""Collections and queries from files, line by line: JSON Lines, MS MARCO's TSV; `core.retrieval.forms` makes them of
what comes in another form.

A file is read through once before anything is made of it: every problem is told with its line, and nothing is
half-indexed. Lines are found again by their byte offsets, so that a collection never has to fit in memory.
"""

from __future__ import annotations

import hashlib
import json
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import BadInput
from core.notation import plural
from core.progress import Progress, silent
from core.retrieval.fields import (
    ID_KEYS,
    SHOWN,
    UNKNOWN,
    Entry,
    Role,
    code_of,
    identity_in,
    language_in_record,
    text_in,
    text_keys,
)

_LONGEST_LINE = 4 << 20
_REPORT = 20_000
#: Names of fields that a sentence lists.
_LISTED = 8
#: In the hash of a file: texts are put together otherwise than before (a title is never left out).
_READ_AS = b"title and text\n"


@dataclass(frozen=True)
class Remarks:
    """What of a file is not in its entries: texts that are empty, fields that are unread, languages that are not known,
    and the first identity with a space in it."""

    empty: int = 0
    unread: tuple[str, ...] = ()
    unknown_languages: tuple[str, ...] = ()
    spaced: str = ""

    def sentences(self, name: str, what: str) -> list[str]:
        """What a person is told of the file called `name`, whose entries are `what`s."""
        told = []
        if self.empty:
            told.append(
                f"{name}: {plural(self.empty, what)} without a text {'is' if self.empty == 1 else 'are'} left out."
            )
        if self.unread:
            more = f" and {len(self.unread) - _LISTED} more" if len(self.unread) > _LISTED else ""
            told.append(f"{name}: fields that are not read: {', '.join(self.unread[:_LISTED])}{more}.")
        if self.unknown_languages:
            named = ", ".join(repr(one[:SHOWN]) for one in self.unknown_languages[:_LISTED])
            told.append(
                f"{name}: {named} {'is' if len(self.unknown_languages) == 1 else 'are'} no known language; read as und."
            )
        return told


@dataclass(frozen=True)
class TextFile:
    """A file that was read through: where each entry's line begins, the hash of its bytes, and its languages.

    `called` is the name that a person knows it by, where the file was made of another one.
    """

    path: Path
    offsets: NDArray[np.int64]
    sha256: str
    languages: tuple[str, ...]
    lang: str = ""
    role: Role = "document"
    remarks: Remarks = field(default_factory=Remarks)
    called: str = ""

    def __len__(self) -> int:
        return len(self.offsets)

    @property
    def sentences(self) -> list[str]:
        """What a person is told of it."""
        return self.remarks.sentences(self.called or self.path.name, "document" if self.role == "document" else "query")

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[Entry]:
        """Entries start to stop, read anew from the file."""
        parse = parser(self.path, self.lang, self.role)
        with self.path.open("rb") as file:
            for number in range(start, len(self) if stop is None else min(stop, len(self))):
                file.seek(int(self.offsets[number]))
                yield parse(file.readline(), number + 1)

    def at(self, rows: Sequence[int]) -> list[Entry]:
        """The entries of these rows, in their order."""
        parse = parser(self.path, self.lang, self.role)
        found = []
        with self.path.open("rb") as file:
            for row in rows:
                file.seek(int(self.offsets[row]))
                found.append(parse(file.readline(), row + 1))
        return found


def read_through(
    path: Path, what: str = "collection", lang: str = "", wanted: set[str] | None = None, progress: Progress = silent,
    role: Role = "document", called: str = "", only: set[str] | None = None,
) -> tuple[TextFile, set[str]]:  # fmt: skip
    """Check every line of a file; the file, and which of the ids `wanted` it has.

    `lang` is the language (code or name) of entries that do not tell theirs; `called` the name by which a person knows
    the file; `only` the ids that are kept. Entries without a text are left out and counted. Raises `BadInput` with the
    line: not JSON, no id, an id that came before; for a file without an entry, and where `lang` is no known language.
    """
    if code_of(lang) == UNKNOWN:
        raise BadInput(f"{lang[:SHOWN]!r} is no known language; use a code such as sw, or leave the option out.")
    offsets: list[int] = []
    seen: set[bytes] = set()
    languages: dict[str, None] = {}
    present: set[str] = set()
    unread: dict[str, None] = {}
    unknown: Counter[str] = Counter()
    empty, spaced = 0, ""
    name = called or path.name
    digest = hashlib.sha256(_READ_AS + role.encode())
    parse = parser(path, lang, role, unread, unknown, name)
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
                    raise BadInput(f"{name}, line {number}: the line is longer than {_LONGEST_LINE >> 20} MB.")
                entry = parse(line, number)
                key = hashlib.blake2b(entry.id.encode("utf-8", "surrogatepass"), digest_size=10).digest()
                if key in seen:
                    raise BadInput(f"{name}, line {number}: the id {entry.id[:SHOWN]!r} came before; ids are unique.")
                seen.add(key)
                if only is not None and entry.id not in only:
                    continue
                if not entry.text:
                    empty += 1
                    continue
                offsets.append(begin)
                languages[entry.lang] = None
                spaced = spaced or (entry.id if len(entry.id.split()) > 1 else "")
                if wanted is not None and entry.id in wanted:
                    present.add(entry.id)
                if number % _REPORT == 0:
                    progress(at, size, "reading the file through")
    except OSError as error:
        raise BadInput(f"The {what} {path} cannot be read ({error.strerror}).") from error
    if not offsets:
        raise BadInput(f"The {what} {name} holds no entry{' with a text' if empty else ''}.")
    progress(size, size, "read through")
    if only is not None:
        digest.update("\n".join(sorted(only)).encode("utf-8", "surrogatepass"))
    remarks = Remarks(empty, tuple(unread), tuple(unknown), spaced)
    return TextFile(path, np.array(offsets), digest.hexdigest(), tuple(languages), lang, role, remarks, called), present


def parser(
    path: Path, lang: str = "", role: Role = "document", unread: dict[str, None] | None = None,
    unknown: Counter[str] | None = None, called: str = "",
) -> Callable[[bytes, int], Entry]:  # fmt: skip
    """How a line of the file is read, by the file's ending: .jsonl (.ndjson, .json), or .tsv (.txt) as MS MARCO's.

    Fields that are not read and languages that are not known are added to `unread` and `unknown`.
    """
    name, ending = called or path.name, path.suffix.lower()
    fields = {} if unread is None else unread
    languages: Counter[str] = Counter() if unknown is None else unknown
    if ending in (".jsonl", ".ndjson", ".json"):
        return lambda line, number: _json_entry(name, line, number, lang, role, fields, languages)
    if ending in (".tsv", ".txt"):
        return lambda line, number: _tab_entry(name, line, number, lang, role, fields, languages)
    raise BadInput(
        f"{name} is in no form that is read: .jsonl (one JSON object a line), .tsv (id, tab, text), .csv, .parquet, "
        "SQuAD's .json, or a BEIR folder."
    )


def _decoded(name: str, line: bytes, number: int) -> str:
    try:
        return line.decode("utf-8-sig" if number == 1 else "utf-8").rstrip("\r\n")
    except UnicodeDecodeError as error:
        raise BadInput(f"{name}, line {number}: the line is not UTF-8; save the file as UTF-8.") from error


def _json_entry(
    name: str, line: bytes, number: int, lang: str, role: Role, unread: dict[str, None], unknown: Counter[str]
) -> Entry:
    try:
        found: Any = json.loads(_decoded(name, line, number))
    except (ValueError, RecursionError) as error:
        raise BadInput(f"{name}, line {number}: the line is not JSON.") from error
    if not isinstance(found, dict):
        raise BadInput(f"{name}, line {number}: the line is not an object with id and text.")
    identity = identity_in(found)
    if not identity:
        raise BadInput(f"{name}, line {number}: there is no id (any of {', '.join(ID_KEYS)}).")
    text, left = text_in(found, role)
    if not text and not any(key in found for key in text_keys(role)):
        raise BadInput(
            f"{name}, line {number}: no field holds a text (any of {', '.join(text_keys(role))}); there are "
            f"{', '.join(one[:SHOWN] for one in left[:_LISTED]) or 'none but the id'}."
        )
    unread.update(dict.fromkeys(left))
    code = language_in_record(found, lang)
    if code == UNKNOWN:
        unknown[next(str(found[key]) for key in ("lang", "language") if isinstance(found.get(key), str))] += 1
    return Entry(identity, text, code)


def _tab_entry(
    name: str, line: bytes, number: int, lang: str, role: Role, unread: dict[str, None], unknown: Counter[str]
) -> Entry:
    identity, tab, text = _decoded(name, line, number).partition("\t")
    if not tab:
        raise BadInput(f"{name}, line {number}: there is no tab between id and text.")
    if not identity.strip():
        raise BadInput(f"{name}, line {number}: the id is empty.")
    cells = text.split("\t")
    if role == "document" and len(cells) == 3 and cells[0].startswith(("http://", "https://")):
        unread["url"] = None  # MS MARCO's documents: id, address, title, body
        text = " ".join(cell.strip() for cell in cells[1:])
    return Entry(identity.strip(), text.strip(), code_of(lang))
