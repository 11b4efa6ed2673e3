"""FreeLB's ascent against a case worked by hand, and the mean over its passes; randomised smoothing."""

from __future__ import annotations

import dataclasses

import pytest

from core.errors import BadInput
from tests.support.controls_setting import make_setting
from tests.support.late import COLLECTING

if not COLLECTING:
    import torch

    from core.arms.free_lb import Ascent, ascend, frobenius, random_start
    from core.arms.smoothing import within_ball
    from core.training.arm import update_generator


FREE_LB = {"ascent_steps": 2, "radius": 0.1, "step_size": 0.5}


@pytest.fixture(scope="module")
def setting(encoder):
    return make_setting(encoder)


def test_a_step_worked_by_hand():
    """Two tokens of two dimensions. The gradient (3, 0; 0, 4) has norm 5, so a step of 1 along it is (.6, 0; 0, .8).
    From (1, 0; 0, 0) that gives (1.6, 0; 0, .8), of norm 1.788854; in a ball of radius 1 it is shortened to
    (.894427, 0; 0, .447214), and in one of radius 2 it stays."""
    delta = torch.tensor([[[1.0, 0.0], [0.0, 0.0]]])
    gradient = torch.tensor([[[3.0, 0.0], [0.0, 4.0]]])
    length = torch.ones(1, 1, 1)
    inside = ascend(delta, gradient, length, torch.full((1, 1, 1), 2.0))
    torch.testing.assert_close(inside, torch.tensor([[[1.6, 0.0], [0.0, 0.8]]]))
    outside = ascend(delta, gradient, length, torch.ones(1, 1, 1))
    torch.testing.assert_close(outside, torch.tensor([[[0.894427, 0.0], [0.0, 0.447214]]]), atol=1e-6, rtol=0)
    # The ball is the sequence's: one token may take all of it, which a ball a token would not allow.
    alone = ascend(torch.zeros(1, 2, 2), torch.tensor([[[1.0, 0.0], [0.0, 0.0]]]), 3 * length, length)
    torch.testing.assert_close(alone, torch.tensor([[[1.0, 0.0], [0.0, 0.0]]]))


def test_rows_do_not_share_a_ball():
    gradient = torch.stack([torch.eye(2), 100 * torch.eye(2)])
    moved = ascend(torch.zeros(2, 2, 2), gradient, torch.ones(2, 1, 1), torch.tensor([0.5, 2.0])[:, None, None])
    torch.testing.assert_close(frobenius(moved)[:, 0, 0], torch.tensor([0.5, 1.0]))


def test_the_start_is_uniform_in_a_cube_inside_the_ball_and_only_where_tokens_may_move():
    own = torch.zeros(3, 50, 20)
    own[:, :40] = 1.0
    limit = torch.tensor([1.0, 2.0, 4.0])[:, None, None]
    drawn = random_start(own, limit, torch.Generator().manual_seed(0))
    edge = limit / (40 * 20) ** 0.5
    assert bool((drawn.abs() <= edge).all()) and float(drawn[:, 40:].abs().max()) == 0.0
    # The root of the mean square of U(-1, 1) is 1 / sqrt 3.
    torch.testing.assert_close(frobenius(drawn) / limit, torch.full((3, 1, 1), 3**-0.5), atol=0.03, rtol=0)


