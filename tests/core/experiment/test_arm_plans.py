"""Planned runs: every arm of the project has one, and whatever decides its numbers is in its identity."""

from __future__ import annotations

import dataclasses

from tests.support.late import COLLECTING

if not COLLECTING:
    from core.arms.adversarial import AdversarialSettings
    from core.arms.registry import ARMS, find_arm
    from core.experiment.studies.plan import plan_study
    from core.experiment.studies.read import find_preset
    from core.later import identifying


def planned(starter, arms=None):
    return plan_study(find_preset("quick", "starter"), starter, "ab" * 32, arms or tuple(ARMS), [0])


def test_every_arm_has_a_run_of_its_own_in_one_group_behind_one_warm_start(starter):
    warm, *runs = planned(starter)
    assert [run.arm for run in runs] == list(ARMS) and len({run.run_id for run in runs}) == len(ARMS)
    assert {run.warm_start for run in runs} == {warm.run_id} and len({run.group for run in runs}) == 1
    for run in runs:
        find_arm(run.arm).parse_settings(run.settings)


def test_a_default_that_changes_makes_another_run(starter, monkeypatch):
    (before,) = planned(starter, ["adversarial"])[1:]
    assert before.settings == identifying(AdversarialSettings())
    changed = dataclasses.make_dataclass("Changed", [("radius", float, 0.5)], bases=(AdversarialSettings,), frozen=True)
    monkeypatch.setattr(find_arm("adversarial"), "settings_type", changed)
    (after,) = planned(starter, ["adversarial"])[1:]
    assert after.run_id != before.run_id
