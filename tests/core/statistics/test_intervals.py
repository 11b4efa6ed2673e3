"""Every interval that is shown, against numbers worked by hand: none can become one of 80 %, or of another kind.

The normal quantile is 1.959964 and Student's are of the printed tables. Percentile intervals are worked on outcomes
that are right for half of the clusters and wrong for the others: their mean in a bootstrap of n clusters is that of
Binomial(n, 1/2), of which n = 24 has P(X <= 6) = 190,051 / 2^24 = .0113, P(X <= 7) = 536,155 / 2^24 = .0320 and
P(X <= 8) = .0758. The 2.5 % point is therefore 7 of 24 and the 97.5 % point 17 of 24; a 90 % interval would begin at 8,
one of 80 % at 9.
"""

from __future__ import annotations

import math

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from core.alignment.alignment_error import score_counts
from core.bitext.cut import detection_metrics
from core.evaluation.accuracy import nli_scores
from core.evaluation.explained import slopes
from core.evaluation.flip_odds import flip_odds
from core.evaluation.slices import compare_slices
from core.figures.alignment_error import by_layer
from core.figures.reliability import reliability_curves
from core.figures.summary import by_language
from core.query_encoders.verdict import PRIMARY, TATOEBA_FIRST
from core.query_encoders.verdict import levels as query_levels
from core.retrieval.metrics import by_query, summary
from core.statistics.bootstrap import draw_weights, resample, resample_in_slices, resample_means
from core.statistics.intervals import bonett_price, mean_interval, percentile_interval, variance_within, wilson
from core.statistics.significance import SeedVariance, estimate
from core.verdict.answers import PROBABILITIES, read_answers
from core.verdict.by_language import compare_languages
from core.verdict.contrast import Contrasts
from core.verdict.controls import explain
from core.verdict.further_questions import further
from core.verdict.levels import GAP, LOW, levels
from core.verdict.verdict import verdict
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.patching.effect import summarise

LOW_RESOURCE = ("tr", "th", "hi", "ur", "sw")
#: 2.5 % and 97.5 % points of Binomial(24, 1/2), as a share x100.
HALF_OF_24 = pytest.approx((100 * 7 / 24, 100 * 17 / 24), abs=1e-4)
#: Wilson's interval of 60 of 100, worked in `test_wilson_by_hand`.
SIXTY_OF_100 = pytest.approx((50.2003, 69.0599), abs=1e-3)


def answers(right: dict[str, dict[str, np.ndarray]], seeds: int = 1) -> pd.DataFrame:
    """Predictions: by arm and language whether the answer to each item is right, the same for every seed."""
    parts = []
    for arm, languages in right.items():
        for seed in range(seeds):
            for code, marks in languages.items():
                items = np.arange(len(marks))
                label = np.where(marks, items % 3, (items + 1) % 3)
                table = pd.DataFrame(np.eye(3)[label], columns=list(PROBABILITIES))
                run = {"run_id": f"{arm}-{seed}", "arm": arm, "seed": seed, "language": code}
                parts.append(table.assign(**run, item_id=items, gold=items % 3))
    return pd.concat(parts, ignore_index=True)


def by_premise(right: int, premises: int) -> np.ndarray:
    """Three items a premise, all right for the first `right` premises and all wrong for the others."""
    return np.repeat(np.arange(premises) < right, 3)


def test_wilson_by_hand():
    """60 of 100: z^2 = 3.841459; the centre is (.6 + z^2 / 200) / (1 + z^2 / 100) = .6192073 / 1.0384146 = .5963006.

    Half its width is z sqrt(.24 / 100 + z^2 / 40000) / 1.0384146 = 1.959964 x .0499603 / 1.0384146 = .0942983.
    """
    assert wilson(60, 100) == pytest.approx((59.63006 - 9.42983, 59.63006 + 9.42983), abs=1e-3)
    assert wilson(60, 100) == SIXTY_OF_100
    theirs = stats.binomtest(60, 100).proportion_ci(0.95, "wilson")
    assert wilson(60, 100) == pytest.approx((100 * theirs.low, 100 * theirs.high))
    assert wilson(0, 0) == (0.0, 100.0)


