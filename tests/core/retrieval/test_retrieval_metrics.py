"""Metrics against hand-made numbers, and against an independent tool on the same run file."""

from __future__ import annotations

import numpy as np
import pytest

from core.errors import BadInput
from core.retrieval.metrics import MEASURES, by_query, intervals, summary
from tests.support.peers import peer


def test_hand_made_ranking():
    table = by_query({"q": {"a": 1, "d": 1}, "lost": {"z": 1}}, {"q": ["b", "a", "c", "d"]}).set_index("query")
    own = table.loc["q"]
    assert own["accuracy@1"] == 0 and own["mrr@10"] == pytest.approx(50)
    assert own["recall@1"] == 0 and own["recall@10"] == pytest.approx(100)
    assert own["map"] == pytest.approx(100 * (1 / 2 + 2 / 4) / 2)
    ideal = 1 + 1 / np.log2(3)
    assert own["ndcg@10"] == pytest.approx(100 * (1 / np.log2(3) + 1 / np.log2(5)) / ideal)
    assert (table.loc["lost", list(MEASURES)] == 0).all(), "a judged query that found nothing counts 0"


def test_reciprocal_rank_ends_at_ten():
    ranking = [f"c{k}" for k in range(20)]
    table = by_query({"near": {"c9": 1}, "far": {"c10": 1}}, dict.fromkeys(("near", "far"), ranking))
    assert table.set_index("query")["mrr@10"].to_dict() == pytest.approx({"near": 10.0, "far": 0.0})


def test_no_right_candidate_at_all():
    with pytest.raises(BadInput, match="No query has a right candidate"):
        by_query({"q": {"a": 0}}, {"q": ["a"]})


def test_interval_holds_the_mean_and_narrows():
    random = np.random.default_rng(0)
    few, many = (random.random((n, 1)) for n in (30, 3000))
    widths = []
    for values in (few, many):
        low, high = intervals(values, 500)
        assert low[0] < values.mean() < high[0]
        widths.append(high[0] - low[0])
    assert widths[1] < widths[0] / 5


def _random_run(seed: int):
    random = np.random.default_rng(seed)
    names = [f"d{k}" for k in range(300)]
    rankings = {f"q{k}": list(random.permutation(names)[:200]) for k in range(40)}
    qrels = {q: {str(d): 1 for d in random.choice(names, random.integers(1, 8), replace=False)} for q in rankings}
    return qrels, rankings


@pytest.mark.slow
def test_equals_an_independent_tool():
    ranx = peer("ranx")
    qrels, rankings = _random_run(3)
    scored = {q: {d: 1.0 / (k + 1) for k, d in enumerate(found)} for q, found in rankings.items()}
    theirs = ["precision@1", "mrr@10", "recall@1", "recall@10", "recall@100", "ndcg@10", "map"]
    other = ranx.evaluate(ranx.Qrels(qrels), ranx.Run(scored), theirs)
    ours = summary(by_query(qrels, rankings), 50)
    for name, their in zip(MEASURES, theirs, strict=True):
        assert ours[name].value == pytest.approx(100 * other[their], abs=1e-6), name
