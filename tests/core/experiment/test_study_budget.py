"""What a study takes: minutes from a measured probe, each thing that runs share counted once, and megabytes."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest

from core.experiment.studies.read import find_study, parse_study
from core.workspace import open_workspace
from tests.core.cli.test_study_verb import OWN
from tests.support.late import COLLECTING

if not COLLECTING:
    import torch

    from core.experiment.run import execute
    from core.experiment.studies.budget import disk_without_probe, run_costs
    from core.experiment.studies.plan import plan_study
    from core.experiment.studies.probe import Probe, TrainingCost, lengths, probe, training_kind


def invented(planned) -> Probe:
    trainings = {training_kind(config): TrainingCost(10.0, 2.0, 0.5, 0.25) for config in planned}
    return Probe(trainings, 0.0, 0.001, 0.002, 0.0, {"retrieval": 7.0}, {"retrieval": 3.0}, 2.0, 0.5, 0.001, 1, 60.0)


def test_what_runs_share_is_counted_once(starter):
    planned = plan_study(find_study("quick"), starter, "ab" * 32)
    costs = {cost.config.arm: cost.minutes * 60 for cost in run_costs(planned, starter, invented(planned))}
    warm, arm, *_ = planned
    characters = sum(number for number, _ in lengths(starter, arm).values())
    english = sum(number for number, _ in lengths(starter, warm).values())
    assert costs["warm-start"] == pytest.approx(10 + 40 * 2.5 + 3 + 0.003 * english)
    # English items were read by the warm start; the updates' English is another than its.
    assert costs["english-only"] == pytest.approx(10 + 15 * 2.5 + 7 + 0.003 * characters - 0.002 * english)
    assert costs["transport"] == pytest.approx(10 + 15 * 2.25 + 7 + 0.001 * characters)
    again = [replace(config, seed=1) for config in planned[1:2]]
    second = run_costs([*planned, *again], starter, invented([*planned, *again]))[-1]
    assert second.minutes * 60 == pytest.approx(10 + 15 * 2.5 + 7 + 0.001 * characters), "another seed's English"


def test_disk_is_known_without_a_probe(starter):
    [warm, *arms] = plan_study(find_study("quick"), starter, "ab" * 32)
    assert 2.9 < disk_without_probe([warm], starter) < 4.0
    assert disk_without_probe(arms, starter) > 3 * 2.9


@pytest.mark.slow
def test_a_probe_is_kept_until_what_it_measured_changes(tiny, starter, tmp_path, monkeypatch):
    workspace = open_workspace(tmp_path)
    planned = plan_study(parse_study(OWN), starter, tiny.fingerprint)
    seen: list[str] = []
    found = probe(planned, workspace, starter, tiny, lambda done, total, text="": seen.append(text))
    assert len(found.trainings) == 3 and all(cost.update > 0 for cost in found.trainings.values())
    assert any("updates of gentle" in text for text in seen) and found.character > 0 and found.weights_mb > 0
    assert not list(workspace.cache.glob(".probe-*")) and not list(workspace.runs.iterdir())

    def again(*given):
        raise RuntimeError("measured again")

    monkeypatch.setattr("core.experiment.studies.probe._Measuring", again)
    assert probe(planned, workspace, starter, tiny) == found
    threads = torch.get_num_threads()
    torch.set_num_threads(threads + 1)
    try:
        with pytest.raises(RuntimeError, match="measured again"):
            probe(planned, workspace, starter, tiny)
    finally:
        torch.set_num_threads(threads)
    longer = [replace(run, training=replace(run.training, batch_pairs=5)) for run in planned]
    with pytest.raises(RuntimeError, match="measured again"):
        probe(longer, workspace, starter, tiny)


@pytest.mark.proof
@pytest.mark.timeout(7200)
def test_minutes_are_within_a_third_of_runs_really_made(encoder, starter, tmp_path):
    """The quick study on the starter set, by processor time, so that a busy machine is no error."""
    workspace = open_workspace(tmp_path)
    planned = plan_study(find_study("quick"), starter, encoder.fingerprint)
    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        costs = run_costs(planned, starter, probe(planned, workspace, starter, encoder))
        spent = []
        for cost in costs:
            began = time.process_time()
            folder = execute(cost.config, workspace, starter, encoder).folder
            spent.append(time.process_time() - began)
            size = sum(path.stat().st_size for path in folder.iterdir()) / 1e6
            print(f"{cost.config.arm}: {60 * cost.minutes:.1f} s planned, {spent[-1]:.1f} s taken, {size:.2f} MB")
            assert cost.disk_mb == pytest.approx(size, rel=0.3)
    finally:
        torch.set_num_threads(threads)
    assert 60 * sum(cost.minutes for cost in costs) == pytest.approx(sum(spent), rel=0.3)