def test_everything_that_counts_right_items_has_wilsons_interval():
    gold = np.zeros(100, np.int64)
    probabilities = np.where((np.arange(100) < 60)[:, None], [0.8, 0.1, 0.1], [0.1, 0.8, 0.1])
    accuracy = nli_scores(gold, probabilities, "test", "sw")[0]
    assert (accuracy.low, accuracy.high) == SIXTY_OF_100
    noise = np.r_[np.ones(60), np.zeros(40)]
    at_cut = detection_metrics(np.r_[np.ones(40), np.zeros(60)], noise, 0.5)
    assert (at_cut.precision_low, at_cut.precision_high) == SIXTY_OF_100
    assert (at_cut.recall_low, at_cut.recall_high) == SIXTY_OF_100
    one = pd.DataFrame({"arm": ["a"], "seed": 0, "language": "sw", "items": 100, "correct": 60, "accuracy": 60.0})
    row = by_language(one).iloc[0]
    assert (row["low"], row["high"]) == SIXTY_OF_100
    few = levels(read_answers(answers({"a": {"sw": by_premise(3, 5)}}))).iloc[0]
    assert few["interval"] == "wilson" and (few["low"], few["high"]) == pytest.approx(wilson(9, 15))


def test_a_calibration_curves_bars_are_wilsons():
    bins = pd.DataFrame({"run_id": ["r"], "items": [100], "confidence": [70.0], "accuracy": [60.0]})
    bars = next(t for t in reliability_curves(bins, {"r": "r"}, {"r": "transport"}, "").data if t.error_y.array).error_y
    assert (60 - bars.arrayminus[0], 60 + bars.array[0]) == SIXTY_OF_100


def test_bonett_price_by_hand():
    """Of 21 pairs the first alone is right in 7, the second alone in 1.

    With one added to each: up = 2 / 23 = .0869565, down = 8 / 23 = .3478261, their difference -.2608696. Its variance
    is (.4347826 - .0680529) / 23 = .0159448, whose root is .1262727; times 1.959964 it is .2474899. (The plain Wald
    interval is -.2857143 with .2339945 to either side.)
    """
    assert bonett_price(7, 1, 21) == pytest.approx((-50.83594, -1.33797), abs=1e-3)
    # Another way to it: the normal interval of the mean of all pairs' differences, one of either sign added.
    added = np.r_[np.full(8, -1.0), np.full(2, 1.0), np.zeros(13)]
    ours = stats.norm.interval(0.95, added.mean(), added.std() / math.sqrt(23))
    assert bonett_price(7, 1, 21) == pytest.approx([100 * bound for bound in ours])
    # Of 2 pairs both: (3 - 1) / 4 +- 1.959964 sqrt((1 - .25) / 4) would reach 1.3487, and a difference ends at 1.
    assert bonett_price(0, 2, 2) == pytest.approx((-34.8689, 100.0), abs=1e-3)


def test_the_mean_of_a_stored_score_by_hand():
    """Values 1, 2, 3, 4 deviate by 1.2909944; the error of their mean is .6454972 and 1.96 of it 1.2651745."""
    error = float(np.std([1, 2, 3, 4], ddof=1)) / 2
    assert mean_interval(2.5, error) == pytest.approx((1.2348255, 3.7651745))
    low, high = (np.array([bound]) for bound in mean_interval(2.5, error))
    assert variance_within(low, high)[0] == pytest.approx(1.6666667 / 4)


def test_percentiles_by_hand():
    low, high = percentile_interval(np.arange(1001.0)[::-1])
    assert (float(low), float(high)) == pytest.approx((25.0, 975.0))
    assert percentile_interval(np.array([[0.0, 5.0], [40.0, 7.0]]))[0] == pytest.approx([1.0, 5.05])


