"""A study's answers in the form of the sheet's questions, so that every page and report shows them as they are."""

from __future__ import annotations

import math

from core.statistics.rules import SeedSource
from core.verdict.study_answers import Skipped, StudyAnswer
from core.verdict.verdict import Outcome, Result, Unanswerable


def as_result(answer: StudyAnswer) -> Result:
    """The same numbers under the names of `Result`; "ahead within the margin" is ahead, with `within_margin`.

    A study's minimum detectable effect is planned (`core.statistics.power`), so `smallest` is NaN.
    """
    contrast, again = answer.contrast, answer.corrected
    outcome, within = _outcome(answer)
    tested = answer.outcome != "described"
    source: SeedSource = "own" if len(answer.seeds) > 1 else "unknown"
    return Result(
        name=contrast.name, primary=contrast.family == "primary", first=contrast.first, second=contrast.second,
        difference=answer.difference, low=answer.low, high=answer.high, p=answer.p, outcome=outcome,
        ahead=answer.ahead, first_value=answer.first_value, second_value=answer.second_value, lower_is_better=False,
        p_equivalent=answer.p_equivalent, smallest=math.nan, within_margin=within, tested=tested,
        seed_variance=source, seeds=answer.seeds, premises=answer.clusters, items=answer.items,
        languages=contrast.languages, complete=len(contrast.languages), family=answer.family_size,
        english_first=None, english_second=None, method="crossed", family_name=contrast.family,
        prior_corrected=None if again is None else {
            "first_value": again.first_value, "second_value": again.second_value, "difference": again.difference,
            "low": again.low, "high": again.high, "p": again.p, "outcome": _outcome(again)[0], "ahead": again.ahead,
            "tested": again.outcome != "described",
        },
    )  # fmt: skip


def without_answer(skipped: Skipped) -> Unanswerable:
    """The question and a sentence on why it has no answer."""
    one = skipped.contrast
    sentence = f"{one.name[0].upper()}{one.name[1:]} of {one.first} and {one.second} is not compared: {skipped.reason}."
    return Unanswerable(one.name, one.first, one.second, sentence)


def _outcome(answer: StudyAnswer) -> tuple[Outcome, bool]:
    if answer.outcome == "ahead within the margin":
        return "ahead", True
    return answer.outcome, answer.outcome == "equivalent"
