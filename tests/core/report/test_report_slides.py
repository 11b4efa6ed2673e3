"""The slides: native charts and tables that hold the store's numbers."""

from __future__ import annotations

import io

import pytest
from lxml import etree
from pptx import Presentation
from pptx.enum.shapes import MSO_SHAPE_TYPE
from pptx.oxml.ns import qn

from core.languages import LOW_RESOURCE
from core.notation import rate
from core.report import words
from core.report.deck import deck as html_deck
from core.report.slides import report_slides
from core.verdict.sentences import find
from tests.support.page_text import specialist_words


@pytest.fixture(scope="module")
def deck(material):
    return Presentation(io.BytesIO(report_slides(material)))


def _titles(deck) -> list[str]:
    return [slide.shapes.title.text_frame.text for slide in deck.slides]


def _charts(deck) -> list:
    return [shape for slide in deck.slides for shape in slide.shapes if shape.has_chart]


def test_charts_are_native_and_hold_the_stored_accuracies(deck, stored, material):
    chart = _charts(deck)[0].chart
    assert [one.name for one in chart.plots[0].series] == [arm for arm in material.arms if arm != "mean-matching"]
    for one in chart.plots[0].series:
        own = stored[stored["arm"] == one.name].set_index("language")["accuracy"]
        assert list(one.values) == pytest.approx([own[code] for code in material.languages])
    assert chart.part.chart_workbook.xlsx_part is not None


def test_error_bars_end_where_the_intervals_end(deck, material):
    levels = {(row["arm"], row["unit"]): row for row in material.sheet["levels"]}
    series = _charts(deck)[0].chart.plots[0].series[0]
    bars = series._element.find(qn("c:errBars"))
    assert [etree.QName(child).localname for child in series._element].index("errBars") < [
        etree.QName(child).localname for child in series._element
    ].index("cat")
    plus = [float(point.find(qn("c:v")).text) for point in bars.find(qn("c:plus")).iter(qn("c:pt"))]
    expected = [levels[series.name, code]["high"] - levels[series.name, code]["value"] for code in material.languages]
    assert plus == pytest.approx(expected)


def test_differences_are_those_of_the_verdict(deck, material):
    chart = _charts(deck)[1].chart
    assert [one.name for one in chart.plots[0].series] == ["transport", "adversarial"]
    for one in chart.plots[0].series:
        wanted = ("low-resource accuracy", one.name, "english-only")
        asked = find(material.sheet["questions"], *wanted)
        assert [v for v in one.values if v is not None] == pytest.approx([asked["difference"]])


def test_tables_and_texts_are_there(deck, material, stored):
    titles = _titles(deck)
    for wanted in ("Every question and its answer", "Accuracy ×100 with 95 % intervals", "Limits", "Preregistered"):
        assert wanted in titles
    assert sum("fixed" in t or "broken" in t for t in titles) == 2
    first = "\n".join(shape.text_frame.text for shape in deck.slides[0].shapes if shape.has_text_frame)
    answer = words.recommended(material)
    assert answer.advice in first and answer.found in first
    assert words.verdict(material) in deck.slides[0].notes_slide.notes_text_frame.text
    assert (
        titles.index("What to do next") < titles.index("Every question and its answer") < titles.index("Preregistered")
    )
    cells = "\n".join(
        cell.text_frame.text
        for slide in deck.slides for shape in slide.shapes if shape.has_table
        for row in shape.table.rows for cell in row.cells
    )  # fmt: skip
    own = stored[stored["arm"] == "transport"].set_index("language")["accuracy"]
    assert rate(sum(own[code] for code in LOW_RESOURCE) / 5) in cells
    drawn = [shape.text_frame.text for slide in deck.slides for shape in slide.shapes if shape.has_text_frame]
    assert "<b>hen</b>" in drawn


def test_charts_and_tables_have_text_alternatives(deck):
    shapes = [shape for slide in deck.slides for shape in slide.shapes if shape.has_chart or shape.has_table]
    assert shapes and all(shape._element.xpath(".//p:cNvPr")[0].get("descr") for shape in shapes)


def test_controls_keep_their_groups(deck, material):
    charts = {slide.shapes.title.text_frame.text: shape.chart for slide in deck.slides for shape in slide.shapes
              if shape.has_chart}  # fmt: skip
    for question in {row["question"] for row in material.sheet["controls"]}:
        own = [row["arm"] for row in material.sheet["controls"] if row["question"] == question]
        assert [one.name for one in charts[question].plots[0].series] == own


def test_plans_are_drawn_as_shapes(deck, material):
    slide = next(s for s in deck.slides if s.shapes.title.text_frame.text.startswith(material.plans[0].heading))
    ribbons = [shape for shape in slide.shapes if shape.shape_type == MSO_SHAPE_TYPE.FREEFORM]
    assert len(ribbons) == 4 and "Transport plan" in ribbons[0]._element.xpath(".//p:cNvPr")[0].get("descr")


def test_no_type_is_under_14_points(deck):
    sizes = {
        int(run.get("sz")) / 100 for slide in deck.slides for run in slide._element.iter(qn("a:rPr")) if run.get("sz")
    }
    assert min(sizes) >= 14


def test_the_first_three_slides_need_no_specialist(deck, material):
    for slide, shown in zip(list(deck.slides)[:3], html_deck(material)[:3], strict=True):
        texts = [shape.text_frame.text for shape in slide.shapes if shape.has_text_frame]
        assert specialist_words(" ".join(texts)) == []
        assert specialist_words(f"{shown.title} {shown.body}") == []


def test_the_presentation_ends_on_what_to_do_and_keeps_hashes_for_its_appendix(material):
    slides = html_deck(material)
    talk = [slide for slide in slides if not slide.appendix]
    assert slides[: len(talk)] == talk and talk[-1].title == "What to do next"
    assert "<svg" in next(slide.body for slide in talk if slide.title.startswith(material.plans[0].heading))
    assert material.runs[0]["run_id"] not in " ".join(slide.body for slide in talk)
    assert material.runs[0]["run_id"] in " ".join(slide.body for slide in slides if slide.appendix)
    assert "<b>hen</b>" not in " ".join(slide.body for slide in slides)
