"""Gold word alignments: XL-WA's TSV, Pharaoh and Talp with their sentences beside them, id and links, NAACL/WPT."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from core.data.catalog import Catalog
from core.data.header_words import looks_like_header
from core.data.links import Problem, RawLink, SentenceLinks, decide_base, from_base, same_number, without_null
from core.data.naacl import is_naacl, parse_naacl
from core.data.pair_text import PairText
from core.data.pharaoh import is_links, is_talp, parse_links
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

    `pairs` holds the words of each sentence where they are known; `problems` what was passed over, by line; `notes`
    what was passed over throughout. `header`: the first row is a line that names columns.
    """

    path: Path
    base: int
    links: tuple[SentenceLinks, ...]
    pairs: tuple[Words, ...] | None
    problems: tuple[Problem, ...]
    notes: tuple[str, ...] = ()
    header: bool = False

    def without_header(self) -> LinkFile:
        """The same without the row of a header."""
        if not self.header:
            return self
        pairs = None if self.pairs is None else self.pairs[1:]
        return replace(self, links=self.links[1:], pairs=pairs, header=False)


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
    columns: tuple[int, int, int] | None = None,
) -> LinkFile:
    """Links in whatever format the file's own lines show.

    A TSV (XL-WA: source, target, links) brings its sentences; `columns` are the numbers, from 1, of the three where
    others stand there too. Pharaoh, Talp, NAACL and files of an identifier and links take theirs from `text` (with
    `target_text` a Moses pair), else from a file of the same name beside them ending in `.src-tgt`; `lengths` are the
    numbers of words where only those are known. `base` is obeyed; without it the indices tell
    (`core.data.links.decide_base`). Links to the empty word and links outside their sentence are left out and told.
    Raises `BadInput`.
    """
    lines = read_lines(path, blank=True)
    first = next((at for at, line in enumerate(lines) if line.strip()), None)
    shown = "" if first is None else lines[first]
    if columns is not None or _is_table(shown):
        return _read_table(path, lines, base, columns)
    naacl = is_naacl(shown)
    rows: list[list[RawLink]]
    notes: list[str] = []
    if naacl:
        rows = parse_naacl(lines, path)
    else:
        if "\t" in shown and not is_links(shown):
            lines, notes = _without_names(path, lines)
            shown = next((line for line in lines if line.strip()), "")
        if shown and not is_links(shown):
            raise BadInput(
                f"{at(path, (first or 0) + 1)}: these are no links; a file of links is Pharaoh (i-j, ipj, i-jS), Talp, "
                "NAACL (sentence source target S|P), identifier and links, or a TSV of source, target and links."
            )
        rows = [parse_links(line, path, number) for number, line in enumerate(lines, start=1)]
    usual = 1 if naacl or is_talp(lines[:1000]) else None
    pairs = _beside(path, text, target_text)
    if pairs is not None:
        if naacl:
            rows += [[] for _ in range(len(pairs) - len(rows))]
        same_number(path, len(rows), text or path.with_suffix(_BESIDE), len(pairs))
        lengths = [(len(source), len(target)) for source, target in pairs]
    elif lengths is not None and naacl:
        rows += [[] for _ in range(len(lengths) - len(rows))]
    if lengths is not None and len(lengths) != len(rows):
        lengths = None
    return _link_file(path, rows, decide_base(path, rows, lengths, base, usual), pairs, lengths, notes)


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


def own_set(path: Path) -> GoldSet:
    """A person's own gold links, which bring their sentences (a TSV, or a file ending in .src-tgt beside them).

    Raises `BadInput`, also where there are no sentences.
    """
    if not path.is_file():
        raise BadInput(f"There is no file {path}.")
    file = read_links(path).without_header()
    if file.pairs is None:
        raise BadInput(f"{path} has no sentences; give a TSV of source, target and links, or a .src-tgt beside it.")
    return GoldSet("own", "und", "und", "test", file)


def _languages_of(path: Path, language: str | None) -> tuple[str, str]:
    if language is not None:
        return "en", language
    if len(path.stem) == 4:  # zhen: Chinese to English
        return language_of(path.stem[:2]).code, language_of(path.stem[2:]).code
    return "und", "und"


def _is_table(line: str) -> bool:
    """Whether a line is one of a table with sentences: three columns, and neither NAACL nor links throughout."""
    cells = [cell for cell in line.split("\t") if cell.strip()]
    return "\t" in line and not is_naacl(line) and not is_links(line) and (len(cells) > 2 or not _names_links(line))