def test_every_way_of_drawing_has_the_binomials_percentiles():
    half = (np.arange(24) < 12).astype(float)
    weights = draw_weights(24, 4000)
    drawn = (
        resample(half[None], np.ones((1, 24)), np.ones(1), weights),
        resample_in_slices(half, np.ones(24), 4000),
        resample_means(half[:, None], 4000)[:, 0],
    )
    for draws in drawn:
        assert len(draws) == 4000
        assert tuple(100 * np.asarray(percentile_interval(draws))) == HALF_OF_24


def test_levels_and_the_transfer_gap():
    """English is always right: the gap is 100 minus the low-resource mean, whose languages rise and fall as one."""
    half = dict.fromkeys(LOW_RESOURCE, by_premise(12, 24)) | {"en": by_premise(24, 24)}
    table = levels(read_answers(answers({"a": half}, seeds=2))).set_index("unit")
    for unit in ("sw", LOW, GAP):
        row = table.loc[unit]
        assert row["interval"] == "bootstrap" and row["value"] == pytest.approx(50), unit
        assert (row["low"], row["high"]) == HALF_OF_24, unit
    assert tuple(table.loc["en", ["low", "high"]]) == (100.0, 100.0)


def test_retrieval_metrics():
    """The right candidate is first for twelve queries and second for twelve: MRR@10 is 50 + 50 X / 24."""
    qrels = {f"q{k}": {"right": 1} for k in range(24)}
    rankings = {f"q{k}": ["right", "x"] if k < 12 else ["x", "right"] for k in range(24)}
    found = summary(by_query(qrels, rankings), 4000)
    assert (found["accuracy@1"].low, found["accuracy@1"].high) == HALF_OF_24
    for name in ("mrr@10", "map"):
        value = found[name]
        assert (value.low, value.high) == pytest.approx((50 + 50 * 7 / 24, 50 + 50 * 17 / 24)), name


def test_query_encoders_levels():
    """A question of LAReQA is drawn with all its languages, a sentence of Tatoeba by itself."""
    rows = [
        ("transport", 0, "lareqa-english", code, str(k), float(k < 12), 1)
        for code in (*PRIMARY.languages, "en") for k in range(24)
    ]  # fmt: skip
    rows += [("transport", 0, "tatoeba", "sw", str(k), 0.0, 1 + (k >= 12)) for k in range(24)]
    names = ["arm", "seed", "task", "language", "query_id", "average_precision", "rank"]
    found = {one.measure: one for one in query_levels(pd.DataFrame(rows, columns=names).assign(own_language=0.0), 4000)}
    for measure in (PRIMARY.name, TATOEBA_FIRST.name):
        assert (found[measure].low, found[measure].high) == HALF_OF_24, measure


def test_alignment_error():
    """A sure link and a link a sentence pair, together in half of them: the AER is the share of pairs that miss."""
    counts = np.array([(1, 1, k < 12, k < 12) for k in range(24)], np.int64)
    score = score_counts(counts)
    assert score.aer == 50.0 and score.f1 == 50.0 and (score.low, score.high) == HALF_OF_24


def test_the_mean_alignment_error_over_sets():
    """Two sets with 1.96 to either side: the error of their mean is sqrt(1 + 1) / 2 = .7071, 1.96 of it 1.3859."""
    rows = [("a", "ru", 7, 20.0, 18.04, 21.96), ("a", "zh", 7, 30.0, 28.04, 31.96)]
    row = by_layer(pd.DataFrame(rows, columns=["arm", "language", "layer", "value", "low", "high"])).iloc[0]
    assert (row["low"], row["high"]) == pytest.approx((25 - 1.385929, 25 + 1.385929), abs=1e-5)


def test_patching():
    """All three items of a premise become right or none does, under the plan; none by chance."""
    right = by_premise(12, 24)
    rows = pd.DataFrame({"language": "sw", "layer": 4, "item_id": np.arange(72), "right_patched": right,
                         "right_random": 0.0, "p_patched": 0.5, "p_target": 0.5, "p_random": 0.5})  # fmt: skip
    row = summarise(rows, 4000).iloc[0]
    assert row["difference"] == 50.0 and (row["low"], row["high"]) == HALF_OF_24


