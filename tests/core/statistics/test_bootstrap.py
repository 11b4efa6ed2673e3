"""One bootstrap for all: what is drawn, from which stream of random numbers, and that nobody draws elsewhere."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from core.alignment.alignment_error import score_counts
from core.evaluation.slices import compare_slices
from core.query_encoders.verdict import levels as query_levels
from core.retrieval.metrics import intervals
from core.statistics.bootstrap import draw_weights, resample, resample_in_slices, resample_ratios, resampling_variance
from core.verdict.answers import read_answers
from core.verdict.by_language import compare_languages
from core.verdict.contrast import Contrasts
from core.verdict.levels import levels
from core.verdict.verdict import verdict
from tests.support.late import COLLECTING
from tests.support.paths import ROOT
from tests.support.planted import planted

if not COLLECTING:
    from core.patching.effect import summarise

#: Percentiles, quantiles of distributions and their rounded value: each is taken in core/statistics alone.
TAKEN = re.compile(r"np\.(nan)?(percentile|quantile)\(|\.ppf\(|\b1\.96\b|\b3\.92\b")
#: The extent of an axis is no interval.
AXES = {"core/figures/bitext_scores.py", "core/exchange/recompute_first.py"}


def counts_of_links(random: np.random.Generator, sentences: int) -> np.ndarray:
    """Rows of `count_links`: |A|, |S|, |A and P|, |A and S|."""
    counts = random.integers(0, 6, (sentences, 4))
    counts[:, 2] = np.minimum(counts[:, 0], counts[:, 2])
    counts[:, 3] = np.minimum(np.minimum(counts[:, 1], counts[:, 3]), counts[:, 2])
    return counts


def test_the_verdict_draws_what_it_drew_when_its_numbers_were_shipped():
    """Recorded when each of these, as those of the next test, drew by itself."""
    table = planted(
        np.random.default_rng(7), {"transport": 3.0, "adversarial": 0.0, "english-only": 0.0}, premises=60,
        languages=("en", "sw", "tr"),
    )  # fmt: skip
    table = table[~((table["item_id"] % 7 == 3) & (table["language"] == "sw"))]
    answers = read_answers(table)
    high = levels(answers, 400).set_index(["arm", "unit"])[["low", "high"]]
    assert high.loc["transport", "low-resource"].tolist() == pytest.approx([71.9553287202529, 83.41421408186598])
    assert high.loc["adversarial", "gap"].tolist() == pytest.approx([-8.574004277849127, 1.7180253729276638])
    swahili = compare_languages(Contrasts(answers, 400), "transport", "adversarial").set_index("language").loc["sw"]
    assert (swahili["high"] - swahili["low"]) / 2 > 6.407, "seeds widen what premises alone gave"
    first = verdict(table, 400)[0]
    assert (first.low, first.high, first.p) == pytest.approx((-2.799237658684228, 8.60731846676503, 0.3087773709433884))


def test_stored_scores_draw_what_they_drew():
    random = np.random.default_rng(9)
    few, many = (score_counts(counts_of_links(random, sentences)) for sentences in (37, 9000))
    assert (few.low, few.high) == pytest.approx((49.7408648238, 72.9169544199))
    assert (many.low, many.high) == pytest.approx((53.945374518, 55.4794098265)), "in slices of repetitions"
    low, high = intervals(100 * random.random((45, 2)), 700)
    assert low == pytest.approx([44.79171333345091, 44.370053792906745])
    assert high == pytest.approx([61.98247454137478, 60.07047834762761])
    patched = pd.DataFrame({
        "language": "sw", "layer": 4, "item_id": np.arange(30), "right_patched": random.random(30) < 0.8,
        "right_random": random.random(30) * 0.7, "p_patched": 0.5, "p_target": 0.5, "p_random": 0.5,
    })  # fmt: skip
    effect = summarise(patched, 500).iloc[0]
    assert (effect["low"], effect["high"]) == pytest.approx((33.27983437600817, 56.51007615618057))
    sums = pd.DataFrame({
        "arm": "a", "slice": "s", "value": np.repeat(["v", "w"], 20), "premise": np.tile(np.arange(20), 2),
        "items": random.integers(1, 4, 40), "seeds": 1, "difference": random.normal(size=40), "place": 0,
        "content": [str(k) for k in range(40)],
    })  # fmt: skip
    sums = sums[~((sums["value"] == "w") & (sums["premise"] < 17))]
    slices = compare_slices(sums, "first", repetitions=400)[["low", "high"]].to_numpy().ravel()
    assert slices == pytest.approx([-29.472375523296517, 17.709843085044763, -204.84927089220233, 145.07460279199913])
    queries = pd.DataFrame({
        "arm": "transport", "seed": 0, "task": "lareqa-english", "language": np.repeat(["hi", "th", "tr", "en"], 40),
        "query_id": np.tile(np.arange(40), 4).astype(str), "average_precision": random.random(160), "rank": 1,
        "own_language": 0.0,
    })  # fmt: skip
    first = query_levels(queries, 300)[0]
    assert (first.low, first.high) == pytest.approx((48.20208198547363, 59.41625061035156))


def test_weights_count_what_a_plain_draw_draws():
    """Every cluster with equal chance, with replacement: slices of 500 repetitions of one stream."""
    random = np.random.default_rng(3)
    for weights in np.split(draw_weights(7, 1100, 3), [500, 1000]):
        drawn = random.integers(0, 7, (len(weights), 7))
        assert weights.tolist() == [np.bincount(row, minlength=7).tolist() for row in drawn]


def test_a_ratio_that_draws_nothing_is_not_a_number_and_is_left_out():
    sums, counts = np.array([[6.0, 0.0], [1.0, 3.0]]), np.array([[3.0, 0.0], [1.0, 1.0]])
    weights = np.array([[2, 0], [1, 1], [0, 2]], np.float32)
    ratios = resample_ratios(sums, counts, weights)
    assert ratios[:2].tolist() == [[2.0, 1.0], [2.0, 2.0]] and np.isnan(ratios[2, 0]) and ratios[2, 1] == 3.0
    assert resample(sums, counts, np.array([1.0, -1.0]), weights).tolist() == [1.0, 0.0]
    assert resampling_variance(ratios[:, 1]) == 1.0, "of 1, 2, 3"
    assert resampling_variance(ratios[:, 0]) == 0.0 == resampling_variance(ratios[2:, 0])
    assert resample_in_slices(np.array([2.0]), np.array([4.0]), 3).tolist() == [0.5] * 3
    # One of a thousand clusters counts, and the only repetition misses it: the ratio itself stands.
    counts = (np.arange(1000) == 0).astype(float)
    seed = next(seed for seed in range(50) if draw_weights(1000, 1, seed)[0, 0] == 0)
    assert resample_in_slices(2.0 * counts, counts, 1, seed).tolist() == [2.0]


def elsewhere(text: str) -> list[str]:
    """Lines that take a percentile or a quantile by themselves."""
    return [line.strip() for line in text.splitlines() if TAKEN.search(line)]


def test_nobody_takes_a_percentile_or_a_quantile_elsewhere():
    assert elsewhere("low = np.percentile(drawn, 2.5)\nreach = 1.96 * error\nx = norm.ppf(0.975)") != []
    places = {
        f"{path.relative_to(ROOT).as_posix()}: {line}"
        for top in ("core", "store", "pages")
        for path in sorted((ROOT / top).rglob("*.py"))
        if path.parent.name != "statistics" and path.relative_to(ROOT).as_posix() not in AXES
        for line in elsewhere(path.read_text(encoding="utf-8"))
    }
    assert not places, "\n".join(sorted(places))
