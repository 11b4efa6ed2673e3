"""What if: other words, or other languages, in an item, and every arm's answer to them."""

from __future__ import annotations

import streamlit as st

from core.data.records import LABELS, NLIItem
from core.errors import BadInput, IsoglossError
from core.figures.style import arm_style, tint
from core.languages import language
from pages.parts import look, models, sources
from pages.parts.errors.filters import ErrorSelection
from pages.parts.live import probabilities
from pages.parts.pairs import sentence_box
from pages.parts.text import caption, escape, finding, note

#: What a link ends with to begin at this section.
ANCHOR = "what-if"
#: Parameters of an address that ask for this section.
ASKED_BY = ("whatif-from", "starter-item", "whatif-premise", "whatif-hypothesis")
#: Where sentences to change come from, beside the page's item.
STARTER = "A starter item"
#: Characters of an edited sentence.
LIMIT = 600
#: Arms that answer at once; each beyond the first costs the memory of its own layers.
MOST = 4


def draw(chosen: ErrorSelection, labels: dict[str, str], item_id: int, found: dict[str, NLIItem]) -> None:
    """`labels` names one run an arm; `found` has the item's text by language, and is empty where there is none."""
    available = models.choices(chosen.group)
    runs = [run for run in labels if run in available][:MOST]
    if not runs:
        note("No chosen run has its weights in this workspace, so no arm can answer here.")
        return
    name = f"item {item_id}"
    if _from_starter(item_id, bool(found)):
        found, name = _starter()
    premise = _sentence("Premise", "premise", found, name)
    hypothesis = _sentence("Hypothesis", "hypothesis", found, name)
    try:
        pair = _checked(premise, "premise"), _checked(hypothesis, "hypothesis")
        answers = {run: probabilities(run, *pair) for run in runs}
    except IsoglossError as error:
        note(str(error))
        return
    arms = dict(zip(chosen.group["run_id"], chosen.group["arm"], strict=True))
    said = {run: LABELS[max(range(3), key=lambda k: values[k])] for run, values in answers.items()}
    same = len(set(said.values())) == 1
    told = ", ".join(f"{labels[run]} {answer}" for run, answer in said.items())
    finding(f"Every arm says {next(iter(said.values()))}." if same else f"The arms differ: {told}.")
    lines = "".join(_line(arms[run], labels[run], answers[run]) for run in runs)
    st.html(f'<div class="iso-scroll"><table class="iso-table">{_HEAD}{lines}</table></div>')
    left = len(labels) - len(runs)
    caption(
        "Computed now with the runs' own weights; probabilities ×100."
        + (f" {left} more arms have no weights here or are not loaded." if left > 0 else "")
    )


_HEAD = "<tr><th>Arm</th>" + "".join(f"<th>{name}</th>" for name in LABELS) + "<th>Answer</th></tr>"


def _line(arm: str, label: str, values: tuple[float, float, float]) -> str:
    style = arm_style(arm)
    top = max(range(3), key=lambda k: values[k])
    depths = [tint(style.colour, round(0.05 + 0.5 * value, 3)) for value in values]
    cells = "".join(
        f'<td class="iso-number" style="background:{depth}">{100 * value:.1f}</td>'
        for depth, value in zip(depths, values, strict=True)
    )
    name = f'<span style="color:{style.colour}">{style.glyph}</span> {escape(label)}'
    return f"<tr><td>{name}</td>{cells}<td>{LABELS[top]}</td></tr>"


def _from_starter(item_id: int, there: bool) -> bool:
    """Whether one of the project's own items is to be changed: as chosen, or because the item's text is not here."""
    if not there:
        note("The item's own text is not on this machine; here is one of the project's starter items to change.")
        return True
    ways = (f"Item {item_id}", STARTER)
    return st.segmented_control(
        "Sentences of", ways, default=ways[0], required=True, key="whatif-from", bind="query-params"
    ) == STARTER  # fmt: skip


def _starter() -> tuple[dict[str, NLIItem], str]:
    """A starter item of the reader's choice in every language."""
    data = sources.starter()
    every = {code: data.xnli("test", code).items for code in data.xnli_languages("test")}
    english = every["en"]
    number = sentence_box([one.hypothesis for one in english], "Starter item, by its hypothesis", "starter-item")
    caption(f"Its label, as it was written: {LABELS[english[number].label]}.")
    return {code: items[number] for code, items in every.items()}, f"starter {number}"


def _sentence(title: str, part: str, found: dict[str, NLIItem], name: str) -> str:
    """A selector of the language and a box with the sentence in it; editing is possible in any language."""
    codes = list(found)
    left, right = look.columns(f"whatif-{part}", [1, 4], "narrow")
    with left:
        code = st.selectbox(
            f"{title} in", codes, format_func=lambda c: language(c).label, key=f"whatif-{part}", bind="query-params"
        )
    with right:
        text = getattr(found[code], part)
        # Another item or language is another box, so that it starts with that sentence.
        edited = st.text_area(title, text, key=f"whatif-{part}-{name}-{code}", height=80, max_chars=LIMIT)
    return str(edited or "")


def _checked(text: str, name: str) -> str:
    given = " ".join(text.split())
    if not given:
        raise BadInput(f"The {name} is empty; type a sentence.")
    return given[:LIMIT]
