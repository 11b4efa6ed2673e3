"""A report as one HTML file: everything is in it, it opens offline, and it prints."""

from __future__ import annotations

import html
import json
from collections.abc import Iterable
from pathlib import Path

import pandas as pd
import plotly.graph_objects as go
from plotly.offline import get_plotlyjs

from core.data.records import LABELS
from core.exchange.outside.summary import DESCRIBED
from core.figures.accuracy import accuracy_by_language
from core.figures.controls import controls_figure
from core.figures.frame import picture
from core.figures.ribbons import Layout, PlanMarks, plan_ribbons, ribbons_svg
from core.figures.style import arm_style
from core.languages import language
from core.notation import signed, unbroken
from core.report import tables, words
from core.report.material import Example, Material, ReportedPlan
from core.verdict.marks import ONE_RUN

_HERE = Path(__file__).parent
_INK = "#1F2528"
#: Nothing may be fetched: what the file needs is in it.
_POLICY = (
    "default-src 'none'; script-src 'unsafe-inline'; style-src 'unsafe-inline'; img-src data: blob:; font-src data:"
)
#: Words a side that a picture of a plan shows legibly.
_WORDS = 60
SECTIONS = (
    ("verdict", "The answer"),
    ("figure", "Every language"),
    ("evidence", "The evidence"),
    ("controls", "What explains it"),
    ("examples", "Examples"),
    ("plans", "Word by word"),
    ("method", "The method on one page"),
    ("limits", "Limits"),
    ("preregistration", "Preregistered"),
    ("provenance", "Where it comes from"),
)


def report_page(material: Material, script: bool = True) -> str:
    """The whole page as text. Without `script` the figures are left out: their tables stay."""
    figures: list[str] = []
    bodies = {
        "verdict": _verdict(material),
        "figure": _figure(material, figures),
        "evidence": _evidence(material),
        "controls": _controls(material, figures),
        "examples": _examples(material),
        "plans": "".join(_plan(plan) for plan in material.plans),
        "method": "".join(f"<h3>{_e(head)}</h3><p>{_e(text)}</p>" for head, text in words.method(material)),
        "limits": f"<ul>{''.join(f'<li>{_e(one)}</li>' for one in words.limits(material))}</ul>",
        "preregistration": _list(words.preregistration(material)),
        "provenance": _list(words.provenance(material))
        + _table(tables.cost(material), "What it cost, a run on average", wraps=True),
    }
    there = [(name, title) for name, title in SECTIONS if bodies[name]]
    links = "".join(f'<li><a href="#{name}">{_e(title)}</a></li>' for name, title in there)
    sections = "".join(
        f'<section id="{name}"{" class=page" if name == "method" else ""} aria-labelledby="{name}-title">'
        f'<h2 id="{name}-title">{_e(title)}</h2>{bodies[name]}</section>'
        for name, title in there
    )
    scripts = ""
    if script:
        scripts = (
            f"{''.join(figures)}<script>{get_plotlyjs()}</script>"
            f"<script>{(_HERE / 'page.js').read_text(encoding='utf-8')}</script>"
        )
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{_e(material.title)}</title><style>{(_HERE / 'page.css').read_text(encoding='utf-8')}</style></head>"
        f"<body><header><h1>{_e(material.title)}</h1>"
        f'<p class="by">Isogloss, {_e(material.made)}. Accuracy and differences ×100; read on '
        f"{_e(words.where(material))}.</p>"
        f'<nav aria-label="Sections"><ul>{links}</ul></nav></header><main>{sections}</main>'
        "<footer><p>Made with Isogloss, Apache-2.0. Sentences of a data set keep its licence.</p></footer>"
        f"{scripts}</body></html>"
    )


def _verdict(material: Material) -> str:
    answer = words.recommended(material)
    told = [answer.sentence] if answer else []
    first, *more = [_e(unbroken(text)) for text in (*told, words.verdict(material))]
    parts = [f'<p class="verdict">{first}</p>', *(f"<p>{text}</p>" for text in more)]
    if words.beside(material):
        parts.append(f"<p>{_e(unbroken(words.beside(material)))}</p>")
    if material.data_kind == "starter":
        parts.append('<p class="warn">Trained and tested on starter data: these are not XNLI’s numbers.</p>')
    parts += [f'<p class="warn">{_e(one)}</p>' for one in material.missing]
    return "".join(parts)


