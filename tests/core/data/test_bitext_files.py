"""Bitext as a Moses pair, a table of two columns, and JSON Lines."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.bitext import read_bitext, read_moses
from core.errors import BadInput

PAIRS = (("Hello.", "Habari."), ("Fish, two", 'Samaki "wawili"'), ("Go", "Nenda"))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
def test_moses_pair_keeps_separators_inside_sentences(write, encoding):
    source = write("a.en", "One\u2028line\nTwo\x85lines\n\nEnd\n", encoding)
    target = write("a.sw", "Mstari\u2028mmoja\r\nMistari\r\n\r\nMwisho", encoding)
    assert read_moses(source, target) == (
        ("One\u2028line", "Mstari\u2028mmoja"), ("Two\x85lines", "Mistari"), ("", ""), ("End", "Mwisho"),
    )  # fmt: skip


@pytest.mark.parametrize("header", ["", "source\ttarget", "en\tsw", "eng\tswh", "English\tTranslation"])
def test_table_with_or_without_header(write, header):
    body = "".join(f"{a}\t{b}\n" for a, b in PAIRS)
    assert read_bitext(write("a.tsv", f"{header}\n{body}" if header else body), None, ("en", "sw")) == PAIRS


def test_header_decides_the_order_of_the_columns(write):
    text = "id\tsw\tscore\ten\n" + "".join(f"{i}\t{b}\t0.5\t{a}\n" for i, (a, b) in enumerate(PAIRS))
    assert read_bitext(write("a.tsv", text), None, ("en", "sw")) == PAIRS


def test_csv(write):
    text = 'Hello.,Habari.\n"Fish, two","Samaki ""wawili"""\nGo,Nenda\n'
    assert read_bitext(write("a.csv", text)) == PAIRS


def test_a_first_pair_that_looks_like_no_header_is_kept(write):
    assert read_bitext(write("a.tsv", "source of water\ttarget\nGo\tNenda\n"))[0] == (
        "source of water",
        "target",
    )


@pytest.mark.parametrize(
    "shape",
    [
        lambda a, b: {"source": a, "target": b},
        lambda a, b: {"sw": b, "en": a},
        lambda a, b: {"translation": {"en": a, "sw": b}},
        lambda a, b: {"id": 4, "translation": {"swh": b, "eng": a}},
    ],
)
def test_json_lines(write, shape):
    text = "".join(json.dumps(shape(a, b)) + "\n" for a, b in PAIRS)
    assert read_bitext(write("a.jsonl", text), None, ("en", "sw")) == PAIRS


@pytest.mark.parametrize(
    "name,text,said",
    [
        ("a.tsv", "One\nTwo\n", "a.tsv, line 1: 1 column and no header"),
        ("a.tsv", "One\tMoja\tx\n", "a.tsv, line 1: 3 columns and no header"),
        ("a.tsv", "One\tMoja\nTwo\n", "a.tsv, line 2: 1 columns where the first line has 2"),
        ("a.tsv", "source\ttarget\n", "has a header and no pair"),
        ("a.tsv", "", "a.tsv is empty"),
        ("a.tsv", b"One\tMoja\nTwo\tMb\xff\n", "a.tsv, line 2: the text is not UTF-8"),
        ("a.jsonl", '{"source": "One"}\n', "a.jsonl, line 1: no pair of texts under source and target"),
        ("a.jsonl", '{"source": "One", "target": 1}\n', "a.jsonl, line 1: no pair of texts"),
    ],
)
def test_broken_bitext_is_told_with_file_and_line(write, name, text, said):
    with pytest.raises(BadInput) as error:
        read_bitext(write(name, text))
    assert said in str(error.value)


def test_sides_of_unequal_length(write):
    with pytest.raises(BadInput, match=r"a\.sw, line 2: the file ends here, but .*a\.en has 3 lines"):
        read_moses(write("a.en", "1\n2\n3\n"), write("a.sw", "1\n2\n"))


def test_a_side_that_is_missing(write, tmp_path):
    with pytest.raises(BadInput, match=r"a\.sw has no other side; a\.en should be beside it"):
        read_moses(tmp_path / "a.en", write("a.sw", "1\n"))


_SENTENCE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=20).map(str.strip)


@given(st.lists(st.tuples(_SENTENCE, _SENTENCE), min_size=1, max_size=8))
def test_a_moses_pair_is_read_back(tmp_path_factory, pairs):
    pairs = [("kept", "kept"), *pairs]
    root = tmp_path_factory.mktemp("moses")
    for side, name in enumerate(("a.en", "a.sw")):
        (root / name).write_bytes("".join(f"{pair[side]}\n" for pair in pairs).encode())
    assert list(read_moses(root / "a.en", root / "a.sw")) == pairs
