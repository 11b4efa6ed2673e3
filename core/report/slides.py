"""A report as slides: text, tables, charts and plans that stay editable."""

from __future__ import annotations

import io
from collections.abc import Iterator, Sequence
from typing import Any

import pandas as pd
from pptx import Presentation
from pptx.dml.color import RGBColor
from pptx.util import Inches

from core.arms.names import BASELINE, plain_name
from core.data.records import LABELS
from core.languages import language
from core.notation import rate
from core.report import tables, words
from core.report.charts import Series, points
from core.report.material import Example, Material, ReportedPlan
from core.report.next_steps import next_steps
from core.report.slide_parts import (
    HIGH,
    LEFT,
    ROOM,
    SOFT,
    WIDE,
    add_box,
    add_grid,
    add_line,
    add_slide,
    add_tables,
    add_texts,
    fill,
)
from core.report.slide_plan import LEAST, add_plan
from core.verdict.marks import ONE_RUN
from core.verdict.recommendation import QUESTION, Recommendation

_RIGHT, _WRONG = RGBColor(0xE3, 0xF4, 0xEE), RGBColor(0xFB, 0xEF, 0xD9)
#: Words a side of a plan, and arms of a table, that a slide holds legibly.
_WORDS, _ARMS = 14, 4


def report_slides(material: Material) -> bytes:
    """The deck as the bytes of a PPTX file: the answer first, what to do next last, then an appendix."""
    deck = Presentation()
    deck.slide_width, deck.slide_height = WIDE, HIGH
    deck.core_properties.title, deck.core_properties.author = material.title, "Isogloss"
    answer = words.recommended(material)
    _opening(deck, material, answer)
    _by_language(deck, material)
    _gained(deck, answer)
    _in_full(deck, material, answer)
    _explained(deck, material)
    for one in material.examples:
        _example(deck, one)
    for plan in material.plans:
        _plan(deck, plan)
    add_texts(deck, "The method, for everyone", [f"{head}. {text}" for head, text in words.method(material)], 16)
    add_texts(deck, "Limits", words.limits(material), 16, bullets=True)
    add_texts(deck, "What to do next", [one.replace("`", "") for one in next_steps(material, answer)], 22, bullets=True)
    _appendix(deck, material)
    out = io.BytesIO()
    deck.save(out)
    return out.getvalue()


def _opening(deck: Any, material: Material, answer: Recommendation | None) -> None:
    title = QUESTION if answer else material.title
    notes = " ".join(text for text in (words.verdict(material), words.beside(material), *material.missing) if text)
    slide = add_slide(deck, title, 24, notes)
    box = add_box(slide, 1.3, 1.9)
    if answer is None:
        add_line(box, words.verdict(material), 24, bold=True)
    else:
        add_line(box, answer.advice, 44, bold=True)
        add_line(box, answer.found, 24)
        wide = ROOM / len(answer.numbers)
        for k, one in enumerate(answer.numbers):
            own = add_box(slide, 3.4, 2.6, LEFT + k * wide, wide - 0.2)
            add_line(own, one.name[0].upper() + one.name[1:], 16, bold=True)
            add_line(own, rate(one.value), 40, bold=True)
            if one.beside:
                add_line(own, one.beside, 18)
            add_line(own, one.said, 18)
    if material.data_kind == "starter":
        add_line(add_box(slide, 6.2, 0.4), "Trained and tested on starter data: these are not XNLI’s numbers.", 16)
    last = add_box(slide, 6.7, 0.5)
    add_line(last, f"Isogloss, {material.made}. Right answers in 100; read on {words.where(material)}.", 14, tone=SOFT)


def _in_full(deck: Any, material: Material, answer: Recommendation | None) -> None:
    """What it rests on, what it cannot say, and the verdict with its numbers."""
    told = [f"Rests on. {answer.rests_on}", f"Cannot say. {answer.cannot_say}"] if answer else []
    add_texts(deck, "What this rests on, and what it cannot say", told, 22)
    add_texts(
        deck, "The verdict in full",
        [text for text in (words.verdict(material), words.beside(material), *material.missing) if text], 16,
    )  # fmt: skip


def _by_language(deck: Any, material: Material) -> None:
    table = tables.accuracy_rows(material)
    codes = [code for code in material.languages if code in set(table["language"])]
    if not codes:
        return
    title = f"Right answers by language, {words.where(material)}"
    slide = add_slide(deck, title)
    names = [language(code).name + (" *" if language(code).low_resource else "") for code in codes]
    series = [_series(arm, table[table["arm"] == arm], "language", "accuracy", codes) for arm in material.drawn]
    points(slide, _chart_box(), names, series, "right answers in 100", f"{title}, a series a training.")
    add_line(add_box(slide, 6.75, 0.5), "* languages with little data. Bars: 95 % intervals.", 14, tone=SOFT)


def _gained(deck: Any, answer: Recommendation | None) -> None:
    """What each method gained or lost: the verdict's own contrasts."""
    bars = [one for one in answer.numbers if one.difference is not None] if answer else []
    if not bars:
        return
    title = "What each method gained or lost"
    slide = add_slide(deck, title)
    arms = [one.arm for one in bars]
    series = [
        Series(one.arm, *([value if other == one.arm else None for other in arms]
                          for value in (one.difference, one.low, one.high)))
        for one in bars
    ]  # fmt: skip
    names = [plain_name(arm)[0].upper() + plain_name(arm)[1:] for arm in arms]
    axis = f"points against {plain_name(BASELINE).split(' (')[0]}"
    points(slide, _chart_box(), names, series, axis, f"{title}, points.")
    told = "; ".join(f"{one.name}: {one.said}" for one in bars)
    add_line(add_box(slide, 6.6, 0.7), f"Bars: 95 % intervals. {told[0].upper()}{told[1:]}.", 14, tone=SOFT)


