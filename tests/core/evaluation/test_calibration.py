"""Calibration against hand-worked bins and planted temperatures."""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy.special import softmax

from core.evaluation.calibration import (
    calibration,
    expected_calibration_error,
    fit_temperature,
    reliability,
    scale,
)


def rows(*pairs: tuple[float, bool]) -> tuple[np.ndarray, np.ndarray]:
    probabilities = np.array([[c, (1 - c) / 2, (1 - c) / 2] for c, _ in pairs])
    return probabilities, np.array([0 if right else 1 for _, right in pairs])


def test_calibration_error_by_hand():
    given = rows((0.9, True), (0.9, False), (0.5, True), (0.5, True))
    table = reliability(*given)
    assert table["items"].tolist() == [2, 2]
    assert table["confidence"].tolist() == pytest.approx([50.0, 90.0])
    assert table["accuracy"].tolist() == pytest.approx([100.0, 50.0])
    assert expected_calibration_error(*given) == pytest.approx((2 * 50 + 2 * 40) / 4)
    assert expected_calibration_error(*rows((1.0, True), (1.0, True))) == 0.0
    assert expected_calibration_error(*rows((1.0, False))) == pytest.approx(100.0)
    assert math.isnan(expected_calibration_error(np.zeros((0, 3)), np.zeros(0, int)))


def test_a_bin_ends_with_its_upper_bound():
    table = reliability(*rows((0.6, True), (0.61, True), (1.0, True)), bins=5)
    assert table["high"].tolist() == pytest.approx([60.0, 80.0, 100.0]) and table["low"].iloc[0] == pytest.approx(40.0)


@pytest.mark.parametrize("planted", [0.5, 1.0, 2.5])
def test_a_planted_temperature_is_found(planted):
    random = np.random.default_rng(0)
    logits = random.normal(0, 1.5, (6000, 3))
    gold = (random.random((6000, 1)) > softmax(logits, axis=1).cumsum(1)).sum(1).clip(max=2)
    shown = softmax(logits * planted, axis=1).astype(np.float32)
    found = fit_temperature(shown, gold)
    assert found == pytest.approx(planted, rel=0.06)
    after = scale(shown, found)
    assert after.sum(1) == pytest.approx(np.ones(6000)) and (after.argmax(1) == shown.argmax(1)).all()
    if planted != 1.0:
        assert expected_calibration_error(after, gold) < expected_calibration_error(shown, gold) / 3


def test_certain_probabilities_can_be_scaled():
    probabilities = np.array([[1.0, 0.0, 0.0], [1.0, 0.0, 0.0]], np.float32)
    found = fit_temperature(probabilities, np.array([0, 1]))
    assert math.isfinite(found) and np.isfinite(scale(probabilities, found)).all()


def table(split_seed: int, languages: tuple[str, ...], sharpness: dict[str, float]) -> pd.DataFrame:
    random = np.random.default_rng(split_seed)
    parts = []
    for run, factor in sharpness.items():
        for language in languages:
            logits = random.normal(0, 1.5, (1500, 3))
            gold = (random.random((1500, 1)) > softmax(logits, axis=1).cumsum(1)).sum(1).clip(max=2)
            shown = softmax(factor * logits, axis=1)
            part = pd.DataFrame(shown, columns=["entailment", "neutral", "contradiction"])
            parts.append(part.assign(run_id=run, arm=run, seed=0, language=language, item_id=range(1500), gold=gold))
    return pd.concat(parts, ignore_index=True)


def test_one_temperature_a_run_from_english_validation_alone():
    sharpness = {"sharp": 3.0, "fair": 1.0}
    test, validation = table(1, ("en", "sw"), sharpness), table(2, ("en", "sw"), sharpness)
    found = calibration(test, validation).set_index(["run_id", "language"])
    assert found["items"].tolist() == [1500] * 4
    assert found.loc["sharp", "temperature"].tolist() == pytest.approx([3.0, 3.0], rel=0.1)
    assert (found.loc["sharp", "ece"] > 10).all() and (found.loc["sharp", "ece_scaled"] < 5).all()
    assert (found.loc["fair", "ece"] < 6).all()
    english = validation["language"] == "en"
    garbled = validation.assign(gold=np.where(english, validation["gold"], 0))
    pd.testing.assert_frame_equal(calibration(test, garbled), calibration(test, validation))
    without = calibration(test)
    assert without["temperature"].isna().all() and without["ece_scaled"].isna().all()
    assert without["ece"].tolist() == found["ece"].tolist()
