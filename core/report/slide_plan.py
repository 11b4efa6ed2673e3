"""A token plan on a slide as native shapes: words above and below, and ribbons whose width is mass."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from lxml import etree
from pptx.dml.color import RGBColor
from pptx.enum.text import PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Emu, Inches

from core.figures.drawn_plan import DrawnPlan
from core.report.charts import INK, describe
from core.report.fit import height
from core.report.slide_parts import LEFT, ROOM, SMALLEST, dress

#: Inches: where the words stand, and the ribbons between them.
_SOURCE, _TARGET, _WORD = 1.55, 5.35, 0.5
#: Share of the mass of the strongest cell from which a ribbon is drawn, and points along a ribbon's edge.
LEAST, _POINTS = 0.04, 12


def add_plan(slide: Any, drawn: DrawnPlan, told: str) -> None:
    """Draw the plan; links are dark, the rest pale. `told` is the text alternative, at the first shape."""
    dense = np.asarray(drawn.plan, float)
    words = [list(drawn.source.words), list(drawn.target.words)]
    places = [_places(side) for side in words]
    most = max(float(dense.sum(1).max()), float(dense.sum(0).max()), 1e-9)
    inch = min(_room(places[0]), _room(places[1])) / most
    links = set(drawn.links)
    above, below = ([centre for centre, _ in place] for place in places)
    cells = sorted(((i, j) for i, j in np.ndindex(dense.shape)), key=lambda cell: (cell in links, dense[cell]))
    described = False
    for i, j in cells:
        mass = float(dense[i, j])
        if mass < LEAST * float(dense.max()):
            continue
        top = above[i] + inch * float(dense[i, :j].sum() - dense[i].sum() / 2)
        bottom = below[j] + inch * float(dense[:i, j].sum() - dense[:, j].sum() / 2)
        shape = _ribbon(slide, top, bottom, inch * mass, drawn.colour, 0.75 if (i, j) in links else 0.22)
        if not described:
            describe(shape, told)
            described = True
    for k, (side, place) in enumerate(zip(words, places, strict=True)):
        for word, (centre, wide) in zip(side, place, strict=True):
            _word(slide, word, centre, wide, (_SOURCE - _WORD) if k == 0 else _TARGET)


def _places(words: Sequence[str]) -> list[tuple[float, float]]:
    """Centre and width in inches of each word's place along the slide: longer words have more."""
    weights = np.array([max(len(word), 3) + 1.0 for word in words])
    wide = ROOM * weights / weights.sum()
    return [(LEFT + float(end - own / 2), float(own)) for own, end in zip(wide, np.cumsum(wide), strict=True)]


def _room(places: Sequence[tuple[float, float]]) -> float:
    return 0.9 * min(wide for _, wide in places)


def _ribbon(
    slide: Any, top: float, bottom: float, wide: float, colour: str, opacity: float
) -> Any:  # fmt: skip
    """A band from `top` (left edge above, inches) to `bottom` (below), an S between them."""
    steps = np.linspace(0.0, 1.0, _POINTS)
    along = steps * steps * (3 - 2 * steps)
    xs, ys = top + (bottom - top) * along, _SOURCE + (_TARGET - _SOURCE) * steps
    edge = [*zip(xs, ys, strict=True), *zip(xs[::-1] + wide, ys[::-1], strict=True)]
    points = [(int(Inches(float(x))), int(Inches(float(y)))) for x, y in edge]
    builder = slide.shapes.build_freeform(*points[0], scale=1.0)
    builder.add_line_segments(points[1:], close=True)
    shape = builder.convert_to_shape(Emu(0), Emu(0))
    shape.line.fill.background()
    shape.shadow.inherit = False
    shape.fill.solid()
    shape.fill.fore_color.rgb = RGBColor.from_string(colour[1:])
    alpha = etree.SubElement(shape.fill._xPr.find(qn("a:solidFill"))[0], qn("a:alpha"))
    alpha.set("val", str(round(100_000 * opacity)))
    return shape


def _word(slide: Any, word: str, centre: float, wide: float, top: float) -> None:
    frame = slide.shapes.add_textbox(Inches(centre - wide / 2), Inches(top), Inches(wide), Inches(_WORD)).text_frame
    frame.word_wrap = False
    frame.margin_left = frame.margin_right = Inches(0)
    frame.paragraphs[0].alignment = PP_ALIGN.CENTER
    size = next((size for size in (20, 18, 16) if height(word, wide, size) < 2 * size / 72), SMALLEST)
    dress(frame.paragraphs[0].add_run(), word, size, False, INK)
