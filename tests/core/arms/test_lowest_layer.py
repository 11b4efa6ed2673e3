"""The lowest layer that each arm says it reads: none is read below it, and from there on kept states give the same."""

from __future__ import annotations

import dataclasses

import pytest

from core.config import ModelConfig
from core.errors import BadInput
from tests.support.controls_setting import make_setting, tiny_encoder
from tests.support.late import COLLECTING

if not COLLECTING:
    import torch

    from core.arms.registry import ARMS, find_arm
    from core.arms.warm_start import WarmStart
    from core.model.entry_states import EntryStates
    from core.model.layer_states import LayerStates
    from core.model.weights import frozen, new_model

FIRST, LAYERS = 2, 13
MODEL = ModelConfig(rank=4, alpha=8, first_layer=FIRST, posterior_size=8, hidden_size=16)


def watched(states, read):
    """States that note in `read` which layers are read."""

    class Watched(LayerStates):
        def __getitem__(self, layer):
            read.add(range(len(self))[layer])
            return super().__getitem__(layer)

    return Watched(states._reached, states.first)


@pytest.fixture(scope="module")
def setting(encoder):
    """Batches, and a model and its teacher, deeper than any layer that an arm's settings name of themselves."""
    model = new_model(tiny_encoder(encoder, LAYERS), MODEL, 0)
    return make_setting(encoder), model, frozen(model)


def cases():
    """Every arm as it comes, and with each of its layers in turn below where training begins, and above."""
    for name in (WarmStart.name, *ARMS):
        yield name, {}
        for field in dataclasses.fields(find_arm(name).settings_type):
            if "layer" in field.name:
                several = field.name.endswith("_layers")
                for layer in (FIRST - 1, FIRST + 1):
                    yield name, {field.name: [layer] if several else layer}
    for layer in (FIRST - 1, FIRST + 1):
        yield "adversarial-language", {"anchor_weight": 1.0, "anchor_layers": [layer, LAYERS]}


def loss_of(setting, name, given, fill):
    """The arm, the layers that its loss read of the model in training, and the loss."""
    made, model, teacher = setting
    arm, step = made.arm(name, given, model, teacher), made.step()
    if fill is not None:
        states = EntryStates(fill, "ab", model)
        step.nli = states.fill(step.nli)
        step.bitext = states.fill_bitext(step.bitext, getattr(arm.settings, "joint", False))
    read, whole = set(), model.hidden_states
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(model, "hidden_states", lambda *batch: watched(whole(*batch), read))
        return arm, read, arm.loss(model, step)


@pytest.mark.slow
def test_an_arm_reads_no_layer_below_the_one_that_it_names(tmp_path, setting, subtests):
    for number, (name, given) in enumerate(cases()):
        with subtests.test(name, given=given):
            try:
                arm, read, loss = loss_of(setting, name, given, None)
            except BadInput:  # the arm refuses the layer
                continue
            assert all(layer >= min(arm.lowest_layer, LAYERS) for layer in read), (read, arm.lowest_layer)
            if FIRST <= arm.lowest_layer:
                _, again, kept = loss_of(setting, name, given, tmp_path / str(number))
                assert again == read and kept.logged == loss.logged and torch.equal(kept.total, loss.total)


def test_the_arms_that_align_are_seen_to_read(setting):
    """Else nothing would be held here."""
    names = ("english-only", "adversarial", "hybrid", "lexical-injection")
    seen = [loss_of(setting, name, {}, None)[1] for name in names]
    assert seen == [set(), {12}, {8, 12, LAYERS}, {FIRST + 1, LAYERS}]


def test_an_arm_that_reads_lower_than_it_says_ends_in_an_error_that_names_the_layer(tmp_path, setting):
    with pytest.raises(LookupError, match=f"layer 1 were not computed: .* at layer {FIRST}"):
        loss_of(setting, "transport", {"token_layer": 1}, tmp_path)