def test_the_t_interval_of_a_difference_by_hand():
    """With one source of variance the degrees of freedom are its own, and 2 of them have p in closed form.

    Seeds alone: .75 / 3 = .25, error .5, t(2) = 4.302653; p = 1 - 3 / sqrt(11) as t = 3. Both sources alike (2 degrees
    each): .5, error .7071068, 4 degrees, t = 2.776445. Items alone: 10 degrees, t = 2.228139. The smallest difference
    found with 80 % power is (4.302653 + 1.060660) x .5.
    """
    seeds = estimate(1.5, 0.0, 101, 3, SeedVariance(0.75, 2.0))
    assert (seeds.low, seeds.high) == pytest.approx((1.5 - 2.151327, 1.5 + 2.151327), abs=1e-5)
    assert seeds.p == pytest.approx(1 - 3 / math.sqrt(11)) and seeds.degrees == 2
    assert seeds.p_equivalent == pytest.approx(0.5 + 1 / (2 * math.sqrt(3)))
    assert seeds.smallest() == pytest.approx(2.681657, abs=1e-5)
    both = estimate(1.5, 0.25, 3, 3, SeedVariance(0.75, 2.0))
    assert both.degrees == pytest.approx(4)
    assert (both.low, both.high) == pytest.approx((1.5 - 1.963243, 1.5 + 1.963243), abs=1e-5)
    items = estimate(1.5, 0.25, 11, 3, None)
    assert (items.low, items.high) == pytest.approx((1.5 - 1.114070, 1.5 + 1.114070), abs=1e-5)


def test_the_t_interval_is_welchs():
    """Two sources of variance are those of two samples: scipy's interval of Welch's test is the same."""
    random = np.random.default_rng(0)
    one, other = random.normal(2, 3, 9), random.normal(0, 1, 4)
    ours = estimate(one.mean() - other.mean(), one.var(ddof=1) / 9, 9, 4, SeedVariance(float(other.var(ddof=1)), 3.0))
    theirs = stats.ttest_ind(one, other, equal_var=False)
    assert (ours.low, ours.high) == pytest.approx(tuple(theirs.confidence_interval(0.95)))
    assert ours.p == pytest.approx(theirs.pvalue)


def test_languages_and_slices_have_students_interval():
    """Three of five premises differ: the error of 60 is sqrt(.6 x .4 / 5) = 21.9089, t(4) = 2.776445 reaches 60.829.
    One run against one run has an interval and no p.
    """
    table = answers({"a": {"sw": by_premise(3, 5)}, "b": {"sw": by_premise(0, 5)}})
    row = compare_languages(Contrasts(read_answers(table), 40_000), "a", "b").iloc[0]
    sums = pd.DataFrame({"arm": "a", "slice": "s", "value": "v", "premise": range(5), "items": 3, "seeds": 1,
                         "place": 0, "content": list("vwxyz"), "difference": [3.0, 3.0, 3.0, 0.0, 0.0]})  # fmt: skip
    for found in (row, compare_slices(sums, "first", repetitions=40_000).iloc[0]):
        assert found["difference"] == pytest.approx(60) and np.isnan(found["p"]) and not found["tested"]
        assert (found["high"] - 60, 60 - found["low"]) == pytest.approx((60.829, 60.829), rel=0.01)


def test_the_verdict_and_the_controls_have_students_interval():
    """Items alone, 24 premises: the error of 50 is sqrt(.25 / 24) = 10.2062, t(23) = 2.068658 reaches 21.1131."""
    half, none = (dict.fromkeys((*LOW_RESOURCE, "en"), by_premise(right, 24)) for right in (12, 0))
    first = verdict(answers({"transport": half, "adversarial": none}), repetitions=40_000)[0]
    assert first.seed_variance == "unknown"
    assert (first.high - 50, 50 - first.low) == pytest.approx((21.1131, 21.1131), rel=0.01)
    arms = {"english-only": none, "transport": half, "mean-matching": half}
    row = explain(Contrasts(read_answers(answers(arms)), 40_000)).iloc[0]
    assert (row["high"] - 50, 50 - row["low"]) == pytest.approx((21.1131, 21.1131), rel=0.01)


