"""Declared benchmarks: languages, labels and columns of anyone's."""

from __future__ import annotations

import numpy as np
import pytest

from core.data.benchmarks import DeclaredBenchmark, benchmark_files, hash_items, read_benchmark
from core.errors import BadInput, MissingData
from core.evaluation.accuracy import fold

TWO = DeclaredBenchmark(
    "own", "nli/{split}/{lang}.tsv", {"premise": "first", "hypothesis": "second", "label": "answer"},
    ("entailment", "not-entailment"), {"yes": "entailment", "no": "not-entailment"},
)  # fmt: skip


def test_two_labels_columns_and_languages_of_ones_own(write, tmp_path):
    text = "first\tsecond\tanswer\tid\nA goat climbs.\tIt moves.\tyes\t7\nA goat climbs.\tIt sleeps.\tno\t8\n"
    for code in ("gn", "quy"):
        write(f"nli/test/{code}.tsv", text)
    write("nli/dev/gn.tsv", text.replace("yes", "no"))
    found = read_benchmark(TWO, tmp_path, "test").sets
    assert sorted(found) == ["gn", "quy"] and [(i.id, i.label) for i in found["gn"].items] == [(7, 0), (8, 1)]
    assert [i.label for i in read_benchmark(TWO, tmp_path, "validation").sets["gn"].items] == [1, 1]


def test_the_usual_columns_and_labels_need_no_declaration(write, tmp_path):
    write(
        "nli/sw.jsonl",
        '{"premise": "a", "hypothesis": "b", "label": "neutral"}\n{"premise": "a", "hypothesis": "c", "label": 2}\n',
    )
    found = read_benchmark(DeclaredBenchmark("own", "nli/{lang}.jsonl"), tmp_path, "test").sets
    assert [(i.id, i.label) for i in found["sw"].items] == [(0, 1), (1, 2)]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a\tb\tc\n1\t2\t3\n", "line 2: no column 'first'"),
        ("first\tsecond\tanswer\nx\ty\tmaybe\n", "line 2: the label 'maybe'"),
        ("first\tsecond\tanswer\nx\t\tyes\n", "no labelled pair"),
        ("first\tsecond\tanswer\nx\tyes\n", "line 2: 2 columns"),
        ("first\tsecond\tanswer\tid\nx\ty\tyes\tone\n", "not a whole number"),
        ("first\tsecond\tanswer\tid\nx\ty\tyes\t1\nx\tz\tyes\t1\n", "line 3: the id 1 occurs twice"),
        ("first\tsecond\tanswer\nx\ty\t-\n", "no labelled pair"),
    ],
)
def test_what_cannot_be_read_is_told_with_its_line(write, tmp_path, text, words):
    write("nli/test/sw.tsv", text)
    with pytest.raises(BadInput, match=words):
        read_benchmark(TWO, tmp_path, "test")


def test_what_is_left_out_is_counted(write, tmp_path):
    write("nli/test/sw.tsv", "first\tsecond\tanswer\nx\ty\tyes\nx\t\tyes\nx\tz\t-\n")
    found = read_benchmark(TWO, tmp_path, "test")
    assert [item.id for item in found.sets["sw"].items] == [0]
    assert found.left_out == {"sw": {"with an empty premise or hypothesis": 1, "without a label": 1}}
    assert "1 row(s) without a label left out" in found.notes[0]


def test_what_is_not_there_or_there_twice_is_said(write, tmp_path):
    with pytest.raises(MissingData, match="no test files"):
        read_benchmark(TWO, tmp_path, "test")
    write("nli/sw.tsv", "x")
    write("nli/swh.tsv", "x")
    with pytest.raises(BadInput, match="both sw"):
        benchmark_files(DeclaredBenchmark("own", "nli/{lang}.tsv"), tmp_path, "test")


def test_three_answers_become_two():
    three = np.array([[0.2, 0.3, 0.5], [0.6, 0.4, 0.0]], np.float32)
    assert fold(three, 2) == pytest.approx(np.array([[0.2, 0.8, 0.0], [0.6, 0.4, 0.0]])) and fold(three, 3) is three


def test_the_hash_of_items_is_of_their_content_and_not_of_their_files(write, tmp_path):
    write("a/sw.tsv", "premise\thypothesis\tlabel\nx\ty\tneutral\n")
    write("b/sw.jsonl", '{"premise": "x", "hypothesis": "y", "label": 1}\n')
    write("c/sw.tsv", "premise\thypothesis\tlabel\nx\ty\tentailment\n")

    def hashed(files: str) -> str:
        sets = read_benchmark(DeclaredBenchmark("own", files), tmp_path, "test").sets
        return hash_items({code: one.items for code, one in sets.items()})

    assert hashed("a/{lang}.tsv") == hashed("b/{lang}.jsonl") != hashed("c/{lang}.tsv")


@pytest.mark.data
def test_americasnli_is_a_file(data_dir):
    declared = DeclaredBenchmark("americasnli", "americasnli/{split}/{lang}.tsv")
    read = read_benchmark(declared, data_dir, "test")
    rows = {code: len(one.items) + sum(read.left_out.get(code, {}).values()) for code, one in read.sets.items()}
    assert len(rows) == 10 and all(738 <= count <= 750 for count in rows.values())
    assert sum(sum(reasons.values()) for reasons in read.left_out.values()) < 10, "a few rows lack a side"
    assert {item.label for one in read.sets.values() for item in one.items} == {0, 1, 2}
