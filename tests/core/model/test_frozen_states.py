"""States below the trained layers, kept on disk: the same predictions bit for bit, and nothing left half-written."""

import dataclasses

import numpy as np
import pytest
from filelock import FileLock
from test_model import PAIRS

from tests.support.late import COLLECTING
from tests.support.tiny import MODEL, free_disk

if not COLLECTING:
    import torch

    from core.encoder.identity import encoder_identity
    from core.evaluation.predict import predict_encoded
    from core.model.batches import encode_pairs
    from core.model.kept_states import states_file
    from core.model.weights import frozen, in_precision, new_model
    from core.reading.sharing import first_layers, last_layers

CUT = dataclasses.replace(MODEL, first_layer=1)


def arm(tiny, step=0.1):
    model = new_model(tiny, CUT, 8)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(step)
    return frozen(model)


def files(folder):
    return sorted(path.suffix for path in folder.iterdir())


@pytest.mark.parametrize("precision", ["float32", "bfloat16"])
def test_another_arm_begins_from_the_kept_states_with_the_same_numbers(tmp_path, tiny, precision, monkeypatch):
    encoded = encode_pairs(tiny, PAIRS * 3, None, 128)
    kept = (tmp_path / "kept", encoder_identity(tiny))
    for number, step in enumerate((0.1, 0.2)):
        model = in_precision(arm(tiny, step), precision)
        alone = predict_encoded(model, encoded, 1, budget=40)
        if number:  # whatever the second arm needs of the lower layers is on disk
            monkeypatch.setattr(type(model), "frozen_states", None)
        np.testing.assert_array_equal(predict_encoded(model, encoded, 1, budget=40, kept=kept), alone)
        assert files(kept[0]) == [".states"]


def test_a_list_an_encoder_and_a_format_have_each_their_own(tmp_path, tiny):
    encoded = encode_pairs(tiny, PAIRS, None, 128)
    model = arm(tiny)
    for reader, pairs, name in (
        (model, encoded, "a"), (model, encoded[:2], "a"), (model, encoded, "b"),
        (in_precision(model, "bfloat16"), encoded, "a"),
    ):  # fmt: skip
        predict_encoded(reader, pairs, 1, kept=(tmp_path, name))
    assert len(files(tmp_path)) == 4


def test_the_version_of_torch_and_the_recipe_have_their_own(tmp_path, tiny, monkeypatch):
    """What is kept is the same bit for bit, which another version of the library need not give."""
    model = arm(tiny)

    def name():
        return states_file(tmp_path, encoder_identity(tiny), model, [b"read"], 16)

    names = {name()}
    for place, value in (("torch.__version__", "0.0"), ("core.model.kept_states.RECIPE", -1)):
        with monkeypatch.context() as other:
            other.setattr(place, value)
            names.add(name())
    assert len(names) == 3 and name() in names


def test_what_was_stopped_or_is_damaged_is_made_again(tmp_path, tiny):
    encoded = encode_pairs(tiny, PAIRS * 3, None, 128)
    model = arm(tiny)
    alone = predict_encoded(model, encoded, 1, budget=40)

    def stop(done, total, text=""):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        predict_encoded(model, encoded, 1, budget=40, progress=stop, kept=(tmp_path, "a"))
    assert files(tmp_path) == []
    predict_encoded(model, encoded, 1, budget=40, kept=(tmp_path, "a"))
    (path,) = tmp_path.glob("*.states")
    whole = path.read_bytes()
    path.write_bytes(whole[:-4])
    np.testing.assert_array_equal(predict_encoded(model, encoded, 1, budget=40, kept=(tmp_path, "a")), alone)
    assert path.read_bytes() == whole


def test_a_short_disk_or_another_writer_only_costs_time(tmp_path, tiny, monkeypatch):
    encoded = encode_pairs(tiny, PAIRS, None, 128)
    model = arm(tiny)
    alone = predict_encoded(model, encoded, 1)
    with monkeypatch.context() as short:
        free_disk(short, 20 << 30)
        np.testing.assert_array_equal(predict_encoded(model, encoded, 1, kept=(tmp_path, "a")), alone)
    assert files(tmp_path) == []
    predict_encoded(model, encoded, 1, kept=(tmp_path, "a"))
    (path,) = tmp_path.iterdir()
    path.unlink()
    with FileLock(path.with_suffix(".lock")):
        np.testing.assert_array_equal(predict_encoded(model, encoded, 1, kept=(tmp_path, "a")), alone)
    assert files(tmp_path) == [".lock"]


def test_the_draft_of_a_killed_process_is_removed_when_the_next_list_is_read(tmp_path, tiny):
    for name in ("cd.part", "ef.part", "ef.lock"):
        (tmp_path / name).write_bytes(b"half")
    predict_encoded(arm(tiny), encode_pairs(tiny, PAIRS, None, 128), 1, kept=(tmp_path, "a"))
    assert files(tmp_path) == [".states"]


def test_an_encoder_that_cannot_be_cut_is_read_whole(tmp_path, tiny, monkeypatch):
    encoded = encode_pairs(tiny, PAIRS, None, 128)
    model = arm(tiny)
    alone = predict_encoded(model, encoded, 1)
    monkeypatch.setattr("core.model.nli.first_layers", lambda *_: None)
    np.testing.assert_array_equal(predict_encoded(model, encoded, 1, kept=(tmp_path, "a")), alone)
    assert files(tmp_path) == []


def test_the_two_parts_of_an_encoder_are_the_whole(tiny):
    ids = torch.tensor([[0, 7, 9, 11, 2], [0, 5, 2, 1, 1]])
    mask = (ids != 1).long()
    whole = tiny.model(input_ids=ids, attention_mask=mask).last_hidden_state
    for layer in range(tiny.layers):
        lower, upper = first_layers(tiny.model, layer), last_layers(tiny.model, layer)
        states = lower(input_ids=ids, attention_mask=mask).last_hidden_state
        torch.testing.assert_close(
            upper(inputs_embeds=states, attention_mask=mask).last_hidden_state, whole, rtol=0, atol=0
        )
