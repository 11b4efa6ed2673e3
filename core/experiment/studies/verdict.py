"""A study's questions answered from predictions, in the order of its file, each with its sentence."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.evaluation.prior import balance
from core.experiment.studies.schema import Benchmark, Question, Study
from core.languages import language
from core.notation import interval, p_value, plural, rate, signed
from core.verdict.answers import PROBABILITIES, read_answers
from core.verdict.paired_values import consecutive
from core.verdict.study_answers import Contrast, Skipped, StudyAnswer, answer_study


@dataclass(frozen=True)
class StudyVerdict:
    """The answers, and the questions that have none with the reason."""

    answers: tuple[StudyAnswer, ...]
    skipped: tuple[Skipped, ...]


def judge_study(study: Study, table: pd.DataFrame) -> StudyVerdict:
    """Answer the study's questions from predictions (`core.verdict.answers.COLUMNS`) of its runs on its split.

    Raises `BadInput` if the table cannot be used. With the study's `prior` each answer also holds the same contrast
    after correction of the label prior of every run in every language, fitted without labels.
    """
    answers = read_answers(table)
    benchmark = study.benchmark()
    questions = [contrast_of(question, study, answers.languages) for question in study.questions]
    size = benchmark.cluster if isinstance(benchmark.cluster, int) else 1
    corrected = read_answers(balanced(table)) if study.analysis.prior else None
    found, skipped = answer_study(answers, questions, consecutive(size), study.analysis.level, corrected)
    return StudyVerdict(tuple(found), tuple(skipped))


def contrast_of(question: Question, study: Study, there: tuple[str, ...]) -> Contrast:
    """A question over the languages that it means: those it names, else those of its group."""
    benchmark = study.benchmark(question.benchmark)
    codes = question.languages or group_languages(benchmark, study, question.group, there)
    name = question.name or f"accuracy in {_of_group(question)}"
    return Contrast(name, question.first, question.second, codes, question.family, question.margin)


def group_languages(benchmark: Benchmark, study: Study, group: str, there: tuple[str, ...]) -> tuple[str, ...]:
    """The languages of a group: the source, those that bitext is read in, or all others of `there`."""
    aligned = benchmark.aligned or study.bitext.languages
    if group == "source":
        return (benchmark.source_language,)
    if group == "aligned":
        return tuple(aligned)
    return tuple(code for code in there if code not in aligned and code != benchmark.source_language)


def balanced(table: pd.DataFrame) -> pd.DataFrame:
    """The predictions with each run's probabilities in each language corrected to equal mean shares of the labels."""
    corrected = table.copy()
    values = np.empty((len(table), len(PROBABILITIES)))
    for rows in table.groupby(["run_id", "language"], sort=False).indices.values():
        values[rows] = balance(table[list(PROBABILITIES)].to_numpy(float)[rows]).probabilities
    corrected[list(PROBABILITIES)] = values
    return corrected


def sentence(answer: StudyAnswer) -> str:
    """The answer in one plain sentence, made from its numbers."""
    first, second = answer.contrast.first, answer.contrast.second
    margin = f"{answer.contrast.margin:g} point" + ("" if answer.contrast.margin == 1 else "s")
    other = second if answer.ahead == first else first
    outcome = {
        "ahead": f"{answer.ahead} is ahead of {other}",
        "ahead within the margin": f"{answer.ahead} is ahead of {other}, by less than {margin}",
        "equivalent": f"{first} and {second} are equivalent within {margin}",
        "undecided": f"undecided between {first} and {second}",
        "described": f"{first} and {second} are described, not tested ({_untested(answer)})",
    }[answer.outcome]
    p = "" if answer.outcome == "described" else f", p {_equals(answer.p)}{_family(answer)}"
    text = (
        f"{answer.contrast.name[0].upper()}{answer.contrast.name[1:]}: {outcome}; {first} {rate(answer.first_value)}, "
        f"{second} {rate(answer.second_value)}, difference {signed(answer.difference)} (95 % interval "
        f"{signed(answer.low)} to {signed(answer.high)}{p}); {plural(len(answer.seeds), 'seed')} and "
        f"{plural(answer.clusters, 'premise')} in {_languages(answer.contrast.languages)}"
    )
    if answer.corrected is not None:
        again = answer.corrected
        text += (
            f"; after correction of the label prior {signed(again.difference)} "
            f"({interval(again.low, again.high)}, {again.outcome})"
        )
    return f"{text}."


def as_record(answer: StudyAnswer) -> Mapping[str, Any]:
    """The answer as JSON holds it."""
    again = answer.corrected
    return {
        "name": answer.contrast.name, "family": answer.contrast.family, "primary": answer.contrast.family == "primary",
        "first": answer.contrast.first, "second": answer.contrast.second, "first_value": answer.first_value,
        "second_value": answer.second_value, "difference": answer.difference, "low": answer.low, "high": answer.high,
        "p": answer.p, "p_equivalent": answer.p_equivalent, "outcome": answer.outcome, "ahead": answer.ahead,
        "margin": answer.contrast.margin, "seeds": list(answer.seeds), "by_seed": list(answer.by_seed),
        "languages": list(answer.contrast.languages),
        "by_language": [vars(row) for row in answer.by_language], "one_effect_p": answer.one_effect,
        "items": answer.items, "premises": answer.clusters, "family_size": answer.family_size,
        "prior_corrected": None if again is None else {
            "difference": again.difference, "low": again.low, "high": again.high, "p": again.p,
            "outcome": again.outcome, "ahead": again.ahead,
        },
        "sentence": sentence(answer),
    }  # fmt: skip


def _of_group(question: Question) -> str:
    if question.languages:
        return ", ".join(question.languages)
    return {"source": "the source language", "aligned": "languages with bitext"}.get(
        question.group, "languages without bitext"
    )


def _untested(answer: StudyAnswer) -> str:
    return f"{plural(len(answer.seeds), 'seed')} and {plural(answer.clusters, 'premise')} are too few"


def _equals(p: float) -> str:
    text = p_value(p)
    return text if text.startswith("<") else f"= {text}"


def _family(answer: StudyAnswer) -> str:
    return f", Holm-corrected over {answer.family_size}" if answer.family_size > 1 else ""


def _languages(codes: tuple[str, ...]) -> str:
    return language(codes[0]).name if len(codes) == 1 else f"{len(codes)} languages"
