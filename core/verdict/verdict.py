"""The verdict: a pure function from a table of predictions to answered questions.

Outcomes are *ahead* (two-sided test), *equivalent* within a margin (two one-sided tests, Schuirmann 1987) and
*undecided*. A difference that is both shown and within the margin is called ahead, and its sentence says so.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import pandas as pd

from core.statistics.bootstrap import REPETITIONS
from core.statistics.intervals import LEVEL
from core.statistics.significance import Estimate, SeedVariance, estimate, holm, paired_seed_variance
from core.verdict.answers import Answers, read_answers
from core.verdict.contrast import Contrast, Contrasts
from core.verdict.questions import ENGLISH_ACCURACY, Comparison, ask
from core.verdict.sentences import tell

Outcome = Literal["ahead", "equivalent", "undecided"]
#: Where the variance between seeds is from, see `Result`.
SeedSource = Literal["own", "pooled", "none", "unknown"]
#: Fewer premises give no test: a bootstrap over them would claim more than they hold.
FEWEST_PREMISES = 20


@dataclass(frozen=True)
class Result:
    """One question with its answer. Rates and differences (first minus second) are x100.

    seed_variance: "own" (of these arms), "pooled" (borrowed by a control with one seed), "none" (neither arm is
    trained) or "unknown" (one seed an arm: the interval is then of the items alone). `tested` is False without a
    test; then p is 1, the only bound that holds whatever the seeds would have shown. `p` and `p_equivalent` of
    secondary questions are corrected over the `family` of them; the interval is not. `smallest` is the minimum
    detectable effect: the difference that the test finds with 80 % power, at the level that the correction leaves;
    without the seeds' variance it is a lower bound. english_first and english_second stand beside every measure, since
    a gap can close because English fell. `premises` counts what was drawn again, which `unit` names.
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
        return tell(dataclasses.asdict(self))


@dataclass(frozen=True)
class UncorrectedResult:
    """A question with its estimate, before the correction over its family. Names as in `Result`."""

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


def verdict(table: pd.DataFrame, repetitions: int = REPETITIONS, seed: int = 0) -> list[Result]:
    """Answers to all questions that the predictions allow, the primary one first.

    `table` has run_id, arm, seed, language, item_id, gold, entailment, neutral, contradiction, of one split.
    Raises `BadInput` if it cannot be used (see `read_answers`). The same table gives the same answers.
    """
    return answer(read_answers(table), repetitions, seed)


def answer(answers: Answers, repetitions: int = REPETITIONS, seed: int = 0) -> list[Result]:
    """As `verdict`, from answers already read."""
    contrasts = Contrasts(answers, repetitions, seed)
    drafts = [draft for comparison in ask(answers.arms) if (draft := _uncorrected(contrasts, comparison)) is not None]
    families = [[d for d in drafts if not d.primary and d.control is control] for control in (False, True)]
    results = {
        id(draft): result for family in families for draft, result in zip(family, holm_corrected(family), strict=True)
    }
    return [results.get(id(draft)) or holm_corrected([draft])[0] for draft in drafts]


def holm_corrected(family: Sequence[UncorrectedResult]) -> list[Result]:
    """The answers of a family of questions, those that are tested corrected together (Holm)."""
    tested = [draft for draft in family if draft.tested]
    p = dict(zip(map(id, tested), holm([d.estimate.p for d in tested]), strict=True))
    same = dict(zip(map(id, tested), holm([d.estimate.p_equivalent for d in tested]), strict=True))
    size = max(len(tested), 1)
    return [
        _result(draft, p.get(id(draft), 1.0), same.get(id(draft), 1.0), size if draft.tested else 1) for draft in family
    ]


def _uncorrected(contrasts: Contrasts, comparison: Comparison) -> UncorrectedResult | None:
    contrast = contrasts.contrast(comparison.measure, comparison.first, comparison.second)
    if contrast is None:
        return None
    kind: SeedSource = "own"
    between: SeedVariance | None = paired_seed_variance(contrast.by_seed)
    if between is None:
        between = contrasts.pooled(comparison.measure) if comparison.control else None
        kind = "unknown" if between is None else "pooled"
    english = contrasts.contrast(ENGLISH_ACCURACY, comparison.first, comparison.second)
    interval = estimate(contrast.difference, contrast.sampling, contrast.premises, len(contrast.seeds), between)
    return UncorrectedResult(
        comparison.measure.name, comparison.first, comparison.second, contrast, interval, kind,
        comparison.measure.complete, comparison.measure.lower_is_better, comparison.primary, comparison.control,
        english,
    )  # fmt: skip


def _result(draft: UncorrectedResult, p: float, p_equivalent: float, family: int) -> Result:
    contrast, interval = draft.contrast, draft.estimate
    within = draft.tested and p_equivalent < LEVEL
    outcome: Outcome = "undecided"
    if draft.tested:
        outcome = "ahead" if p < LEVEL else "equivalent" if within else "undecided"
    better = (contrast.difference > 0) != draft.lower_is_better
    return Result(
        name=draft.name,
        primary=draft.primary,
        first=draft.first,
        second=draft.second,
        difference=contrast.difference,
        low=interval.low,
        high=interval.high,
        p=p,
        outcome=outcome,
        ahead=(draft.first if better else draft.second) if outcome == "ahead" else None,
        first_value=contrast.first_value,
        second_value=contrast.second_value,
        lower_is_better=draft.lower_is_better,
        p_equivalent=p_equivalent,
        smallest=interval.smallest(LEVEL / family),
        within_margin=within,
        tested=draft.tested,
        seed_variance=draft.seed_variance,
        seeds=contrast.seeds,
        premises=contrast.premises,
        items=contrast.items,
        languages=contrast.chosen,
        complete=draft.complete,
        family=family,
        english_first=draft.english.first_value if draft.english else None,
        english_second=draft.english.second_value if draft.english else None,
        unit=draft.unit,
    )
