"""The terms of the query encoders' arms, on made states."""

from __future__ import annotations

import dataclasses
from types import SimpleNamespace

import numpy as np
import pytest

from core.data.questions import read_answered
from core.errors import BadInput
from core.query_encoders.settings import experiment
from core.query_encoders.tasks import average_precision, ranks_of
from core.retrieval.removal import fit_removal
from tests.support.late import COLLECTING

if not COLLECTING:
    import torch

    from core.query_encoders.batches import Pairs, Side
    from core.query_encoders.objectives import OBJECTIVES, anchor, find_objective
    from core.retrieval.late import late_scores

SIZE = 12
ENCODER = SimpleNamespace(hidden_size=SIZE, pooling="mean", head=None, prefix="")
LANGUAGES = ("sw", "ur")


def _side(rows: int, width: int) -> Side:
    attention = torch.ones(rows, width, dtype=torch.long)
    own = attention.bool()
    own[:, 0] = False
    return Side(torch.arange(rows * width).reshape(rows, width), attention, own)


def _pairs() -> Pairs:
    return Pairs(_side(8, 6), _side(8, 5), torch.tensor([0, 0, 0, 0, 1, 1, 1, 1]))


def _states(seed: int, width: int) -> torch.Tensor:
    return torch.randn(8, width, SIZE, generator=torch.Generator().manual_seed(seed))


def test_descending_a_term_lowers_it(monkeypatch, subtests):
    for arm in sorted(OBJECTIVES):
        with subtests.test(arm):
            objective = find_objective(arm)(ENCODER, LANGUAGES, 0)
            pairs, fixed = _pairs(), _states(0, 6)
            if arm == "adversarial":
                objective.fit(fixed.mean(1))
                monkeypatch.setattr(
                    "core.query_encoders.objectives.learn_languages", lambda *given: {}
                )  # else both play
            moved = _states(1, 5).requires_grad_(True)
            optimiser = torch.optim.Adam([moved], lr=0.05)
            values = []
            for _ in range(12):
                term, logged = objective.term(pairs, fixed, moved)
                assert term.ndim == 0 and all(np.isfinite(value) for value in logged.values())
                optimiser.zero_grad()
                term.backward()
                optimiser.step()
                values.append(float(term.detach()))
            assert values[-1] < values[0]


def test_the_discriminator_does_not_learn_from_the_generator():
    objective = find_objective("adversarial")(ENCODER, LANGUAGES, 0)
    term, _ = objective.term(_pairs(), _states(0, 6), _states(1, 5).requires_grad_(True))
    before = [p.grad.clone() for p in objective.discriminator.parameters()]
    term.backward()
    for old, parameter in zip(before, objective.discriminator.parameters(), strict=True):
        assert torch.equal(old, parameter.grad) and parameter.requires_grad


def test_shuffled_pairs_keep_no_translation():
    pairs = _pairs()
    shuffled = OBJECTIVES["transport-shuffled"](ENCODER, LANGUAGES, 5)
    for update in range(5):
        arranged = shuffled.arrange(pairs, update)
        assert not (arranged.target.ids == pairs.target.ids).all(1).any()
        assert set(arranged.target.ids[:4, 0].tolist()) == set(pairs.target.ids[:4, 0].tolist())
        assert torch.equal(arranged.english.ids, pairs.english.ids)


def test_anchor_is_relative():
    fixed = _states(0, 6)
    attention = torch.ones(8, 6)
    assert float(anchor(fixed, fixed, attention)) == 0
    assert float(anchor(fixed, 1.1 * fixed, attention)) == pytest.approx(0.01, rel=1e-4)


def test_unknown_arm():
    with pytest.raises(BadInput, match="transport, adversarial"):
        find_objective("english-only")


def test_the_experiment_is_whole():
    told = experiment()
    assert set(told["seeds"]) == set(OBJECTIVES)
    assert [told["seeds"][arm] for arm in ("transport", "adversarial", "mean-matching")] == [3, 3, 3]
    assert len(told["strengths"]["transport"]) == len(told["strengths"]["adversarial"])
    assert set(told["primary_languages"]) <= set(told["languages"])


def test_ranks_and_average_precision_against_a_plain_sort():
    random = np.random.default_rng(0)
    queries, candidates = random.normal(size=(9, 4)).astype("f4"), random.normal(size=(50, 4)).astype("f4")
    candidates[7] = candidates[3]  # a tie: the lower index is first
    right = np.stack([random.permutation(50)[:3] for _ in range(9)])
    right[0] = [3, 7, 20]
    ranks = ranks_of(queries, candidates, right, chunk=4)
    for q in range(9):
        order = np.argsort(-(queries[q : q + 1] @ candidates.T)[0], kind="stable").tolist()
        assert [order.index(r) + 1 for r in right[q]] == ranks[q].tolist()
    assert average_precision(np.array([[4, 1]]))[0] == pytest.approx((1 / 1 + 2 / 4) / 2)


def test_removal_takes_out_the_mean_and_the_components():
    random = np.random.default_rng(0)
    direction = np.eye(8)[2]
    vectors = (0.1 * random.normal(size=(200, 8)) + 5 * random.normal(size=(200, 1)) * direction + 3).astype("f4")
    removed = fit_removal(vectors, True, 1)
    assert abs(removed.components[0] @ direction) > 0.999
    left = removed(vectors)
    np.testing.assert_allclose(np.linalg.norm(left, axis=1), 1, atol=1e-5)
    assert np.abs(left @ removed.components.T).max() < 1e-4
    assert np.allclose(fit_removal(vectors, False, 0)(vectors), vectors / np.linalg.norm(vectors, axis=1)[:, None])


def test_late_interaction_prefers_the_same_words(monkeypatch):
    words = dict(zip("abcd", np.eye(4, dtype=np.float32), strict=True))

    def states(encoder, texts, layer, prefix):
        return [SimpleNamespace(states=np.stack([words[c] for c in text])) for text in texts]

    monkeypatch.setattr("core.retrieval.late.token_states", states)
    encoder = SimpleNamespace(layers=1)
    maxsim = late_scores(encoder, encoder, "ab", ["ab", "abcd", "cd"], "maxsim")
    assert maxsim.tolist() == pytest.approx([1, 1, 0])
    carried = late_scores(encoder, encoder, "ab", ["ab", "abcd", "cd"], "transport")
    assert carried == pytest.approx([0, -0.5, -1], abs=0.02), "transport also minds what the candidate says besides"


def test_answers_are_where_their_first_letter_is(tmp_path):
    path = tmp_path / "en.json"
    path.write_text(
        '{"data":[{"paragraphs":[{"context":"One. Two. Three.","sentences":["One.","Two.","Three."],'
        '"sentence_breaks":[[0,4],[5,9],[10,16]],"qas":[{"id":"x","question":"?","answers":[{"answer_start":5,'
        '"text":"Two"}]}]}]}]}', encoding="utf-8")  # fmt: skip
    found = read_answered(path, "en")
    assert dataclasses.astuple(found) == ("en", ("x",), ("?",), ("One.", "Two.", "Three."), (1,))
    path.write_text('{"data":[{"paragraphs":[{"qas":[]}]}]}', encoding="utf-8")
    with pytest.raises(BadInput, match="not shaped as XQuAD-R"):
        read_answered(path, "en")
