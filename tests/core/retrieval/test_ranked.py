"""Rankings with scores: run files read and written, in trec_eval's order, fused by ranks."""

from __future__ import annotations

import pytest

from core.errors import BadInput
from core.retrieval.ranked import Ranked, check_ids, fuse, in_order, read_run, run_lines, without_own


def ranked(**rankings: str) -> Ranked:
    return Ranked.of(
        (query, list(names), [1 / (k + 1) for k in range(len(names))]) for query, names in rankings.items()
    )


def test_equal_scores_the_later_id_first_and_single_precision_decides():
    assert [name for name, _ in in_order({"a": 1.0, "b": 1.0, "B": 1.0, "c": 2.0})] == ["c", "b", "a", "B"]
    assert [name for name, _ in in_order({"a": 1.00000001, "b": 1.0})] == ["b", "a"], "trec_eval reads floats"


def test_a_run_goes_out_and_comes_back(tmp_path):
    path = tmp_path / "run"
    found = ranked(q1="abc", q2="b")
    path.write_text("".join(f"{line}\n" for line in run_lines(found, "mine")))
    assert path.read_text().splitlines()[1] == "q1 Q0 b 2 0.500000 mine"
    assert read_run(path) == found


def test_scores_decide_not_the_printed_ranks(tmp_path):
    (tmp_path / "run").write_text("q Q0 a 1 0.1 x\nq Q0 b 2 0.9 x\n")
    assert read_run(tmp_path / "run").rankings == {"q": ["b", "a"]}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("q Q0 a 1 0.1\n", "line 1: a run has 6 columns"),
        ("\nq Q0 a 1 nan x\n", "line 2: the score 'nan' is no number"),
        ("q Q0 a 1 1 x\nq Q0 a 2 0 x\n", "line 2: 'a' comes twice for 'q'"),
        ("\n", "holds no ranking"),
    ],
)
def test_one_sentence(tmp_path, text, told):
    (tmp_path / "run").write_text(text)
    with pytest.raises(BadInput, match=told):
        read_run(tmp_path / "run")


def test_fusion_by_hand():
    """a: 1/61 + 1/62, b: 1/62 + 1/61, c: 1/63 in the first alone, d: 1/63 in the second."""
    found = fuse([ranked(q="abc"), ranked(q="bad")], 3)
    assert found.rankings == {"q": ["b", "a", "d"]}
    assert found.scores["q"] == pytest.approx([0.032522, 0.032522, 0.015873])
    assert fuse([ranked(q="ab"), ranked(p="ab")], 9).rankings == {"q": ["a", "b"], "p": ["a", "b"]}


def test_own_ids_and_ids_with_spaces():
    assert without_own(ranked(a="bac"), 2).rankings == {"a": ["b", "c"]}
    check_ids(["a", "b"])
    with pytest.raises(BadInput, match="'a b' holds a space"):
        check_ids(["a", "a b"])
