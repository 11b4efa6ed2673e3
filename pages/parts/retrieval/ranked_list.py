"""A ranked list of translations as HTML: in their own script, the right answer marked."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from core.figures.style import arm_style
from core.languages import language
from pages.parts.text import escape, passage


def ranked_list(title: str, table: pd.DataFrame, elsewhere: dict[int, int], links: Sequence[str]) -> str:
    """HTML of a `ranked_table` under its `title` (HTML).

    `elsewhere` gives each candidate's rank in the other list, to compare; empty where there is no other list. `links`
    lead to each hit's token plan with the query.
    """
    last = "<th>Other list</th>" if elsewhere else ""
    head = f"<tr><th>Rank</th><th>Translation</th><th>Score</th>{last}</tr>"
    digits = decimals(table["cosine"])
    lines, several = [], table["language"].nunique() > 1
    for row, link in zip(table.to_dict("records"), links, strict=True):
        mark = '<span class="iso-mark">✓ right</span> ' if row["right"] else ""
        name = f'<span class="iso-mark">{escape(language(row["language"]).name)}:</span>' if several else ""
        other = elsewhere.get(int(row["candidate"]))
        beside = f'<td class="iso-mark">{f"rank {other}" if other else "below"}</td>' if elsewhere else ""
        lines.append(
            f'<tr class="{"iso-right" if row["right"] else ""}"><td class="iso-number">{row["rank"]}</td>'
            f"<td>{passage(str(row['text']), str(row['language']))}{mark}{name}"
            f' <a class="iso-mark" href="{escape(link)}" target="_self">tokens</a></td>'
            f'<td class="iso-number">{row["cosine"]:.{digits}f}</td>{beside}</tr>'
        )
    return f'<div class="iso-scroll">{title}<table class="iso-table">{head}{"".join(lines)}</table></div>'


def decimals(scores: Sequence[float] | pd.Series) -> int:
    """Decimals that tell the first score from the last: three, more where an arm gives all of them nearly one.

    >>> decimals([0.91, 0.62]), decimals([0.99987, 0.99981]), decimals([1.0])
    (3, 6, 3)
    """
    spread = max(scores, default=0.0) - min(scores, default=0.0)
    return next((digits for digits in (3, 4, 5, 6) if spread >= 10.0 ** (1 - digits)), 6) if spread > 0 else 3


def heading(arm: str, label: str) -> str:
    """The name over a list, with the arm's shape and colour."""
    style = arm_style(arm)
    return f'<h4 class="iso-arm"><span style="color:{style.colour}">{style.glyph}</span> {escape(label)}</h4>'
