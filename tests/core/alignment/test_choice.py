"""The search for a default: joined sentences keep their links, every rule is tried as often, the best comes first."""

from __future__ import annotations

import pytest

from core.data.gold_alignment import gold_sets, own_set
from core.data.links import SentenceLinks
from core.errors import BadInput
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.alignment.alignment_sets import measure_sets
    from core.alignment.choice import choose, join, readable, rule_of
    from core.alignment.defaults import CHOSEN
    from core.alignment.drawn_scores import drawn_scores
    from core.alignment.kept_states import StateShelf
    from core.alignment.word_links import DECODINGS

ROWS = [
    ("The cat sleeps .", "Die Katze schläft .", "0-0 1-1 2-2 3-3"),
    ("She reads two books .", "Sie liest zwei Bücher .", "0-0 1-1 2-2 3-3 4-4"),
    ("We walk home .", "Wir gehen heim .", "0-0 1-1 2p2 3-3"),
]


@pytest.fixture
def own(tmp_path):
    path = tmp_path / "own.tsv"
    path.write_text("source\ttarget\tlinks\n" + "".join("\t".join(row) + "\n" for row in ROWS), encoding="utf-8")
    return own_set(path)


def test_a_grid_on_one_s_own_gold(encoder, own, tmp_path):
    found = choose(StateShelf(encoder, tmp_path), [own], [6])
    rules = {rule_of(choice.settings) for choice in found}
    assert rules == {*DECODINGS, "transport-grow, position", "transport-grow, unbalanced"} and len(found) == len(rules)
    order = [(not choice.is_safe, choice.merit) for choice in found]
    assert order == sorted(order) and found[0].is_safe
    tried = {rule_of(choice.settings): choice.tried for choice in found}
    for rule in ("grow", "threshold", "grow-diag", "near-best", "grow, position", "grow, unbalanced"):
        assert tried[f"transport-{rule}"] == 45, "equal effort"
    assert found[0].macro <= 10 and found[0].by_set == {"und-und": found[0].macro}


def test_joined_sentences_keep_their_links():
    links = [SentenceLinks(frozenset({(0, 0)}), frozenset({(0, 0), (1, 0)})) for _ in range(5)]
    texts, moved = join([(["a", "b"], ["x"])] * 5, links, 4)
    assert [len(source) for source, _ in texts] == [8, 2] and [len(target) for _, target in texts] == [4, 1]
    assert moved[0].sure == {(0, 0), (2, 1), (4, 2), (6, 3)} and (7, 3) in moved[0].possible
    with pytest.raises(BadInput, match="no sentence with words"):
        readable([([], ["a"])], links[:1])


def test_own_gold_is_measured_and_kept_states_change_nothing(encoder, own, tmp_path):
    bare = next(measure_sets(encoder, [own], [CHOSEN]))
    kept = [next(measure_sets(encoder, [own], [CHOSEN], kept=tmp_path)) for _ in range(2)]
    assert bare.score == kept[0].score == kept[1].score and bare.score.sentences == 3
    assert any(tmp_path.glob("*.npz"))


def test_own_gold_needs_sentences(tmp_path):
    (tmp_path / "links").write_text("0-0\n")
    with pytest.raises(BadInput, match="has no sentences"):
        own_set(tmp_path / "links")
    with pytest.raises(BadInput, match="There is no file"):
        own_set(tmp_path / "nowhere")
    assert gold_sets


def test_arms_against_what_was_drawn():
    gold = [SentenceLinks(frozenset({(0, 0), (1, 1)}), frozenset({(0, 0), (1, 1), (2, 1)}))]
    table = drawn_scores(gold, [("worse", [frozenset({(0, 1)})]), ("better", [frozenset({(0, 0), (2, 1)})])])
    assert table["arm"].tolist() == ["better", "worse"] and table["AER"].tolist() == [25.0, 100.0]
    assert table.loc[0, ["hit", "missed", "spurious"]].tolist() == [2, 1, 0]
    assert table["low"].isna().all() and drawn_scores(gold * 2, [("a", [frozenset()] * 2)])["low"].notna().all()
