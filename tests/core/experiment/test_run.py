"""A run from configuration to folder: resumed, cached, shared between processes, and never half there."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import pandas as pd
import pytest

from core.errors import BadInput, Cancelled
from core.experiment.finished import find_finished
from core.run_folder.files import check_files
from core.workspace import Workspace, open_workspace
from tests.support.late import COLLECTING
from tests.support.tiny import configuration

if not COLLECTING:
    from safetensors.torch import load_file

    from core.experiment.run import execute

FILES = {"run.json", "model.json", "adapter.safetensors", "curves.parquet", "scores.parquet",
         "predictions.parquet", "plans.parquet", "plan_cells.parquet", "rankings.parquet"}  # fmt: skip


def warm(home: Path, tiny, starter) -> tuple[Workspace, str]:
    workspace = open_workspace(home)
    finished = execute(configuration("warm-start"), workspace, starter, tiny)
    return workspace, finished.folder.name


class StopAt:
    """Progress that interrupts training after so many updates."""

    def __init__(self, update: int) -> None:
        self.update = update

    def __call__(self, done: int, total: int, text: str = "") -> None:
        if text.startswith("training") and done >= self.update:
            raise KeyboardInterrupt


@pytest.mark.slow
@pytest.mark.parametrize("arm", ["english-only", "transport", "adversarial"])
def test_a_stopped_run_resumes_to_the_numbers_of_an_uninterrupted_one(tmp_path, tiny, starter, arm, monkeypatch):
    monkeypatch.setattr("core.experiment.train_run.SAVE_EVERY", 2)
    whole, start = warm(tmp_path / "whole", tiny, starter)
    config = configuration(arm, warm_start=start)
    expected = execute(config, whole, starter, tiny)
    assert {p.name for p in expected.folder.iterdir()} == FILES
    assert set(expected.describe()["files"]) == FILES - {"run.json"}
    check_files(expected.folder, expected.describe())

    stopped, _ = warm(tmp_path / "stopped", tiny, starter)
    for update in (3, 5):
        with pytest.raises(Cancelled):
            execute(config, stopped, starter, tiny, progress=StopAt(update))
        assert find_finished(stopped, config.run_id) is None
        assert (stopped.runs / f".tmp-{config.run_id}" / "checkpoint.safetensors").exists()
    resumed = execute(config, stopped, starter, tiny)
    for name, tensor in load_file(expected.folder / "adapter.safetensors").items():
        assert (load_file(resumed.folder / "adapter.safetensors")[name] == tensor).all(), name
    for name in ("curves.parquet", "scores.parquet", "predictions.parquet"):
        pd.testing.assert_frame_equal(pd.read_parquet(expected.folder / name), pd.read_parquet(resumed.folder / name))
    keys = ("updates", "tokens_forward", "tokens_backward", "took_sentence")
    assert [expected.describe()[k] for k in keys] == [resumed.describe()[k] for k in keys]


def test_a_finished_run_is_returned_at_once_and_left_alone(tmp_path, tiny, starter):
    workspace, run_id = warm(tmp_path, tiny, starter)
    before = {p: p.stat().st_mtime_ns for p in workspace.run(run_id).iterdir()}
    again = execute(configuration("warm-start"), workspace, starter, tiny)
    assert again.cached and before == {p: p.stat().st_mtime_ns for p in workspace.run(run_id).iterdir()}
    assert not list(workspace.runs.glob(".tmp-*"))


def test_any_change_of_the_configuration_is_another_run():
    base = configuration("transport", token_weight=1.0)
    others = [
        configuration("adversarial"),
        configuration("transport", token_weight=2.0),
        dataclasses.replace(base, seed=1),
        dataclasses.replace(base, training=dataclasses.replace(base.training, learning_rate=1e-3)),
    ]
    assert len({base.run_id, *(o.run_id for o in others)}) == 5
    assert base.group == others[0].group == others[1].group == others[2].group != others[3].group


@pytest.mark.slow
def test_the_description_counts_what_was_done(tmp_path, tiny, starter):
    workspace, start = warm(tmp_path, tiny, starter)
    told = {}
    for arm in ("english-only", "transport", "adversarial"):
        told[arm] = execute(configuration(arm, warm_start=start), workspace, starter, tiny).describe()
    assert told["english-only"]["tokens_forward"] == told["english-only"]["tokens_backward"]
    assert told["transport"]["tokens_forward"] > told["transport"]["tokens_backward"]
    assert told["adversarial"]["tokens_backward"] > 2 * told["english-only"]["tokens_backward"]
    assert [told[a]["bitext_pairs"] for a in told] == [0, 24, 24]
    assert all(told[a]["nli_pairs"] == 48 for a in told)
    assert all(told[a]["machine"]["device"] == "cpu" for a in told)
    assert told["english-only"]["took"] is None
    assert isinstance(told["transport"]["took"], bool) and isinstance(told["adversarial"]["took"], bool)
    json.dumps(told)


@pytest.mark.slow
def test_a_run_with_fused_layers_is_a_run_of_its_own(tmp_path, tiny, starter):
    workspace, start = warm(tmp_path, tiny, starter)
    plain = configuration("transport", warm_start=start)
    fused = dataclasses.replace(plain, training=dataclasses.replace(plain.training, layers="fused"))
    ends = [execute(config, workspace, starter, tiny).describe() for config in (plain, fused)]
    assert ends[0]["run_id"] != ends[1]["run_id"] and ends[0]["group"] != ends[1]["group"]
    assert ends[1]["config"]["training"]["layers"] == "fused" and "layers" not in ends[0]["config"]["training"]
    assert ends[0]["tokens_backward"] == ends[1]["tokens_backward"]
    with pytest.raises(BadInput, match="library or fused"):
        execute(
            dataclasses.replace(plain, training=dataclasses.replace(plain.training, layers="compiled")),
            workspace,
            starter,
            tiny,
        )


def test_another_encoder_and_a_broken_folder_are_told_in_a_sentence(tmp_path, tiny, starter):
    workspace, start = warm(tmp_path, tiny, starter)
    with pytest.raises(BadInput, match="another encoder"):
        execute(configuration("english-only"), workspace, starter, dataclasses.replace(tiny, fingerprint="cd" * 32))
    with pytest.raises(BadInput, match="missing0000 holds no readable model"):
        execute(configuration("english-only", warm_start="missing0000"), workspace, starter, tiny)
    (workspace.run(start) / "adapter.safetensors").write_bytes(b"garbage")
    with pytest.raises(BadInput, match="holds no readable model"):
        execute(configuration("english-only", warm_start=start), workspace, starter, tiny)
