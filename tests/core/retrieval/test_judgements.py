"""Judgements from files: forms, identities, marks; what is left out is told, and with `strict` stops."""

from __future__ import annotations

import pytest

from core.errors import BadInput
from core.retrieval.judgements import check_qrels, read_qrels


def _file(folder, name, text):
    path = folder / name
    path.write_bytes(text.encode("utf-8"))
    return path


def test_trec_beir_and_mteb(tmp_path):
    assert read_qrels(_file(tmp_path, "a", "q1 0 d1 1\nq1 0 d2 0\n")) == {"q1": {"d1": (1, 1), "d2": (0, 2)}}
    beir = "query-id\tcorpus-id\tscore\nq1\td1\t2\n"
    assert read_qrels(_file(tmp_path, "b", beir)) == {"q1": {"d1": (2, 2)}}
    mteb = '{"query-id": "q1", "corpus-id": "d1", "score": 1.0}\n{"query-id": 2, "corpus-id": 3, "score": 0}\n'
    assert read_qrels(_file(tmp_path, "c.jsonl", mteb)) == {"q1": {"d1": (1, 1)}, "2": {"3": (0, 2)}}


def test_ids_with_spaces_between_tabs(tmp_path):
    assert read_qrels(_file(tmp_path, "a.tsv", "q 1\t0\td 1\t1\n")) == {"q 1": {"d 1": (1, 1)}}


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("s", "q1 d1\n", "line 1: qrels have 4 columns"),
        ("s", "q1 0 d1 x\n", "line 1: the mark 'x' is not a whole number"),
        ("s", "q1 0 d1 .5\n", "line 1: the mark '.5' is not a whole number"),
        ("s", "q1 0 d1 inf\n", "line 1: the mark 'inf' is not a whole number"),
        ("s", "\n", "hold no judgement"),
        ("s.jsonl", "{\n", "line 1: the line is not JSON"),
        ("s.jsonl", "[1]\n", "line 1: the line is not an object"),
        ("s.jsonl", '{"query-id": "q", "score": 1}\n', "line 1: there is no corpus-id"),
    ],
)
def test_one_sentence_with_the_line(tmp_path, name, text, told):
    with pytest.raises(BadInput, match=told):
        read_qrels(_file(tmp_path, name, text))


def test_ids_that_are_not_there_are_told_and_count_as_in_trec_eval(tmp_path):
    marks = read_qrels(_file(tmp_path, "r", "q1 0 d1 1\nq1 0 nowhere 1\nq77 0 d1 1\nq2 0 d1 -1\n"))
    judged = check_qrels(marks, "r", {"q1", "q2"}, {"d1"})
    assert judged.marks == {"q1": {"d1": 1, "nowhere": 1}, "q2": {"d1": -1}}
    assert judged.told == (
        "r: judgements of 1 query that are not asked are left out (q77).",
        "r: 1 judged candidate not in the collection (nowhere); nothing finds them, and they count as in trec_eval.",
        "r: 1 query with no right candidate; they count as 0, as in trec_eval.",
    )
    with pytest.raises(BadInput, match="r, line 3: no query has the id 'q77'"):
        check_qrels(marks, "r", {"q1", "q2"}, {"d1"}, strict=True)
    with pytest.raises(BadInput, match="r, line 2: the collection has no 'nowhere'"):
        check_qrels(marks, "r", {"q1", "q2", "q77"}, {"d1"}, strict=True)


def test_judgements_of_another_set_are_refused(tmp_path):
    marks = read_qrels(_file(tmp_path, "r", "q1 0 d1 1\n"))
    with pytest.raises(BadInput, match="r, line 1: no query has the id 'q1'"):
        check_qrels(marks, "r", {"other"}, {"d1"})
    with pytest.raises(BadInput, match="r, line 1: the collection has no 'd1'"):
        check_qrels(marks, "r", {"q1"}, set())


def test_queries_outside_the_chosen_part_are_no_fault(tmp_path):
    marks = read_qrels(_file(tmp_path, "r", "q1 0 d1 1\nq2 0 d1 1\n"))
    assert check_qrels(marks, "r", {"q1"}, {"d1"}, strict=True, whole=["q1", "q2"]).told == ()