def _figure(material: Material, figures: list[str]) -> str:
    table = tables.accuracy_rows(material)
    kinds = {"bootstrap": "bootstrap over premises", "wilson": "Wilson"}
    bars = " or ".join(kinds[kind] for kind in sorted(set(table["interval"])))
    made = accuracy_by_language(table, "", bars=bars)
    title = f"Accuracy by language, {words.where(material)}"
    best = "; ".join(
        f"{arm} from {own['accuracy'].min():.1f} to {own['accuracy'].max():.1f}" for arm, own in _by_arm(table)
    )
    told = f"{title}: {best}. The table of the evidence has every number."
    note = f"Shaded: low-resource languages. Bars: 95 % intervals ({bars}). Hover over a mark for its numbers."
    return _plotted("by-language", made, title, told, note, _key(material.drawn), figures)


def _controls(material: Material, figures: list[str]) -> str:
    explained = pd.DataFrame(material.sheet["controls"])
    if len(explained):
        explained = explained[explained["arm"].isin(material.arms)].reset_index(drop=True)
    if explained.empty:
        return ""
    made = controls_figure(explained, "")
    rows = [
        (f"{row['question']} {row['arm']}{f' ({ONE_RUN})' if row['seeds'] == 1 else ''}", signed(row["difference"]),
         f"{signed(row['low'])} to {signed(row['high'])}")
        for row in explained.to_dict("records")
    ]  # fmt: skip
    title = "Low-resource accuracy minus that of english-only, by the question it answers"
    table = _table(
        tables.Table(("Question and arm", "Difference", "95 % interval"), tuple(rows)), "The same as numbers"
    )
    note = f"Points. Bars: 95 % intervals. Small with capped bars: {ONE_RUN}; it carries no mark."
    return (
        _plotted("controls-figure", made, title, f"{title}. The table below has every number.", note, "", figures)
        + table
    )


def _plotted(
    name: str, made: go.Figure, title: str, told: str, note: str, key: str, figures: list[str]
) -> str:  # fmt: skip
    """A figure's place; its data goes to `figures`. Title and key stand outside, where they wrap on a small screen."""
    made.update_layout(
        title={"text": "", "subtitle": {"text": ""}}, template="none", font={"color": _INK, "size": 14},
        margin={"t": 8, "l": 8, "r": 12, "b": 48}, height=int(made.layout.height) - 70, width=None,
    )  # fmt: skip
    config = picture(f"isogloss-{name}", "svg")
    data = json.dumps({**json.loads(made.to_json()), "config": config}, ensure_ascii=False)
    figures.append(f'<script type="application/json" id="{name}-data">{in_script(data)}</script>')
    return (
        f'<figure><h3>{_e(title)}</h3>{key}<div class="plot" id="{name}" role="group" aria-label="{_e(told)}"></div>'
        f"<figcaption>{_e(note)}</figcaption></figure>"
    )


def in_script(json_text: str) -> str:
    """JSON as it may stand in a script element: no "<" that could end it or open a comment in it (HTML 13.2.5.4).

    >>> in_script('{"arm": "<!--<script>"}')
    '{"arm": "\\\\u003c!--\\\\u003cscript>"}'
    """
    return json_text.replace("<", "\\u003c")


def _key(arms: Iterable[str]) -> str:
    items = "".join(f"<li>{_mark(arm)} {_e(arm)}: {_e(arm_style(arm).meaning)}</li>" for arm in arms)
    return f'<ul class="key">{items}</ul>'


def _evidence(material: Material) -> str:
    marks = "▲ above, ▼ below english-only with p < .05 after correction; one run against one run carries no mark"
    others, brought = tables.others(material), tables.outside(material)
    apart = "Parts and controls, in the languages that they were read in"
    return (
        _table(tables.answers(material), "Every question and its answer; differences in points")
        + _table(
            tables.evidence(material),
            f"Accuracy ×100 and, below it, its 95 % interval. {marks}",
            across=len(tables.ACROSS),
        )
        + (_table(others, apart, wraps=True) if others.rows else "")
        + (_table(brought, f"Predictions of another model. {DESCRIBED}", wraps=True) if brought.rows else "")
    )


def _table(table: tables.Table, caption: str, across: int = 0, wraps: bool = False) -> str:
    """A table that scrolls where it is too wide; heads of several words may take several lines with `wraps`."""
    heads = "".join(
        f'<th scope="col"{" class=n" if i else ""}>{_mark(name) if i and name in _ARMS else ""}{_e(name)}</th>'
        for i, name in enumerate(table.heads)
    )
    rows = []
    for number, row in enumerate(table.rows):
        small = table.small[number] if table.small else ("",) * len(row)
        cells = "".join(
            f'<td class="n">{_e(cell)}{f"<span class=small>{_e(under)}</span>" if under else ""}</td>'
            for cell, under in zip(row[1:], small[1:], strict=True)
        )
        of_all = ' class="across"' if number < across and not row[0].endswith(")") else ""
        rows.append(f'<tr{of_all}><th scope="row">{_e(row[0])}</th>{cells}</tr>')
    return (
        f'<div class="scroll" tabindex="0" role="region" aria-label="{_e(caption)}">'
        f"<table{' class=wraps' if wraps else ''}><caption>{_e(caption)}</caption>"
        f"<thead><tr>{heads}</tr></thead><tbody>{''.join(rows)}</tbody></table></div>"
    )


