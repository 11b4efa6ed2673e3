"""Which data sets are known, and which of their files are on this machine."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any

from core.data.text import Quoting
from core.errors import BadInput
from core.languages import language as language_of

KNOWN = Path(__file__).with_name("sources.toml")
STARTER = Path(__file__).with_name("starter_sources.toml")
KINDS = ("nli", "bitext", "alignment", "questions")
ROLES = (
    "xnli", "nli-training", "bitext-training", "retrieval", "gold-alignment", "question-retrieval",
    "translate-test", "other",
)  # fmt: skip
SPLITS = {"dev": "validation", "devtest": "test"}


@dataclass(frozen=True)
class Declared:
    """One entry of a `sources.toml`; the head of that file says what the fields mean."""

    name: str
    kind: str
    role: str
    files: tuple[str, ...]
    english: str | None = None
    language: str | None = None
    split: str | None = None
    quoting: Quoting = "auto"
    base_language: bool = False
    deduplicate: bool = False
    optional: bool = False
    licence: str = "not stated"
    how: str = "It was named in the data folder's own sources.toml."


@dataclass(frozen=True)
class DataFile:
    """A file that belongs to a data set. `language` and `split` are None where the file holds several."""

    path: Path
    language: str | None
    split: str | None
    english: Path | None = None


@dataclass(frozen=True)
class Found:
    """A data set with its files in sorted order; `root` is the folder its patterns started from."""

    declared: Declared
    root: Path
    files: tuple[DataFile, ...]


def known_sources(root: Path) -> tuple[Declared, ...]:
    """The known data sets with those of the folder's own `sources.toml`. Raises `BadInput`."""
    own = root / "sources.toml"
    sources = {source.name: source for source in read_declarations(KNOWN)}
    if own.is_file():
        sources |= {source.name: source for source in read_declarations(own)}
    return tuple(sources.values())


def read_declarations(path: Path) -> tuple[Declared, ...]:
    """The entries of one `sources.toml`. Raises `BadInput` that names the entry and the key."""
    try:
        table = tomllib.loads(path.read_text(encoding="utf-8-sig"))
    except (OSError, UnicodeDecodeError, tomllib.TOMLDecodeError) as error:
        raise BadInput(f"{path} is not readable TOML ({error}).") from error
    entries = table.get("source", [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise BadInput(f"{path}: every data set is a table of its own, headed [[source]].")
    return tuple(_declared(path, number, entry) for number, entry in enumerate(entries, start=1))


def find_all(sources: Sequence[Declared], root: Path) -> list[Found]:
    """The data sets that have files under `root`, in the order of their declaration."""
    return [found for source in sources if (found := find(source, root)) is not None]


def matches(pattern: str, path: str) -> bool:
    """Whether a path in the data folder is one that a pattern of a `sources.toml` means.

    >>> matches("americasnli/{split}/{lang}.tsv", "americasnli/test/quy.tsv")
    True
    """
    return _expression(pattern).fullmatch(path) is not None


def find(source: Declared, root: Path) -> Found | None:
    """The files of a data set under `root`, from the first of its patterns that matches any."""
    for pattern in source.files:
        files = sorted(_matches(source, pattern, root), key=lambda file: file.path)
        if files:
            return Found(source, root, tuple(files))
    return None


_TAG = r"[A-Za-z]{2,3}(?:[-_][A-Za-z0-9]{2,4})*"
_PLACES = {"lang": _TAG, "split": "train|validation|devtest|dev|test", "pair": "[a-z]{4}"}


def _matches(source: Declared, pattern: str, root: Path) -> Iterator[DataFile]:
    expression = _expression(pattern)
    for path in root.glob(re.sub(r"\{\w+\}", "*", pattern)):
        match = expression.fullmatch(path.relative_to(root).as_posix())
        if match is None or not path.is_file():
            continue
        places = match.groupdict()
        raw_split = places.get("split")
        split = SPLITS.get(raw_split, raw_split) if raw_split else source.split
        if (source.split and split != source.split) or (source.role == "xnli" and split == "train"):
            continue
        raw = places.get("lang") or source.language
        language = _code(source, raw) if raw else None
        english = None
        if source.english is not None:
            if language == "en":
                continue
            name = source.english.replace("{lang}", raw or "").replace("{stem}", path.stem)
            english = path.with_name(name)
        yield DataFile(path, language, split, english)


def _code(source: Declared, raw: str) -> str:
    tag = re.split("[-_]", raw)[0] if source.base_language else raw
    return language_of(tag).code


def _expression(pattern: str) -> re.Pattern[str]:
    parts: list[str] = []
    seen: set[str] = set()
    for piece in re.split(r"(\{\w+\}|\*\*/|\*)", pattern):
        if piece.startswith("{"):
            place = piece[1:-1]
            parts.append(f"(?P={place})" if place in seen else f"(?P<{place}>{_PLACES[place]})")
            seen.add(place)
        else:
            parts.append({"**/": "(?:.*/)?", "*": "[^/]*"}.get(piece, re.escape(piece)))
    return re.compile("".join(parts))


def _declared(path: Path, number: int, entry: dict[str, Any]) -> Declared:
    where = f"{path}, source {number} ({str(entry.get('name', 'without a name'))[:40]})"
    types = {field.name: field.type for field in fields(Declared)}
    for key, value in entry.items():
        if key not in types:
            raise BadInput(f"{where}: {key!r} is not a key of a source; they are {', '.join(types)}.")
        wanted = list if key == "files" else bool if types[key] == "bool" else str
        if not isinstance(value, wanted):
            form = {list: "a list of patterns", bool: "true or false", str: "text"}[wanted]
            raise BadInput(f"{where}: {key!r} must be {form}.")
    for key in ("name", "kind", "role", "files"):
        if not entry.get(key):
            raise BadInput(f"{where}: {key!r} is missing.")
    for key, allowed in (("kind", KINDS), ("role", ROLES), ("quoting", ("plain", "quoted", "auto"))):
        if entry.get(key, allowed[0]) not in allowed:
            raise BadInput(f"{where}: {key!r} is one of {', '.join(allowed)}.")
    for pattern in entry["files"]:
        unknown = [x for x in re.findall(r"\{(\w*)\}", str(pattern)) if x not in _PLACES]
        if not isinstance(pattern, str) or pattern.startswith("/") or ".." in Path(pattern).parts or unknown:
            raise BadInput(f"{where}: a pattern is relative to the data folder and may hold {{lang}}, {{split}} and *.")
    if entry["kind"] == "bitext" and not (entry.get("english") or entry.get("language")):
        raise BadInput(f"{where}: a bitext names its English side (english), or its language if one file.")
    placed = all("{split}" in pattern for pattern in entry["files"])
    if entry["role"] == "xnli" and not placed and entry.get("split") not in ("validation", "test"):
        raise BadInput(f"{where}: an xnli source has {{split}} in its patterns, or split validation or test.")
    return Declared(**{**entry, "files": tuple(entry["files"])})
