"""The correction of the label prior: planted shifts come out, and the shipped predictions give the numbers known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from core.evaluation.prior import apply_bias, balance, balance_across, fit_bias
from core.languages import LOW_RESOURCE
from core.reference.unpack import read_reference
from core.verdict.answers import PROBABILITIES
from tests.support.paths import ROOT


def drawn(random, items=3000, strength=1.5):
    """Balanced gold labels and probabilities whose evidence is right on average."""
    gold = np.arange(items) % 3
    logits = random.normal(size=(items, 3))
    logits[np.arange(items), gold] += strength
    raised = np.exp(logits)
    return gold, raised / raised.sum(1, keepdims=True)


def shifted(probabilities, bias):
    raised = probabilities * np.exp(bias)
    return raised / raised.sum(1, keepdims=True)


def test_a_planted_shift_comes_out():
    gold, fair = drawn(np.random.default_rng(0))
    planted = np.array([-0.9, 0.2, 0.7])
    bent = shifted(fair, planted)
    before, after = (bent.argmax(1) == gold).mean(), (balance(bent).predicted == gold).mean()
    assert after - before > 0.05 and after == pytest.approx((fair.argmax(1) == gold).mean(), abs=0.01)
    own = fit_bias(fair)
    np.testing.assert_allclose(fit_bias(bent), own - planted + planted.mean(), atol=1e-6)


@given(st.integers(0, 10_000), st.floats(0.05, 6.0), st.floats(-8.0, 8.0))
def test_mean_probabilities_meet_the_prior_whatever_the_shift(seed, sharpness, shift):
    random = np.random.default_rng(seed)
    raised = np.exp(sharpness * random.normal(size=(60, 3)) + [shift, 0.0, -shift])
    probabilities = raised / raised.sum(1, keepdims=True)
    balanced = balance(probabilities)
    np.testing.assert_allclose(balanced.probabilities.mean(0), 1 / 3, atol=1e-6)
    assert balanced.bias.mean() == pytest.approx(0.0, abs=1e-9)


def test_zeros_and_an_answer_that_is_always_the_same_are_met_too():
    probabilities = np.tile([1.0, 0.0, 0.0], (9, 1))
    np.testing.assert_allclose(balance(probabilities).probabilities.mean(0), 1 / 3, atol=1e-6)


def test_another_prior_can_be_asked_for():
    _, fair = drawn(np.random.default_rng(1))
    balanced = balance(fair, [0.5, 0.3, 0.2])
    np.testing.assert_allclose(balanced.probabilities.mean(0), [0.5, 0.3, 0.2], atol=1e-6)
    for wrong in ([0.5, 0.5], [0.5, 0.6, -0.1], [1.0, 0.0, 0.0]):
        with pytest.raises(BadInput, match="3 positive shares that sum to 1"):
            fit_bias(fair, wrong)


def test_a_prior_fitted_on_other_items_reads_none_of_its_own():
    """Items that are turned round change their own fold's bias no more than the fold's own items do: not at all."""
    random = np.random.default_rng(2)
    _, fair = drawn(random, items=300)
    cluster = np.arange(300) // 3
    first = balance_across(fair, cluster, folds=5)
    fold = cluster % 5 == 0
    changed = fair.copy()
    changed[fold] = changed[fold][:, ::-1]
    second = balance_across(changed, cluster, folds=5)
    bias = fit_bias(fair[~fold])
    np.testing.assert_allclose(first.probabilities[fold], apply_bias(fair[fold], bias))
    np.testing.assert_allclose(second.probabilities[fold], apply_bias(changed[fold], bias))
    assert not np.allclose(first.probabilities[~fold], second.probabilities[~fold])


def test_nothing_to_balance_is_told():
    with pytest.raises(BadInput, match="no prediction"):
        balance(np.zeros((0, 3)))
    with pytest.raises(BadInput, match="two premises"):
        balance_across(np.full((3, 3), 1 / 3), np.zeros(3, int))


@pytest.fixture(scope="module")
def shipped():
    table = read_reference(ROOT / "store" / "reference").predictions("test")
    return table[table["language"].isin(LOW_RESOURCE)]


@pytest.mark.parametrize(
    ("arm", "before", "after"),
    [
        ("english-only", 59.6, 61.7), ("transport", 59.0, 61.8), ("adversarial", 56.1, 59.9),
        ("adversarial-perturbation", 61.1, 62.8), ("transport-posterior", 60.8, 62.9),
    ],
)  # fmt: skip
def test_the_shipped_predictions_give_the_numbers_known(shipped, arm, before, after):
    rates = []
    for _, rows in shipped[shipped["arm"] == arm].groupby(["seed", "language"]):
        gold, probabilities = rows["gold"].to_numpy(), rows[list(PROBABILITIES)].to_numpy(np.float64)
        others = balance_across(probabilities, rows["item_id"].to_numpy() // 3)
        answers = rows["predicted"].to_numpy(), balance(probabilities).predicted, others.predicted
        rates.append([100 * float((answer == gold).mean()) for answer in answers])
    plain, same, other = np.mean(rates, axis=0)
    assert (round(plain, 1), round(same, 1)) == (before, after)
    # Fitted on other items of the language it gives the same: it reads no item's own answer.
    assert other == pytest.approx(same, abs=0.1)
