"""A report as slides of a presentation: a message each, in HTML that needs nothing around it."""

from __future__ import annotations

import html
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from core.arms.names import BASELINE, plain_name
from core.data.records import LABELS
from core.figures.ribbons import Layout, PlanMarks, plan_ribbons, ribbons_svg
from core.figures.style import arm_style
from core.languages import language
from core.notation import rate, signed, unbroken
from core.report import tables, words
from core.report.deck_figures import Bar, forest_svg, key, languages_svg
from core.report.material import Example, Material, ReportedPlan
from core.report.next_steps import next_steps
from core.verdict.marks import ONE_RUN
from core.verdict.recommendation import QUESTION, Recommendation

_LAYOUTS: tuple[Layout, Layout] = ("lines", "columns")
#: Rows of a table, words a side of a plan, and characters of running text that a slide holds at its size.
ROWS, WORDS, TEXT = 8, 14, 560


@dataclass(frozen=True)
class Slide:
    """`body` is HTML; `notes` are for who speaks; the `appendix` comes after the last slide of the talk."""

    title: str
    body: str
    notes: str = ""
    appendix: bool = False


def deck(material: Material) -> list[Slide]:
    """The answer first, what to do next last, and what one looks up in an appendix."""
    answer = words.recommended(material)
    slides = [_answer(material, answer), *_languages(material, answer), *_differences(answer)]
    slides += _rests_on(material, answer)
    slides += _explained(material)
    slides += [_example(one) for one in material.examples]
    slides += [_plan(one) for one in material.plans]
    slides += [Slide(head, _text(text)) for head, text in words.method(material)]
    slides += _listed("What these results cannot say", words.limits(material))
    slides.append(Slide("What to do next", _list(next_steps(material, answer)), "Commands are of the terminal."))
    slides += _questions(material)
    appendix = (("Preregistered", words.preregistration(material)), ("Where it comes from", words.provenance(material)))
    for title, rows in appendix:
        slides += [Slide(title, body, "", True) for body in _pairs(rows)]
    return slides


def _answer(material: Material, answer: Recommendation | None) -> Slide:
    notes = " ".join(text for text in (words.verdict(material), words.beside(material), *material.missing) if text)
    if answer is None:
        return Slide(QUESTION, f'<p class="advice">{_e(words.verdict(material))}</p>', notes)
    cards = []
    for one in answer.numbers:
        style = arm_style(one.arm)
        name = one.name[0].upper() + one.name[1:]
        cards.append(
            f'<div class="card{" warned" if one.collapsed else ""}"><p class="name">'
            f'<span style="color:{style.colour}" aria-hidden="true">{style.glyph}</span> {_e(name)}</p>'
            f'<p class="value">{rate(one.value)}</p><p>{_e(one.beside)}</p><p>{_e(one.said)}</p></div>'
        )
    body = (
        f'<p class="advice">{_e(answer.advice)}</p><p class="found">{_e(answer.found)}</p>'
        f'<div class="cards">{"".join(cards)}</div>'
    )
    if material.data_kind == "starter":
        body += '<p class="small">Trained and tested on starter data: these are not XNLI’s numbers.</p>'
    return Slide(QUESTION, body, notes)


def _languages(material: Material, answer: Recommendation | None) -> Iterator[Slide]:
    table = tables.accuracy_rows(material)
    codes = [code for code in material.languages if code in set(table["language"])]
    if not codes:
        return
    asked = answer.languages if answer else ()
    told = f"Right answers by language, {words.where(material)}; the appendix has the numbers."
    band = "band: English training alone. " if BASELINE in set(table["arm"]) else ""
    body = (
        f"{key(material.drawn)}{_both(lambda narrow: languages_svg(table, codes, asked, told, narrow))}"
        f'<p class="small">Right answers in 100; {band}Lines: 95 % intervals.'
        f"{' Shaded: the languages asked about.' if asked else ''}</p>"
    )
    yield Slide("Every language, and where a method helps or harms", body, told)


def _differences(answer: Recommendation | None) -> Iterator[Slide]:
    if answer is None:
        return
    bars = [
        Bar(one.arm, _capital(one.name), one.difference, one.low, one.high, one.said)
        for one in answer.numbers
        if one.difference is not None and one.low is not None and one.high is not None
    ]
    if not bars:  # no interval, nothing to draw
        return
    told = f"Points gained or lost against English training alone: {answer.numbers_sentence}"
    body = _both(lambda narrow: forest_svg(bars, told, plain_name(BASELINE).split(" (")[0], narrow))
    yield Slide("What each method gained or lost", f'{body}<p class="small">Points; lines: 95 % intervals.</p>', told)


def _rests_on(material: Material, answer: Recommendation | None) -> Iterator[Slide]:
    if answer is not None:
        yield Slide(
            "What this rests on, and what it cannot say",
            f"<p><b>Rests on.</b> {_e(answer.rests_on)}</p><p><b>Cannot say.</b> {_e(answer.cannot_say)}</p>",
            words.beside(material),
        )