def _names_links(line: str) -> bool:
    """Whether a line is an identifier, a tab and links (or none), or the header of such lines."""
    cells = line.split("\t")
    two = len(cells) == 2 or (len(cells) > 2 and not any(cell.strip() for cell in cells[2:]))
    return two and (is_links(cells[1]) or not cells[1].strip() or looks_like_header(cells)) and not is_links(cells[0])


def _without_names(path: Path, lines: Sequence[str]) -> tuple[list[str], list[str]]:
    """Lines of an identifier, a tab and links without the former, and what is to be told. A header goes."""
    kept = []
    for number, line in enumerate(lines, start=1):
        if line.strip() and not _names_links(line):
            raise BadInput(f"{at(path, number)}: {line[:40]!r} is not an identifier, a tab and links, as the first is.")
        if number == 1 and looks_like_header(line.split("\t")):
            continue
        kept.append(line.split("\t")[1] if line.strip() else "")
    told = [f"the header of {path.name} was passed over"] if len(kept) < len(lines) else []
    return kept, [*told, f"the first column of {path.name} was taken for the sentences' identifiers"]


def _read_table(path: Path, lines: Sequence[str], base: int | None, columns: tuple[int, int, int] | None) -> LinkFile:
    """Every line is a row, an empty one and a header too, so that rows stay beside the lines of a system's links."""
    rows: list[list[RawLink]] = []
    pairs: list[Words] = []
    header, ignored = False, 0
    at_columns = columns or (1, 2, 3)
    for number, line in enumerate(lines, start=1):
        cells = [cell.strip() for cell in line.split("\t")]
        if number == 1 and looks_like_header(cells):
            header = True
            cells = []
        if not any(cells):
            rows.append([])
            pairs.append(([], []))
            continue
        if len(cells) < max(at_columns):
            wanted = "source, target, links" if columns is None else "the columns of --columns"
            shown = ", ".join(repr(cell[:30]) for cell in cells)
            raise BadInput(f"{at(path, number)}: {len(cells)} columns ({shown}); a row has {wanted}.")
        source, target, links = (cells[column - 1] for column in at_columns)
        if links and not is_links(links):
            elsewhere = next((place for place, cell in enumerate(cells, start=1) if is_links(cell)), None)
            advice = f"; column {elsewhere} holds links: say which are meant by --columns" if elsewhere else ""
            raise BadInput(
                f"{at(path, number)}: the {_ORDINALS.get(at_columns[2], 'named')} column, {links[:40]!r}, is no links"
                f"{advice}; a row is source, target, links."
            )
        ignored += any(cell for place, cell in enumerate(cells, start=1) if place not in at_columns)
        rows.append(parse_links(links, path, number))
        pairs.append((source.split(), target.split()))
    lengths = [(len(source), len(target)) for source, target in pairs]
    notes = [f"the header of {path.name} was passed over"] if header else []
    if ignored:
        notes.append(f"{ignored:,} rows of {path.name} hold more than source, target and links, which alone count")
    decided = decide_base(path, rows, lengths, base, otherwise=0)
    return _link_file(path, rows, decided, pairs, lengths, notes, header)


_ORDINALS = {3: "third"}


def _link_file(
    path: Path, rows: Sequence[Sequence[RawLink]], base: int, pairs: Sequence[Words] | None,
    lengths: Sequence[tuple[int, int]] | None, notes: Sequence[str] = (), header: bool = False,
) -> LinkFile:  # fmt: skip
    rows, null = without_null(rows, base)
    notes = list(notes)
    if null:
        word = "link" if null == 1 else "links"
        notes.append(f"{null:,} {word} of {path.name} to the empty word (index 0) left out")
    links: list[SentenceLinks] = []
    problems: list[Problem] = []
    for at_row, row in enumerate(rows):
        made, wrong = from_base(row, base, None if lengths is None else lengths[at_row], at_row + 1)
        links.append(made)
        problems += wrong
    kept = None if pairs is None else tuple(pairs)
    return LinkFile(path, base, tuple(links), kept, tuple(problems), tuple(notes), header)


def _beside(path: Path, text: Path | None, target_text: Path | None) -> list[Words] | None:
    if text is None:
        beside = path.with_suffix(_BESIDE)
        if not beside.is_file() or beside == path:
            return None
        text = beside
    return [(pair.source, pair.target) for pair in PairText(text, target_text)]
