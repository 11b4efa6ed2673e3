"""Links in Pharaoh's and Talp's notation: one pair a line, `i-j` sure, `ipj` possible.

Talp's notation (Lambert et al. 2005) writes `isj` for a sure link and counts from 1, with 0 for the empty word. A
link may carry a score, `i-j:0.91`, or tell its kind at its end, `i-jS` and `i-jP`, as Ugarit's files do.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path

from core.data.links import Link, RawLink, SentenceLinks
from core.data.text import at
from core.errors import BadInput

_LINK = re.compile(r"([0-9]{1,9})([-spSP?])([0-9]{1,9})([spSP])?(?::([-+.0-9eE]{1,30}))?")


def is_links(text: str) -> bool:
    """Whether a text is links and nothing else; an empty one is not."""
    fields = text.split()
    return bool(fields) and all(_LINK.fullmatch(field) for field in fields)


def parse_links(text: str, path: Path, line: int) -> list[RawLink]:
    """The links of one line. Raises `BadInput` that names the line and what is no link."""
    links = []
    for field in text.split():
        match = _LINK.fullmatch(field)
        if match is None:
            raise BadInput(f"{at(path, line)}: {field[:40]!r} is not a link; links are i-j, or ipj for possible ones.")
        sure = match[2] in "-sS" and (match[4] or "s") in "sS"
        links.append(RawLink(int(match[1]), int(match[3]), sure))
    return links


def is_talp(rows: Iterable[str]) -> bool:
    """Whether lines mark sure links with `s`, as only Talp's notation does."""
    return any(match[2] in "sS" for row in rows for field in row.split() if (match := _LINK.fullmatch(field)))


def format_gold(links: SentenceLinks) -> str:
    """One line of Pharaoh links counted from 0: `i-j` sure, `ipj` possible.

    >>> format_gold(SentenceLinks(frozenset({(1, 0)}), frozenset({(0, 2), (1, 0)})))
    '0p2 1-0'
    """
    return " ".join(f"{i}{'-' if (i, j) in links.sure else 'p'}{j}" for i, j in sorted(links.possible))


def format_links(links: Iterable[Link], scores: Iterable[float] | None = None) -> str:
    """One line of Pharaoh links counted from 0, in order; with scores, `i-j:0.913`.

    >>> format_links([(1, 0), (0, 2)])
    '0-2 1-0'
    """
    if scores is None:
        return " ".join(f"{i}-{j}" for i, j in sorted(links))
    return " ".join(f"{i}-{j}:{score:.3f}" for (i, j), score in sorted(zip(links, scores, strict=True)))
