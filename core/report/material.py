"""What a report is made of, as plain tables and texts; and what a person chose to put in."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from core.arms.names import main_arms
from core.errors import BadInput
from core.figures.drawn_plan import DrawnPlan
from core.languages import language
from core.report.preregistered import Preregistered

TITLE = "Optimal transport or adversarial training: which makes a multilingual encoder more robust?"
TITLE_LENGTH = 160


@dataclass(frozen=True)
class Choices:
    """What goes in; an empty choice means everything, or for items and plans what the report picks itself.

    `languages` and `arms` decide what is drawn and listed, never what is tested. `items` are (language, item number),
    `plans` identifiers of kept plans, `group` that of a group of comparable runs.
    """

    title: str = ""
    languages: tuple[str, ...] = ()
    arms: tuple[str, ...] = ()
    items: tuple[tuple[str, int], ...] = ()
    plans: tuple[str, ...] = ()
    group: str = ""


@dataclass(frozen=True)
class Answer:
    """What one run said of an item: probabilities of entailment, neutral and contradiction, from 0 to 1."""

    label: str
    arm: str
    predicted: int
    probabilities: tuple[float, float, float]


@dataclass(frozen=True)
class Example:
    """One item in one language, as two runs answered it. `told` says how it came in.

    Texts are "" where the data is not on this machine, and then `missing` says so.
    """

    heading: str
    told: str
    language: str
    item_id: int
    gold: int
    answers: tuple[Answer, ...]
    premise: str = ""
    hypothesis: str = ""
    english_premise: str = ""
    english_hypothesis: str = ""
    missing: str = ""


@dataclass(frozen=True)
class ReportedPlan:
    """A plan with what is said of it: `told` names pair, model and layer."""

    heading: str
    told: str
    drawn: DrawnPlan


@dataclass(frozen=True)
class Material:
    """Everything that a report says, before it is laid out.

    `sheet` is `core.verdict.sheet.make_sheet` of all comparable runs; `arms` and `languages` are those shown, in
    the figures' order. `runs` are the run.json contents behind the sheet. `missing` are sentences, one for each part
    that could not be filled.
    """

    title: str
    made: str
    split: str
    data_kind: str
    sheet: Mapping[str, Any]
    runs: tuple[Mapping[str, Any], ...]
    origin: str
    arms: tuple[str, ...]
    all_arms: tuple[str, ...]
    languages: tuple[str, ...]
    all_languages: tuple[str, ...]
    examples: tuple[Example, ...]
    plans: tuple[ReportedPlan, ...]
    preregistered: Preregistered
    versions: Mapping[str, str] = field(default_factory=dict)
    #: By arm how many runs have collapsed, of how many that were measured, and how many were not measured.
    collapsed: Mapping[str, tuple[int, int, int]] = field(default_factory=dict)
    missing: tuple[str, ...] = ()
    #: Between what accuracies lie, in a sentence; "" where it is not known.
    floors: str = ""
    #: Predictions of other models on the split: arm, language, items, accuracy (x100); described, in no test.
    outside: tuple[Mapping[str, Any], ...] = ()

    @property
    def drawn(self) -> tuple[str, ...]:
        """The arms beside each other in every language: those chosen, or where none were, the main ones."""
        return self.arms if self.arms != self.all_arms else tuple(main_arms(self.arms))


def read_item(text: str) -> tuple[str, int]:
    """`sw:155` as ("sw", 155). Raises `BadInput` for anything else."""
    code, _, number = text.partition(":")
    if not (number.strip().isdecimal() and len(number.strip()) < 10):
        raise BadInput(f"{text[:40]!r} is not an item; write language and number, such as sw:155.")
    return language(code).code, int(number)