def _explained(deck: Any, material: Material) -> None:
    """A chart a question of the controls, so that what belongs together stays together."""
    rows = [row for row in material.sheet["controls"] if row["arm"] in material.arms]
    for question in dict.fromkeys(str(row["question"]) for row in rows):
        own = [row for row in rows if row["question"] == question]
        arms = [str(row["arm"]) for row in own]
        series = [
            Series(arm, *([float(row[key]) if other == arm else None for other in arms] for key in
                   ("difference", "low", "high")))
            for arm, row in zip(arms, own, strict=True)
        ]  # fmt: skip
        names = [f"{row['arm']} ({ONE_RUN})" if row["seeds"] == 1 else str(row["arm"]) for row in own]
        slide = add_slide(deck, question)
        axis = f"accuracy minus that of {BASELINE}, points"
        points(slide, _chart_box(), names, series, axis, f"{question} Points.")
        add_line(add_box(slide, 6.75, 0.5), "Low-resource accuracy. Bars: 95 % intervals.", 14, tone=SOFT)


def _chart_box() -> tuple[Any, Any, Any, Any]:
    return Inches(LEFT), Inches(1.3), Inches(ROOM), Inches(5.4)


def _series(arm: str, own: pd.DataFrame, key: str, value: str, order: Sequence[str]) -> Series:
    rows = own.set_index(key)[[value, "low", "high"]].astype(float).to_dict("index")
    return Series(
        arm, *([rows[one][name] if one in rows else None for one in order] for name in (value, "low", "high"))
    )


def _appendix(deck: Any, material: Material) -> None:
    """What one looks up: every question, every accuracy, what was fixed, and where it comes from."""
    _table(deck, "Every question and its answer", tables.answers(material), (5.6, 1.3, 1.9, 1.3, 2.0))
    for table in (tables.evidence(material), tables.others(material)):
        for part in _parts(table):
            _table(deck, "Accuracy ×100 with 95 % intervals", part)
    _table(deck, "Preregistered", tables.Table(("", ""), tuple(words.preregistration(material))), (3.2, 8.9))
    _table(deck, "Where it comes from", tables.Table(("", ""), tuple(words.provenance(material))), (2.6, 9.5))


def _table(deck: Any, title: str, table: tables.Table, widths: Sequence[float] = ()) -> None:
    heads = list(table.heads) if any(table.heads) else []
    rows = [
        [f"{cell} ({small})" if small else cell for cell, small in zip(row, under, strict=True)]
        for row, under in zip(table.rows, table.small or [("",) * len(row) for row in table.rows], strict=True)
    ]
    add_tables(deck, title, heads, rows, widths)


def _parts(table: tables.Table) -> Iterator[tables.Table]:
    """The table cut into what a slide holds side by side: its first column with some of the others."""
    for at in range(1, len(table.heads), _ARMS):
        cells = slice(at, at + _ARMS)
        heads, rows, small = (
            [(row[0], *row[cells]) for row in part] for part in ((table.heads,), table.rows, table.small)
        )
        yield tables.Table(heads[0], tuple(rows), tuple(small))


def _example(deck: Any, one: Example) -> None:
    slide = add_slide(deck, one.heading, notes=one.told)
    box = add_box(slide, 1.25, 3.4)
    add_line(box, f"The right answer: {LABELS[one.gold]}.", 16)
    if one.premise:
        known = language(one.language)
        # Premises of some hundred letters are rare, and smaller then.
        size = 18 if len(one.premise) + len(one.english_premise) < 420 else 14
        add_line(box, one.premise, size, code=known.code, rtl=_rtl(one.premise, known.direction))
        add_line(box, one.hypothesis, size, code=known.code, rtl=_rtl(one.hypothesis, known.direction), bold=True)
        if one.english_premise:
            add_line(box, f"In English: {one.english_premise} → {one.english_hypothesis}", 14, tone=SOFT)
    else:
        add_line(box, one.missing, 16)
    rows = [
        [f"{a.label}, {'right' if a.predicted == one.gold else 'wrong'}", *tables.probabilities(a.probabilities)]
        for a in one.answers
    ]
    grid = add_grid(slide, ["Probabilities ×100", *LABELS], rows, 5.2, 16, (), f"Probabilities, {one.heading}")
    for i, answer in enumerate(one.answers, 1):
        fill(grid.cell(i, answer.predicted + 1), _RIGHT if answer.predicted == one.gold else _WRONG)


def _plan(deck: Any, plan: ReportedPlan) -> None:
    """The plan as ribbons whose width is mass; links are dark."""
    drawn = plan.drawn.clipped(_WORDS)
    cut = "" if max(plan.drawn.plan.shape) <= _WORDS else f" The first {_WORDS} words of a side."
    slide = add_slide(deck, f"{plan.heading}, {drawn.label}", notes=plan.told)
    add_plan(slide, drawn, f"Transport plan between words: {plan.told}")
    numbers = f"Cost {drawn.cost:.3f}; entropy {drawn.entropy:.2f} of its maximum."
    add_line(
        add_box(slide, 6.3, 0.9),
        f"Width is mass; dark: links; under {100 * LEAST:g} % of the widest not drawn. {numbers}{cut}",
        14,
        tone=SOFT,
    )


def _rtl(text: str, direction: str) -> bool:
    """Whether a text is read from the right: some are written in Latin letters."""
    return direction == "rtl" and any("\u0590" <= c <= "\u08ff" for c in text)
