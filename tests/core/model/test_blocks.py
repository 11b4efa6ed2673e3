"""Encoders of other kinds than BERT's, cut, entered and trained: equal to the whole model, and gradients flow."""

from __future__ import annotations

import dataclasses

import pytest

from core.config import ModelConfig
from tests.support.late import COLLECTING
from tests.support.small_encoders import KINDS, save_encoder

if not COLLECTING:
    import torch

    from core.encoder.load import load_encoder
    from core.model.batches import collate_pairs, encode_pairs
    from core.model.weights import frozen, new_model
    from core.reading.blocks import blocks_path, entrance, is_trained
    from core.reading.sharing import first_layers, last_layers

PAIRS = [("The cat sat on the mat.", "A dog."), ("She was not in.", "He is a man, and she a woman.")]
CONFIG = ModelConfig(rank=2, alpha=4, first_layer=1, posterior_size=8, hidden_size=16)
#: Its layers share their weights: it is neither cut nor entered half-way.
SHARED = "albert"


@pytest.fixture(scope="module", params=KINDS)
def encoder(request, tmp_path_factory):
    return load_encoder(str(save_encoder(tmp_path_factory.mktemp("kind") / request.param, request.param)))


def batch_of(encoder):
    return collate_pairs(encode_pairs(encoder, PAIRS, [0, 2], 64), encoder.tokenizer.pad_token_id)


def test_a_model_is_the_sum_of_its_parts(encoder):
    batch = batch_of(encoder)
    real = batch.attention.bool()
    with torch.inference_mode():
        whole = encoder.model(input_ids=batch.ids, attention_mask=batch.attention, output_hidden_states=True)
        for layer in range(encoder.layers + 1):
            lower, upper = first_layers(encoder.model, layer), last_layers(encoder.model, layer)
            if encoder.model.config.model_type == SHARED:
                assert lower is None and upper is None
                continue
            states = lower(input_ids=batch.ids, attention_mask=batch.attention).last_hidden_state
            torch.testing.assert_close(states[real], whole.hidden_states[layer][real])
            last = upper(inputs_embeds=states, attention_mask=batch.attention).last_hidden_state
            torch.testing.assert_close(last[real], whole.last_hidden_state[real])


def test_training_reaches_the_layers_asked_for_and_no_others(encoder):
    path = blocks_path(encoder.model)
    assert (path is None) == (encoder.model.config.model_type == SHARED)
    for tuning in ("lora", "full"):
        model = new_model(encoder, dataclasses.replace(CONFIG, tuning=tuning), 0)
        trained = [name for name, p in model.backbone.named_parameters() if p.requires_grad]
        assert trained and all(is_trained(encoder.model, name, 1) for name in trained)
        assert not any(p.requires_grad for p in encoder.model.parameters())


def test_states_that_enter_training_can_be_replaced_and_kept(encoder):
    """What the perturbation does: the states are caught, changed, and the pass begins there again."""
    batch = batch_of(encoder)
    model = new_model(encoder, CONFIG, 0)
    assert entrance(model.backbone, 1) is model.first_trained()
    caught = []

    def keep(states):
        caught.append(states.detach().requires_grad_(True))
        return caught[-1]

    plain = model.last_states(batch.ids, batch.attention)
    torch.testing.assert_close(model.last_states(batch.ids, batch.attention, keep), plain)
    loss, _, _ = model.task_loss(batch, torch.Generator().manual_seed(0), keep)
    loss.backward()
    assert len(caught) == 2 and caught[-1].grad is not None and float(caught[-1].grad.norm()) > 0
    assert any(p.grad is not None and float(p.grad.norm()) > 0 for p in model.backbone.parameters())
    real = batch.attention.bool()
    again = model.last_states(batch.ids, batch.attention, frozen=caught[0].detach())
    torch.testing.assert_close(again[real], plain[real])
    # Not the same in every dimension, which layers that begin with a norm do not see.
    change = torch.linspace(-1, 1, plain.shape[-1])
    moved = model.last_states(batch.ids, batch.attention, lambda states: states + change, caught[0].detach())
    assert float((moved - plain).detach()[real].abs().max()) > 1e-4
    kept = model.frozen_states(batch.ids, batch.attention)
    if kept is not None:
        every = model.hidden_states(batch.ids, batch.attention)
        fewer = model.hidden_states(batch.ids, batch.attention, kept.detach())
        assert len(every) == len(fewer) == 3
        for layer in (1, 2, -1):
            torch.testing.assert_close(fewer[layer][real], every[layer][real])


def test_a_merged_model_answers_as_the_trained_one(encoder):
    batch, model = batch_of(encoder), new_model(encoder, CONFIG, 0)
    with torch.no_grad():
        for name, parameter in model.backbone.named_parameters():
            if "lora_B" in name:
                parameter.normal_(std=0.1)
        torch.testing.assert_close(frozen(model).predict(batch), model.predict(batch), atol=1e-5, rtol=1e-4)
