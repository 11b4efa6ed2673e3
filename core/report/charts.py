"""Native charts of slides: points with error bars that PowerPoint and LibreOffice can edit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from lxml import etree
from pptx.chart.data import CategoryChartData
from pptx.dml.color import RGBColor
from pptx.enum.chart import XL_CHART_TYPE, XL_LEGEND_POSITION, XL_MARKER_STYLE, XL_TICK_LABEL_POSITION
from pptx.oxml.ns import qn
from pptx.util import Pt

from core.figures.style import arm_style

INK = RGBColor(0x1F, 0x25, 0x28)
RULE = RGBColor(0xD5, 0xD3, 0xCB)
_SHAPES = {
    "circle": XL_MARKER_STYLE.CIRCLE, "square": XL_MARKER_STYLE.SQUARE, "diamond": XL_MARKER_STYLE.DIAMOND,
    "triangle": XL_MARKER_STYLE.TRIANGLE, "x": XL_MARKER_STYLE.X, "star": XL_MARKER_STYLE.STAR,
    "hexagon": XL_MARKER_STYLE.PLUS,
}  # fmt: skip


@dataclass(frozen=True)
class Series:
    """One arm's values with their intervals, one a category; None where there is none. All x100."""

    arm: str
    values: Sequence[float | None]
    low: Sequence[float | None]
    high: Sequence[float | None]


def points(
    slide: Any,
    box: tuple[Any, Any, Any, Any],
    categories: Sequence[str],
    series: Sequence[Series],
    axis: str,
    told: str,
) -> Any:
    """Add a chart of points with error bars at `box` (left, top, width, height); `told` is its text alternative."""
    data = CategoryChartData(number_format="0.0")
    data.categories = list(categories)
    for one in series:
        data.add_series(one.arm, list(one.values))
    frame = slide.shapes.add_chart(XL_CHART_TYPE.LINE_MARKERS, *box, data)
    describe(frame, told)
    chart = frame.chart
    chart.font.size, chart.font.color.rgb = Pt(14), INK
    chart.has_title = False
    chart.has_legend = len(series) > 1
    if chart.has_legend:
        chart.legend.position, chart.legend.include_in_layout = XL_LEGEND_POSITION.TOP, False
        chart.legend.font.size = Pt(14)
    _axes(chart, series, axis)
    for drawn, one in zip(chart.plots[0].series, series, strict=True):
        _dress(drawn, one)
    return chart


def describe(shape: Any, told: str) -> None:
    """Give a shape the text that stands for it where it cannot be seen."""
    shape._element.xpath(".//p:cNvPr")[0].set("descr", told)


def colour(arm: str) -> Any:
    return RGBColor.from_string(arm_style(arm).colour[1:])


def _axes(chart: Any, series: Sequence[Series], axis: str) -> None:
    low = min(x for one in series for x in (*one.low, *one.values) if x is not None)
    high = max(x for one in series for x in (*one.high, *one.values) if x is not None)
    step = next(step for step in (1, 2, 5, 10, 20, 50) if (high - low) / step <= 8)
    values = chart.value_axis
    values.minimum_scale, values.maximum_scale = step * (low // step), step * (high // step + 1)
    values.major_unit = step
    values.major_gridlines.format.line.color.rgb = RULE
    values.format.line.fill.background()
    values.tick_labels.font.size, values.tick_labels.number_format = Pt(14), "0"
    values.tick_labels.number_format_is_linked = False
    values.has_title = True
    values.axis_title.text_frame.text = axis
    values.axis_title.text_frame.paragraphs[0].runs[0].font.size = Pt(14)
    values.axis_title.text_frame.paragraphs[0].runs[0].font.bold = False
    chart.category_axis.tick_label_position = XL_TICK_LABEL_POSITION.LOW
    chart.category_axis.tick_labels.font.size = Pt(14)
    chart.category_axis.format.line.color.rgb = RULE


def _dress(drawn: Any, one: Series) -> None:
    tone = colour(one.arm)
    drawn.smooth = False
    drawn.format.line.fill.background()
    style = arm_style(one.arm)
    drawn.marker.style = next((v for k, v in _SHAPES.items() if style.symbol.startswith(k)), XL_MARKER_STYLE.CIRCLE)
    drawn.marker.size = 9
    drawn.marker.format.fill.solid()
    drawn.marker.format.fill.fore_color.rgb = tone
    drawn.marker.format.line.color.rgb = tone
    _error_bars(drawn._element, one, style.colour[1:])


def _error_bars(series: Any, one: Series, tone: str) -> None:
    """c:errBars with custom values (ECMA-376, part 1, 21.2.2.55), which python-pptx has no call for."""
    bars = etree.Element(qn("c:errBars"))
    for name, setting in (("errDir", "y"), ("errBarType", "both"), ("errValType", "cust"), ("noEndCap", "1")):
        etree.SubElement(bars, qn(f"c:{name}")).set("val", setting)
    for name, ends in (("plus", one.high), ("minus", one.low)):
        literal = etree.SubElement(etree.SubElement(bars, qn(f"c:{name}")), qn("c:numLit"))
        etree.SubElement(literal, qn("c:formatCode")).text = "General"
        etree.SubElement(literal, qn("c:ptCount")).set("val", str(len(ends)))
        for k, (end, value) in enumerate(zip(ends, one.values, strict=True)):
            if end is not None and value is not None:
                point = etree.SubElement(literal, qn("c:pt"))
                point.set("idx", str(k))
                etree.SubElement(point, qn("c:v")).text = repr(abs(end - value))
    shape = etree.SubElement(bars, qn("c:spPr"))
    line = etree.SubElement(shape, qn("a:ln"))
    line.set("w", "15875")
    etree.SubElement(etree.SubElement(line, qn("a:solidFill")), qn("a:srgbClr")).set("val", tone)
    after = series.find(qn("c:cat"))
    after.addprevious(bars)
