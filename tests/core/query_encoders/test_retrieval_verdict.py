"""The retrieval verdict on planted outcomes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.query_encoders.verdict import PRIMARY, levels, verdict

RUNS = [("no-adaptation", 0), ("centring", 0), ("transport-shuffled", 0)] + [
    (arm, seed) for arm in ("transport", "adversarial", "mean-matching") for seed in range(3)
]  # fmt: skip


def _planted(gain: float, noise: float = 0.002) -> pd.DataFrame:
    """Outcomes in which transport's average precision is `gain` above everyone's."""
    random = np.random.default_rng(0)
    rows = []
    hardness = random.beta(2, 1, 300)
    for arm, seed in RUNS:
        level = (gain if arm == "transport" else 0.0) + noise * random.normal()
        for task, codes in (("lareqa-english", ("hi", "th", "tr", "en")), ("tatoeba", ("sw", "hi")),
                            ("lareqa-pool", ("hi", "en"))):  # fmt: skip
            for code in codes:
                value = np.clip(hardness + level + 0.02 * random.normal(size=300), 0, 1)
                rows.append(pd.DataFrame({
                    "arm": arm, "seed": seed, "task": task, "language": code,
                    "query_id": [str(k) for k in range(300)], "average_precision": value,
                    "rank": np.where(value > 0.5, 1, 4), "own_language": value > 0.3,
                }))  # fmt: skip
    return pd.concat(rows, ignore_index=True)


def test_a_planted_gain_is_found():
    answered = verdict(_planted(0.08), 500)
    first = answered[0]
    assert first.primary and first.name == PRIMARY.name and first.languages == ("hi", "th", "tr")
    assert first.outcome == "ahead" and first.ahead == "transport" and first.low < first.difference < first.high
    assert first.seeds == (0, 1, 2) and first.premises == 300 and first.seed_variance == "own"
    shown = {(q.first, q.second): q for q in answered if q.name == PRIMARY.name}
    assert shown["transport-shuffled", "no-adaptation"].seed_variance == "pooled"
    assert "300 queries in each of 3 languages" in first.sentence and "3 seeds" in first.sentence
    untrained = shown["centring", "no-adaptation"]
    assert untrained.seed_variance == "none" and untrained.tested and 0 < untrained.p < 1
    assert "neither arm is trained" in untrained.sentence and "seed and" not in untrained.sentence
    assert not any(q.primary for q in answered[1:])
    assert first.family == 1 and {q.family for q in answered[1:] if q.tested} == {sum(q.tested for q in answered[1:])}


def test_too_few_queries_and_a_single_seed_give_no_test():
    rows = _planted(0.15)
    few = verdict(rows[rows["query_id"].astype(int) < 12], 100)
    assert {q.outcome for q in few} == {"described"} and "12 queries are too few" in few[0].sentence
    single = verdict(rows[rows["seed"] == 0], 100)
    assert single[0].seed_variance == "unknown" and single[0].p == 1 and single[0].outcome == "described"
    kinds = {(q.first, q.second): (q.seed_variance, q.tested) for q in single}
    assert kinds["centring", "no-adaptation"] == ("none", True) and kinds["transport", "no-adaptation"][1] is False


def test_no_gain_is_equivalent_or_undecided():
    calm = verdict(_planted(0.0, 0.0005), 500)[0]
    assert calm.outcome == "equivalent" and "within 1 point" in calm.sentence
    restless = verdict(_planted(0.0, 0.05), 500)[0]
    assert restless.outcome == "undecided" and restless.smallest > 1


def test_a_lower_share_of_the_own_language_is_better():
    asked = {q.name: q for q in verdict(_planted(0.15), 300) if (q.first, q.second) == ("transport", "adversarial")}
    bias = asked["top hits in the query's own language"]
    assert bias.difference > 0 and bias.lower_is_better and bias.ahead in ("adversarial", None)


def test_levels_and_missing_arms():
    rows = _planted(0.08)
    found = {(one.arm, one.measure): one for one in levels(rows, 200)}
    one = found["transport", PRIMARY.name]
    assert one.low < one.value < one.high and one.seeds == 3
    assert verdict(rows[rows["arm"] == "no-adaptation"]) == [] == verdict(rows.iloc[:0])
    assert one.value == pytest.approx(100 * rows[(rows["arm"] == "transport") & (rows["task"] == "lareqa-english")
                                                 & (rows["language"] != "en")]["average_precision"].mean())  # fmt: skip