def test_two_passes_are_the_mean_of_their_losses_and_the_second_is_uphill(setting):
    model = setting.model()
    settings = FREE_LB | {"radius": 0.3, "step_size": 1.0}
    arm = setting.arm("adversarial-perturbation", settings, model)
    loss = arm.loss(model, setting.step())
    loss.total.backward()
    assert loss.logged["perturbed_loss"] > loss.logged["task_loss"]
    got = {n: p.grad.clone() for n, p in model.named_parameters() if p.grad is not None}

    # Both perturbations written out: the random start, then one step from it, and the gradients of the two averaged.
    again = setting.model()
    step = setting.step()
    own = (step.nli.premise | step.nli.hypothesis)[..., None].float()
    from core.arms.free_lb import SALT

    generator = torch.Generator().manual_seed(step.generator.initial_seed() ^ SALT)
    ascent = Ascent(own, 0.3, 1.0, 1.0, generator)
    deltas = []

    def first(states):
        deltas.append(ascent.first(states.detach()).requires_grad_())
        deltas.append(states.detach())
        return states + deltas[0]

    cross_entropy, kl, _ = again.task_loss(step.nli, update_generator(0, 0), first)
    whole = cross_entropy + again.config.kl_weight * kl
    whole.backward()
    # In FreeLB the loss is halved before its gradient is taken; the direction is the same.
    limit = 0.3 * (deltas[1] * own).flatten(1).norm(dim=1)[:, None, None]
    gradient = deltas[0].grad * own
    second = deltas[0].detach() + limit * gradient / gradient.flatten(1).norm(dim=1)[:, None, None]
    size = second.flatten(1).norm(dim=1)[:, None, None]
    second = torch.where(size > limit, second * limit / size, second)
    assert bool((second.flatten(1).norm(dim=1) <= limit[:, 0, 0] + 1e-5).all())
    cross_entropy, kl, _ = again.task_loss(step.nli, update_generator(0, 0), lambda states: states + second)
    (cross_entropy + again.config.kl_weight * kl).backward()
    for name, parameter in again.named_parameters():
        if parameter.grad is not None:
            torch.testing.assert_close(got[name], parameter.grad / 2, rtol=2e-3, atol=2e-6)


def test_the_number_of_passes_is_what_is_counted(setting):
    for steps in (1, 2, 3):
        model, step = setting.model(), setting.step()
        arm = setting.arm("adversarial-perturbation", FREE_LB | {"ascent_steps": steps}, model)
        arm.loss(model, step)
        assert step.forward == step.backward == steps * step.nli.tokens


def test_the_same_update_gives_the_same_perturbation(setting):
    model = setting.model()
    arm = setting.arm("adversarial-perturbation", FREE_LB, model)
    first, second = arm.loss(model, setting.step(3)), arm.loss(model, setting.step(3))
    assert torch.equal(first.total, second.total) and first.logged == second.logged
    other = arm.loss(model, setting.step(4))
    assert other.logged != first.logged


def test_points_fill_the_ball_uniformly():
    points = within_ball(torch.empty(4000, 3), torch.Generator().manual_seed(0))
    length = points.norm(dim=-1)
    assert float(length.max()) <= 1.0
    # A share r^3 of the ball lies within r.
    for r in (0.5, 0.8):
        assert float((length < r).float().mean()) == pytest.approx(r**3, abs=0.02)
    assert float(points.mean(0).abs().max()) < 0.03


def test_smoothing_moves_tokens_by_no_more_than_its_radius_and_draws_anew(setting):
    model = setting.model()
    seen = []
    original = model.task_loss

    def spy(batch, generator=None, entry=None):
        def look(states):
            moved = entry(states)
            seen.append((states.detach().clone(), moved.detach().clone()))
            return moved

        return original(batch, generator, look)

    model.task_loss = spy
    step = setting.step()
    setting.arm("smoothing", {"draws": 2, "radius": 0.2}, model).loss(model, step)
    own = step.nli.premise | step.nli.hypothesis
    for plain, moved in seen:
        share = (moved - plain)[own].norm(dim=-1) / plain[own].norm(dim=-1)
        assert 0.1 < float(share.max()) <= 0.2 + 1e-5 and torch.equal(moved[~own], plain[~own])
    assert len(seen) == 2 and not torch.equal(seen[0][1], seen[1][1])


def test_smoothing_without_a_draw_is_told(setting):
    model = setting.model()
    with pytest.raises(BadInput, match="at least one draw"):
        setting.arm("smoothing", {"draws": 0}, model).loss(model, setting.step())


def test_a_perturbed_model_goes_on_from_the_states_it_reached(setting):
    """Kept states of the frozen layers give the same loss as a whole pass."""
    model = setting.model()
    arm = setting.arm("adversarial-perturbation", FREE_LB, model)
    step = setting.step()
    whole = arm.loss(model, step).total
    batch = step.nli
    kept = dataclasses.replace(batch, frozen=model.frozen_states(batch.ids, batch.attention).detach())
    step = setting.step()
    step.nli = kept
    torch.testing.assert_close(arm.loss(model, step).total, whole)
