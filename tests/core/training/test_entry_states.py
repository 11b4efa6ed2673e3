"""What enters the trained layers, kept from arm to arm: training gives the same numbers, bit for bit."""

import dataclasses

import pandas as pd
import pytest
import torch
from safetensors.torch import load_file
from tiny import MODEL, configuration

from core.config import ModelConfig
from core.training import entry_states
from core.training.artifact import in_precision, new_model
from core.training.entry_states import EntryStates
from core.training.model import NLIModel
from core.training.run import execute
from core.training.tokens import collate_pairs, collate_texts, encode_pairs, encode_texts
from core.workspace import open_workspace


def settings(arm, precision, start=None, **given):
    if "transport" in arm:
        given = {"token_layer": 1} | given
    config = configuration(arm, 4, start, **given)
    training = dataclasses.replace(config.training, precision=precision)
    return dataclasses.replace(config, model=dataclasses.replace(MODEL, first_layer=1), training=training)


def trained(home, tiny, starter, precision, arm, given):
    workspace = open_workspace(home)
    start = execute(settings("warm-start", precision), workspace, starter, tiny).folder.name
    return workspace, execute(settings(arm, precision, start, **given), workspace, starter, tiny).folder


@pytest.mark.parametrize(
    ("precision", "arm", "given"),
    [
        ("float32", "transport", {}), ("bfloat16", "transport-shuffled", {"joint": True}),
        ("float32", "adversarial", {"joint": True}), ("bfloat16", "adversarial", {}), ("bfloat16", "english-only", {}),
    ],
)  # fmt: skip
def test_kept_states_change_no_number(tmp_path, tiny, starter, precision, arm, given, monkeypatch):
    with monkeypatch.context() as patch:
        patch.setattr(EntryStates, "fill", lambda self, batch: batch)
        _, alone = trained(tmp_path / "alone", tiny, starter, precision, arm, given)
    workspace, first = trained(tmp_path / "kept", tiny, starter, precision, arm, given)
    files = list((workspace.cache / "entry-states").iterdir())
    assert files and all(path.suffix == ".states" for path in files)
    again = workspace.runs / f".gone-{first.name}"
    first.rename(again)
    with monkeypatch.context() as patch:  # whatever training needs of the lower layers is on disk now
        patch.setattr(EntryStates, "fill", refusing(EntryStates.fill))
        _, second = trained(tmp_path / "kept", tiny, starter, precision, arm, given)
    for folder in (again, second):
        for name, tensor in load_file(alone / "adapter.safetensors").items():
            assert torch.equal(load_file(folder / "adapter.safetensors")[name], tensor), name
        pd.testing.assert_frame_equal(
            pd.read_parquet(folder / "curves.parquet"), pd.read_parquet(alone / "curves.parquet")
        )


def refusing(fill):
    """`fill`, with no pass through the lower layers."""

    def only_kept(self, batch):
        before, NLIModel.frozen_states = NLIModel.frozen_states, None
        try:
            return fill(self, batch)
        finally:
            NLIModel.frozen_states = before

    return only_kept


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_every_layer_from_the_entry_on_is_that_of_the_whole_model(encoder, precision):
    model = in_precision(new_model(encoder, ModelConfig(), 0), precision)
    batch = collate_texts(encode_texts(encoder, ["A cat sleeps on the warm roof.", "Ndiyo."], 64), 1)
    frozen = model.frozen_states(batch.ids, batch.attention)
    for _ in range(2):
        later = model.hidden_states(batch.ids, batch.attention, frozen)
        whole = model.hidden_states(batch.ids, batch.attention)
        assert len(later) == len(whole) == encoder.layers + 1
        for layer in range(model.config.first_layer, encoder.layers + 1):
            assert torch.equal(later[layer], whole[layer]), layer


def test_an_arm_that_reads_below_the_trained_layers_is_read_whole(tmp_path, tiny, starter):
    workspace, _ = trained(tmp_path, tiny, starter, "float32", "transport", {"token_layer": 0})
    kept = len(list((workspace.cache / "entry-states").iterdir()))
    assert kept == 4  # the warm start's pairs alone


def test_a_damaged_file_is_made_again_and_a_full_disk_keeps_nothing(tmp_path, tiny, monkeypatch):
    model = in_precision(new_model(tiny, dataclasses.replace(MODEL, first_layer=1), 3), "bfloat16")
    batch = collate_pairs(encode_pairs(tiny, [("A cat sleeps.", "It rests."), ("Two", "words")], [0, 1], 64), 1)
    states = EntryStates(tmp_path, "ab", model)
    whole = states.fill(batch).frozen
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    assert torch.equal(states.fill(batch).frozen, whole) and torch.equal(states.fill(batch).frozen, whole)
    path.unlink()
    monkeypatch.setattr(entry_states, "_FREE", 1 << 60)
    assert torch.equal(states.fill(batch).frozen, whole)
    assert not list(tmp_path.iterdir())
    other = EntryStates(tmp_path, "cd", model)
    monkeypatch.undo()
    for each in (states, other):
        each.fill(batch)
    assert len(list(tmp_path.iterdir())) == 2
