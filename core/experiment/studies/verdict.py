"""A study's questions answered from predictions, in the order of its file, each with its sentence."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from core.data.catalog import Catalog
from core.errors import MissingData
from core.evaluation.prior import balance
from core.experiment.studies.schema import Benchmark, Question, Study
from core.experiment.studies.study_data import benchmark_items, benchmark_languages, study_catalog
from core.languages import language
from core.notation import interval, p_equals, plural, rate, signed
from core.verdict.answers import PROBABILITIES, Clusters, read_answers
from core.verdict.paired_values import consecutive, linked
from core.verdict.study_answers import BenchmarkAnswers, Contrast, Skipped, StudyAnswer, answer_benchmarks


@dataclass(frozen=True)
class StudyVerdict:
    """The answers, and the questions that have none with the reason."""

    answers: tuple[StudyAnswer, ...]
    skipped: tuple[Skipped, ...]


def judge_study(study: Study, table: pd.DataFrame, catalog: Catalog | None = None) -> StudyVerdict:
    """Answer the study's questions from predictions (`core.verdict.answers.COLUMNS`) of its runs, each question on its
    benchmark; where the table has a column split, a benchmark's are those under its `stored_split`, else all are the
    first's.

    Raises `BadInput` if the table cannot be used. With the study's `prior` each answer also holds the same contrast
    after correction of the label prior of every run in every language, fitted without labels. `catalog` gives the
    premises of a benchmark that is clustered by them, and the languages of bitext where the study names none; a
    question whose premises are not there is skipped with that reason.
    """
    study = _with_bitext_languages(study, catalog)
    material: dict[str, BenchmarkAnswers] = {}
    lacking: dict[str, str] = {}
    for benchmark in study.benchmarks:
        rows = benchmark_rows(benchmark, table, benchmark is study.benchmarks[0])
        if rows.empty:
            continue
        try:
            clusters = clusters_of(benchmark, study, catalog)
        except MissingData as error:
            lacking[benchmark.name] = str(error).rstrip(".")
            continue
        corrected = read_answers(balanced(rows, len(benchmark.labels))) if study.analysis.prior else None
        material[benchmark.name] = BenchmarkAnswers(read_answers(rows), clusters, corrected)
    questions = []
    for question in study.questions:
        name = study.benchmark(question.benchmark).name
        there = material[name].answers.languages if name in material else ()
        questions.append(contrast_of(question, study, there))
    found, skipped = answer_benchmarks(material, questions, study.analysis.level)
    return StudyVerdict(tuple(found), tuple(Skipped(one.contrast, _reason(one, lacking)) for one in skipped))


def _reason(skipped: Skipped, lacking: Mapping[str, str]) -> str:
    name = skipped.contrast.benchmark
    if name in lacking or skipped.contrast.languages:
        return lacking.get(name, skipped.reason)
    return f"the benchmark {name} has no language of the group that is asked about"


def benchmark_rows(benchmark: Benchmark, table: pd.DataFrame, first: bool) -> pd.DataFrame:
    """The predictions of `table` that are the benchmark's: of its split, languages and ids."""
    if "split" in table:
        table = table[table["split"] == benchmark.stored_split]
    elif not first:
        return table.iloc[:0]
    if benchmark.languages:
        table = table[table["language"].isin([language(tag).code for tag in benchmark.languages])]
    if benchmark.ids:
        table = table[table["item_id"].between(benchmark.ids[0], benchmark.ids[1])]
    return table.reset_index(drop=True)


def clusters_of(benchmark: Benchmark, study: Study, catalog: Catalog | None = None) -> Clusters:
    """How the benchmark's items belong together: so many consecutive ids, or items that share the text of a premise in
    any of its languages. Raises `MissingData` where the premises are not here."""
    if isinstance(benchmark.cluster, int):
        return consecutive(benchmark.cluster)
    if catalog is None:
        raise MissingData(f"the premises of {benchmark.name} are needed to answer: name the data folder by --data.")
    catalog = study_catalog(study, catalog)
    groups: dict[tuple[str, str], list[int]] = {}
    for code in benchmark_languages(benchmark, catalog):
        for item in benchmark_items(benchmark, code, catalog):
            groups.setdefault((code, item.premise), []).append(item.id)
    return linked(groups.values())


def contrast_of(question: Question, study: Study, there: tuple[str, ...]) -> Contrast:
    """A question over the languages that it means: those it names, else those of its group."""
    benchmark = study.benchmark(question.benchmark)
    named = tuple(language(tag).code for tag in question.languages)
    codes = named or group_languages(benchmark, study, question.group, there)
    name = question.name or f"accuracy in {_of_group(question)}"
    if not question.name and len(study.benchmarks) > 1:
        name = f"{benchmark.title or benchmark.name}, {name}"
    return Contrast(name, question.first, question.second, codes, question.family, question.margin, benchmark.name)


def group_languages(benchmark: Benchmark, study: Study, group: str, there: tuple[str, ...]) -> tuple[str, ...]:
    """The languages of a group: the source, those that bitext is read in, or all others of `there`. A benchmark of some
    languages that does not name its aligned ones has those of the bitext that it reads."""
    aligned = tuple(language(tag).code for tag in benchmark.aligned or study.bitext.languages)
    if group == "source":
        return (language(benchmark.source_language).code,) if benchmark.source_language else ()
    if group == "aligned":
        some = bool(benchmark.files or benchmark.languages) and not benchmark.aligned
        return tuple(c for c in aligned if c != benchmark.source_language and (not some or c in there))
    return tuple(code for code in there if code not in aligned and code != benchmark.source_language)


def _with_bitext_languages(study: Study, catalog: Catalog | None) -> Study:
    """The study with the languages of the bitext that is here, where it names none."""
    if study.bitext.languages or catalog is None:
        return study
    codes = tuple(study_catalog(study, catalog).bitext_languages())
    return dataclasses.replace(study, bitext=dataclasses.replace(study.bitext, languages=codes))


def balanced(table: pd.DataFrame, labels: int = len(PROBABILITIES)) -> pd.DataFrame:
    """The predictions with each run's probabilities in each language corrected to equal mean shares of the first
    `labels` labels."""
    corrected = table.copy()
    values = np.zeros((len(table), len(PROBABILITIES)))
    for rows in table.groupby(["run_id", "language"], sort=False).indices.values():
        own = table[list(PROBABILITIES)].to_numpy(float)[rows, :labels]
        values[rows, :labels] = balance(own).probabilities
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
    p = "" if answer.outcome == "described" else f", p {p_equals(answer.p)}{_family(answer)}"
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
        "name": answer.contrast.name, "benchmark": answer.contrast.benchmark,
        "family": answer.contrast.family, "primary": answer.contrast.family == "primary",
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


def _family(answer: StudyAnswer) -> str:
    return f", Holm-corrected over {answer.family_size}" if answer.family_size > 1 else ""


def _languages(codes: tuple[str, ...]) -> str:
    return language(codes[0]).name if len(codes) == 1 else f"{len(codes)} languages"
