"""What slides are made of: titles, boxes of text, native tables that go on where a slide is full, and notes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from pptx.dml.color import RGBColor
from pptx.enum.text import MSO_ANCHOR, PP_ALIGN
from pptx.oxml.ns import qn
from pptx.util import Inches, Pt

from core.report.charts import INK, RULE, describe
from core.report.fit import height, pages, row_height

WIDE, HIGH = Inches(13.333), Inches(7.5)
LEFT, ROOM = 0.6, 12.1
#: Where text begins under a title, and the inches it has; the smallest type of a slide, in points.
TOP, TALL, SMALLEST = 1.3, 5.75, 14
WHITE, WASH, SOFT = RGBColor(255, 255, 255), RGBColor(0xF4, 0xF3, 0xEF), RGBColor(0x45, 0x4C, 0x51)
_FONT = "Noto Sans"
_AFTER = 8.0


def add_slide(deck: Any, title: str, size: int = 26, notes: str = "") -> Any:
    """A slide of the layout "Title only", its title in place."""
    slide = deck.slides.add_slide(deck.slide_layouts[5])
    head = slide.shapes.title
    head.left, head.top, head.width, head.height = Inches(LEFT), Inches(0.35), Inches(ROOM), Inches(0.9)
    frame = head.text_frame
    frame.word_wrap, frame.vertical_anchor = True, MSO_ANCHOR.TOP
    frame.paragraphs[0].alignment = PP_ALIGN.LEFT
    # A title of two lines keeps clear of what is under it.
    dress(frame.paragraphs[0].add_run(), title, size if height(title, ROOM, size) < 0.6 else 20, True, INK)
    rule = slide.shapes.add_connector(1, Inches(LEFT), Inches(0.3), Inches(LEFT + ROOM), Inches(0.3))
    rule.line.color.rgb = RULE
    if notes:
        slide.notes_slide.notes_text_frame.text = printable(notes)
    return slide


def add_box(slide: Any, top: float, tall: float, left: float = LEFT, wide: float = ROOM) -> Any:
    """An empty box of text, in inches."""
    frame = slide.shapes.add_textbox(Inches(left), Inches(top), Inches(wide), Inches(tall)).text_frame
    frame.word_wrap = True
    return frame


def add_line(
    frame: Any, text: str, size: int, bold: bool = False, tone: RGBColor = INK, code: str = "", rtl: bool = False
) -> None:
    """A paragraph at the end of a box."""
    used = frame.paragraphs[0].runs
    paragraph = frame.add_paragraph() if used else frame.paragraphs[0]
    paragraph.space_after = Pt(_AFTER)
    if rtl:
        paragraph._p.get_or_add_pPr().set("rtl", "1")
        paragraph.alignment = PP_ALIGN.RIGHT
    run = paragraph.add_run()
    dress(run, text, size, bold, tone)
    if code:
        run._r.get_or_add_rPr().set("lang", code)


def add_texts(deck: Any, title: str, paragraphs: Iterable[str], size: int, bullets: bool = False) -> None:
    """As many slides as the paragraphs take."""
    told = [f"• {text}" if bullets else text for text in paragraphs]
    for page in pages([height(text, ROOM - 0.2, size, _AFTER) for text in told], TALL):
        box = add_box(add_slide(deck, title), TOP, TALL)
        for i in page:
            add_line(box, told[i], size)


def add_tables(
    deck: Any, title: str, heads: Sequence[str], rows: Sequence[Sequence[str]], widths: Sequence[float] = (),
    size: int = SMALLEST,
) -> None:  # fmt: skip
    """As many slides as the rows take, the heads on each."""
    if not rows:
        return
    widths = shares(len(rows[0]), widths)
    head = row_height(heads, widths, size) if heads else 0.0
    for page in pages([row_height(row, widths, size) for row in rows], TALL, head):
        add_grid(add_slide(deck, title), heads, [rows[i] for i in page], TOP, size, widths, title)


def shares(columns: int, widths: Sequence[float] = ()) -> list[float]:
    """Widths of columns in inches: the first the widest, unless they are given."""
    return list(widths) or [4.0, *[(ROOM - 4.0) / max(columns - 1, 1)] * (columns - 1)]


def add_grid(
    slide: Any, heads: Sequence[str], rows: Sequence[Sequence[str]], top: float, size: int, widths: Sequence[float],
    told: str,
) -> Any:  # fmt: skip
    """A native table; returns it. The first column is text, the others numbers unless there are two columns."""
    everything = [list(heads), *rows] if heads else [list(row) for row in rows]
    columns = len(everything[0])
    widths = shares(columns, widths)
    talls = [row_height(row, widths, size) for row in everything]
    frame = slide.shapes.add_table(
        len(everything), columns, Inches(LEFT), Inches(top), Inches(ROOM), Inches(sum(talls))
    )
    describe(frame, told)
    grid = frame.table
    grid.first_row, grid.horz_banding = bool(heads), False
    for column, width in zip(grid.columns, widths, strict=True):
        column.width = Inches(width)
    for i, row in enumerate(everything):
        grid.rows[i].height = Inches(talls[i])
        for j, text in enumerate(row):
            cell = grid.cell(i, j)
            fill(cell, WASH if heads and i == 0 else WHITE)
            _write(cell, text, size, bold=bool(heads) and i == 0, right=j > 0 and columns > 2)
    return grid


def fill(cell: Any, tone: RGBColor) -> None:
    cell.fill.solid()
    cell.fill.fore_color.rgb = tone


def dress(run: Any, text: str, size: int, bold: bool, tone: RGBColor) -> None:
    """Text and type of a run."""
    run.text = printable(text)
    run.font.size, run.font.bold, run.font.color.rgb, run.font.name = Pt(size), bold, tone, _FONT
    properties = run._r.get_or_add_rPr()
    for script in ("a:ea", "a:cs"):
        properties.append(properties.makeelement(qn(script), {"typeface": _FONT}))


def printable(text: str) -> str:
    """The text without control characters, which a slide's XML cannot hold."""
    return "".join(c if c >= " " else " " for c in text)


def _write(cell: Any, text: str, size: int, bold: bool = False, right: bool = False) -> None:
    cell.margin_top = cell.margin_bottom = Inches(0.03)
    cell.vertical_anchor = MSO_ANCHOR.MIDDLE
    paragraph = cell.text_frame.paragraphs[0]
    paragraph.alignment = PP_ALIGN.RIGHT if right else PP_ALIGN.LEFT
    dress(paragraph.add_run(), text, size, bold, INK)
