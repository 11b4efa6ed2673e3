"""A study as data: what is trained on what, what is read, which questions are asked and how they are answered.

Every field is a key of the file. Where a field says "all", an empty list means all that is there.
"""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass, field
from typing import Any, Literal

from core.config import FIRST_RECIPE, EvaluationConfig, ModelConfig, TrainingConfig
from core.later import later

Role = Literal["baseline", "main", "control", "secondary"]
GROUPS = ("source", "aligned", "others")


@dataclass(frozen=True)
class Benchmark:
    """An NLI test set in several languages.

    `source` names a data set of the catalogue ("xnli"); else `files` is a pattern in the data folder with {lang} and,
    if it has one, {split}, and `columns` names its columns where they are not premise, hypothesis, label and id.
    `labels` are the classes in order, entailment first; `values` maps what the file writes to one of them. Models have
    three classes: of two labels the second is given what they give to neutral and contradiction together. `cluster`
    says which items belong together: so many consecutive ids, or "premise" for its text. The groups:
    `source_language` ("" where the benchmark has none), `aligned` (languages that bitext is read in; empty: those of
    the study's bitext) and others, which are every other language there is. `languages` (empty: all there are) and
    `ids` (first and last, both read) restrict what is read; `seeds` (empty: the study's) the runs that read it.
    """

    name: str
    title: str = ""
    source: str = ""
    files: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    labels: tuple[str, ...] = ("entailment", "neutral", "contradiction")
    values: dict[str, str] = field(default_factory=dict)
    split: str = "test"
    cluster: int | str = 3
    source_language: str = "en"
    aligned: tuple[str, ...] = ()
    licence: str = "not stated"
    #: Arms that read every language; the others read the source language and the aligned ones. Empty: all.
    everywhere: tuple[str, ...] = ()
    languages: tuple[str, ...] = later(())
    ids: tuple[int, ...] = later(())
    seeds: tuple[int, ...] = later(())

    @property
    def chance(self) -> float:
        """Accuracy x100 of guessing, labels being balanced."""
        return 100.0 / len(self.labels)

    @property
    def stored_split(self) -> str:
        """What its predictions are stored under, as `core.config.BenchmarkReading.stored_split`."""
        return self.split if self.source == "xnli" else f"{self.name}.{self.split}"

    @property
    def is_whole_xnli(self) -> bool:
        """Whether it is XNLI as runs read it unless told otherwise."""
        return self.source == "xnli" and not (self.languages or self.ids or self.seeds)


@dataclass(frozen=True)
class BitextPart:
    """What is read of bitext: `languages` (all), `pairs` a language at most, `batch` an update; `order` is "mixed", or
    "by-language" for every batch of one language. `sources` (all) are names of training bitexts of the catalogue.

    `files` reads the study's own bitext in place of the catalogue's: a pattern in the data folder with {lang}, a file
    of two columns with English first, or the other language alone with `english` as the file of the same lines beside
    it.
    """

    languages: tuple[str, ...] = ()
    pairs: int = 2500
    batch: int = 30
    max_tokens: int = 64
    order: Literal["mixed", "by-language"] = "mixed"
    sources: tuple[str, ...] = later(())
    files: str = later("")
    english: str = later("")


@dataclass(frozen=True)
class ArmBitext:
    """What one arm reads of bitext otherwise than `[bitext]` says: keys that are given here take the place of those.
    `sources` [] means all of the catalogue."""

    pairs: int | None = None
    batch: int | None = None
    max_tokens: int | None = None
    order: Literal["", "mixed", "by-language"] = ""
    sources: tuple[str, ...] | None = None

    def within(self, part: BitextPart) -> BitextPart:
        """`part` with what is given here."""
        given = {name: value for name, value in vars(self).items() if value not in (None, "")}
        return dataclasses.replace(part, **given)


@dataclass(frozen=True)
class StudyArm:
    """One arm of the study: `arm` is the method (its own name unless given), `settings` its strengths and forms.

    Two settings of one method are two arms with names of their own. `seeds` (empty: the study's) may be fewer.
    `role`: "baseline", "main", "control" or "secondary". A layer among the settings may be a share of the encoder's
    depth, written with a point: 1.0 is the last. `bitext` is what it reads of bitext otherwise than the study.
    """

    name: str
    arm: str = ""
    label: str = ""
    role: Role = "main"
    seeds: tuple[int, ...] = ()
    settings: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    bitext: ArmBitext | None = later(None)

    @property
    def method(self) -> str:
        return self.arm or self.name


@dataclass(frozen=True)
class Question:
    """`first` minus `second` in mean accuracy over a group of a benchmark's languages (or the languages named)."""

    first: str
    second: str
    name: str = ""
    benchmark: str = ""
    group: str = "aligned"
    languages: tuple[str, ...] = ()
    family: str = "primary"
    margin: float = 1.0

    @property
    def primary(self) -> bool:
        return self.family == "primary"


@dataclass(frozen=True)
class Analysis:
    """How questions are answered.

    `method`: "crossed" (premises and seeds both random, `core.statistics.crossed`) or "first" (the first study's, whose
    answers are those of `verdict`). Holm's correction runs within each family; `level` is spent once a family. With
    `prior` each difference also stands after correction of the label prior.
    """

    method: Literal["crossed", "first"] = "crossed"
    level: float = 0.05
    prior: bool = True


@dataclass(frozen=True)
class Study:
    """All that a study says. Two studies with the same content are one study, whatever their files are called."""

    name: str
    seeds: tuple[int, ...]
    warm: TrainingConfig
    train: TrainingConfig
    benchmarks: tuple[Benchmark, ...]
    arms: tuple[StudyArm, ...]
    questions: tuple[Question, ...] = ()
    title: str = ""
    summary: str = ""
    notes: tuple[str, ...] = ()
    recipe: int = FIRST_RECIPE
    encoder: str = "embedded"
    warm_start: Literal["own", "one"] = "own"
    model: ModelConfig = field(default_factory=ModelConfig)
    training_sets: dict[str, int] = field(default_factory=dict)
    bitext: BitextPart = field(default_factory=BitextPart)
    readings: EvaluationConfig = field(default_factory=EvaluationConfig)
    analysis: Analysis = field(default_factory=Analysis)
    #: What is different on the starter set: tables of the same names with the keys that change.
    starter: dict[str, Any] = field(default_factory=dict)
    protocols: tuple[str, ...] = ()
    #: What `model.first_layer` says as a share of the encoder's layers (`core.experiment.studies.depth`).
    first_layer_share: float | None = later(None)

    @property
    def baseline(self) -> str:
        """The arm that others are measured against; "" if there is none."""
        return next((arm.name for arm in self.arms if arm.role == "baseline"), "")

    def bitext_of(self, arm: StudyArm) -> BitextPart:
        """What an arm reads of bitext."""
        return arm.bitext.within(self.bitext) if arm.bitext else self.bitext

    def arm(self, name: str) -> StudyArm:
        return next(arm for arm in self.arms if arm.name == name)

    def benchmark(self, name: str = "") -> Benchmark:
        """The benchmark of that name; the first for ""."""
        return next(one for one in self.benchmarks if not name or one.name == name)
