"""Identities of the first runs stay what they were, whatever settings were added since."""

from __future__ import annotations

import dataclasses
import json

import pytest

from core.config import DataConfig, EvaluationConfig, ModelConfig, RunConfig, TrainingConfig
from core.encoder.packed import SHA256
from core.experiment.preregistered import fixed_protocols
from core.later import identifying, later
from tests.support.late import COLLECTING
from tests.support.paths import ROOT

if not COLLECTING:
    from core.arms.registry import find_arm
    from core.experiment.studies.plan import plan_study
    from core.experiment.studies.read import find_preset


RECORDS = json.loads((ROOT / "store" / "reference" / "runs.json").read_text(encoding="utf-8"))
#: Shipped runs that are no trained arm.
UNTRAINED = ("centring", "translate-test", "warm-start")
PARTS = {"model": ModelConfig, "training": TrainingConfig, "data": DataConfig, "evaluation": EvaluationConfig}


def rebuilt(config):
    parts = {name: kind(**config[name]) for name, kind in PARTS.items()}
    parts["data"] = dataclasses.replace(parts["data"], bitext_languages=tuple(config["data"]["bitext_languages"]))
    return RunConfig(**config | parts)


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: f"{record['arm']}-{record['seed']}")
def test_a_shipped_run_keeps_its_id_protocol_and_group(record):
    config = rebuilt(record["config"])
    assert (config.run_id, config.protocol, config.group) == (record["run_id"], record["protocol"], record["group"])


@pytest.mark.parametrize("record", [r for r in RECORDS if r["arm"] not in UNTRAINED])
def test_a_shipped_runs_settings_read_and_written_again_are_the_same(record):
    kind = find_arm(record["arm"])
    again = identifying(kind.parse_settings(record["config"]["settings"]))
    assert {k: v for k, v in again.items() if k not in kind.off} == record["config"]["settings"]


def test_the_reference_preset_still_plans_what_was_fixed(starter):
    runs = plan_study(find_preset("reference", "real"), starter, SHA256)
    real = [dataclasses.replace(run, data=dataclasses.replace(run.data, kind="real")) for run in runs]
    assert {run.protocol for run in real if run.arm != "warm-start"} == fixed_protocols()


@dataclasses.dataclass(frozen=True)
class Inner:
    weight: float = 1.0
    steps: int = later(0)


@dataclasses.dataclass(frozen=True)
class Outer:
    inner: Inner = dataclasses.field(default_factory=Inner)
    order: str = later("mixed")


def test_a_later_setting_counts_where_it_is_not_at_its_default():
    assert identifying(Outer()) == {"inner": {"weight": 1.0}}
    assert identifying(Outer(Inner(steps=2), "other")) == {"inner": {"weight": 1.0, "steps": 2}, "order": "other"}
    # A setting that was there from the start counts with its default too.
    assert identifying(Inner(weight=2.0)) == {"weight": 2.0}
