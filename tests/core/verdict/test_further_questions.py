"""Questions beside the verdict's own: what is planted is found, what is missing is left out, and seeds are honoured."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from core.alignment.default_layer import CHOSEN_LAYER
from core.languages import LOW_RESOURCE
from core.verdict.answers import read_answers
from core.verdict.contrast import Contrasts
from core.verdict.further_questions import ALIGNMENT, HARDER, RETRIEVAL, further
from core.verdict.paired_values import consecutive

ARMS = ("adversarial", "english-only", "transport")


def predictions(rates, seeds, items=900, split=None, seed=0):
    """Answers right with the arm's rate, by premise correlated; gold is item_id mod 3."""
    random = np.random.default_rng(seed)
    ids = np.arange(items)
    ease = np.repeat(random.normal(0, 0.1, items // 3), 3)
    parts = []
    for arm, rate in rates.items():
        for k in range(seeds):
            for code in ("en", *LOW_RESOURCE):
                right = random.random(items) < np.clip(rate + ease, 0, 1)
                label = np.where(right, ids % 3, (ids + 1) % 3)
                table = pd.DataFrame(np.eye(3)[label], columns=["entailment", "neutral", "contradiction"])
                head = {"run_id": f"{arm}{k}", "arm": arm, "seed": k, "language": code, "item_id": ids}
                parts.append(table.assign(**head, gold=ids % 3, split=split or "test"))
    return pd.concat(parts, ignore_index=True)


def scores(retrieval, aligned, seeds=3):
    rows = []
    for arm in ARMS:
        for k in range(seeds):
            for name in ("retrieval_accuracy@1", "retrieval_accuracy@1_from_english"):
                for n, code in enumerate(LOW_RESOURCE):
                    value = retrieval[arm] + n + 0.1 * k
                    rows.append((f"{arm}{k}", arm, k, name, code, -1, value, value - 5, value + 5, 300))
        for layer in (4, CHOSEN_LAYER):
            for n, code in enumerate(("fr", "zh", "ru")):
                value = aligned[arm] + n + (layer == 4)
                rows.append((f"{arm}0", arm, 0, "alignment_error", code, layer, value, value - 1, value + 1, 250))
    names = ["run_id", "arm", "seed", "name", "language", "layer", "value", "low", "high", "items"]
    return pd.DataFrame(rows, columns=names)


@pytest.fixture(scope="module")
def answers():
    return read_answers(predictions(dict.fromkeys(ARMS, 0.6), 3))


def test_a_planted_difference_under_noise_is_found_with_borrowed_seeds(answers):
    rates = {"transport": 0.7, "adversarial": 0.6}
    table = pd.concat([predictions(rates, 1, split="noise"), predictions(dict.fromkeys(rates, 0.6), 1, split="clean")])
    (noise,) = further(Contrasts(answers, 300), table, pd.DataFrame())
    assert noise.name == HARDER["noise"].name and noise.outcome == "described" and noise.ahead is None
    right = table[table["split"].eq("noise") & table["language"].isin(LOW_RESOURCE)]
    rate = (right["entailment"].eq(1) & right["gold"].eq(0) | right["neutral"].eq(1) & right["gold"].eq(1)
            | right["contradiction"].eq(1) & right["gold"].eq(2)).groupby(right["arm"]).mean()  # fmt: skip
    assert noise.difference == pytest.approx(100 * (rate["transport"] - rate["adversarial"]))
    assert noise.seed_variance == "pooled" and noise.premises == 300
    assert "borrows the variance between seeds" in noise.sentence
    (alone,) = further(Contrasts(replace(answers, clusters=consecutive(1)), 300), table, pd.DataFrame())
    assert alone.premises == 900, "harder inputs are clustered as the items that they were made of"


def test_retrieval_has_its_own_seeds_and_alignment_has_none(answers):
    high = {"transport": 80.0, "adversarial": 70.0, "english-only": 75.0}
    found = {
        one.name: one for one in further(Contrasts(answers, 300), pd.DataFrame(), scores(high, {a: 20.0 for a in ARMS}))
    }
    retrieval, alignment = found[RETRIEVAL], found[ALIGNMENT]
    assert retrieval.difference == pytest.approx(10) and retrieval.outcome == "ahead"
    # Ten cells of half-width 5 for each of two arms; the seeds differ by the same and add nothing.
    assert retrieval.high - retrieval.difference == pytest.approx(5 / np.sqrt(10) * np.sqrt(2), rel=0.02)
    assert retrieval.languages == tuple(sorted(LOW_RESOURCE)) or set(retrieval.languages) == set(LOW_RESOURCE)
    assert alignment.outcome == "described" and not alignment.tested and alignment.p == 1.0
    assert alignment.difference == 0 and alignment.premises == 250 and "250 sentence pairs" in alignment.sentence
    assert alignment.complete == 3 and "one run, descriptive" in alignment.sentence


def test_lower_error_is_better_and_little_gives_nothing(answers):
    aligned = {"transport": 15.0, "adversarial": 20.0, "english-only": 20.0}
    table = scores(dict.fromkeys(ARMS, 50.0), aligned)
    several = pd.concat([table, *(table[table["name"] == "alignment_error"].assign(seed=k) for k in (1, 2))])
    found = {one.name: one for one in further(Contrasts(answers, 300), pd.DataFrame(), several)}
    assert found[ALIGNMENT].ahead == "transport" and "lower is better" in found[ALIGNMENT].sentence
    assert further(Contrasts(answers, 300), pd.DataFrame(), table.iloc[:0]) == []
    alone = read_answers(predictions({"transport": 0.6, "english-only": 0.6}, 1, items=90))
    assert further(Contrasts(alone, 300), pd.DataFrame(), table) == []