def test_questions_on_stored_scores():
    """Three seeds differ by 2, 3 and 4: s^2 / 3 = 1/3. Two languages of variance 1 have a mean of 1/2, two arms 1.

    1 + 1/3 has (4/3)^2 / (1/6 + 1/18) = 8 degrees with seven sentences; t(8) = 2.306004 times 1.1547005 is 2.662744.
    """
    rows = [
        (arm, seed, "alignment_error", code, 7, value, value - 1.96, value + 1.96, 7)
        for arm, values in (("transport", (22.0, 23.0, 24.0)), ("adversarial", (20.0, 20.0, 20.0)))
        for seed, value in enumerate(values)
        for code in ("hi", "tr")
    ]
    names = ["arm", "seed", "name", "language", "layer", "value", "low", "high", "items"]
    right = {"sw": by_premise(1, 2)}
    plain = read_answers(answers({"transport": right, "adversarial": right}))
    found = further(Contrasts(plain, 100), pd.DataFrame(), pd.DataFrame(rows, columns=names))[-1]
    assert found.difference == pytest.approx(3.0)
    assert (found.low, found.high) == pytest.approx((3 - 2.662744, 3 + 2.662744), abs=1e-5)


@pytest.mark.parametrize("alike", [1, 3])
def test_odds_ratios_by_hand(alike):
    """Of 30 items whose premise saved cost 20 flip, of 30 others 10: the log odds ratio is log 4.

    Its variance after Woolf (1955) is 1/20 + 1/10 + 1/10 + 1/20 = .3, which the clusters' sandwich reproduces, times
    60 / 59 x (n - 1) / (n - 2) for 60 premises and n items. Half saved and half did not: a standard deviation is half
    the step, its odds ratio 2 and its error half of that. One item a premise: .3 x 60 / 58 = .310345, half of its root
    .278543; three alike: .3 x 60 / 59 x 179 / 178 = .306799, .276947. Neither is that of 180 items apart (.1, .158).
    """
    rows = []
    for premise in range(60):
        saved = premise < 30
        flipped = premise % 30 < (20 if saved else 10)
        for k in range(alike):
            rows += [("base", 0, "sw", 8, 3 * premise + k, 1.0, False)]
            rows += [("arm", 0, "sw", 8, 3 * premise + k, 1.0 - 0.1 * saved, flipped)]
    table = pd.DataFrame(rows, columns=["arm", "seed", "language", "layer", "item_id", "cost", "right"])
    row = flip_odds(table, "base").set_index("flip").loc["fixed"]
    error = {1: 0.278543, 3: 0.276947}[alike]
    assert row["odds"] == pytest.approx(2.0) and row["deviation"] == pytest.approx(0.05)
    assert (row["low"], row["high"]) == pytest.approx(
        (2 * math.exp(-1.959964 * error), 2 * math.exp(1.959964 * error)), rel=1e-4
    )
    assert row["p"] == pytest.approx(math.erfc(math.log(2) / error / math.sqrt(2)), rel=1e-3)


def test_slopes_by_hand():
    """Ranks rose by 0, 10, 20, accuracy by 0, 1, 3: slope 1.5, residuals 1/6, -1/3, 1/6.

    Their mean square is 1/6 on 1 degree. The error is sqrt(1/6 / 2) = .2886751, t(1) = 12.706205 and their
    product 3.667965.
    """
    table = pd.DataFrame({"arm": "a", "mrr": [0.0, 10.0, 20.0], "difference": [0.0, 1.0, 3.0]})
    (slope,) = slopes(table)
    assert slope.slope == pytest.approx(1.5)
    assert (slope.low, slope.high) == pytest.approx((1.5 - 3.667965, 1.5 + 3.667965), abs=1e-5)
