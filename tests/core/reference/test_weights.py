"""The model of a stored run: the workspace's before the shipped one, kept in memory, read again when it changes."""

from __future__ import annotations

import os

import numpy as np
import pytest

from core.errors import BadInput, MissingData
from core.reference import weights
from core.reference.layout import ADAPTERS
from core.workspace import open_workspace
from tests.support.late import COLLECTING
from tests.support.synthetic_runs import write_weights

if not COLLECTING:
    from core.evaluation.predict import predict_pairs

RUN = "0123456789ab"
PAIR = [("The bus was late.", "It came on time.")]


@pytest.fixture
def workspace(tmp_path, monkeypatch):
    monkeypatch.setenv("ISOGLOSS_REFERENCE", str(tmp_path / "shipped"))
    (tmp_path / "shipped").mkdir()
    (tmp_path / "shipped" / "manifest.json").write_text("{}")
    return open_workspace(tmp_path / "home")


def put(folder, encoder, noise):
    folder.mkdir(parents=True, exist_ok=True)
    write_weights(folder, encoder, noise, first_layer=0)
    return folder


def test_a_shipped_run_is_loaded_and_the_workspaces_own_comes_first(workspace, tmp_path, tiny):
    shipped = put(tmp_path / "shipped" / ADAPTERS / RUN, tiny, 0.1)
    assert weights.weights_folder(workspace, RUN) == shipped
    first = predict_pairs(weights.load_run(workspace, RUN, tiny), tiny, PAIR)
    own = put(workspace.run(RUN), tiny, 0.6)
    assert weights.weights_folder(workspace, RUN) == own
    assert not np.allclose(predict_pairs(weights.load_run(workspace, RUN, tiny), tiny, PAIR), first)


def test_a_model_is_loaded_once_and_again_when_its_file_changes(workspace, tiny):
    folder = put(workspace.run(RUN), tiny, 0.1)
    model = weights.load_run(workspace, RUN, tiny)
    assert weights.load_run(workspace, RUN, tiny) is model
    put(folder, tiny, 0.6)
    os.utime(folder / "adapter.safetensors", ns=(1, 1))
    assert weights.load_run(workspace, RUN, tiny) is not model


def test_only_so_many_models_are_held(workspace, tiny):
    ids = [f"{number:012x}" for number in range(weights.KEPT + 1)]
    for run_id in ids:
        put(workspace.run(run_id), tiny, 0.1)
    loaded = [weights.load_run(workspace, run_id, tiny) for run_id in ids]
    assert weights.load_run(workspace, ids[-1], tiny) is loaded[-1]
    assert weights.load_run(workspace, ids[0], tiny) is not loaded[0]


@pytest.mark.parametrize("run_id", [RUN, "../../etc"])
def test_weights_that_are_not_here_are_told(workspace, tiny, run_id):
    assert weights.weights_folder(workspace, run_id) is None
    with pytest.raises(MissingData, match="copy its folder there or choose another run"):
        weights.load_run(workspace, run_id, tiny)


def test_damaged_weights_are_told_and_not_kept(workspace, tiny):
    folder = put(workspace.run(RUN), tiny, 0.1)
    good = (folder / "adapter.safetensors").read_bytes()
    (folder / "adapter.safetensors").write_bytes(b"not safetensors")
    with pytest.raises(BadInput, match="holds no readable model"):
        weights.load_run(workspace, RUN, tiny)
    (folder / "adapter.safetensors").write_bytes(good)
    assert weights.load_run(workspace, RUN, tiny) is not None
