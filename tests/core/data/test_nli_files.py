"""NLI files in the forms that authors publish them in, and what is said about broken ones."""

from __future__ import annotations

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.nli import parse_label, read_nli
from core.data.records import LABELS
from core.errors import BadInput

PAIRS = [("He left.", 'She said "stay" twice.', 2), ("It rains, hard.", "It is wet.", 0), ("A", "B", 1)]


def _table(columns: tuple[str, str, str], labels: tuple[str, str, str], delimiter: str, quoted: bool) -> str:
    if not quoted:
        rows = [delimiter.join((p, h, labels[c])) for p, h, c in PAIRS]
        return "\n".join([delimiter.join(columns), *rows]) + "\n"
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\n")
    writer.writerow(columns)
    writer.writerows((p, h, labels[c]) for p, h, c in PAIRS)
    return out.getvalue()


@pytest.mark.parametrize("labels", [LABELS, ("0", "1", "2"), ("e", "n", "c"), ("Entailment", "NEUTRAL", "c")])
@pytest.mark.parametrize(
    "columns",
    [("premise", "hypothesis", "label"), ("prem", "hyp", "label"), ("sentence1", "sentence2", "gold_label")],
)
@pytest.mark.parametrize("ending,quoted", [("tsv", False), ("tsv", True), ("csv", True)])
def test_every_form_gives_the_same_items(write, columns, labels, ending, quoted):
    path = write(f"a.{ending}", _table(columns, labels, "," if ending == "csv" else "\t", quoted))
    read = read_nli(path)
    assert [(i.id, i.premise, i.hypothesis, i.label) for i in read.items] == [
        (row, *pair) for row, pair in enumerate(PAIRS)
    ]
    assert read.unlabelled == 0


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("end", ["\n", "\r\n"])
def test_byte_order_mark_and_line_ends(write, encoding, end):
    text = end.join(["premise\thypothesis\tlabel", "Ngoja\u2028hapa.\tSubiri.\t0", ""])
    (item,) = read_nli(write("a.tsv", text, encoding)).items
    assert (item.premise, item.hypothesis, item.label) == ("Ngoja\u2028hapa.", "Subiri.", 0)


def test_json_lines_with_label_words_and_numbers(write):
    rows = [
        {"premise": "One\ttab", "hypothesis": "Two", "label": "n"},
        {"sentence1": "One", "sentence2": "Two", "gold_label": "contradiction"},
        {"premise": "One", "hypothesis": "Two", "label": 0},
        {"premise": "One", "hypothesis": "Two", "label": -1},
    ]
    read = read_nli(write("a.jsonl", "\n".join(json.dumps(row) for row in rows)))
    assert [item.label for item in read.items] == [1, 2, 0]
    assert read.items[0].premise == "One\ttab"
    assert read.unlabelled == 1


def test_unlabelled_rows_are_counted_and_keep_the_rows_of_the_others(write):
    read = read_nli(write("a.tsv", "premise\thypothesis\tlabel\nA\tB\t-\nC\tD\t1\nE\tF\t-\nG\tH\t2\n"))
    assert [item.id for item in read.items] == [1, 3]
    assert read.unlabelled == 2


def test_plain_quotes_are_text(write):
    text = 'premise\thypothesis\tlabel\n"Go," he said.\tHe spoke.\t0\n"Stay."\tHe spoke.\t0\n'
    assert [item.premise for item in read_nli(write("a.tsv", text)).items] == ['"Go," he said.', '"Stay."']


def test_own_ids(write):
    text = "id\tpremise\thypothesis\tlabel\n7\tA\tB\t0\n3\tC\tD\t1\n"
    assert [item.id for item in read_nli(write("a.tsv", text), own_ids=True).items] == [7, 3]
    twice = write("b.tsv", text.replace("3\tC", "7\tC"))
    with pytest.raises(BadInput, match=r"b\.tsv, line 3: the id 7 occurs twice"):
        read_nli(twice, own_ids=True)


