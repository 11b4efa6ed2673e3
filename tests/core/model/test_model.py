"""The NLI model: posteriors, sharing of frozen weights, merging, prediction."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import BadInput
from tests.support.late import COLLECTING
from tests.support.tiny import MODEL, configuration

if not COLLECTING:
    import torch
    from safetensors.torch import load_file

    from core.evaluation.predict import predict_encoded, predict_pairs
    from core.model.adapters import trainable_state
    from core.model.batches import collate_pairs, encode_pairs, token_batches
    from core.model.nli import Posterior
    from core.model.weights import frozen, in_precision, load_trainable, new_model, save_model
    from core.reading.precision import check_precision
    from core.reading.sharing import share_weights

PAIRS = [
    ("The bus was late again.", "It came on time."),
    ("She peeled six onions, two carrots and a very large beetroot for the soup.", "Soup was made."),
    ("น้ำท่วมถนน", "ถนนแห้ง"),
]


def nudged(tiny, seed=0):
    """A model whose adapters are not at their start, where B = 0."""
    model = new_model(tiny, MODEL, seed)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.add_(0.2 * torch.randn(parameter.shape, generator=generator))
    return model.eval()


def test_kl_equals_the_distribution_library():
    posterior = Posterior(torch.randn(4, 5), torch.randn(4, 5))
    expected = torch.distributions.kl_divergence(
        torch.distributions.Normal(posterior.mu, posterior.sigma), torch.distributions.Normal(0.0, 1.0)
    ).sum(-1)
    torch.testing.assert_close(posterior.kl(), expected)


def test_frozen_weights_are_one_copy_and_stay_as_they_were(tiny):
    shared = share_weights(tiny.model)
    words = tiny.model.embeddings.word_embeddings.weight
    assert shared.embeddings.word_embeddings.weight.data_ptr() == words.data_ptr()
    before = {n: p.clone() for n, p in tiny.model.named_parameters() if p.ndim < 2 or p.shape[0] < 1000}
    model = nudged(tiny)
    merged = frozen(model)
    assert merged.backbone.embeddings.word_embeddings.weight.data_ptr() == words.data_ptr()
    for name, parameter in tiny.model.named_parameters():
        if name in before:
            assert torch.equal(parameter, before[name]), name
    assert not any("word_embeddings" in name for name in trainable_state(model))


def test_merging_changes_no_prediction(tiny):
    model = nudged(tiny)
    unadapted = predict_pairs(new_model(tiny, MODEL, 0).eval(), tiny, PAIRS)
    adapted = predict_pairs(model, tiny, PAIRS)
    assert np.abs(adapted - unadapted).max() > 1e-3
    np.testing.assert_allclose(predict_pairs(frozen(model), tiny, PAIRS), adapted, atol=1e-5)


def test_half_precision_products_change_little_and_share_what_is_trained(tiny):
    model = nudged(tiny)
    lower = in_precision(model, "bfloat16")
    assert in_precision(model, "float32") is model
    trained = {name: p for name, p in model.named_parameters() if p.requires_grad}
    assert trained and all(dict(lower.named_parameters())[name] is p for name, p in trained.items())
    assert any(p.dtype == torch.bfloat16 for p in lower.parameters())
    assert all(p.dtype == torch.float32 for p in tiny.model.parameters())
    batch = collate_pairs(encode_pairs(tiny, PAIRS, [0, 1, 2], 64), tiny.tokenizer.pad_token_id)
    gradients = []
    for one in (model, lower):
        model.zero_grad(set_to_none=True)
        loss, _, _ = one.task_loss(batch, torch.Generator().manual_seed(0))
        loss.backward()
        gradients.append(torch.cat([p.grad.flatten() for p in trained.values()]))
    exact, near = gradients
    assert exact.dtype == near.dtype == torch.float32 and not torch.equal(exact, near)
    assert float(torch.cosine_similarity(exact, near, dim=0)) > 0.99
    states = lower.hidden_states(batch.ids, batch.attention)
    assert all(state.dtype == torch.float32 for state in states)
    with torch.inference_mode():
        difference = (frozen(model).predict(batch) - in_precision(frozen(model), "bfloat16").predict(batch)).abs()
    assert 0.0 < float(difference.max()) < 0.05


def test_an_unknown_precision_is_told():
    with pytest.raises(BadInput, match="float32 or bfloat16, not 'half'"):
        check_precision("half")


@pytest.mark.parametrize("tuning", ["lora", "full"])
def test_a_saved_model_comes_back_in_half_precision(tmp_path, tiny, tuning):
    import dataclasses

    config = dataclasses.replace(MODEL, tuning=tuning, first_layer=1)
    model = new_model(tiny, config, 3)
    save_model(tmp_path, model, tiny)
    state = load_file(tmp_path / "adapter.safetensors")
    assert all(tensor.dtype == torch.float16 for tensor in state.values())
    assert not any("layer.0." in name for name in state)
    again = load_trainable(tmp_path, tiny)
    for name, tensor in trainable_state(again).items():
        torch.testing.assert_close(tensor, state[name].float())


def test_neither_order_nor_padding_changes_a_prediction(tiny):
    model = frozen(nudged(tiny))
    alone = np.concatenate([predict_pairs(model, tiny, [pair]) for pair in PAIRS])
    together = predict_pairs(model, tiny, PAIRS[::-1])[::-1]
    np.testing.assert_allclose(alone, together, atol=1e-5)
    np.testing.assert_allclose(alone.sum(1), 1.0, atol=1e-6)
    encoded = encode_pairs(tiny, PAIRS, None, 128)
    np.testing.assert_allclose(predict_encoded(model, encoded, 1, budget=1), alone, atol=1e-5)


def test_premise_and_hypothesis_are_marked_apart_from_special_tokens(tiny):
    encoded = encode_pairs(tiny, [("one two", "three </s> four")], [2], 64)[0]
    batch = collate_pairs([encoded], 1)
    tokens = np.array(tiny.tokenizer.convert_ids_to_tokens(encoded.ids.tolist()))
    assert "".join(tokens[encoded.part == 1]).replace("▁", " ").split() == ["one", "two"]
    assert "three" in "".join(tokens[encoded.part == 2]) and batch.label.tolist() == [2]
    special = encoded.part == 0
    assert tokens[special].tolist() == ["<s>", "</s>", "</s>", "</s>"]
    assert not (batch.premise & batch.hypothesis).any()


def test_a_very_long_pair_is_cut_and_still_answered(tiny):
    long = "word " * 10_000
    assert predict_pairs(frozen(nudged(tiny)), tiny, [(long, "short one"), ("short", long)]).shape == (2, 3)


def test_token_batches_keep_every_index_within_the_budget():
    lengths = [5, 100, 7, 7, 60, 1]
    batches = token_batches(lengths, 120)
    assert sorted(i for batch in batches for i in batch) == list(range(6))
    assert all(len(b) * max(lengths[i] for i in b) <= 120 for b in batches)


def test_the_identity_covers_the_model_settings():
    assert configuration("transport").run_id != configuration("transport", ramp=0.5).run_id
