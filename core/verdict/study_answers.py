"""A study's questions answered: one estimate, one correction a family and one outcome for each contrast.

Where a contrast is shown, its interval, p and mark are these. The outcomes: *ahead* (two-sided test after Holm within
the family), *equivalent* (two one-sided tests within the margin), *ahead within the margin* (both at once),
*undecided*, and *described* where nothing is tested: fewer than three seeds on a side, or too few clusters.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

from core.statistics.crossed import Components, CrossedEstimate, crossed
from core.statistics.intervals import LEVEL
from core.statistics.rules import FEWEST_CLUSTERS
from core.statistics.significance import MARGIN, holm
from core.verdict.answers import Answers, Clusters
from core.verdict.paired_values import PairedValues, paired_values

Outcome = Literal["ahead", "equivalent", "ahead within the margin", "undecided", "described"]


@dataclass(frozen=True)
class Contrast:
    """A question as core sees it: `first` minus `second` over `languages` of one benchmark."""

    name: str
    first: str
    second: str
    languages: tuple[str, ...]
    family: str = "primary"
    margin: float = MARGIN
    benchmark: str = ""


@dataclass(frozen=True)
class BenchmarkAnswers:
    """What was answered to one benchmark, how its items belong together, and the same after correction of the label
    prior, where that was asked for."""

    answers: Answers
    clusters: Clusters
    corrected: Answers | None = None


@dataclass(frozen=True)
class LanguageDifference:
    """One language's difference x100 with its interval; `p_deviation` says whether it departs from the others' mean."""

    language: str
    difference: float
    low: float
    high: float
    p_deviation: float


@dataclass(frozen=True)
class StudyAnswer:
    """A contrast's answer; rates and differences x100, p and p_equivalent corrected within the family.

    `one_effect` is the smallest of the languages' corrected p_deviation: below the level the differences by language
    are not one effect. `corrected` is the same contrast after correction of the label prior, where that was asked for.
    """

    contrast: Contrast
    first_value: float
    second_value: float
    difference: float
    low: float
    high: float
    p: float
    p_equivalent: float
    outcome: Outcome
    ahead: str | None
    by_seed: tuple[float, ...]
    seeds: tuple[int, ...]
    by_language: tuple[LanguageDifference, ...]
    one_effect: float
    items: int
    clusters: int
    components: Components
    family_size: int
    corrected: StudyAnswer | None = None


@dataclass(frozen=True)
class Skipped:
    """A question that cannot be answered, and why."""

    contrast: Contrast
    reason: str


def answer_study(
    answers: Answers,
    questions: Sequence[Contrast],
    clusters: Clusters,
    level: float = LEVEL,
    corrected: Answers | None = None,
) -> tuple[list[StudyAnswer], list[Skipped]]:
    """As `answer_benchmarks`, all questions being of one benchmark."""
    one = BenchmarkAnswers(answers, clusters, corrected)
    return answer_benchmarks({question.benchmark: one for question in questions}, questions, level)


def answer_benchmarks(
    benchmarks: Mapping[str, BenchmarkAnswers], questions: Sequence[Contrast], level: float = LEVEL
) -> tuple[list[StudyAnswer], list[Skipped]]:
    """Answers in the order of `questions`, each on its benchmark, and the questions without one.

    Holm's correction runs over the tested questions of a family alone, whatever their benchmarks: arms that no question
    names change nothing.
    """
    found: dict[Contrast, tuple[PairedValues, CrossedEstimate]] = {}
    again: dict[Contrast, tuple[PairedValues, CrossedEstimate]] = {}
    skipped: list[Skipped] = []
    for question in questions:
        material = benchmarks.get(question.benchmark)
        if material is None:
            skipped.append(Skipped(question, f"no run is stored with predictions on {question.benchmark}"))
            continue
        own, without = _estimates(material.answers, [question], material.clusters)
        found |= own
        skipped += without
        if material.corrected is not None:
            again |= _estimates(material.corrected, [question], material.clusters)[0]
    made = {question: _answer(question, *pair, level) for question, pair in found.items()}
    beside = {question: _answer(question, *pair, level) for question, pair in again.items()}
    for table in (made, beside):
        for family in {question.family for question in table}:
            _correct(table, [q for q in table if q.family == family], level)
    whole = [dataclasses.replace(one, corrected=beside.get(question)) for question, one in made.items()]
    return whole, skipped


def _estimates(
    answers: Answers, questions: Sequence[Contrast], clusters: Clusters
) -> tuple[dict[Contrast, tuple[PairedValues, CrossedEstimate]], list[Skipped]]:
    found: dict[Contrast, tuple[PairedValues, CrossedEstimate]] = {}
    skipped = []
    for question in questions:
        pair = paired_values(answers, question.first, question.second, question.languages, clusters)
        if pair is None:
            reason = "no seed, language or item is read by both sides"
        elif pair.same:
            reason = "both sides are the same predictions"
        elif pair.values.shape[1] < 2:
            reason = "there is a single cluster of items"
        else:
            found[question] = (pair, crossed(pair.values, question.margin))
            continue
        skipped.append(Skipped(question, reason))
    return found, skipped


def _answer(question: Contrast, pair: PairedValues, estimate: CrossedEstimate, level: float) -> StudyAnswer:
    by_language = _by_language(pair, level)
    tested = estimate.tested and estimate.premises >= FEWEST_CLUSTERS
    return StudyAnswer(
        contrast=question,
        first_value=float(pair.first.mean()),
        second_value=float(pair.second.mean()),
        difference=estimate.difference,
        low=estimate.low,
        high=estimate.high,
        p=estimate.p if tested else 1.0,
        p_equivalent=estimate.p_equivalent if tested else 1.0,
        outcome="undecided" if tested else "described",
        ahead=None,
        by_seed=tuple(float(value) for value in pair.values.mean(1)),
        seeds=pair.seeds,
        by_language=by_language,
        one_effect=min((one.p_deviation for one in by_language), default=1.0) if tested else 1.0,
        items=pair.items,
        clusters=estimate.premises,
        components=estimate.components,
        family_size=1,
    )


def _by_language(pair: PairedValues, level: float) -> tuple[LanguageDifference, ...]:
    """Each language's difference, and its departure from the mean of the languages, Holm over the languages."""
    own = [crossed(values, level=level) for values in pair.by_language]
    away = [crossed(values - pair.values, level=level).p for values in pair.by_language]
    p = holm(away) if len(away) > 1 else [1.0] * len(away)
    return tuple(
        LanguageDifference(code, one.difference, one.low, one.high, value)
        for code, one, value in zip(pair.languages, own, p, strict=True)
    )


def _correct(table: dict[Contrast, StudyAnswer], family: Sequence[Contrast], level: float) -> None:
    """Holm within a family, over those that are tested, and the outcomes that follow."""
    tested = [question for question in family if table[question].outcome != "described"]
    p = holm([table[question].p for question in tested])
    same = holm([table[question].p_equivalent for question in tested])
    for question, p_holm, p_same in zip(tested, p, same, strict=True):
        one = table[question]
        outcome, ahead = _outcome(one, p_holm < level, p_same < level)
        table[question] = dataclasses.replace(
            one, p=p_holm, p_equivalent=p_same, outcome=outcome, ahead=ahead, family_size=len(tested)
        )


def _outcome(one: StudyAnswer, different: bool, within: bool) -> tuple[Outcome, str | None]:
    better = one.contrast.first if one.difference > 0 else one.contrast.second
    if different:
        return ("ahead within the margin" if within else "ahead"), better
    return ("equivalent" if within else "undecided"), None
