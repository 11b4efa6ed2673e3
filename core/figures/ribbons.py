"""A transport plan as ribbons between two lines of words: the width of a ribbon is the mass it moves.

The picture is SVG text with nothing to load: it takes the colour of the text around it, so that it is legible in the
light and in the dark theme, and it stands alone in a file. Words are escaped; every word and ribbon carries its
indices, so that a page can answer a click.
"""

from __future__ import annotations

import html
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from core.figures.style import CORRECT, INK, WRONG
from core.figures.text_width import shortened, text_width

Link = tuple[int, int]
#: "lines": source above target, each in its own direction; "columns": source left, target right, read downwards.
Layout = Literal["lines", "columns"]

FONTS = (
    "'Source Sans', 'Source Sans Pro', 'Noto Sans', 'Noto Sans Arabic', 'Noto Sans Devanagari', 'Noto Sans Thai', "
    "'Noto Sans CJK SC', 'Noto Sans SC', 'Noto Sans Hebrew', 'Noto Color Emoji', 'Segoe UI', 'PingFang SC', "
    "'Microsoft YaHei', sans-serif"
)
_SIZE = 15.0
_GAP = 14.0
_MARGIN = 12.0
_BAR = 4.0
#: Ribbons of less than this share of all mass are not drawn.
FAINTEST = 0.002
_WIDEST_EM = 16.0


@dataclass(frozen=True)
class Words:
    """One side of a pair: its words, the mass each has (they sum to 1), and how it is written."""

    words: Sequence[str]
    mass: NDArray[np.floating]
    rtl: bool = False
    code: str = ""


@dataclass(frozen=True)
class PlanMarks:
    """What is drawn over the soft plan: hard links, gold links by what became of them, a word picked out.

    `gold` tells that gold links are known; then `links` outside `hit` and `spurious` are not drawn apart. `word` is
    (side, index), side 0 the source.
    """

    links: Collection[Link] = ()
    gold: bool = False
    hit: Collection[Link] = ()
    missed: Collection[Link] = ()
    spurious: Collection[Link] = ()
    word: tuple[int, int] | None = None


@dataclass(frozen=True)
class Ribbon:
    """One band between two words; `value` is what its tooltip tells, x100."""

    i: int
    j: int
    mass: float
    colour: str
    opacity: float
    told: str
    dashed: bool = False


@dataclass
class _Slot:
    """Where a word stands: the middle of its slot, the slot's width, and how much of its bar ribbons have taken."""

    middle: float
    width: float
    taken: float = 0.0
    bar: float = 0.0


@dataclass(frozen=True)
class _Frame:
    source: list[_Slot]
    target: list[_Slot]
    scale: float
    length: float
    layout: Layout
    near: float
    far: float
    extent: float
    labels: tuple[list[str], list[str]] = field(default_factory=lambda: ([], []))


def plan_ribbons(plan: NDArray[np.floating], colour: str, marks: PlanMarks) -> list[Ribbon]:
    """The bands of a plan over words [n, m]: links strong, the rest faint, gold in the colours of right and wrong."""
    made = []
    linked, hit, spurious = set(marks.links), set(marks.hit), set(marks.spurious)
    for i, j in zip(*np.nonzero(np.asarray(plan) >= FAINTEST), strict=True):
        cell, mass = (int(i), int(j)), float(plan[i, j])
        tone, strength, what = colour, 0.16, ""
        if marks.gold and cell in hit:
            tone, strength, what = CORRECT, 0.62, ", link, in the gold links"
        elif marks.gold and cell in spurious:
            tone, strength, what = WRONG, 0.72, ", link, not in the gold links"
        elif cell in linked:
            strength, what = 0.6, ", link"
        made.append(Ribbon(*cell, mass, tone, strength, f"mass ×100: {100 * mass:.2f}{what}"))
    for i, j in marks.missed if marks.gold else ():
        mass = float(plan[i, j])
        made.append(Ribbon(i, j, 0.0, INK, 1.0, f"missed gold link; mass ×100: {100 * mass:.2f}", dashed=True))
    return made


def difference_ribbons(change: NDArray[np.floating], less: str, more: str, names: tuple[str, str]) -> list[Ribbon]:
    """The bands of a difference of plans [n, m]: mass that came in the colour `more`, mass that left in `less`."""
    made = []
    for i, j in zip(*np.nonzero(np.abs(change) >= FAINTEST), strict=True):
        value = float(change[i, j])
        told = f"{100 * abs(value):.2f} % more with {names[1] if value > 0 else names[0]}"
        made.append(Ribbon(int(i), int(j), abs(value), more if value > 0 else less, 0.6, told))
    return made


