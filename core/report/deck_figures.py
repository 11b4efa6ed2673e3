"""The figures of a presentation as SVG: they scale with the slide, and their type with them."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from core.arms.names import BASELINE, plain_name, sort_arms
from core.figures.style import arm_style
from core.languages import language
from core.notation import signed

#: Units of a figure, and of one for a narrow screen: type of 28 units is then read on both.
WIDE, HIGH = 1600.0, 640.0
NARROW, TALL = 720.0, 860.0


@dataclass(frozen=True)
class Bar:
    """A row of a forest: a value with its interval, and a second line under its name."""

    arm: str
    name: str
    value: float
    low: float
    high: float
    under: str = ""


def languages_svg(
    table: pd.DataFrame, codes: Sequence[str], asked: Sequence[str], told: str, narrow: bool = False
) -> str:
    """Accuracy of each arm by language, intervals drawn, the baseline as a band; `told` is the text alternative."""
    wide, high_of_all = (NARROW, TALL) if narrow else (WIDE, HIGH)
    left, right, top, bottom = 70.0 if narrow else 90.0, 10.0, 20.0, 190.0 if narrow else 150.0
    turn, lean, size = (-90, 9, 7) if narrow else (-35, 8, 11)
    low, high = _ends(float(table["low"].min()), float(table["high"].max()))
    step = (wide - left - right) / max(len(codes), 1)

    def y(value: float) -> float:
        return top + (high_of_all - top - bottom) * (high - value) / (high - low)

    parts = []
    for k, code in enumerate(codes):
        x = left + step * (k + 0.5)
        if code in asked:
            parts.append(_box(x - step / 2, top, step, high_of_all - top - bottom, "currentColor", 0.09))
        at = f"{x + lean:.1f}", f"{high_of_all - bottom + (24 if narrow else 34):.1f}"
        parts.append(
            f'<text x="{at[0]}" y="{at[1]}" font-size="28" text-anchor="end" '
            f'transform="rotate({turn} {at[0]} {at[1]})">{_e(language(code).name)}</text>'
        )
    for value in _ticks(low, high):
        parts.append(_line(left, y(value), wide - right, y(value), "currentColor", 1, 0.3))
        parts.append(f'<text x="{left - 14}" y="{y(value) + 10:.1f}" font-size="28" text-anchor="end">{value:g}</text>')
    arms = sort_arms(table["arm"])
    points = [arm for arm in arms if arm != BASELINE]
    for arm in arms:
        colour = arm_style(arm).colour
        shift = 0.0 if arm == BASELINE else (points.index(arm) - (len(points) - 1) / 2) * step * 0.26
        for row in table[table["arm"] == arm].to_dict("records"):
            if row["language"] not in codes:
                continue
            x = left + step * (list(codes).index(row["language"]) + 0.5)
            if arm == BASELINE:
                parts.append(
                    _box(x - step * 0.42, y(row["high"]), step * 0.84, y(row["low"]) - y(row["high"]), colour, 0.4)
                )
                parts.append(_line(x - step * 0.42, y(row["accuracy"]), x + step * 0.42, y(row["accuracy"]), colour, 4))
            else:
                parts.append(_line(x + shift, y(row["low"]), x + shift, y(row["high"]), colour, 4))
                parts.append(_mark(arm, x + shift, y(row["accuracy"]), size))
    return _svg(wide, high_of_all, "".join(parts), told)


def forest_svg(bars: Sequence[Bar], told: str, zero: str, narrow: bool = False) -> str:
    """Differences with their intervals, a row each; `zero` names the line at nothing. Where it is narrow a row's name
    stands above its bar."""
    wide, row, left = (NARROW, 220.0, 20.0) if narrow else (WIDE, 120.0, 640.0)
    top, bottom = 10.0, 70.0
    tall = top + bottom + row * len(bars)
    low, high = _ends(min(0.0, *(bar.low for bar in bars)), max(0.0, *(bar.high for bar in bars)))

    def x(value: float) -> float:
        return left + (wide - left - (20 if narrow else 190)) * (value - low) / (high - low)

    parts = [_line(x(0), top, x(0), tall - bottom, "currentColor", 2, 0.8, "8 7")]
    at_zero = min(max(x(0), 130.0), wide - 130.0)
    parts.append(f'<text x="{at_zero:.1f}" y="{tall - 22:.1f}" font-size="28" text-anchor="middle">{_e(zero)}</text>')
    for k, bar in enumerate(bars):
        y, colour = top + row * (k + (0.78 if narrow else 0.5)), arm_style(bar.arm).colour
        head = top + row * k + 40 if narrow else y - 2 if bar.under else y + 12
        parts.append(f'<text x="0" y="{head:.1f}" font-size="34" font-weight="600">{_e(bar.name)}</text>')
        if bar.under:
            parts.append(f'<text x="0" y="{head + 38:.1f}" font-size="28" opacity="0.85">{_e(bar.under)}</text>')
        parts.append(_line(x(bar.low), y, x(bar.high), y, colour, 6))
        parts.append(_mark(bar.arm, x(bar.value), y, 15))
        parts.append(
            f'<text x="{wide:.0f}" y="{head if narrow else y + 12:.1f}" font-size="36" font-weight="600" '
            f'text-anchor="end">{signed(bar.value)}</text>'
        )
    return _svg(wide, tall, "".join(parts), told)


def key(arms: Sequence[str]) -> str:
    """The arms in their colours and shapes, by their plain names."""
    items = []
    for arm in arms:
        mark = f'<svg viewBox="0 0 30 30" aria-hidden="true">{_mark(arm, 15, 15, 11)}</svg>'
        if arm == BASELINE:
            mark = f'<svg viewBox="0 0 30 30" aria-hidden="true">{_box(0, 8, 30, 14, arm_style(arm).colour, 0.6)}</svg>'
        name = plain_name(arm)
        items.append(f"<li>{mark}{_e(name[0].upper() + name[1:])}</li>")
    return f'<ul class="key">{"".join(items)}</ul>'


def _svg(wide: float, tall: float, inside: str, told: str) -> str:
    return (
        f'<svg class="figure" viewBox="0 0 {wide:.0f} {tall:.0f}" role="img" aria-label="{_e(told)}" '
        f'fill="currentColor">{inside}</svg>'
    )


def _line(
    x0: float, y0: float, x1: float, y1: float, colour: str, width: float, opacity: float = 1.0, dash: str = ""
) -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<line x1="{x0:.1f}" y1="{y0:.1f}" x2="{x1:.1f}" y2="{y1:.1f}" stroke="{colour}" stroke-width="{width:g}" '
        f'opacity="{opacity:g}"{dashed}/>'
    )


def _box(x: float, y: float, wide: float, tall: float, colour: str, opacity: float) -> str:
    return (
        f'<rect x="{x:.1f}" y="{y:.1f}" width="{wide:.1f}" height="{tall:.1f}" fill="{colour}" opacity="{opacity:g}"/>'
    )


def _mark(arm: str, x: float, y: float, size: float) -> str:
    """The arm's shape, filled where its symbol is: circle, square, diamond, else a circle."""
    style = arm_style(arm)
    paint = f'fill="{"none" if "open" in style.symbol else style.colour}" stroke="{style.colour}" stroke-width="4"'
    if style.symbol.startswith("square"):
        return f'<rect x="{x - size:.1f}" y="{y - size:.1f}" width="{2 * size:g}" height="{2 * size:g}" {paint}/>'
    if style.symbol.startswith("diamond"):
        far = 1.35 * size
        corners = f"{x:.1f},{y - far:.1f} {x + far:.1f},{y:.1f} {x:.1f},{y + far:.1f} {x - far:.1f},{y:.1f}"
        return f'<polygon points="{corners}" {paint}/>'
    if style.symbol.startswith("triangle"):
        corners = f"{x:.1f},{y - size:.1f} {x + size:.1f},{y + size:.1f} {x - size:.1f},{y + size:.1f}"
        return f'<polygon points="{corners}" {paint}/>'
    return f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{size:g}" {paint}/>'


def _ends(low: float, high: float) -> tuple[float, float]:
    room = 0.06 * max(high - low, 1.0)
    return low - room, high + room


def _ticks(low: float, high: float) -> list[float]:
    step = next((s for s in (1, 2, 5, 10, 20, 50) if (high - low) / s <= 6), 100)
    first = int(low // step + 1) * step
    return [float(value) for value in range(first, int(high) + 1, step)]


def _e(text: object) -> str:
    return html.escape(str(text), quote=True)
