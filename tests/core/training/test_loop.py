"""The one training loop: what it computes is a plain loop's numbers bit for bit, for arms and for query encoders."""

from __future__ import annotations

import dataclasses

import pytest

from core.config import TrainingConfig
from core.query_encoders.settings import QueryRun, QueryTraining
from tests.support.controls_setting import make_setting
from tests.support.late import COLLECTING
from tests.support.tiny import MODEL, configuration

if not COLLECTING:
    import torch

    from core.arms.base import Step, ramp
    from core.model.adapters import trainable_state
    from core.model.optimiser import build_optimiser, set_rate
    from core.query_encoders.batches import PairBatches
    from core.query_encoders.objectives import anchor, find_objective, teacher_states
    from core.query_encoders.query_encoder import frozen_query_encoder, mean_vectors, new_query_encoder
    from core.query_encoders.train import FITTED, train_query_encoder
    from core.training.arm import train_arm, update_generator
    from core.training.loop import TrainingState, UpdateLoss, reporting, train

pytestmark = pytest.mark.slow  # they train and read

UPDATES = 6
TRAINING = QueryTraining(UPDATES, 1e-2, "float32", 50, 8, 64, anchor_weight=1.0, ramp=0.5, weight=2.0)


def step_by_hand(model, optimiser, config, update, total, curves):
    total.backward()
    trained = [p for p in model.parameters() if p.requires_grad]
    norm = torch.nn.utils.clip_grad_norm_(trained, config.clip)
    set_rate(optimiser, config, update)
    optimiser.step()
    curves.append((update, "gradient_norm", float(norm)))


def assert_same_weights(one, other):
    expected = trainable_state(other)
    for name, tensor in trainable_state(one).items():
        assert torch.equal(tensor, expected[name]), name


@pytest.mark.parametrize("name", ["english-only", "transport", "adversarial", "adversarial-critic"])
def test_an_arm_is_trained_to_the_numbers_of_a_plain_loop(encoder, name):
    setting = make_setting(encoder)
    config = dataclasses.replace(configuration(name).training, updates=UPDATES)
    model = setting.model()
    state = train_arm(model, setting.arm(name, {}, model), setting.batches, config, 0, TrainingState())

    plain, curves, tokens = setting.model(), [], [0, 0]
    arm, optimiser = setting.arm(name, {}, plain), build_optimiser(plain, config)
    plain.eval()
    for update in range(UPDATES):
        step = Step(*setting.batches(update), update / UPDATES, update_generator(0, update))
        optimiser.zero_grad(set_to_none=True)
        loss = arm.loss(plain, step)
        curves += [(update, key, value) for key, value in loss.logged.items()]
        step_by_hand(plain, optimiser, config, update, loss.total, curves)
        tokens = [tokens[0] + step.forward, tokens[1] + step.backward]
    assert state.curves == curves and [state.forward, state.backward] == tokens and state.update == UPDATES
    assert_same_weights(model, plain)


@pytest.mark.parametrize("name", ["transport", "adversarial", "mean-matching", "transport-shuffled"])
def test_a_query_encoder_is_trained_to_the_numbers_of_a_plain_loop(tiny, starter, name):
    run = QueryRun(name, 0, tiny.fingerprint, ("sw", "th"), "f", "float32", 6, 5, MODEL, TRAINING, trial=True)
    model, state = train_query_encoder(run, starter, tiny)

    batches = PairBatches(tiny, starter, run.languages, TRAINING, 0)
    teacher, plain = frozen_query_encoder(tiny, "float32"), new_query_encoder(tiny, MODEL, 0, "float32")
    objective, config, curves = find_objective(name)(tiny, run.languages, 0), TRAINING.optimiser(), []
    fitted = [batches(k) for k in range(min(FITTED, UPDATES))]
    objective.fit(torch.cat([mean_vectors(tiny, teacher_states(teacher, p), p.english.attention) for p in fitted]))
    optimiser, tokens = build_optimiser(plain, config), [0, 0]
    plain.eval()
    for update in range(UPDATES):
        pairs = objective.arrange(batches(update), update)
        sides = pairs.english, pairs.target
        fixed = teacher_states(teacher, pairs)
        english, target = (plain.states(side.ids, side.attention) for side in sides)
        term, logged = objective.term(pairs, fixed, target)
        kept = anchor(fixed, english, pairs.english.attention)
        optimiser.zero_grad(set_to_none=True)
        total = 2.0 * ramp(update / UPDATES, 0.5) * term + 1.0 * kept
        curves += [(update, key, value) for key, value in logged.items()]
        curves += [(update, "own", float(term.detach())), (update, "anchor", float(kept.detach()))]
        step_by_hand(plain, optimiser, config, update, total, curves)
        real = [int(side.attention.sum()) for side in sides]
        tokens = [tokens[0] + 2 * real[0] + real[1], tokens[1] + sum(real)]
    assert state.curves == curves and [state.forward, state.backward] == tokens
    assert_same_weights(model, plain)


def line(weight: float = 1.0):
    """A model of one weight, its optimiser, and a loss that is the weight itself."""
    model = torch.nn.Linear(1, 1, bias=False)
    torch.nn.init.constant_(model.weight, weight)
    optimiser = torch.optim.SGD([{"params": list(model.parameters()), "lr": 0.0, "peak": 0.1}])
    return model, optimiser, lambda update: UpdateLoss(model.weight.sum(), {"loss": float(update)}, 3, 2)


def test_callbacks_come_after_each_update_in_their_order_and_see_what_was_logged():
    model, optimiser, loss_of = line()
    seen: list[tuple] = []
    callbacks = [
        lambda state, logged: seen.append((state.update, dict(logged))),
        reporting(lambda done, total, text="": seen.append((done, total, text)), 3, "loss"),
    ]
    state = train(model, optimiser, loss_of, TrainingConfig(updates=3), TrainingState(update=1), callbacks)
    logged = [{"loss": float(update), "gradient_norm": 1.0} for update in (1, 2)]
    assert seen == [(2, logged[0]), (2, 3, "loss 1.000"), (3, logged[1]), (3, 3, "loss 2.000")]
    assert state.forward == 6 and state.backward == 4


def test_a_loss_may_add_gradients_of_its_own():
    model, optimiser, loss_of = line()

    def twice(update: int) -> UpdateLoss:
        model.weight.sum().backward()
        return loss_of(update)

    state = train(model, optimiser, twice, TrainingConfig(updates=2, clip=9.0), TrainingState())
    assert [value for _, name, value in state.curves if name == "gradient_norm"] == [2.0, 2.0]


def test_a_gradient_that_is_not_finite_ends_training_before_the_weights_are_touched():
    model, optimiser, _ = line()
    with pytest.raises(FloatingPointError, match="update 4 is not finite"):
        train(
            model, optimiser, lambda update: UpdateLoss(model.weight.sum() * float("inf"), {}, 0, 0),
            TrainingConfig(updates=5), TrainingState(update=4),
        )  # fmt: skip
    assert model.weight.item() == 1.0