def ribbons_svg(
    source: Words,
    target: Words,
    ribbons: Iterable[Ribbon],
    layout: Layout,
    title: str,
    marks: PlanMarks | None = None,
    span: float = 170.0,
    clicks: bool = True,
) -> str:
    """The picture as one SVG element; `span` is the length of the ribbons in columns, in pixels.

    With `clicks` every word is a button that the keyboard reaches; without, the picture is one image.

    Both sides share one scale from mass to width, and the bar at a word is as wide as the mass it has: where ribbons
    do not fill the bar, the word keeps mass to itself.
    """
    marks = marks or PlanMarks()
    frame = _frame(source, target, layout, span)
    bands = sorted(ribbons, key=lambda band: (band.dashed, band.opacity, band.mass))
    placed = _placed(frame, bands)
    paths = "".join(_path(frame, band, source, target, *placed[k]) for k, band in enumerate(bands))
    sides = "".join(_words(frame, side, words, marks, clicks) for side, words in enumerate((source, target)))
    wide, high = (frame.length, frame.extent) if layout == "lines" else (frame.extent, frame.length)
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="ribbons {layout}" viewBox="0 0 {wide:.0f} {high:.0f}" '
        f'width="{wide:.0f}" height="{high:.0f}" role="{"group" if clicks else "img"}" aria-label="{_escape(title)}" '
        f'font-family="{FONTS}" font-size="{_SIZE:g}"><title>{_escape(title)}</title>'
        f'<g class="bands">{paths}</g>{sides}</svg>'
    )


def standalone(svg: str, caption: str) -> str:
    """A page of HTML that shows the picture and a caption without anything else."""
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8"><title>Isogloss</title>'
        "<style>body{font:16px/1.5 sans-serif;margin:2rem;color:#1F2528;background:#fff}svg{max-width:100%;height:auto}"
        f"</style>{svg}<p>{_escape(caption)}</p></html>"
    )


def _frame(source: Words, target: Words, layout: Layout, span: float) -> _Frame:
    labels = tuple([shortened(word, _WIDEST_EM) for word in side.words] for side in (source, target))
    widths = [[_SIZE * text_width(word) for word in side] for side in labels]
    if layout == "lines":
        natural = max(sum(side) + _GAP * len(side) for side in widths)
        scale = 0.5 * natural
        needs = [[w + _GAP for w in side] for side in widths]
    else:
        rows = max(len(source.words), len(target.words))
        scale = 0.62 * 25.0 * rows
        needs = [[25.0] * len(side) for side in widths]
    slots = [
        [max(need, scale * float(mass) + 5.0) for need, mass in zip(side, words.mass, strict=True)]
        for side, words in zip(needs, (source, target), strict=True)
    ]
    length = max(sum(side) for side in slots) + 2 * _MARGIN
    placed = [
        _slots(side, length, layout == "lines" and words.rtl)
        for side, words in zip(slots, (source, target), strict=True)
    ]
    if layout == "lines":
        near, far = 34.0, 34.0 + min(190.0, max(110.0, 0.2 * length))
        extent = far + 36.0
    else:
        near = max(widths[0], default=0.0) + 20.0
        far = near + span
        extent = far + max(widths[1], default=0.0) + 20.0
    return _Frame(placed[0], placed[1], scale, length, layout, near, far, extent, (labels[0], labels[1]))


def _slots(widths: Sequence[float], length: float, from_right: bool) -> list[_Slot]:
    """Slots in a row, centred in `length`."""
    at = (length - sum(widths)) / 2
    made = []
    for width in widths:
        middle = at + width / 2
        made.append(_Slot(length - middle if from_right else middle, width))
        at += width
    return made


def _placed(frame: _Frame, bands: Sequence[Ribbon]) -> dict[int, tuple[float, float]]:
    """Where each band begins at its two words: side by side in the order of the words they lead to."""
    found: dict[int, list[float]] = {k: [0.0, 0.0] for k in range(len(bands))}
    for side, (own, other) in enumerate(((frame.source, frame.target), (frame.target, frame.source))):
        of_word: dict[int, list[int]] = {}
        for k, band in enumerate(bands):
            if not band.dashed:
                of_word.setdefault(band.j if side else band.i, []).append(k)
        for word, members in of_word.items():
            members.sort(key=lambda k: other[bands[k].i if side else bands[k].j].middle)
            total = sum(bands[k].mass for k in members) * frame.scale
            at = own[word].middle - total / 2
            for k in members:
                width = bands[k].mass * frame.scale
                found[k][side] = at + width / 2
                at += width
        for k, band in enumerate(bands):
            if band.dashed:
                found[k][side] = own[band.j if side else band.i].middle
    return {k: (a, b) for k, (a, b) in found.items()}


