"""A study as runs: every configuration it needs, in the order in which they are made."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence
from typing import Any

from core.arms.names import WARM_START
from core.arms.registry import find_arm
from core.arms.transport import Transport
from core.arms.without_training import APPLIED
from core.config import DataConfig, EvaluationConfig, RunConfig, TrainingConfig
from core.data.catalog import Catalog
from core.errors import BadInput, MissingData
from core.experiment.studies.depth import EMBEDDED_LAYERS, at_depth
from core.experiment.studies.runnable import check_bitext, check_runnable
from core.experiment.studies.schema import BitextPart, Study, StudyArm
from core.experiment.studies.study_data import benchmark_readings, study_catalog
from core.experiment.studies.typed import Where, convert
from core.later import identifying
from core.reading.precision import native_precision

#: In a file: the fastest format of this machine's processor.
NATIVE = "native"
#: Transport settings under which warm starts and tuning trials are measured on held-out bitext, whatever is chosen.
HELD_OUT_COST_SETTINGS: dict[str, Any] = {
    "token_weight": 2.0, "posterior_weight": 0.5, "batch_weight": 0.5, "anchor_weight": 1.0, "token_layer": 8,
    "epsilon": 0.05, "batch_epsilon": 0.2, "debias": True, "rho": 0.0, "ramp": 0.1, "tolerance": 1e-3,
    "max_iterations": 1000,
}  # fmt: skip


def on_data(study: Study, kind: str) -> Study:
    """The study on data of that kind ("real" or "starter"): its own starter table laid over it, "native" resolved."""
    if kind == "starter":
        changes: dict[str, Any] = {}
        for table, keys in study.starter.items():
            now = getattr(study, table, None)
            if now is None or not isinstance(keys, dict):
                raise BadInput(f"The study {study.name} has no table {table!r} that its starter table could change.")
            known = {f.name: f.type for f in dataclasses.fields(now)}
            for key in keys:
                if key not in known:
                    raise BadInput(f"starter.{table} of the study {study.name} has an unknown key {key!r}.")
            changes[table] = dataclasses.replace(now, **keys)
        study = dataclasses.replace(study, **changes)
    return dataclasses.replace(
        study,
        warm=_native(study.warm), train=_native(study.train), readings=_native(study.readings),
    )  # fmt: skip


def plan_study(
    study: Study,
    catalog: Catalog,
    encoder_sha256: str,
    arms: Sequence[str] | None = None,
    seeds: Sequence[int] | None = None,
    depth: int = EMBEDDED_LAYERS,
) -> list[RunConfig]:
    """The runs in the order in which they are to be made: a warm start before the arms of its seed, or of every seed.

    `depth` is how many layers the encoder has: layers that are shares of it become numbers.

    `arms` and `seeds` choose some. An arm without training is applied to its seed's run of the arm that it starts from,
    which is made before it. Raises `BadInput` for an arm that the project does not have or settings it cannot take.
    """
    check_runnable(study)
    study = at_depth(study, depth)
    study = on_data(study, catalog.kind)
    catalog = study_catalog(study, catalog)
    chosen = _ordered(study, arms)
    evaluation, warm_reading = _readings(study, catalog)
    languages = _languages(study, catalog)
    check_bitext(study, languages)
    fingerprint = catalog.fingerprint()

    def data(training: TrainingConfig, part: BitextPart) -> DataConfig:
        return DataConfig(
            kind=catalog.kind, fingerprint=fingerprint, nli_pairs=training.updates * training.batch_pairs,
            bitext_languages=languages, bitext_pairs=part.pairs, bitext_batch=part.batch,
            bitext_max_tokens=part.max_tokens, nli_repeats=study.training_sets,
            bitext_order=part.order, bitext_sources=part.sources,
        )  # fmt: skip

    runs: list[RunConfig] = []
    for seed in study.seeds if seeds is None else seeds:
        english = dataclasses.replace(data(study.warm, study.bitext), bitext_pairs=0, bitext_batch=0, bitext_sources=())
        first = study.seeds[0] if study.warm_start == "one" else seed
        warm = RunConfig(WARM_START, first, encoder_sha256, study.model, study.warm, english, warm_reading,
                         recipe=study.recipe)  # fmt: skip
        if warm not in runs:
            runs.append(warm)
        made: dict[str, str] = {}
        for arm in chosen:
            if arm.seeds and seed not in arm.seeds:
                continue
            method = arm.method
            source = APPLIED[method].starts_from if method in APPLIED else WARM_START
            start = warm.run_id if source == WARM_START else made[source]
            training = _training(study, arm)
            run = RunConfig(
                method, seed, encoder_sha256, study.model, training, data(training, study.bitext_of(arm)), evaluation,
                arm_settings(study, arm), start, "" if arm.name == method else arm.name, study.recipe,
            )  # fmt: skip
            made.setdefault(arm.name, run.run_id)
            runs.append(run)
    return runs


def arm_settings(study: Study, arm: StudyArm) -> dict[str, Any]:
    """Every setting of an arm with its value, defaults too: a changed default is another run.

    Parts and controls take over what was chosen for the arms that they are parts of.
    """
    if arm.method in APPLIED:
        return {}
    arm_type = find_arm(arm.method)
    given = arm_type.inherit({one.name: one.settings for one in study.arms}) | arm.settings
    complete = identifying(arm_type.parse_settings(given))
    return {name: value for name, value in complete.items() if name not in arm_type.off}


def _ordered(study: Study, arms: Sequence[str] | None) -> list[StudyArm]:
    """The arms asked for, with what an applied one starts from before it."""
    known = {arm.name: arm for arm in study.arms}
    names = list(known) if arms is None else list(dict.fromkeys(arms))
    ordered: list[StudyArm] = []
    for name in names:
        arm = known.get(name)
        if arm is None:
            # An arm of the project that the study does not name runs with its own defaults.
            arm = StudyArm(name, role="control")
            if name not in APPLIED:
                find_arm(name)
        source = APPLIED[arm.method].starts_from if arm.method in APPLIED else WARM_START
        ordered += [known.get(source) or StudyArm(source)] if source != WARM_START else []
        ordered.append(arm)
    return list({arm.name: arm for arm in ordered}.values())


def _readings(study: Study, catalog: Catalog) -> tuple[EvaluationConfig, EvaluationConfig]:
    """What an arm's run reads and what a warm start's does, whose identity holds nothing that is decided after it:
    English XNLI validation, where it is here."""
    benchmark = study.benchmark()
    aligned = benchmark.aligned or study.bitext.languages
    readings = benchmark_readings(study, catalog)
    yardstick = arm_settings(study, next((a for a in study.arms if a.name == Transport.name), StudyArm(Transport.name)))
    evaluation = dataclasses.replace(
        study.readings, split=benchmark.stored_split, everywhere=benchmark.everywhere, yardstick=yardstick,
        benchmarks=readings, languages=(benchmark.source_language, *aligned) if benchmark.everywhere else (),
    )  # fmt: skip
    warm = EvaluationConfig(
        english_items=0 if readings and not _has_english_validation(catalog) else None, other_items=0,
        held_out_pairs=evaluation.held_out_pairs, retrieval_pairs=evaluation.retrieval_pairs,
        plan_pairs=evaluation.plan_pairs, precision=evaluation.precision, yardstick=HELD_OUT_COST_SETTINGS,
    )  # fmt: skip
    return evaluation, warm


def _has_english_validation(catalog: Catalog) -> bool:
    try:
        return "en" in catalog.xnli_languages("validation")
    except MissingData:
        return False


def _languages(study: Study, catalog: Catalog) -> tuple[str, ...]:
    """The languages of the study's bitext that are here."""
    available = catalog.bitext_languages(study.bitext.sources)
    return tuple(code for code in study.bitext.languages or available if code in available)


def _training(study: Study, arm: StudyArm) -> TrainingConfig:
    known = {f.name for f in dataclasses.fields(TrainingConfig)}
    unknown = sorted(set(arm.training) - known)
    if unknown:
        raise BadInput(f"The arm {arm.name} has no training key {unknown[0]!r}; there are {', '.join(sorted(known))}.")
    hints = {f.name: f.type for f in dataclasses.fields(TrainingConfig)}
    kinds = {"int": int, "float": float, "str": str}
    place = Where(study.name, {}, ("arm", arm.name, "training"))
    values = {key: convert(kinds[str(hints[key])], value, place.at(key)) for key, value in arm.training.items()}
    return dataclasses.replace(study.train, **values)


def _native(part: Any) -> Any:
    return dataclasses.replace(part, precision=native_precision()) if part.precision == NATIVE else part
