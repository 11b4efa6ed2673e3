"""Gold word alignments: XL-WA's TSV, Pharaoh and Talp with their sentences beside them, NAACL/WPT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from core.data.catalog import Catalog
from core.data.links import Problem, RawLink, SentenceLinks, decide_base, from_base, same_number
from core.data.naacl import is_naacl, parse_naacl
from core.data.pair_text import PairText
from core.data.pharaoh import is_links, is_talp, parse_links, without_null
from core.data.text import at, read_lines
from core.errors import BadInput, MissingData
from core.languages import language as language_of
from core.languages import sort_codes

Words = tuple[list[str], list[str]]
#: The ending of the sentences that lie beside a file of links of the same name.
_BESIDE = ".src-tgt"


@dataclass(frozen=True)
class LinkFile:
    """Links of every sentence of a file, counted from 0, with the base they were written in.

    `pairs` holds the words of each sentence where they are known; `problems` what was passed over, by line.
    """

    path: Path
    base: int
    links: tuple[SentenceLinks, ...]
    pairs: tuple[Words, ...] | None
    problems: tuple[Problem, ...]


@dataclass(frozen=True)
class GoldSet:
    """Gold links of one language pair, source first. `split` is validation or test."""

    name: str
    source_language: str
    target_language: str
    split: str
    file: LinkFile

    @property
    def label(self) -> str:
        """`en-fr`, in the file's own order."""
        return f"{self.source_language}-{self.target_language}"

    @property
    def other(self) -> str:
        """The language that is not English."""
        return self.target_language if self.source_language == "en" else self.source_language


def read_links(
    path: Path,
    base: int | None = None,
    text: Path | None = None,
    target_text: Path | None = None,
    lengths: Sequence[tuple[int, int]] | None = None,
    keep_outside: bool = False,
) -> LinkFile:
    """Links in whatever format the file's own lines show.

    A TSV (XL-WA: source, target, links from 0) brings its sentences. Pharaoh, Talp and NAACL files take theirs
    from `text` (with `target_text` a Moses pair), else from a file of the same name beside them ending in
    `.src-tgt`; `lengths` are the numbers of words where only those are known. `base` is believed where the
    indices do not tell it (`core.data.links.decide_base`); Talp and NAACL count from 1. Links outside their
    sentence are problems; `keep_outside` keeps them all the same, as the errors of a system that they are.
    Raises `BadInput`.
    """
    lines = read_lines(path, blank=True)
    first = next((at for at, line in enumerate(lines) if line.strip()), None)
    if first is not None and "\t" in lines[first] and not is_naacl(lines[first]):
        return _read_table(path, lines, base)
    rows: list[list[RawLink]]
    fixed: int | None
    if first is not None and is_naacl(lines[first]):
        rows, fixed = parse_naacl(lines, path), 1
    else:
        if first is not None and not is_links(lines[first]):
            raise BadInput(
                f"{at(path, first + 1)}: these are no links; a file of links is Pharaoh (i-j, ipj), Talp, NAACL "
                "(sentence source target S|P), or a TSV of source, target and links."
            )
        rows = [parse_links(line, path, number) for number, line in enumerate(lines, start=1)]
        fixed = 1 if is_talp(lines[:1000]) else None
        if fixed:
            rows = [without_null(row) for row in rows]
    pairs = _beside(path, text, target_text)
    if pairs is not None:
        if first is not None and is_naacl(lines[first]):
            rows += [[] for _ in range(len(pairs) - len(rows))]
        same_number(path, len(rows), text or path.with_suffix(_BESIDE), len(pairs))
        lengths = [(len(source), len(target)) for source, target in pairs]
    elif lengths is not None and len(lengths) != len(rows):
        lengths = None
    decided = fixed if fixed is not None else decide_base(path, rows, lengths, base)
    return _link_file(path, rows, decided, pairs, lengths, keep_outside)


def gold_sets(catalog: Catalog, split: str = "test") -> list[GoldSet]:
    """The gold sets of the data folder, English beside each language, in the order of the figures.

    Raises `MissingData` if there is none, `BadInput` if one cannot be read.
    """
    found: list[GoldSet] = []
    for one in catalog.found:
        if one.declared.role != "gold-alignment":
            continue
        for file in one.files:
            if (file.split or "test") != split:
                continue
            source, target = _languages_of(file.path, file.language)
            found.append(GoldSet(one.declared.name, source, target, split, read_links(file.path)))
    if not found:
        raise MissingData(
            f"There are no gold alignments ({split}) in {catalog.root or 'the starter set'}; put XL-WA/ or "
            "awesome-align/examples/ there (`python -m core data` says where to get them)."
        )
    ranks = {code: rank for rank, code in enumerate(sort_codes(list({gold.other for gold in found})))}
    sources = list(dict.fromkeys(gold.name for gold in found))
    return sorted(found, key=lambda gold: (sources.index(gold.name), ranks[gold.other]))


def _languages_of(path: Path, language: str | None) -> tuple[str, str]:
    if language is not None:
        return "en", language
    if len(path.stem) == 4:  # zhen: Chinese to English
        return language_of(path.stem[:2]).code, language_of(path.stem[2:]).code
    return "und", "und"


def _read_table(path: Path, lines: Sequence[str], base: int | None) -> LinkFile:
    """Every line is a row, an empty one too, so that rows stay beside the lines of a system's links."""
    rows: list[list[RawLink]] = []
    pairs: list[Words] = []
    for number, line in enumerate(lines, start=1):
        cells = [cell.strip() for cell in line.split("\t")]
        if line.strip() and (len(cells) < 3 or (cells[2] and not is_links(cells[2]))):
            what = f"{len(cells)} columns" if len(cells) < 3 else f"the third column, {cells[2][:40]!r}, is no links"
            raise BadInput(f"{at(path, number)}: {what}; a row is source, target, links, without a header.")
        rows.append(parse_links(cells[2], path, number) if line.strip() else [])
        pairs.append((cells[0].split(), cells[1].split()) if line.strip() else ([], []))
    lengths = [(len(source), len(target)) for source, target in pairs]
    return _link_file(path, rows, decide_base(path, rows, lengths, base or 0), pairs, lengths)


def _link_file(
    path: Path, rows: Sequence[Sequence[RawLink]], base: int, pairs: Sequence[Words] | None,
    lengths: Sequence[tuple[int, int]] | None, keep_outside: bool = False,
) -> LinkFile:  # fmt: skip
    links: list[SentenceLinks] = []
    problems: list[Problem] = []
    for at_row, row in enumerate(rows):
        made, wrong = from_base(row, base, None if lengths is None else lengths[at_row], at_row + 1, keep_outside)
        links.append(made)
        problems += wrong
    return LinkFile(path, base, tuple(links), None if pairs is None else tuple(pairs), tuple(problems))


def _beside(path: Path, text: Path | None, target_text: Path | None) -> list[Words] | None:
    if text is None:
        beside = path.with_suffix(_BESIDE)
        if not beside.is_file() or beside == path:
            return None
        text = beside
    return [(pair.source, pair.target) for pair in PairText(text, target_text)]
