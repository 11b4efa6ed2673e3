"""The list of data sets that a person sees: what was found, how much of it, and what is missing."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from shlex import quote

from core.data import xnli
from core.data.benchmarks import count_items
from core.data.fetch.manifest import read_downloads
from core.data.nli import read_nli
from core.data.questions import read_questions
from core.data.registry import DataFile, Declared, Found
from core.data.text import read_lines
from core.data.training_bitext import read_file
from core.errors import BadInput
from core.languages import sort_codes


@dataclass(frozen=True)
class Source:
    """A data set that was found.

    `items` counts pairs, sentences with gold links, or questions over all languages and splits, and
    `items_by_language` each language's. A file that cannot be read leaves them at 0 and its sentence in
    `problem`. `bytes` are those of its files.
    """

    name: str
    kind: str
    role: str
    path: str
    languages: tuple[str, ...]
    items: int
    items_by_language: dict[str, int]
    licence: str
    problem: str = ""
    bytes: int = 0


@dataclass(frozen=True)
class Missing:
    """A data set that was not found, and a sentence that says how to get it by hand.

    `fetched` is the bytes that `data get` fetches, 0 where it knows no address. An `optional` one is not asked for.
    """

    name: str
    how: str
    licence: str = "not stated"
    fetched: int = 0
    optional: bool = False


def describe(found: Found) -> Source:
    """Read a data set through its loader and count what it holds."""
    counts: Counter[str] = Counter()
    problem = ""
    try:
        for file in found.files:
            counts.update(_count(found, file))
    except BadInput as error:
        counts.clear()
        problem = str(error)
    declared = found.declared
    named = {file.language for file in found.files if file.language is not None} | counts.keys() - {""}
    return Source(
        name=declared.name,
        kind=declared.kind,
        role=declared.role,
        path=os.path.commonpath([file.path.parent for file in found.files]),
        languages=tuple(sort_codes(list(named))),
        items=sum(counts.values()),
        items_by_language={code: counts[code] for code in sort_codes(list(counts))},
        licence=declared.licence,
        problem=problem,
        bytes=sum(path.stat().st_size for path in _paths(found) if path.is_file()),
    )


def missing(sources: Sequence[Declared], found: Iterable[Found]) -> tuple[Missing, ...]:
    """The declared data sets without a file, apart from the optional ones."""
    return tuple(one for one in absent(sources, found) if not one.optional)


def absent(sources: Sequence[Declared], found: Iterable[Found]) -> tuple[Missing, ...]:
    """The declared data sets without a file, the optional ones too."""
    names = {one.declared.name for one in found}
    downloads = read_downloads()
    return tuple(
        Missing(
            one.name, one.how, one.licence, downloads[one.name].bytes if one.name in downloads else 0, one.optional
        )
        for one in sources
        if one.name not in names
    )  # fmt: skip


def how_to_get(source: Declared) -> str:
    """How to get a data set: the command where there is one, then how it is got by hand."""
    if source.name not in read_downloads():
        return source.how
    return f"`python -m core data get {quote(source.name)}` fetches it. By hand: {source.how}"


def _paths(found: Found) -> set[Path]:
    return {path for file in found.files for path in (file.path, file.english) if path is not None}


def _count(found: Found, file: DataFile) -> dict[str, int]:
    kind, language = found.declared.kind, file.language or ""
    if kind == "questions":
        return {language: len(read_questions(file.path).questions)}
    if kind == "alignment":
        return {language: sum(1 for line in read_lines(file.path) if line.strip())}
    if kind == "bitext":
        return {language: sum(1 for source, target in read_file(found, file) if source and target)}
    if found.declared.role == "xnli" and file.language is None:
        return {code: len(items) for code, items in xnli.read_all_languages([file.path]).items()}
    if found.declared.role == "other":
        return {language: count_items(file.path)}
    if found.declared.role == "xnli" or file.path.suffix == ".parquet":
        return {language: len(xnli.read_language([file.path]).items)}
    return {language: len(read_nli(file.path, found.declared.quoting).items)}