def _examples(material: Material) -> str:
    return "".join(_example(one) for one in material.examples)


def _example(one: Example) -> str:
    texts = _passages(one) or f'<p class="warn">{_e(one.missing)}</p>'
    heads = "".join(f'<th scope="col" class="n">{label}</th>' for label in LABELS)
    rows = []
    for answer in one.answers:
        cells = "".join(
            f'<td class="n{_fate(answer.predicted, one.gold) if k == answer.predicted else ""}">{_e(value)}'
            f"{' predicted' if k == answer.predicted else ''}</td>"
            for k, value in enumerate(tables.probabilities(answer.probabilities))
        )
        verdict = "right" if answer.predicted == one.gold else "wrong"
        rows.append(f'<tr><th scope="row">{_mark(answer.arm)}{_e(answer.label)}, {verdict}</th>{cells}</tr>')
    return (
        f'<div class="example"><h3>{_e(one.heading)}</h3><p>Gold label: <b>{LABELS[one.gold]}</b>. {_e(one.told)}</p>'
        f'{texts}<div class="scroll" tabindex="0" role="region" aria-label="Probabilities, {_e(one.heading)}"><table>'
        "<caption>Probabilities ×100</caption>"
        f'<thead><tr><th scope="col">Arm</th>{heads}</tr></thead><tbody>{"".join(rows)}</tbody></table></div></div>'
    )


def _passages(one: Example) -> str:
    if not one.premise:
        return ""
    known = language(one.language)
    made = [
        f'<p><span class="small">Premise</span></p><p lang="{_e(known.code)}" dir="auto">{_e(one.premise)}</p>',
        f'<p><span class="small">Hypothesis</span></p><p lang="{_e(known.code)}" dir="auto">{_e(one.hypothesis)}</p>',
    ]
    if one.english_premise:
        made.append(
            '<p><span class="small">The same in English</span></p>'
            f'<p lang="en">{_e(one.english_premise)} → {_e(one.english_hypothesis)}</p>'
        )
    return f'<div class="texts">{"".join(made)}</div>'


def _plan(plan: ReportedPlan) -> str:
    drawn = plan.drawn.clipped(_WORDS)
    marks = PlanMarks(drawn.links)
    source, target = drawn.source, drawn.target
    linked = ", ".join(f"{source.words[i]} to {target.words[j]}" for i, j in drawn.links)
    told = f"Transport plan between words, {drawn.label}. Strongest links: {linked}."
    bands = plan_ribbons(drawn.plan, drawn.colour, marks)
    shapes: tuple[tuple[str, Layout], ...] = (("wide", "lines"), ("narrow", "columns"))
    pictures = "".join(
        f'<div class="{kind}">{ribbons_svg(source, target, bands, layout, told, marks, clicks=False)}</div>'
        for kind, layout in shapes
    )
    return (
        f'<figure class="plan"><h3>{_mark(drawn.arm)}{_e(plan.heading)}, {_e(drawn.label)}</h3>{pictures}'
        f"<figcaption>{_e(plan.told)} Width is mass; strong ribbons are links. Cost {drawn.cost:.3f}; entropy "
        f"{drawn.entropy:.2f} of its maximum.</figcaption></figure>"
    )


def _list(rows: Iterable[tuple[str, str]]) -> str:
    return f"<dl>{''.join(f'<dt>{_e(name)}</dt><dd>{_e(value)}</dd>' for name, value in rows)}</dl>"


def _by_arm(table: pd.DataFrame) -> Iterable[tuple[str, pd.DataFrame]]:
    return ((str(arm), own) for arm, own in table.groupby("arm", sort=False))


class _Known:
    """Whether a column's head names an arm."""

    def __contains__(self, name: str) -> bool:
        return arm_style(name).symbol != "star"


_ARMS = _Known()


def _mark(arm: str) -> str:
    glyph, colour = tables.glyph(arm)
    return f'<span aria-hidden="true" style="color:{colour}">{glyph}</span> '


def _fate(predicted: int, gold: int) -> str:
    return " right" if predicted == gold else " wrong"


def _e(text: object) -> str:
    return html.escape(str(text), quote=True)
