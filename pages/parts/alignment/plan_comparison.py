"""The numbers of one plan or two beside each other: distance before and after, entropy, links, unmatched words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from core.figures.drawn_plan import DrawnPlan
from core.figures.style import arm_style
from pages.parts.text import escape

if TYPE_CHECKING:
    from core.alignment.pair_plan import PairPlan

#: name, one value a plan, their difference ("" where it means nothing)
Line = tuple[str, list[str], str]


def compared(arms: Sequence[tuple[str, str, PairPlan]], plans: Sequence[DrawnPlan]) -> tuple[list[str], list[Line]]:
    """The head (arms, as HTML) and the lines of the table."""
    from core.alignment.layer_plans import unlinked

    at = [plan for _, _, plan in arms]
    head = [
        f'<span style="color:{arm_style(arm).colour}">{arm_style(arm).glyph}</span> {escape(label)}'
        for label, arm, _ in arms
    ]
    lines: list[Line] = [
        ("distance the mass travels", [f"{one.distance:.3f}" for one in at], _change([one.distance for one in at], 3)),
        (
            "entropy, % of its maximum",
            [f"{100 * one.entropy:.1f}" for one in at],
            _change([100 * one.entropy for one in at], 1),
        ),
        ("links", [f"{len(one.links)}" for one in at], _change([len(one.links) for one in at], 0)),
    ]
    if any(one.moved < 0.995 for one in at):
        moved = [100 * one.moved for one in at]
        lines.append(("mass moved, %", [f"{value:.1f}" for value in moved], _change(moved, 1)))
    for side, name in enumerate(("first", "second")):
        words = [(one.source, one.target)[side].words for one in plans]
        lost = [unlinked(one.links, len(own), side) for one, own in zip(at, words, strict=True)]
        names = [_named([str(own[k]) for k in places]) for own, places in zip(words, lost, strict=True)]
        lines.append((f"words without a link, {name} sentence", names, ""))
    rates = [one.judged.error_rate for one in plans if one.judged is not None]
    if rates:
        lines.append(("AER ×100, against the gold links", [f"{rate:.1f}" for rate in rates], _change(rates, 1)))
    return head, lines


def numbers_table(comparison: tuple[list[str], list[Line]]) -> str:
    """The table as HTML; the difference, second minus first, stands last where there are two plans."""
    head, lines = comparison
    two = len(head) == 2
    first = "".join(f"<th>{name}</th>" for name in ("", *head, *(["difference"] if two else [])))
    rows = "".join(
        f"<tr><td>{escape(name)}</td>{''.join(f'<td>{escape(value)}</td>' for value in values)}"
        f"{f'<td>{escape(change)}</td>' if two else ''}</tr>"
        for name, values, change in lines
    )
    return f'<div class="iso-scroll"><table class="iso-table"><tr>{first}</tr>{rows}</table></div>'


def _change(values: Sequence[float], digits: int) -> str:
    if len(values) != 2:
        return ""
    change = round(values[1] - values[0], digits) + 0.0
    return f"{'−' if change < 0 else '+'}{abs(change):.{digits}f}"


def _named(words: Sequence[str]) -> str:
    if not words:
        return "none"
    more = f" and {len(words) - 12} more" if len(words) > 12 else ""
    return ", ".join(words[:12]) + more
