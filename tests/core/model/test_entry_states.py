"""What enters the trained layers, kept from arm to arm: training gives the same numbers, bit for bit."""

import dataclasses
import shutil

import pytest

from core.config import ModelConfig
from core.progress import silent
from core.workspace import open_workspace
from tests.support.late import COLLECTING
from tests.support.tiny import MODEL, configuration, free_disk

if not COLLECTING:
    import torch
    from safetensors.torch import load_file

    from core.experiment.run import execute
    from core.experiment.train_run import train_run
    from core.model.batches import collate_pairs, collate_texts, encode_pairs, encode_texts
    from core.model.entry_states import EntryStates
    from core.model.nli import NLIModel
    from core.model.weights import in_precision, new_model


def settings(arm, precision, start=None, **given):
    if "transport" in arm:
        given = {"token_layer": 1} | given
    config = configuration(arm, 4, start, **given)
    training = dataclasses.replace(config.training, precision=precision)
    return dataclasses.replace(config, model=dataclasses.replace(MODEL, first_layer=1), training=training)


@pytest.fixture(scope="module")
def start(tmp_path_factory, tiny, starter):
    workspace = open_workspace(tmp_path_factory.mktemp("entry-states"))
    return workspace, execute(settings("warm-start", "float32"), workspace, starter, tiny).folder.name


def trained(start, folder, tiny, starter, precision, arm, given):
    """The weights and curves that training leaves in `folder`."""
    workspace, warm = start
    folder.mkdir()
    config = settings(arm, precision, warm, **given)
    state = train_run(config, workspace, starter, tiny, folder, silent)
    return load_file(folder / "adapter.safetensors"), state.curves


@pytest.mark.slow
@pytest.mark.parametrize(
    ("precision", "arm", "given"),
    [
        ("float32", "transport", {}), ("bfloat16", "transport", {}), ("bfloat16", "mean-matching", {}),
        ("bfloat16", "transport-shuffled", {"joint": True}), ("float32", "adversarial", {"joint": True}),
        ("bfloat16", "adversarial", {}), ("bfloat16", "english-only", {}),
    ],
)  # fmt: skip
def test_kept_states_change_no_number(tmp_path, start, tiny, starter, precision, arm, given, monkeypatch):
    shutil.rmtree(start[0].cache / "entry-states", ignore_errors=True)
    fill = EntryStates.fill
    monkeypatch.setattr(EntryStates, "fill", lambda self, batch: batch)
    weights, curves = trained(start, tmp_path / "alone", tiny, starter, precision, arm, given)
    monkeypatch.setattr(EntryStates, "fill", fill)
    made = trained(start, tmp_path / "made", tiny, starter, precision, arm, given)
    assert {path.suffix for path in (start[0].cache / "entry-states").iterdir()} == {".states"}
    # Whatever training needs of the lower layers is on disk now.
    monkeypatch.setattr(EntryStates, "fill", refusing(fill))
    kept = trained(start, tmp_path / "kept", tiny, starter, precision, arm, given)
    for other_weights, other_curves in (made, kept):
        assert other_curves == curves
        for name, tensor in weights.items():
            assert torch.equal(other_weights[name], tensor), name


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
        for layer in range(model.config.first_layer):
            with pytest.raises(LookupError, match=f"layer {layer} were not computed.* at layer 4"):
                later[layer]
        with pytest.raises(LookupError):
            list(later)
        assert len(list(whole)) == len(whole) and torch.equal(later[-1], whole[encoder.layers])


def test_an_arm_that_reads_below_the_trained_layers_is_read_whole(tmp_path, start, tiny, starter):
    shutil.rmtree(start[0].cache / "entry-states", ignore_errors=True)
    trained(start, tmp_path / "run", tiny, starter, "float32", "transport", {"token_layer": 0})
    assert not (start[0].cache / "entry-states").exists()


def test_a_damaged_file_is_made_again_and_a_full_disk_keeps_nothing(tmp_path, tiny, monkeypatch):
    model = in_precision(new_model(tiny, dataclasses.replace(MODEL, first_layer=1), 3), "bfloat16")
    batch = collate_pairs(encode_pairs(tiny, [("A cat sleeps.", "It rests."), ("Two", "words")], [0, 1], 64), 1)
    states = EntryStates(tmp_path, "ab", model)
    whole = states.fill(batch).frozen
    (path,) = tmp_path.iterdir()
    path.write_bytes(path.read_bytes()[:-1])
    assert torch.equal(states.fill(batch).frozen, whole) and torch.equal(states.fill(batch).frozen, whole)
    path.unlink()
    with monkeypatch.context() as short:
        free_disk(short, 20 << 30)
        assert torch.equal(states.fill(batch).frozen, whole)
    assert not list(tmp_path.iterdir())
    (tmp_path / "0123.part").write_bytes(b"the draft of a killed process")
    other = EntryStates(tmp_path, "cd", model)
    for each in (states, other):
        each.fill(batch)
    assert len(list(tmp_path.iterdir())) == 2
