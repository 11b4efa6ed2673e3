"""Presets: the warm start and the arms of an experiment, as configurations."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from core.arms.names import MAIN_ARMS, WARM_START
from core.arms.registry import find_arm
from core.arms.transport import Transport
from core.arms.without_training import APPLIED
from core.config import DataConfig, EvaluationConfig, ModelConfig, RunConfig, TrainingConfig
from core.data.catalog import Catalog
from core.errors import BadInput
from core.experiment.preregistered import reference
from core.languages import LOW_RESOURCE
from core.later import identifying
from core.model.precision import native_precision

#: Transport settings under which warm starts and tuning trials are measured on held-out bitext, whatever is chosen.
HELD_OUT_COST_SETTINGS: dict[str, Any] = {
    "token_weight": 2.0, "posterior_weight": 0.5, "batch_weight": 0.5, "anchor_weight": 1.0, "token_layer": 8,
    "epsilon": 0.05, "batch_epsilon": 0.2, "debias": True, "rho": 0.0, "ramp": 0.1, "tolerance": 1e-3,
    "max_iterations": 1000,
}  # fmt: skip


@dataclass(frozen=True)
class Preset:
    """Budget and settings of an experiment; `settings` by arm. With `one_warm_start` all seeds start from one."""

    name: str
    model: ModelConfig
    warm: TrainingConfig
    arm: TrainingConfig
    evaluation: EvaluationConfig
    bitext_pairs: int
    bitext_batch: int
    settings: dict[str, dict[str, Any]] = dataclasses.field(default_factory=dict)
    arms: tuple[str, ...] = MAIN_ARMS
    controls: tuple[str, ...] = ()
    seeds: int = 1
    nli_repeats: dict[str, int] = dataclasses.field(default_factory=dict)
    one_warm_start: bool = False


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


def _reference() -> Preset:
    fixed = reference()
    evaluation = EvaluationConfig(
        split="test", everywhere=tuple(fixed["arms"]), languages=("en", *LOW_RESOURCE), calibrate=True,
        **(fixed["evaluation"] | {"robust_seeds": tuple(fixed["evaluation"]["robust_seeds"])}),
    )  # fmt: skip
    return Preset(
        name="reference", model=ModelConfig(), warm=TrainingConfig(**fixed["warm"]),
        arm=TrainingConfig(**fixed["arm"]), evaluation=evaluation,
        bitext_pairs=fixed["bitext_pairs"], bitext_batch=fixed["bitext_batch"],
        settings=fixed["settings"], arms=tuple(fixed["arms"]), controls=tuple(fixed["controls"]),
        seeds=fixed["seeds"], nli_repeats=fixed["nli_repeats"], one_warm_start=fixed["one_warm_start"],
    )  # fmt: skip


PRESETS = ("quick", "reference")


def find_preset(name: str, kind: str) -> Preset:
    """The preset of that name, for real data ("real") or the starter set ("starter")."""
    if name not in PRESETS:
        raise BadInput(f"There is no preset {name!r}; the presets are {', '.join(PRESETS)}.")
    if name == "reference":
        if kind == "starter":
            raise BadInput("The reference preset needs XNLI, NLI training sets and bitext: name them by --data.")
        return _reference()
    return _quick_starter() if kind == "starter" else _quick()


def _settings(preset: Preset, arm: str) -> dict[str, Any]:
    """Every setting of an arm with its value, defaults too: a changed default is another run. Later settings (see
    `core.later`) are there where they differ from it."""
    if arm in APPLIED:
        return {}
    arm_type = find_arm(arm)
    given = arm_type.inherit(preset.settings) | preset.settings.get(arm, {})
    complete = identifying(arm_type.parse_settings(given))
    return {name: value for name, value in complete.items() if name not in arm_type.off}


def plan_runs(
    preset: Preset, catalog: Catalog, encoder_sha256: str, arms: Sequence[str], seeds: Sequence[int]
) -> list[RunConfig]:
    """The runs in the order they are to be made: a warm start before the arms of its seed, or of every seed.

    Every arm of a seed starts from the same warm start and has the same budget; an arm without training is applied to
    its seed's english-only run, which is made before it. Controls of the preset have its first seed alone.
    """
    for arm in arms:
        if arm not in APPLIED:
            find_arm(arm)
    available = set(catalog.bitext_languages())
    languages = tuple(code for code in LOW_RESOURCE if code in available)
    yardstick = _settings(preset, Transport.name)
    evaluation = dataclasses.replace(preset.evaluation, yardstick=yardstick)
    # A warm start's identity holds nothing of what is decided after it: strengths, bitext, what test will be read for.
    warm_reading = EvaluationConfig(
        other_items=0, held_out_pairs=evaluation.held_out_pairs, retrieval_pairs=evaluation.retrieval_pairs,
        plan_pairs=evaluation.plan_pairs, precision=evaluation.precision,
        yardstick=HELD_OUT_COST_SETTINGS,
    )  # fmt: skip
    fingerprint = catalog.fingerprint()

    def data(training: TrainingConfig) -> DataConfig:
        return DataConfig(
            kind=catalog.kind, fingerprint=fingerprint, nli_pairs=training.updates * training.batch_pairs,
            bitext_languages=languages, bitext_pairs=preset.bitext_pairs, bitext_batch=preset.bitext_batch,
            nli_repeats=preset.nli_repeats,
        )  # fmt: skip

    runs: list[RunConfig] = []
    for seed in seeds:
        english = dataclasses.replace(data(preset.warm), bitext_pairs=0, bitext_batch=0)
        first = 0 if preset.one_warm_start else seed
        warm = RunConfig(WARM_START, first, encoder_sha256, preset.model, preset.warm, english, warm_reading)
        if warm not in runs:
            runs.append(warm)
        run_ids = {WARM_START: warm.run_id}
        for arm in _in_order(arms):
            if seed > 0 and arm in preset.controls:
                continue
            start = run_ids[APPLIED[arm].starts_from] if arm in APPLIED else warm.run_id
            config = RunConfig(
                arm, seed, encoder_sha256, preset.model, preset.arm, data(preset.arm), evaluation,
                _settings(preset, arm), start,
            )  # fmt: skip
            run_ids[arm] = config.run_id
            runs.append(config)
    return runs


def _in_order(arms: Sequence[str]) -> list[str]:
    """The arms as given, with what an applied one starts from before it."""
    ordered: list[str] = []
    for arm in arms:
        needed = [APPLIED[arm].starts_from] if arm in APPLIED and APPLIED[arm].starts_from != WARM_START else []
        ordered += [name for name in (*needed, arm) if name not in ordered]
    return ordered