def _explained(material: Material) -> Iterator[Slide]:
    """A slide a question of the controls, so that what belongs together stays together."""
    rows = [row for row in material.sheet["controls"] if row["arm"] in material.arms]
    for question in dict.fromkeys(str(row["question"]) for row in rows):
        bars = [
            Bar(str(row["arm"]), str(row["arm"]), row["difference"], row["low"], row["high"],
                ONE_RUN if row["seeds"] == 1 else f"{row['seeds']} seeds")
            for row in rows if row["question"] == question
        ]  # fmt: skip
        told = "; ".join(f"{bar.arm} {signed(bar.value)} ({signed(bar.low)} to {signed(bar.high)})" for bar in bars)
        note = "Points of low-resource accuracy minus that of english-only; lines: 95 % intervals."
        figure = _both(lambda narrow, bars=bars, told=told: forest_svg(bars, told, BASELINE, narrow))
        yield Slide(question, f'{figure}<p class="small">{_e(note)}</p>', told)


def _questions(material: Material) -> Iterator[Slide]:
    table = tables.answers(material)
    for start in range(0, len(table.rows), ROWS):
        part = tables.Table(table.heads, table.rows[start : start + ROWS])
        yield Slide("Every question and its answer", _table(part, "Questions"), "Differences in points.", True)


def _example(one: Example) -> Slide:
    known = language(one.language)
    texts = "".join(
        f'<p class="foreign" lang="{_e(known.code)}" dir="auto">{_e(text)}</p>'
        for text in (one.premise, one.hypothesis)
        if text
    )
    english = f'<p class="small">In English: {_e(one.english_premise)} → {_e(one.english_hypothesis)}</p>'
    rows = tuple(
        (f"{a.label}, {'right' if a.predicted == one.gold else 'wrong'}", *tables.probabilities(a.probabilities))
        for a in one.answers
    )
    body = (
        f"{texts or f'<p>{_e(one.missing)}</p>'}{english if one.english_premise else ''}"
        f'<p class="small">The right answer: <b>{LABELS[one.gold]}</b>.</p>'
        + _table(tables.Table(("Probabilities ×100", *LABELS), rows), one.heading)
    )
    return Slide(one.heading, body, one.told)


def _plan(plan: ReportedPlan) -> Slide:
    drawn = plan.drawn.clipped(WORDS)
    marks = PlanMarks(drawn.links)
    title = f"Transport plan between words, {drawn.label}"
    bands = plan_ribbons(drawn.plan, drawn.colour, marks)
    wide, narrow = (
        ribbons_svg(drawn.source, drawn.target, bands, layout, title, marks, clicks=False) for layout in _LAYOUTS
    )
    cut = "" if max(plan.drawn.plan.shape) <= WORDS else f" The first {WORDS} words of a side."
    body = (
        f'<div class="figure wide">{wide}</div><div class="figure narrow">{narrow}</div>'
        f'<p class="small">Width is mass; strong ribbons are links.{cut}</p>'
    )
    return Slide(f"{plan.heading}, {drawn.label}", body, f"{plan.told} Cost {drawn.cost:.3f}.")


def _listed(title: str, told: list[str]) -> Iterator[Slide]:
    """As many slides as the sentences take."""
    part: list[str] = []
    for sentence in told:
        if part and sum(map(len, part)) + len(sentence) > TEXT:
            yield Slide(title, _list(part))
            part = []
        part.append(sentence)
    if part:
        yield Slide(title, _list(part))


def _pairs(rows: Iterable[tuple[str, str]]) -> Iterator[str]:
    """Names and values, in small type; long values run over several slides' room, never off one."""
    part: list[str] = []
    used = 0
    for name, value in rows:
        if part and used + len(value) > 3 * TEXT:
            yield f'<dl class="small">{"".join(part)}</dl>'
            part, used = [], 0
        part.append(f"<dt>{_e(name)}</dt><dd>{_e(value)}</dd>")
        used += len(value) + 60
    if part:
        yield f'<dl class="small">{"".join(part)}</dl>'


def _both(figure: Callable[..., str]) -> str:
    """A figure twice, for a wide screen and for a narrow one; the stylesheet shows one."""
    return f'<div class="figure wide">{figure(False)}</div><div class="figure narrow">{figure(True)}</div>'


def _list(told: Iterable[str]) -> str:
    return f"<ul>{''.join(f'<li>{_code(one)}</li>' for one in told)}</ul>"


def _text(text: str) -> str:
    return f'<p class="{"long" if len(text) > TEXT else "said"}">{_e(unbroken(text))}</p>'


def _table(table: tables.Table, caption: str) -> str:
    head = "".join(f'<th scope="col">{_e(name)}</th>' for name in table.heads)
    rows = "".join(f"<tr>{''.join(f'<td>{_e(cell)}</td>' for cell in row)}</tr>" for row in table.rows)
    return f'<table aria-label="{_e(caption)}"><thead><tr>{head}</tr></thead><tbody>{rows}</tbody></table>'


def _code(text: str) -> str:
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", _e(text))


def _capital(text: str) -> str:
    return text[:1].upper() + text[1:]


def _e(text: object) -> str:
    return html.escape(str(text), quote=True)