def _path(frame: _Frame, band: Ribbon, source: Words, target: Words, begin: float, end: float) -> str:
    near, far = frame.near + _BAR + 1, frame.far - _BAR - 1
    middle = (near + far) / 2
    told = f"{source.words[band.i]} → {target.words[band.j]}: {band.told}"
    shared = f'class="band" data-i="{band.i}" data-j="{band.j}" data-word="s{band.i}t{band.j}"'
    tip = f"<title>{_escape(told)}</title>"
    if band.dashed:
        line = (
            f"M{_at(frame, begin, near)}C{_at(frame, begin, middle)} {_at(frame, end, middle)} {_at(frame, end, far)}"
        )
        return (
            f'<path {shared} d="{line}" fill="none" stroke="{band.colour}" stroke-width="1.6" '
            f'stroke-dasharray="5 4">{tip}</path>'
        )
    half = max(band.mass * frame.scale / 2, 0.3)
    a, b, c, d = begin - half, begin + half, end - half, end + half
    outline = (
        f"M{_at(frame, a, near)}C{_at(frame, a, middle)} {_at(frame, c, middle)} {_at(frame, c, far)}"
        f"L{_at(frame, d, far)}C{_at(frame, d, middle)} {_at(frame, b, middle)} {_at(frame, b, near)}Z"
    )
    return f'<path {shared} d="{outline}" fill="{band.colour}" fill-opacity="{band.opacity:g}">{tip}</path>'


def _at(frame: _Frame, along: float, across: float) -> str:
    return f"{along:.1f} {across:.1f}" if frame.layout == "lines" else f"{across:.1f} {along:.1f}"


def _words(frame: _Frame, side: int, words: Words, marks: PlanMarks, clicks: bool) -> str:
    slots = (frame.source, frame.target)[side]
    lang = f' lang="{_escape(words.code)}"' if words.code else ""
    parts = []
    for k, (slot, label) in enumerate(zip(slots, frame.labels[side], strict=True)):
        bar = max(float(words.mass[k]) * frame.scale, 1.0)
        picked = marks.word == (side, k)
        if frame.layout == "lines":
            y = frame.near - 10 if side == 0 else frame.far + 21
            bar_y = frame.near if side == 0 else frame.far - _BAR
            rect = f'x="{slot.middle - bar / 2:.1f}" y="{bar_y:.1f}" width="{bar:.1f}" height="{_BAR:g}"'
            hit = f'x="{slot.middle - slot.width / 2:.1f}" y="{y - 19:.1f}" width="{slot.width:.1f}" height="27"'
            text = f'x="{slot.middle:.1f}" y="{y:.1f}" text-anchor="middle"'
        else:
            bar_x = frame.near if side == 0 else frame.far - _BAR
            rect = f'x="{bar_x:.1f}" y="{slot.middle - bar / 2:.1f}" width="{_BAR:g}" height="{bar:.1f}"'
            x, wide = (0.0, frame.near - 3) if side == 0 else (frame.far + 3, frame.extent - frame.far - 3)
            hit = f'x="{x:.1f}" y="{slot.middle - 12:.1f}" width="{wide:.1f}" height="24"'
            end = (side == 0) != words.rtl  # the end of the text is at the picture's middle
            at = frame.near - 9 if side == 0 else frame.far + 9
            text = f'x="{at:.1f}" y="{slot.middle + 5:.1f}" text-anchor="{"end" if end else "start"}"'
        direction = ' direction="rtl"' if words.rtl else ""
        weight = ' font-weight="700"' if picked else ""
        tone = 'fill="currentColor" fill-opacity="0.14"' if picked else 'fill="transparent"'
        whole = _escape(str(words.words[k]))
        button = f' tabindex="0" role="button" aria-label="{whole}"' if clicks else ""
        parts.append(
            f'<g class="word" data-word="{"st"[side]}{k}"{button}>'
            f"<title>{whole}: {100 * float(words.mass[k]):.1f} % of the mass</title>"
            f'<rect {hit} rx="4" {tone}/>'
            f'<rect class="bar" {rect} fill="currentColor" fill-opacity="0.45"/>'
            f"<text {text}{direction}{weight}{lang} "
            f'fill="currentColor">{_escape(label)}</text></g>'
        )
    return f'<g class="words">{"".join(parts)}</g>'


def _escape(text: str) -> str:
    return html.escape(_printable(text), quote=True)


def _printable(text: str) -> str:
    """Without what XML forbids: control characters and lone surrogates."""
    return "".join(
        c if c >= " " and not "\ud800" <= c <= "\udfff" and c not in "\ufffe\uffff" else "\ufffd" for c in text
    )
