"""What a study's file cannot say, told with its line: impossible values, and names that nothing there has."""

from __future__ import annotations

import re
from collections.abc import Iterable

from core.config import EvaluationConfig
from core.errors import BadInput
from core.experiment.studies.schema import GROUPS, Benchmark, BitextPart, Study
from core.experiment.studies.typed import Where
from core.languages import language

_NAME = re.compile(r"[a-z0-9][a-z0-9-]{0,59}")
_PLACES = re.compile(r"\{(\w*)\}")
_COLUMNS = ("premise", "hypothesis", "label", "id")
#: What {split} stands for; dev is read as validation.
_SPLITS = ("train", "validation", "test")
#: Fields of a run's readings that a study says elsewhere, or that follow from what it says.
_NOT_READINGS = ("split", "everywhere", "languages", "yardstick", "benchmarks")


def check(study: Study, where: Where) -> None:
    """Raises `BadInput` for the first thing in the file that cannot be, with its line."""
    _name(study.name, where.at("name"))
    _unique([arm.name for arm in study.arms], where, "arm")
    _unique([one.name for one in study.benchmarks], where, "benchmark")
    if not study.seeds:
        raise where.at("seeds").wrong("a study needs at least one seed.")
    _numbers(study, where)
    for key in _NOT_READINGS:
        if getattr(study.readings, key) != getattr(EvaluationConfig(), key):
            raise where.at("readings", key).wrong(f"{key} is not said in the readings: it is a [[benchmark]]'s to say.")
    for k, one in enumerate(study.benchmarks):
        _benchmark(one, study, where.at("benchmark", k))
    for k, arm in enumerate(study.arms):
        place = where.at("arm", k)
        if not set(arm.seeds) <= set(study.seeds):
            raise place.at("seeds").wrong(f"the seeds of {arm.name} are not all among the study's {list(study.seeds)}.")
        _amounts(study.bitext_of(arm), place.at("bitext"))
        if arm.bitext and arm.bitext.sources and study.bitext.files:
            raise place.at("bitext", "sources").wrong("the study reads bitext of its own, which has no other sources.")
    if sum(arm.role == "baseline" for arm in study.arms) > 1:
        raise where.at("arm").wrong("more than one arm has the role baseline; give it to one.")
    _languages(study.bitext.languages, where.at("bitext", "languages"))
    _bitext_files(study.bitext, where.at("bitext"))
    _questions(study, where)


def _numbers(study: Study, where: Where) -> None:
    for table, part in (("warm", study.warm), ("train", study.train)):
        for key in ("updates", "batch_pairs", "max_tokens"):
            if getattr(part, key) < 1:
                raise where.at(table, key).wrong(f"{key} is {getattr(part, key)}; it must be at least 1.")
        for key in ("learning_rate", "head_learning_rate"):
            if not 0 < getattr(part, key) < 1:
                raise where.at(table, key).wrong(f"{key} is {getattr(part, key)}; it lies between 0 and 1.")
    if any(seed < 0 for seed in study.seeds) or len(set(study.seeds)) < len(study.seeds):
        raise where.at("seeds").wrong("seeds are whole numbers from 0 on, each once.")
    if not 0 < study.analysis.level < 0.5:
        raise where.at("analysis", "level").wrong(f"level is {study.analysis.level}; it lies between 0 and 0.5.")
    _amounts(study.bitext, where.at("bitext"))
    for name, repeats in study.training_sets.items():
        if repeats < 0:
            raise where.at("training_sets", name).wrong(f"a set is read {repeats} times; 0 leaves it out.")


def _amounts(part: BitextPart, where: Where) -> None:
    if part.pairs < 0 or part.batch < 0:
        raise where.wrong("pairs and batch of bitext are not below 0.")


def _bitext_files(part: BitextPart, where: Where) -> None:
    if part.files and part.sources:
        raise where.at("sources").wrong("bitext is either of sources of the catalogue or of files of one's own.")
    if part.files:
        _pattern(part.files, ("lang",), where.at("files"))
    if part.english and (not part.files or "/" in part.english or part.english in (".", "..")):
        raise where.at("english").wrong("english is the name of the file that lies beside each of the bitext's files.")


