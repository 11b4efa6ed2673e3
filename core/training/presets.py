"""Presets: the warm start and the arms of an experiment, as configurations."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.arms import find_arm
from core.arms.transport import Transport
from core.arms.warm_start import WarmStart
from core.config import DataConfig, EvaluationConfig, ModelConfig, RunConfig, TrainingConfig
from core.data.catalog import Catalog
from core.errors import BadInput
from core.languages import LOW_RESOURCE
from core.training.precision import native_precision

WARM_START = WarmStart.name
MAIN_ARMS = ("english-only", "transport", "adversarial")


@dataclass(frozen=True)
class Preset:
    """Budget and settings of an experiment; `settings` by arm."""

    name: str
    model: ModelConfig
    warm: TrainingConfig
    arm: TrainingConfig
    evaluation: EvaluationConfig
    bitext_pairs: int
    bitext_batch: int
    settings: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)


def _quick() -> Preset:
    precision = native_precision()
    return Preset(
        name="quick",
        model=ModelConfig(),
        warm=TrainingConfig(updates=240, learning_rate=8e-4, precision=precision),
        arm=TrainingConfig(updates=50, learning_rate=4e-4, head_learning_rate=5e-4, precision=precision),
        evaluation=EvaluationConfig(other_items=1000, retrieval_pairs=200, precision=precision),
        bitext_pairs=2000,
        bitext_batch=30,
    )


def _quick_starter() -> Preset:
    quick = _quick()
    return dataclasses.replace(
        quick,
        warm=dataclasses.replace(quick.warm, updates=40, batch_pairs=24),
        arm=dataclasses.replace(quick.arm, updates=15, batch_pairs=24),
        bitext_batch=25,
        evaluation=dataclasses.replace(quick.evaluation, held_out_pairs=30, plan_pairs=4),
    )


PRESETS = ("quick",)


def find_preset(name: str, kind: str) -> Preset:
    """The preset of that name, for real data ("real") or the starter set ("starter")."""
    if name != "quick":
        raise BadInput(f"There is no preset {name!r}; the presets are {', '.join(PRESETS)}.")
    return _quick_starter() if kind == "starter" else _quick()


def _settings(preset: Preset, arm: str) -> dict[str, Any]:
    """Every setting of an arm with its value, defaults too: a changed default is another run."""
    arm_type = find_arm(arm)
    given = arm_type.inherit(preset.settings) | preset.settings.get(arm, {})
    complete = dataclasses.asdict(arm_type.parse_settings(given))
    return {name: value for name, value in complete.items() if name not in arm_type.off}


def plan_runs(
    preset: Preset, catalog: Catalog, encoder_sha256: str, arms: Sequence[str], seeds: Sequence[int]
) -> list[RunConfig]:
    """The runs in the order they are to be made: each seed's warm start before its arms.

    Every arm of a seed starts from the same warm start and has the same budget.
    """
    for arm in arms:
        find_arm(arm)
    available = set(catalog.bitext_languages())
    languages = tuple(code for code in LOW_RESOURCE if code in available)
    yardstick = _settings(preset, Transport.name)
    evaluation = dataclasses.replace(preset.evaluation, yardstick=yardstick)
    warm_reading = dataclasses.replace(evaluation, split="validation", other_items=0)
    fingerprint = catalog.fingerprint()

    def data(training: TrainingConfig) -> DataConfig:
        return DataConfig(
            kind=catalog.kind, fingerprint=fingerprint, nli_pairs=training.updates * training.batch_pairs,
            bitext_languages=languages, bitext_pairs=preset.bitext_pairs, bitext_batch=preset.bitext_batch,
        )  # fmt: skip

    runs: list[RunConfig] = []
    for seed in seeds:
        warm = RunConfig(WARM_START, seed, encoder_sha256, preset.model, preset.warm, data(preset.warm), warm_reading)
        runs.append(warm)
        for arm in arms:
            runs.append(
                RunConfig(
                    arm, seed, encoder_sha256, preset.model, preset.arm, data(preset.arm), evaluation,
                    _settings(preset, arm), warm.run_id,
                )
            )  # fmt: skip
    return runs
