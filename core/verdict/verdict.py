"""The verdict: a pure function from a table of predictions to answered questions.

Outcomes are *ahead* (two-sided test), *equivalent* within a margin (two one-sided tests, Schuirmann 1987) and
*undecided*. A difference that is both shown and within the margin is called ahead, and its sentence says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from core.statistics.bootstrap import REPETITIONS
from core.statistics.intervals import LEVEL
from core.statistics.significance import Estimate, SeedVariance, estimate, holm, paired_seed_variance
from core.verdict.answers import Answers, read_answers
from core.verdict.contrast import Contrast, Contrasts
from core.verdict.questions import ENGLISH_ACCURACY, Asked, ask
from core.verdict.sentences import tell

Outcome = Literal["ahead", "equivalent", "undecided"]
#: Where the variance between seeds is from, see `Answered`.
SeedSource = Literal["own", "pooled", "none", "unknown"]
#: Fewer premises give no test: a bootstrap over them would claim more than they hold.
FEWEST_PREMISES = 20


@dataclass(frozen=True)
class Answered:
    """One question with its answer. Rates and differences (first minus second) are x100.

    seed_variance: "own" (of these arms), "pooled" (borrowed by a control with one seed), "none" (neither arm is
    trained) or "unknown" (one seed an arm: the interval is then of the items alone). `tested` is False without a
    test; then p is 1, the only bound that holds whatever the seeds would have shown. `p` and `p_equivalent` of
    secondary questions are corrected over the `family` of them; the interval is not. `smallest` is the smallest
    difference that could have been found with 80 % power at the level that the correction leaves; without the seeds'
    variance it is a lower bound.
    english_first and english_second stand beside every measure, since a gap can close because English fell. `premises`
    counts what was drawn again, which `unit` names.
    """

    name: str
    primary: bool
    first: str
    second: str
    difference: float
    low: float
    high: float
    p: float
    outcome: Outcome
    ahead: str | None
    first_value: float
    second_value: float
    lower_is_better: bool
    p_equivalent: float
    smallest: float
    within_margin: bool
    tested: bool
    seed_variance: SeedSource
    seeds: tuple[int, ...]
    premises: int
    items: int
    languages: tuple[str, ...]
    complete: int
    family: int
    english_first: float | None
    english_second: float | None
    unit: str = "premise"

    @property
    def sentence(self) -> str:
        """The answer in one plain sentence, made from these numbers."""
        return tell(self)


@dataclass(frozen=True)
class Draft:
    """A question with its estimate, before the correction over its family. Names as in `Answered`."""

    name: str
    first: str
    second: str
    contrast: Contrast
    estimate: Estimate
    seed_variance: SeedSource
    complete: int
    lower_is_better: bool = False
    primary: bool = False
    control: bool = False
    english: Contrast | None = None
    unit: str = "premise"

    @property
    def tested(self) -> bool:
        return self.seed_variance != "unknown" and self.contrast.premises >= FEWEST_PREMISES


def verdict(table: pd.DataFrame, repetitions: int = REPETITIONS, seed: int = 0) -> list[Answered]:
    """Answers to all questions that the predictions allow, the primary one first.

    `table` has run_id, arm, seed, language, item_id, gold, entailment, neutral, contradiction, of one split.
    Raises `BadInput` if it cannot be used (see `read_answers`). The same table gives the same answers.
    """
    return answer(read_answers(table), repetitions, seed)


def answer(answers: Answers, repetitions: int = REPETITIONS, seed: int = 0) -> list[Answered]:
    """As `verdict`, from answers already read."""
    contrasts = Contrasts(answers, repetitions, seed)
    drafts = [draft for asked in ask(answers.arms) if (draft := _draft(contrasts, asked)) is not None]
    families = [[d for d in drafts if not d.primary and d.control is control] for control in (False, True)]
    found = {id(draft): one for family in families for draft, one in zip(family, corrected(family), strict=True)}
    return [found.get(id(draft)) or corrected([draft])[0] for draft in drafts]


def corrected(family: Sequence[Draft]) -> list[Answered]:
    """The answers of a family of questions, those that are tested corrected together (Holm)."""
    tested = [draft for draft in family if draft.tested]
    p = dict(zip(map(id, tested), holm([d.estimate.p for d in tested]), strict=True))
    same = dict(zip(map(id, tested), holm([d.estimate.p_equivalent for d in tested]), strict=True))
    size = max(len(tested), 1)
    return [_answered(one, p.get(id(one), 1.0), same.get(id(one), 1.0), size if one.tested else 1) for one in family]


def _draft(contrasts: Contrasts, asked: Asked) -> Draft | None:
    made = contrasts.contrast(asked.measure, asked.first, asked.second)
    if made is None:
        return None
    kind: SeedSource = "own"
    between: SeedVariance | None = paired_seed_variance(made.by_seed)
    if between is None:
        between = contrasts.pooled(asked.measure) if asked.control else None
        kind = "unknown" if between is None else "pooled"
    english = contrasts.contrast(ENGLISH_ACCURACY, asked.first, asked.second)
    found = estimate(made.difference, made.sampling, made.premises, len(made.seeds), between)
    return Draft(
        asked.measure.name, asked.first, asked.second, made, found, kind, asked.measure.complete,
        asked.measure.lower_is_better, asked.primary, asked.control, english,
    )  # fmt: skip


def _answered(draft: Draft, p: float, p_equivalent: float, family: int) -> Answered:
    made, found = draft.contrast, draft.estimate
    within = draft.tested and p_equivalent < LEVEL
    outcome: Outcome = "undecided"
    if draft.tested:
        outcome = "ahead" if p < LEVEL else "equivalent" if within else "undecided"
    better = (made.difference > 0) != draft.lower_is_better
    return Answered(
        name=draft.name,
        primary=draft.primary,
        first=draft.first,
        second=draft.second,
        difference=made.difference,
        low=found.low,
        high=found.high,
        p=p,
        outcome=outcome,
        ahead=(draft.first if better else draft.second) if outcome == "ahead" else None,
        first_value=made.first_value,
        second_value=made.second_value,
        lower_is_better=draft.lower_is_better,
        p_equivalent=p_equivalent,
        smallest=found.smallest(LEVEL / family),
        within_margin=within,
        tested=draft.tested,
        seed_variance=draft.seed_variance,
        seeds=made.seeds,
        premises=made.premises,
        items=made.items,
        languages=made.chosen,
        complete=draft.complete,
        family=family,
        english_first=draft.english.first_value if draft.english else None,
        english_second=draft.english.second_value if draft.english else None,
        unit=draft.unit,
    )
