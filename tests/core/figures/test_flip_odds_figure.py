"""What the odds associations show together: those told apart from none, the number of the others."""

from __future__ import annotations

import math

import pandas as pd

from core.figures.flip_odds import odds_finding


def rows(*bounds: tuple[float, float, float]) -> pd.DataFrame:
    return pd.DataFrame(
        [
            {"arm": "transport", "layer": 8, "flip": "fixed", "odds": odds, "low": low, "high": high}
            for odds, low, high in bounds
        ]
    )


def test_none_told_apart_is_one_sentence():
    told = odds_finding(rows((1.1, 0.9, 1.3), (0.9, 0.7, 1.0), (math.nan, math.nan, math.nan)))
    assert (
        told == "None of 2 odds associations, for each standard deviation of cost saved, can be told apart from none."
    )


def test_those_told_apart_stand_with_how_many_there_are():
    told = odds_finding(rows((1.4, 1.1, 1.8), (1.1, 0.9, 1.3), (0.6, 0.4, 0.8)))
    assert "1.40 (1.10 to 1.80)" in told and "0.60 (0.40 to 0.80)" in told and "1.10 (0.90" not in told
    assert "2 of 3, each by its own 95 % interval, not corrected" in told


def test_without_an_estimate_nothing_is_said():
    assert odds_finding(rows((math.nan, math.nan, math.nan))) == ""
