"""The verdict: a pure function from a table of predictions to answered questions.

Outcomes are *ahead* (two-sided test), *equivalent* within a margin (two one-sided tests, Schuirmann 1987),
*undecided*, and *described* where nothing is tested: fewer than three seeds, or too few premises. A difference that is
both shown and within the margin is called ahead, and its sentence says so. Which rule tests is the study's
(`core.verdict.analysis`).
"""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

import pandas as pd

from core.notation import plural
from core.statistics.bootstrap import REPETITIONS
from core.statistics.intervals import LEVEL
from core.statistics.rules import FEWEST_CLUSTERS, Judged, Method, SeedSource
from core.statistics.significance import holm
from core.verdict.analysis import Analysis
from core.verdict.answers import Answers, read_answers
from core.verdict.contrast import Contrast, Contrasts
from core.verdict.measures import correct
from core.verdict.questions import ENGLISH_ACCURACY, Comparison, ask
from core.verdict.sentences import tell

Outcome = Literal["ahead", "equivalent", "undecided", "described"]
#: Fewer premises give no test.
FEWEST_PREMISES = FEWEST_CLUSTERS


@dataclass(frozen=True)
class Result:
    """One question with its answer. Rates and differences (first minus second) are x100.

    seed_variance: "own" (of these arms), "pooled" (borrowed by a control with one seed, for its interval), "none"
    (neither arm is trained) or "unknown" (one seed an arm: the interval is then of the items alone). `tested` is False
    without a test, and the outcome "described"; then p is 1, the only bound that holds whatever seeds would have shown.
    `p` and `p_equivalent` are corrected over the `family` of those asked with them; the interval is not. `smallest` is
    the minimum
    detectable effect: the difference that the test finds with 80 % power, at the level that the correction leaves;
    without the seeds' variance it is a lower bound. english_first and english_second stand beside every measure, since
    a gap can close because English fell. `premises` counts what was drawn again, which `unit` names. `prior_corrected`
    is the same contrast after correction of the label prior of every run in every language (difference, low, high, p,
    outcome, ahead, by the same rule and family); None where it was not made.
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
    method: Method = "first"
    family_name: str = "secondary"
    prior_corrected: dict[str, Any] | None = None

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
    estimate: Judged
    seed_variance: SeedSource
    complete: int
    lower_is_better: bool = False
    family: str = "secondary"
    english: Contrast | None = None
    unit: str = "premise"
    method: Method = "first"

    @property
    def primary(self) -> bool:
        return self.family == "primary"

    @property
    def tested(self) -> bool:
        return self.estimate.tested


@dataclass(frozen=True)
class Unanswerable:
    """A question without an answer, and the sentence that says why."""

    name: str
    first: str
    second: str
    sentence: str


def verdict(
    table: pd.DataFrame, repetitions: int = REPETITIONS, seed: int = 0, analysis: Analysis | None = None
) -> list[Result]:
    """Answers to all questions that the predictions allow, the primary one first.

    `table` has run_id, arm, seed, language, item_id, gold, entailment, neutral, contradiction, of one split.
    Raises `BadInput` if it cannot be used (see `read_answers`). The same table gives the same answers.
    """
    return answer(Contrasts(read_answers(table), repetitions, seed, analysis))[0]


def answer(
    contrasts: Contrasts, corrected: Answers | None = None
) -> tuple[list[Result], list[Unanswerable]]:  # fmt: skip
    """As `verdict`, from contrasts, and the questions that cannot be answered.

    `corrected` are the same answers after correction of the label prior: a difference in accuracy then also stands
    after it. A question whose two sides are the same predictions is not asked.
    """
    drafts, unanswerable = _drafts(contrasts)
    results = _by_family(drafts)
    if corrected is not None:
        again = contrasts.of(corrected)
        beside = {(one.name, one.first, one.second): one for one in _by_family(_drafts(again, correct)[0])}
        results = [
            dataclasses.replace(one, prior_corrected=_after_correction(found))
            if (found := beside.get((one.name, one.first, one.second)))
            else one
            for one in results
        ]
    return results, unanswerable


def holm_corrected(family: Sequence[UncorrectedResult]) -> list[Result]:
    """The answers of a family of questions, those that are tested corrected together (Holm)."""
    tested = [draft for draft in family if draft.tested]
    p = dict(zip(map(id, tested), holm([d.estimate.p for d in tested]), strict=True))
    same = dict(zip(map(id, tested), holm([d.estimate.p_equivalent for d in tested]), strict=True))
    size = max(len(tested), 1)
    return [
        _result(draft, p.get(id(draft), 1.0), same.get(id(draft), 1.0), size if draft.tested else 1) for draft in family
    ]


def _by_family(drafts: Sequence[UncorrectedResult]) -> list[Result]:
    """Each family corrected on its own; in the order of `drafts`."""
    results: dict[int, Result] = {}
    for name in dict.fromkeys(draft.family for draft in drafts):
        own = [draft for draft in drafts if draft.family == name]
        results |= {id(draft): result for draft, result in zip(own, holm_corrected(own), strict=True)}
    return [results[id(draft)] for draft in drafts]


def _drafts(
    contrasts: Contrasts, counts: object = None
) -> tuple[list[UncorrectedResult], list[Unanswerable]]:  # fmt: skip
    """The questions that can be asked, uncorrected; with `counts` those of measures that count that alone."""
    drafts, unanswerable = [], []
    for comparison in ask(contrasts.answers.arms, contrasts.analysis.arms):
        if counts is not None and comparison.measure.count is not counts:
            continue
        found = contrasts.contrast(comparison.measure, comparison.first, comparison.second)
        if found is None:
            continue
        if found[0].same:
            name, first, second = comparison.measure.name, comparison.first, comparison.second
            unanswerable.append(Unanswerable(name, first, second, _same(comparison, found[0])))
        else:
            drafts.append(_uncorrected(contrasts, comparison, *found))
    return drafts, unanswerable


def _same(comparison: Comparison, contrast: Contrast) -> str:
    name = comparison.measure.name
    return (
        f"{name[0].upper()}{name[1:]} of {comparison.first} and {comparison.second} is not compared: both are the same "
        f"predictions ({plural(contrast.items, 'item')}{'' if len(contrast.chosen) == 1 else ' a language'})."
    )


def _uncorrected(
    contrasts: Contrasts, comparison: Comparison, contrast: Contrast, judged: Judged
) -> UncorrectedResult:  # fmt: skip
    english = contrasts.contrast(ENGLISH_ACCURACY, comparison.first, comparison.second)
    return UncorrectedResult(
        comparison.measure.name, comparison.first, comparison.second, contrast, judged, judged.source,
        comparison.measure.complete, comparison.measure.lower_is_better, comparison.family,
        english[0] if english else None, method=contrasts.analysis.method,
    )  # fmt: skip


def _after_correction(found: Result) -> dict[str, Any]:
    kept = ("first_value", "second_value", "difference", "low", "high", "p", "outcome", "ahead", "tested")
    return {name: getattr(found, name) for name in kept}


def _result(draft: UncorrectedResult, p: float, p_equivalent: float, family: int) -> Result:
    contrast, interval = draft.contrast, draft.estimate
    within = draft.tested and p_equivalent < LEVEL
    outcome: Outcome = "described"
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
        method=draft.method,
        family_name=draft.family,
    )
