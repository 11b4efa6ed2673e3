"""What a run is: frozen settings, and the hash of them that is its identity."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, field
from typing import Any

from core.later import identifying, later

#: How this version trains and reads: raise it when the same settings would no longer give the same numbers.
RECIPE = 3
#: What runs are made by that do not say: the first ones, whose identities hold it.
FIRST_RECIPE = 3
#: NLI's three classes, which every model is trained on.
_LABELS = ("entailment", "neutral", "contradiction")


@dataclass(frozen=True)
class ModelConfig:
    """The one NLI model of every arm.

    tuning is "lora" (rank `rank` on every linear map of the layers from `first_layer` on) or "full" (those
    layers' own weights). Posteriors have `posterior_size` dimensions; `kl_weight` multiplies the KL term,
    in nats per pair; `initial_log_variance` is where log sigma^2 starts.
    """

    tuning: str = "lora"
    rank: int = 16
    alpha: int = 32
    first_layer: int = 4
    posterior_size: int = 256
    hidden_size: int = 384
    kl_weight: float = 1e-4
    initial_log_variance: float = -3.0


@dataclass(frozen=True)
class TrainingConfig:
    """One pass of training: AdamW with linear warm-up and linear decay to zero.

    precision is the format of the encoder's matrix products: "float32" or "bfloat16". layers is "library" for the
    encoder's layers as the library computes them, or "fused" for `core.model.fused_layers`: the same arithmetic in
    another order, faster, and equal to it but for rounding.
    """

    updates: int
    batch_pairs: int = 32
    learning_rate: float = 8e-4
    head_learning_rate: float = 1e-3
    warmup: float = 0.06
    weight_decay: float = 0.01
    clip: float = 1.0
    max_tokens: int = 128
    precision: str = "float32"
    layers: str = later("library")


@dataclass(frozen=True)
class DataConfig:
    """What is trained on: the data's fingerprint, the number of English NLI pairs and of bitext pairs a language.

    nli_repeats says how often a pass goes through a training set, by the set's name; 1 for a set that is not named, 0
    leaves it out. bitext_order is "mixed" (as many pairs of every language in each batch) or "by-language" (every batch
    of one language, languages in turn), the same for every arm. bitext_sources are the names of the sources that the
    training pairs are from; empty: all.
    """

    kind: str
    fingerprint: str
    nli_pairs: int
    bitext_languages: tuple[str, ...] = ()
    bitext_pairs: int = 0
    bitext_batch: int = 0
    bitext_max_tokens: int = 64
    nli_repeats: dict[str, int] = field(default_factory=dict)
    bitext_order: str = later("mixed")
    bitext_sources: tuple[str, ...] = later(())


@dataclass(frozen=True)
class BenchmarkReading:
    """One benchmark as runs read it. `source` is "xnli", or "" for a declared one; `content` is a hash of the items of
    a declared one.

    `languages` are those read; arms that are not `everywhere` (all, if none is named) read the `source_language` ("" if
    there is none) and the `aligned` ones of them. `ids` (first, last) bounds the items, `seeds` (all, if none is named)
    the runs. Of two `labels` the second is what a model gives to neutral and contradiction together.
    """

    name: str
    source: str
    split: str
    content: str = ""
    labels: tuple[str, ...] = _LABELS
    source_language: str = "en"
    languages: tuple[str, ...] = ()
    aligned: tuple[str, ...] = ()
    everywhere: tuple[str, ...] = ()
    ids: tuple[int, ...] = later(())
    seeds: tuple[int, ...] = later(())

    @property
    def stored_split(self) -> str:
        """What predictions and scores are stored under: XNLI's own splits by their name, others as NAME.SPLIT."""
        return self.split if self.source == "xnli" else f"{self.name}.{self.split}"

    def includes(self, item_id: int) -> bool:
        """Whether the item is one that the benchmark reads."""
        return not self.ids or self.ids[0] <= item_id <= self.ids[1]


@dataclass(frozen=True)
class EvaluationConfig:
    """What is read: a split of XNLI, how many first items a language, and of the other sets.

    Where `benchmarks` are named, exactly those are read, and `split` is the first's `stored_split`; english_items then
    counts items of a benchmark's source language.

    `yardstick` holds the transport settings under which every run's cost on held-out bitext is measured. The arms
    `everywhere` (all, if none is named) read every language, the others `languages`. Runs of the seeds
    `robust_seeds` of the arms `everywhere` also read `generalised_items` with premise and hypothesis in every two
    languages, and `robust_items` with noise and under code-switching. With `calibrate` English validation gives
    the temperature of a run that reads test.
    """

    split: str = "validation"
    english_items: int | None = None
    other_items: int | None = None
    held_out_pairs: int = 100
    yardstick: dict[str, Any] = field(default_factory=dict)
    retrieval_pairs: int = 300
    plan_pairs: int = 8
    precision: str = "float32"
    everywhere: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    robust_seeds: tuple[int, ...] = ()
    generalised_items: int = 0
    robust_items: int = 0
    calibrate: bool = False
    benchmarks: tuple[BenchmarkReading, ...] = later(())

    @property
    def main(self) -> BenchmarkReading:
        """The benchmark that harder inputs, calibration and an arm's objective are judged on: the first."""
        return self.benchmarks[0] if self.benchmarks else BenchmarkReading("xnli", "xnli", self.split)


@dataclass(frozen=True)
class RunConfig:
    """A run: one arm, one seed, one configuration. `warm_start` is the identity of the run it starts from.

    `label` is what a study calls an arm that has settings of its own; "" for the arm's own name. `recipe` is the way of
    training and reading that it is made by: part of its identity, 3 where it does not say.
    """

    arm: str
    seed: int
    encoder_sha256: str
    model: ModelConfig
    training: TrainingConfig
    data: DataConfig
    evaluation: EvaluationConfig
    settings: dict[str, Any] = field(default_factory=dict)
    warm_start: str | None = None
    label: str = later("")
    recipe: int = later(FIRST_RECIPE)

    @property
    def name(self) -> str:
        """The arm as it is compared and shown."""
        return self.label or self.arm

    @property
    def aligned_languages(self) -> tuple[str, ...]:
        """The languages that are compared with the source language: the first benchmark's, else those of the bitext."""
        reading = self.evaluation
        named = reading.benchmarks[0].aligned if reading.benchmarks else reading.languages
        return tuple(code for code in named if code != reading.main.source_language) or self.data.bitext_languages

    @property
    def reads_test(self) -> bool:
        """Whether the run reads a test split, which takes settings that were fixed before."""
        read = [one for one in self.evaluation.benchmarks if not one.seeds or self.seed in one.seeds]
        return any(one.split == "test" for one in read) if read else self.evaluation.split == "test"

    def as_dict(self) -> dict[str, Any]:
        return identifying(self)

    @property
    def run_id(self) -> str:
        """Twelve hexadecimal digits that identify the run."""
        return content_hash({"recipe": self.recipe, **self.as_dict()})

    @property
    def protocol(self) -> str:
        """What was preregistered, whatever files it is carried out on: no fingerprint of data or warm start."""
        decided = self.as_dict()
        decided.pop("warm_start")
        decided["data"].pop("fingerprint")
        return content_hash({"recipe": self.recipe, **decided})

    @property
    def group(self) -> str:
        """Equal for runs that may be compared: same encoder, model, data, budget and evaluation."""
        shared = {k: v for k, v in self.as_dict().items() if k not in _OWN}
        return content_hash({"recipe": self.recipe, **shared})


#: What may differ between runs that are compared.
_OWN = ("arm", "seed", "settings", "warm_start", "label")


def content_hash(content: Any) -> str:
    """Twelve hexadecimal digits of the SHA-256 of `content` written as canonical JSON."""
    text = json.dumps(content, sort_keys=True, ensure_ascii=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()[:12]
