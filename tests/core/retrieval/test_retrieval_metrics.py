"""Metrics against hand-made numbers, and against an independent tool on the same run file."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.errors import BadInput
from core.retrieval.metrics import MEASURES, by_query, intervals, summary
from core.retrieval.ranked import Ranked, run_lines
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
    table = by_query({"q": {"a": 0}, "no": {"b": -1}, "r": {"a": 1}}, dict.fromkeys(("q", "no", "r"), ["a"]))
    assert dict(zip(table["query"], table["map"], strict=True)) == {"q": 0.0, "no": 0.0, "r": 100.0}


def test_equal_scores_stand_as_trec_eval_puts_them():
    names = [f"t{k:02}" for k in range(20)]
    told = by_query({"q": {"t00": 1}}, {"q": names}, {"q": [0.5] * 20}).iloc[0]
    assert told["map"] == pytest.approx(5.0) and told["mrr@10"] == told["accuracy@1"] == told["recall@10"] == 0
    assert by_query({"q": {"t00": 1}}, {"q": names}).iloc[0]["map"] == 100, "an order alone has no ties"


def test_what_a_short_ranking_cannot_answer_is_left_out():
    table = by_query({"q": {"a": 1}}, {"q": ["a"]}, depth=10)
    assert "recall@100" not in table and "recall@10" in table
    assert set(summary(table, 10)) == set(MEASURES) - {"recall@100"}


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_figures_are_trec_evals_on_the_run_file(seed):
    """Ties, negative and missing judgements, unjudged queries: against pytrec_eval on the very lines that are
    written."""
    import pytrec_eval

    random = np.random.default_rng(seed)
    names = [f"d{k}" for k in random.permutation(30)]
    scores = {f"q{k}": np.sort(random.integers(0, 6, 15) / 7)[::-1] for k in range(6)}
    rankings = {query: [str(name) for name in random.permutation(names)[:15]] for query in scores}
    qrels = {
        f"q{k}": {str(d): int(random.integers(-1, 3)) for d in random.choice([*names, "gone"], 6, replace=False)}
        for k in range(5)
    }
    qrels["q0"][rankings["q0"][3]] = 1
    ranked = Ranked.of((query, rankings[query], own.tolist()) for query, own in scores.items())
    lines = run_lines(ranked, "mine")
    run: dict[str, dict[str, float]] = {}
    for query, _, candidate, _, score, _ in (line.split() for line in lines):
        run.setdefault(query, {})[candidate] = float(score)
    ours = by_query(qrels, ranked.rankings, ranked.scores).set_index("query")
    theirs = pytrec_eval.RelevanceEvaluator(qrels, {name for name, _ in MEASURES.values()}).evaluate(run)
    assert set(ours.index) == set(qrels)
    for query in qrels:
        for name, (_, other) in MEASURES.items():
            expected = 100 * theirs.get(query, {}).get(other, 0.0)
            if name == "mrr@10" and expected < 10 - 1e-9:
                expected = 0.0
            assert ours.loc[query, name] == pytest.approx(expected), (query, name)


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
