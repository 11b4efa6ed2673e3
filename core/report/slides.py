"""A report as slides: text, tables and charts that stay editable."""

from __future__ import annotations

import io
from collections.abc import Iterable, Iterator, Sequence
from typing import Any

import pandas as pd
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from core.arms.names import BASELINE
from core.data.records import LABELS
from core.languages import language
from core.notation import rate
from core.report import tables, words
from core.report.charts import INK, RULE, Series, describe, points
from core.report.material import Example, Material, ReportedPlan
from core.verdict.marks import ONE_RUN

_WIDE, _HIGH = Inches(13.333), Inches(7.5)
_LEFT, _ROOM = Inches(0.6), Inches(12.1)
_WHITE, _WASH, _SOFT = RGBColor(255, 255, 255), RGBColor(0xF4, 0xF3, 0xEF), RGBColor(0x55, 0x5C, 0x61)
_RIGHT, _WRONG = RGBColor(0xE3, 0xF4, 0xEE), RGBColor(0xFB, 0xEF, 0xD9)
#: Words a side of a plan, rows and arms of a table that a slide holds legibly.
_WORDS, _ROWS, _ARMS = 16, 19, 5
_ROW = 0.28
_FONT = "Noto Sans"


def report_slides(material: Material) -> bytes:
    """The deck as the bytes of a PPTX file."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = _WIDE, _HIGH
    deck.core_properties.title, deck.core_properties.author = material.title, "Isogloss"
    _opening(deck, material)
    _by_language(deck, material)
    _differences(deck, material)
    _tables(deck, "Every question and its answer", tables.answers(material), 15, (6.1, 1.3, 1.9, 1.2, 1.6))
    for table in (tables.evidence(material), tables.others(material)):
        for part in _parts(table):
            _tables(deck, "Accuracy ×100 with 95 % intervals", part, 13)
    for one in material.examples:
        _example(deck, one)
    for plan in material.plans:
        _plan(deck, plan)
    method = words.method(material)
    _texts(deck, "The method, for everyone", [f"{head}. {text}" for head, text in method], 14)
    told = words.limits(material)
    for start in range(0, len(told), 8):
        _texts(deck, "Limits", told[start : start + 8], 15, bullets=True)
    _tables(deck, "Preregistered", tables.Table(("", ""), tuple(words.preregistration(material))), 15, (3.2, 8.9))
    _tables(deck, "Where it comes from", tables.Table(("", ""), tuple(words.provenance(material))), 12, (2.6, 9.5))
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def _opening(deck: Any, material: Material) -> None:
    slide = _slide(deck, material.title, 32)
    box = _box(slide, 1.9, 3.4)
    _line(box, words.verdict(material), 24, bold=True)
    for text in (words.beside(material), *material.missing):
        if text:
            _line(box, text, 16)
    if material.data_kind == "starter":
        _line(box, "Trained and tested on starter data: these are not XNLI’s numbers.", 16)
    _line(_box(slide, 6.7, 0.5), f"Isogloss, {material.made}. Read on {words.where(material)}.", 13, tone=_SOFT)


def _by_language(deck: Any, material: Material) -> None:
    table = tables.accuracy_rows(material)
    codes = [code for code in material.languages if code in set(table["language"])]
    if not codes:
        return
    title = f"Accuracy by language, {words.where(material)}"
    slide = _slide(deck, title)
    names = [language(code).name + (" *" if language(code).low_resource else "") for code in codes]
    series = [_series(arm, table[table["arm"] == arm], "language", "accuracy", codes) for arm in material.drawn]
    points(
        slide, (_LEFT, Inches(1.3), _ROOM, Inches(5.4)), names, series, "accuracy ×100", f"{title}, a series an arm."
    )
    _line(_box(slide, 6.75, 0.5), "* low-resource. Bars: 95 % intervals.", 13, tone=_SOFT)


def _differences(deck: Any, material: Material) -> None:
    """Low-resource accuracy of each arm shown minus the baseline's, from the verdict's own questions; means over seeds
    and single runs on slides of their own."""
    asked = {
        str(q["first"]): q
        for q in tables.questions(material)
        if q["name"] == "low-resource accuracy" and q["second"] == BASELINE
    }
    for alone, told in ((False, "Bars: 95 % intervals."), (True, f"Bars: 95 % intervals. Each is {ONE_RUN}: no test.")):
        arms = [arm for arm, q in asked.items() if (len(q["seeds"]) == 1) is alone]
        if not arms:
            continue
        title = f"Low-resource accuracy minus that of {BASELINE}{', single runs' if alone else ''}"
        slide = _slide(deck, title)
        series = [
            Series(arm, *([float(asked[arm][key]) if other == arm else None for other in arms] for key in
                   ("difference", "low", "high")))
            for arm in arms
        ]  # fmt: skip
        points(slide, (_LEFT, Inches(1.3), _ROOM, Inches(5.4)), arms, series, "difference, points", f"{title}, points.")
        _line(_box(slide, 6.75, 0.5), told, 13, tone=_SOFT)


def _series(arm: str, own: pd.DataFrame, key: str, value: str, order: Sequence[str]) -> Series:
    rows = own.set_index(key)[[value, "low", "high"]].astype(float).to_dict("index")
    return Series(
        arm, *([rows[one][name] if one in rows else None for one in order] for name in (value, "low", "high"))
    )


def _tables(deck: Any, title: str, table: tables.Table, size: int, widths: Sequence[float] = ()) -> None:
    if not table.rows:
        return
    slide = _slide(deck, title)
    heads = list(table.heads) if any(table.heads) else []
    rows = [
        [f"{cell} ({small})" if small else cell for cell, small in zip(row, under, strict=True)]
        for row, under in zip(table.rows, table.small or [("",) * len(row) for row in table.rows], strict=True)
    ]
    _grid(slide, heads, rows, 1.35, size, widths, title)


def _parts(table: tables.Table) -> Iterator[tables.Table]:
    """The table cut into what a slide holds: its first column with some of the others, some rows."""
    for at in range(1, len(table.heads), _ARMS):
        cells = slice(at, at + _ARMS)
        heads, rows, small = (
            [(row[0], *row[cells]) for row in part] for part in ((table.heads,), table.rows, table.small)
        )
        for start in range(0, len(rows), _ROWS):
            end = start + _ROWS
            yield tables.Table(heads[0], tuple(rows[start:end]), tuple(small[start:end]))


def _grid(
    slide: Any, heads: Sequence[str], rows: Sequence[Sequence[str]], top: float, size: int, widths: Sequence[float],
    told: str,
) -> Any:  # fmt: skip
    """A native table; returns it. The first column is text, the others numbers unless there are two columns."""
    everything = [list(heads), *rows] if heads else list(rows)
    columns = len(everything[0])
    frame = slide.shapes.add_table(len(everything), columns, _LEFT, Inches(top), _ROOM, Inches(_ROW * len(everything)))
    describe(frame, told)
    grid = frame.table
    grid.first_row, grid.horz_banding = bool(heads), False
    shares = list(widths) or [4.0, *[8.1 / max(columns - 1, 1)] * (columns - 1)]
    for column, share in zip(grid.columns, shares, strict=True):
        column.width = Inches(share)
    for i, row in enumerate(everything):
        grid.rows[i].height = Inches(_ROW)
        for j, text in enumerate(row):
            cell = grid.cell(i, j)
            _fill(cell, _WASH if heads and i == 0 else _WHITE)
            _write(cell, text, size, bold=bool(heads) and i == 0, right=j > 0 and columns > 2)
    return grid


def _write(cell: Any, text: str, size: int, bold: bool = False, right: bool = False) -> None:
    cell.margin_top = cell.margin_bottom = Inches(0.03)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
    run = paragraph.add_run()
    _set(run, text, size, bold, INK)


def _fill(cell: Any, tone: RGBColor) -> None:
    cell.fill.solid()
    cell.fill.fore_color.rgb = tone


def _example(deck: Any, one: Example) -> None:
    slide = _slide(deck, one.heading)
    box = _box(slide, 1.25, 3.2)
    _line(box, f"Gold label: {LABELS[one.gold]}. {one.told}", 14)
    if one.premise:
        known = language(one.language)
        _line(box, one.premise, 17, code=known.code, rtl=_rtl(one.premise, known.direction))
        _line(box, one.hypothesis, 17, code=known.code, rtl=_rtl(one.hypothesis, known.direction), bold=True)
        if one.english_premise:
            _line(box, f"In English: {one.english_premise} → {one.english_hypothesis}", 14, tone=_SOFT)
    else:
        _line(box, one.missing, 16)
    rows = [
        [f"{a.label}, {'right' if a.predicted == one.gold else 'wrong'}", *tables.probabilities(a.probabilities)]
        for a in one.answers
    ]
    grid = _grid(slide, ["Probabilities ×100", *LABELS], rows, 5.0, 15, (), f"Probabilities, {one.heading}")
    for i, answer in enumerate(one.answers, 1):
        _fill(grid.cell(i, answer.predicted + 1), _RIGHT if answer.predicted == one.gold else _WRONG)


def _plan(deck: Any, plan: ReportedPlan) -> None:
    """The plan as a table of mass x100, its cells as dark as their mass; links are bold."""
    drawn = plan.drawn.clipped(_WORDS)
    slide = _slide(deck, f"{plan.heading}, {drawn.label}")
    dense, source, target = drawn.plan, list(drawn.source.words), list(drawn.target.words)
    links, strongest = set(drawn.links), max(float(dense.max()), 1e-9)
    tone = drawn.colour
    rows = [[word, *(rate(100 * float(mass)) if mass >= 5e-4 else "" for mass in dense[i])] for i, word in
            enumerate(source)]  # fmt: skip
    size = 11 if len(target) > 10 else 13
    shares = (1.7, *[10.4 / len(target)] * len(target))
    grid = _grid(slide, ["", *target], rows, 1.3, size, shares, f"Mass ×100 between words: {plan.told}")
    for i in range(len(source)):
        for j in range(len(target)):
            cell, share = grid.cell(i + 1, j + 1), float(dense[i, j]) / strongest
            _fill(cell, _mixed(tone, 0.75 * share))
            for run in cell.text_frame.paragraphs[0].runs:
                run.font.bold = (i, j) in links
    cut = "" if max(plan.drawn.plan.shape) <= _WORDS else f" The first {_WORDS} words of a side."
    numbers = f"Cost {drawn.cost:.3f}; entropy {drawn.entropy:.2f} of its maximum."
    _line(_box(slide, 6.7, 0.7), f"{plan.told} Mass ×100; bold: links. {numbers}{cut}", 12, tone=_SOFT)


def _mixed(tone: str, share: float) -> RGBColor:
    return RGBColor(*(round(255 - share * (255 - int(tone[i : i + 2], 16))) for i in (1, 3, 5)))


def _texts(deck: Any, title: str, paragraphs: Iterable[str], size: int, bullets: bool = False) -> None:
    slide = _slide(deck, title)
    box = _box(slide, 1.3, 5.6)
    for text in paragraphs:
        _line(box, f"• {text}" if bullets else text, size)


def _slide(deck: Any, title: str, size: int = 26) -> Any:
    """A slide of the layout “Title only”, its title in place."""
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    head = slide.shapes.title
    head.left, head.top, head.width, head.height = _LEFT, Inches(0.35), _ROOM, Inches(1.3 if size > 26 else 0.85)
    frame = head.text_frame
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.TOP
    frame.paragraphs[0].alignment = PP_ALIGN.LEFT
    _set(frame.paragraphs[0].add_run(), title, size, True, INK)
    rule = slide.shapes.add_connector(1, _LEFT, Inches(0.3), _LEFT + _ROOM, Inches(0.3))
    rule.line.color.rgb = RULE
    return slide


def _box(slide: Any, top: float, high: float) -> Any:
    frame = slide.shapes.add_textbox(_LEFT, Inches(top), _ROOM, Inches(high)).text_frame
    frame.word_wrap = True
    return frame


def _line(
    frame: Any, text: str, size: int, bold: bool = False, tone: RGBColor = INK, code: str = "", rtl: bool = False
) -> None:
    used = frame.paragraphs[0].runs
    paragraph = frame.add_paragraph() if used else frame.paragraphs[0]
    paragraph.space_after = Pt(8)
    if rtl:
        paragraph._p.get_or_add_pPr().set("rtl", "1")
        paragraph.alignment = PP_ALIGN.RIGHT
    run = paragraph.add_run()
    _set(run, text, size, bold, tone)
    if code:
        run._r.get_or_add_rPr().set("lang", code)


def _set(run: Any, text: str, size: int, bold: bool, tone: RGBColor) -> None:
    run.text = "".join(c if c >= " " else " " for c in text)
    run.font.size, run.font.bold, run.font.color.rgb, run.font.name = Pt(size), bold, tone, _FONT
    properties = run._r.get_or_add_rPr()
    for script in ("a:ea", "a:cs"):
        properties.append(properties.makeelement(qn(script), {"typeface": _FONT}))


def _rtl(text: str, direction: str) -> bool:
    """Whether a text is read from the right: some are written in Latin letters."""
    return direction == "rtl" and any("\u0590" <= c <= "\u08ff" for c in text)