def _pattern(files: str, allowed: tuple[str, ...], where: Where) -> None:
    unknown = [place for place in _PLACES.findall(files) if place not in allowed]
    if files.startswith("/") or ".." in files.split("/") or unknown or "{lang}" not in files:
        held = ", ".join(f"{{{place}}}" for place in allowed)
        raise where.wrong(f"files is relative to the data folder and holds {held} and *.")


def _benchmark(one: Benchmark, study: Study, where: Where) -> None:
    _name(one.name, where.at("name"))
    if bool(one.source) == bool(one.files):
        raise where.wrong("a benchmark has either a source (a known data set) or files (a pattern in the data folder).")
    if one.files:
        _pattern(one.files, ("lang", "split"), where.at("files"))
    if not _NAME.fullmatch(one.split) or ("{split}" in one.files and one.split not in _SPLITS):
        raise where.at("split").wrong(f"{one.split[:40]!r} is no split; there are {', '.join(_SPLITS)}.")
    if not 2 <= len(one.labels) <= 3 or len(set(one.labels)) < len(one.labels):
        raise where.at("labels").wrong("labels are two or three names, entailment first.")
    for value, label in one.values.items():
        if label not in one.labels:
            raise where.at("values", value).wrong(f"{label!r} is none of the labels {', '.join(one.labels)}.")
    for column in one.columns:
        if column not in _COLUMNS:
            raise where.at("columns", column).wrong(f"{column!r} is no column; there are {', '.join(_COLUMNS)}.")
    good = one.cluster == "premise" if isinstance(one.cluster, str) else one.cluster >= 1
    if not good:
        raise where.at("cluster").wrong('cluster is a number of consecutive items, or "premise".')
    _languages(one.aligned, where.at("aligned"))
    _languages([one.source_language] if one.source_language else [], where.at("source_language"))
    _among(one.everywhere, {arm.name for arm in study.arms}, where.at("everywhere"), "arm")
    _languages(one.languages, where.at("languages"))
    if one.ids and not (len(one.ids) == 2 and 0 <= one.ids[0] <= one.ids[1]):
        raise where.at("ids").wrong("ids are two numbers, the first item and the last, both read.")
    if not set(one.seeds) <= set(study.seeds):
        raise where.at("seeds").wrong(f"the seeds of {one.name} are not all among the study's {list(study.seeds)}.")


def _questions(study: Study, where: Where) -> None:
    arms = {arm.name for arm in study.arms}
    benchmarks = {one.name for one in study.benchmarks}
    asked = set()
    for k, question in enumerate(study.questions):
        place = where.at("question", k)
        for key in ("first", "second"):
            _among([getattr(question, key)], arms, place.at(key), "arm")
        if question.first == question.second:
            raise place.at("second").wrong(f"both sides of the question are {question.first}; nothing can differ.")
        if question.benchmark:
            _among([question.benchmark], benchmarks, place.at("benchmark"), "benchmark")
        if question.group not in GROUPS:
            raise place.at("group").wrong(f"{question.group!r} is no group; there are {', '.join(GROUPS)}.")
        if question.margin <= 0:
            raise place.at("margin").wrong("a margin is above 0, in points.")
        contrast = (
            frozenset((question.first, question.second)),
            question.benchmark,
            question.group,
            question.languages,
        )
        if contrast in asked:
            raise place.wrong(f"{question.first} against {question.second} is asked twice of the same languages.")
        asked.add(contrast)
        _languages(question.languages, place.at("languages"))


def _name(name: str, where: Where) -> None:
    if not _NAME.fullmatch(name):
        raise where.wrong(f"{name[:60]!r} is no name: small letters, digits and hyphens, at most 60.")


def _unique(names: list[str], where: Where, what: str) -> None:
    if not names:
        raise where.wrong(f"a study needs at least one [[{what}]].")
    for k, name in enumerate(names):
        _name(name, where.at(what, k, "name"))
        if name in names[:k]:
            raise where.at(what, k, "name").wrong(f"there are two {what}s called {name!r}.")


def _among(names: Iterable[str], known: set[str], where: Where, what: str) -> None:
    for name in names:
        if name not in known:
            raise where.wrong(f"{name!r} is no {what} of this study; there are {', '.join(sorted(known))}.")


def _languages(codes: Iterable[str], where: Where) -> None:
    for code in codes:
        try:
            language(code)
        except BadInput as error:
            raise where.wrong(str(error)) from error
