"""The retrieval verdict on planted outcomes."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.retrieval.verdict import PRIMARY, levels, verdict

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
    assert first.primary and first.measure == PRIMARY.name and first.languages == ("hi", "th", "tr")
    assert first.outcome == "ahead" and first.ahead == "transport" and first.low < first.difference < first.high
    assert first.seeds == 3 and first.queries == 300 and first.seed_variance == "own"
    shown = {(q.first, q.second): q for q in answered if q.measure == PRIMARY.name}
    assert shown["transport-shuffled", "no-adaptation"].seed_variance == "pooled"
    assert shown["centring", "no-adaptation"].seed_variance == "none"
    assert not any(q.primary for q in answered[1:])


def test_no_gain_is_equivalent_or_undecided():
    calm = verdict(_planted(0.0, 0.0005), 500)[0]
    assert calm.outcome == "equivalent" and "within 1 point" in calm.sentence
    restless = verdict(_planted(0.0, 0.05), 500)[0]
    assert restless.outcome == "undecided" and restless.smallest > 1


def test_a_lower_share_of_the_own_language_is_better():
    asked = {q.measure: q for q in verdict(_planted(0.15), 300) if (q.first, q.second) == ("transport", "adversarial")}
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
