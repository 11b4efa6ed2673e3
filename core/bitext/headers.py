"""Whether a table's first row names its columns, decided from the row itself and from the rows below it."""

from __future__ import annotations

import re
import statistics
from collections.abc import Sequence

from core.bitext.names import OTHER, SOURCE, TARGET, language_in, tag

_SENTENCE_ENDS = tuple(".!?。！？…؟।")
_NUMBER = re.compile(r"[-+]?\d[\d.,]*(?:[eE][-+]?\d+)?%?")
_LONGEST = 60


def is_header(first: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Whether `first` names the columns of the rows `below` (rows of its width; there may be none).

    It does if every cell is a known name or code of a column or language. Else its cells have to be short, different
    and no sentences, two of them (or one, where a column of numbers is headed by a word) known, and the columns below
    longer."""
    names = [cell.strip() for cell in first]
    folded = [name.casefold() for name in names]
    if len(set(folded)) < len(folded) or not all(0 < len(name) <= _LONGEST for name in names):
        return False
    known = [is_known(name) for name in names]
    if all(known):
        return not all(tag(name) for name in names) or not _are_words(names, below)
    if any(name.endswith(_SENTENCE_ENDS) or _NUMBER.fullmatch(name) for name in names):
        return False
    columns = [[row[i].strip() for row in below if i < len(row)] for i in range(len(names))]
    numbers = [bool(column) and all(_NUMBER.fullmatch(cell) for cell in column if cell) for column in columns]
    texts = [i for i, numeric in enumerate(numbers) if not numeric]
    if any(numbers[i] and known[i] for i in range(len(names))) and sum(known) >= 2 - (len(texts) > 1):
        return True
    if sum(known[i] for i in texts) < 2:
        return False
    longer = [i for i in texts if columns[i] and statistics.median(map(len, columns[i])) > 1.5 * len(names[i])]
    return len(longer) >= 2


def is_known(name: str) -> bool:
    """Whether a cell is what columns are called: a role, a language, or another thing that tables hold."""
    cleaned = name.strip().casefold().replace(" ", "_").replace("-", "_")
    return cleaned in SOURCE or cleaned in TARGET or cleaned in OTHER or language_in(name) is not None


def _are_words(names: Sequence[str], below: Sequence[Sequence[str]]) -> bool:
    """Codes that are words too ("to, zu" in a list of words): no language is told by them among rows as short as
    they."""
    cells = [cell.strip() for row in below for cell in row[: len(names)] if cell.strip()]
    return len(cells) >= 6 and statistics.median(map(len, cells)) <= 4