@pytest.mark.parametrize(
    "name,text,said",
    [
        (
            "a.tsv",
            "premise\thypothesis\tlabel\nA\tB\t0\nA\tB\n",
            "a.tsv, line 3: 2 columns where the header has 3",
        ),
        ("a.tsv", "premise\thypothesis\tlabel\nA\tB\tC\t0\n", "a.tsv, line 2: 4 columns"),
        ("a.tsv", "premise\thypothesis\tlabel\nA\tB\tmaybe\n", "a.tsv, line 2: the label 'maybe' is not one"),
        (
            "a.tsv",
            "premise\thypothesis\tlabel\nA\t \t0\n",
            "a.tsv, line 2: the premise or the hypothesis is empty",
        ),
        ("a.tsv", "text\tlabel\nA\t0\n", "a.tsv, line 1: no premise, hypothesis and label"),
        ("a.tsv", "premise\thypothesis\tlabel\nA\tB\t-\n", "holds no labelled pair"),
        ("a.csv", 'premise,hypothesis,label\n"A,B,0\nC,D,1\n', "a.csv, line 2: the quotes of this row"),
        ("a.tsv", "", "a.tsv is empty"),
        ("a.tsv", " \n\n", "a.tsv is empty"),
        ("a.jsonl", '{"premise": "A"\n', "a.jsonl, line 1: this line is not JSON"),
        ("a.jsonl", "\n[1, 2]\n", "a.jsonl, line 2: this line is not a JSON object"),
        (
            "a.jsonl",
            '{"premise": 4, "hypothesis": "B", "label": 0}\n',
            "a.jsonl, line 1: premise and hypothesis must",
        ),
        (
            "a.tsv",
            b"premise\thypothesis\tlabel\nA\tB\t0\nCaf\xe9\tB\t0\n",
            "a.tsv, line 3: the text is not UTF-8",
        ),
        ("a.tsv", "premise\thypothesis\tlabel\n".encode("utf-16"), "a.tsv, line 1: the file is UTF-16"),
    ],
)
def test_broken_files_are_told_with_file_and_line(write, name, text, said):
    with pytest.raises(BadInput) as error:
        read_nli(write(name, text))
    assert said in str(error.value)
    assert "\n" not in str(error.value)
    assert str(error.value).endswith(".")


def test_a_file_that_is_not_there(tmp_path):
    with pytest.raises(BadInput, match="cannot be read"):
        read_nli(tmp_path / "none.tsv")


@pytest.mark.parametrize("value", ["3", "", "entails", True, 1.0, None])
def test_labels_that_are_none(value):
    with pytest.raises(BadInput):
        parse_label(value)


_CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(str.strip)


@given(st.lists(st.tuples(_CELL, _CELL, st.sampled_from(LABELS)), min_size=1, max_size=6), st.booleans())
def test_what_a_csv_writer_writes_is_read_back(tmp_path_factory, pairs, comma):
    path = tmp_path_factory.mktemp("nli") / ("a.csv" if comma else "a.tsv")
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, delimiter="," if comma else "\t")
        writer.writerows([("premise", "hypothesis", "label"), *pairs])
    items = read_nli(path, "quoted").items
    assert [(i.premise, i.hypothesis, LABELS[i.label]) for i in items] == pairs


@given(st.lists(st.tuples(_CELL, _CELL, st.sampled_from([0, 1, 2])), min_size=1, max_size=6))
def test_json_lines_are_read_back(tmp_path_factory, pairs):
    path = tmp_path_factory.mktemp("nli") / "a.jsonl"
    rows = [{"premise": p, "hypothesis": h, "label": c} for p, h, c in pairs]
    path.write_text("".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows), encoding="utf-8")
    assert [(i.premise, i.hypothesis, i.label) for i in read_nli(path).items] == pairs


def test_a_set_of_two_labels_is_no_training_set(tmp_path):
    path = tmp_path / "two.tsv"
    path.write_text("premise\thypothesis\tlabel\nA goat climbs.\tIt sleeps.\tnot_entailment\n")
    with pytest.raises(BadInput, match="a set of two labels can be a study's benchmark, not trained on"):
        read_nli(path)
