"""The list of data sets that a person sees: what was found, how much of it, and what is missing."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from core.data import xnli
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
    `problem`.
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


@dataclass(frozen=True)
class Missing:
    """A data set that was not found, and a sentence that says how to get it."""

    name: str
    how: str


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
    )


def missing(sources: Sequence[Declared], found: Iterable[Found]) -> tuple[Missing, ...]:
    """The declared data sets without a file, apart from the optional ones."""
    names = {one.declared.name for one in found}
    return tuple(Missing(one.name, one.how) for one in sources if one.name not in names and not one.optional)


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
    if found.declared.role == "xnli" or file.path.suffix == ".parquet":
        return {language: len(xnli.read_language([file.path]).items)}
    return {language: len(read_nli(file.path, found.declared.quoting).items)}
