"""Links in the format of the NAACL 2003 and WPT 2005 shared tasks: `sentence source target [S|P] [confidence]`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from pathlib import Path

from core.data.links import RawLink
from core.data.text import at
from core.errors import BadInput

_ROW = re.compile(r"\s*([0-9]{1,9})\s+([0-9]{1,9})\s+([0-9]{1,9})(?:\s+([SPsp]))?(?:\s+[-+.0-9eE]{1,30})?\s*")
_MOST = 10_000_000  # sentences; a number beyond it is a mistake, not a file


def is_naacl(line: str) -> bool:
    """Whether a line is one link of this format."""
    return _ROW.fullmatch(line) is not None


def parse_naacl(lines: Sequence[str], path: Path) -> list[list[RawLink]]:
    """The links of each sentence, one row for every number from the first (1, or 0 if it occurs) to the largest.

    Indices are as written: words usually count from 1, with 0 for the empty word. Raises `BadInput` with the line.
    """
    found: dict[int, list[RawLink]] = {}
    for line, text in enumerate(lines, start=1):
        if not text.strip():
            continue
        match = _ROW.fullmatch(text)
        if match is None or int(match[1]) > _MOST:
            raise BadInput(f"{at(path, line)}: not a link; a line is: sentence, source word, target word, S or P.")
        link = RawLink(int(match[2]), int(match[3]), match[4] not in ("P", "p"), line)
        found.setdefault(int(match[1]), []).append(link)
    first = 0 if 0 in found else 1
    return [found.get(number, []) for number in range(first, max(found) + 1)]
