"""What the retrieval experiment is: `experiment.toml`, and the settings that are a run's identity."""

from __future__ import annotations

import dataclasses
import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.config import ModelConfig, TrainingConfig, content_hash

PATH = Path(__file__).with_name("experiment.toml")
#: Part of every hash: raise it when the same settings would no longer give the same numbers.
RECIPE = 1
TRANSPORT, ADVERSARIAL, MEAN_MATCHING, SHUFFLED = "transport", "adversarial", "mean-matching", "transport-shuffled"
NO_ADAPTATION, CENTRING = "no-adaptation", "centring"
WITHOUT_TRAINING = (NO_ADAPTATION, CENTRING)


@lru_cache
def experiment() -> dict[str, Any]:
    """The content of `experiment.toml`."""
    with PATH.open("rb") as file:
        return tomllib.load(file)


@dataclass(frozen=True)
class QueryTraining:
    """How a query encoder is trained: `weight` multiplies the arm's own term, `anchor_weight` what keeps English in
    place; the arm's weight rises over the first `ramp` of the updates. Batches hold `bitext_batch` pairs, the same
    number of each language, of sides of at most `max_tokens` subwords with prefix and special tokens."""

    updates: int
    learning_rate: float
    precision: str
    bitext_pairs: int
    bitext_batch: int
    max_tokens: int
    anchor_weight: float
    ramp: float
    weight: float

    def optimiser(self) -> TrainingConfig:
        """AdamW's settings."""
        return TrainingConfig(
            updates=self.updates, learning_rate=self.learning_rate, head_learning_rate=self.learning_rate,
            precision=self.precision,
        )  # fmt: skip


@dataclass(frozen=True)
class QueryRun:
    """One query encoder: an arm, a seed, a configuration. `training` is None for an arm that trains nothing.

    With `trial` the run chooses a strength: it reads held-out bitext alone.
    """

    arm: str
    seed: int
    encoder_sha256: str
    languages: tuple[str, ...]
    fingerprint: str
    precision: str
    held_out_pairs: int
    pool_questions: int
    model: ModelConfig | None = None
    training: QueryTraining | None = None
    trial: bool = False

    def as_dict(self) -> dict[str, Any]:
        return dataclasses.asdict(self)

    @property
    def run_id(self) -> str:
        """Twelve hexadecimal digits that identify the run."""
        return content_hash({"retrieval": RECIPE, **self.as_dict()})

    @property
    def group(self) -> str:
        """Equal for runs that may be compared: same encoder, data and evaluation."""
        shared = {k: v for k, v in self.as_dict().items() if k not in ("arm", "seed", "training", "model", "trial")}
        return content_hash({"retrieval": RECIPE, **shared})
