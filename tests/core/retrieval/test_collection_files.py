"""Collections, queries and qrels from files: what loads, and the sentence for what does not."""

from __future__ import annotations

import pytest

from core.errors import BadInput
from core.retrieval.collection import parser, read_through
from core.retrieval.fields import Entry


def _file(folder, name, text):
    path = folder / name
    path.write_bytes(text.encode("utf-8"))
    return path


def test_json_lines_with_languages(tmp_path):
    path = _file(tmp_path, "c.jsonl", '{"id":"a","text":"un","lang":"fr"}\n\n{"id":7,"text":"एक","lang":"hin"}\n')
    found, present = read_through(path, wanted={"7", "x"})
    assert list(found.entries()) == [Entry("a", "un", "fr"), Entry("7", "एक", "hi")]
    assert found.at([1, 0]) == [Entry("7", "एक", "hi"), Entry("a", "un", "fr")]
    assert found.languages == ("fr", "hi") and present == {"7"}


def test_ms_marco_and_wikiclir_forms(tmp_path):
    marco, _ = read_through(_file(tmp_path, "collection.tsv", "0\tThe dam.\r\n1\tA\ttab\n"), lang="en")
    assert list(marco.entries()) == [Entry("0", "The dam.", "en"), Entry("1", "A\ttab", "en")]
    lines = '{"docid":"3","title":"Bwawa","text":"la maji","lang":"sw"}\n{"qid":"4","query":"maji","lang":"sw"}\n'
    clir, _ = read_through(_file(tmp_path, "clir.jsonl", lines))
    assert [entry.text for entry in clir.entries()] == ["Bwawa la maji", "maji"]


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("c.jsonl", '{"id":"a","text":"x"}\n{"id":', "c.jsonl, line 2: the line is not JSON"),
        ("c.jsonl", '{"id":"a","text":"x"}\n[1]\n', "line 2: the line is not an object"),
        ("c.jsonl", '{"id":"a","text":"x"}\n\n{"id":"a","text":"y"}\n', "line 3: the id 'a' came before"),
        ("c.jsonl", '{"text":"x"}\n', "line 1: there is no id"),
        ("c.jsonl", '{"id":"a","text":"  "}\n', "c.jsonl holds no entry with a text"),
        ("c.tsv", "1\tx\n2 y\n", "c.tsv, line 2: there is no tab"),
        ("c.tsv", "\n", "c.tsv holds no entry"),
        ("c.csv", "1,x\n", "in no form that is read"),
    ],
)  # fmt: skip
def test_one_sentence_with_the_line(tmp_path, name, text, told):
    with pytest.raises(BadInput) as failure:
        read_through(_file(tmp_path, name, text))
    assert told in str(failure.value) and "\n" not in str(failure.value)


def test_line_numbers_and_deep_json(tmp_path):
    with pytest.raises(BadInput, match="line 9: the line is not JSON"):
        parser(tmp_path / "c.jsonl")(b"[" * 100_000, 9)
    with pytest.raises(BadInput, match="line 1: the line is not UTF-8"):
        parser(tmp_path / "c.tsv")(b"1\t\xff\xfe", 1)


def test_a_language_that_is_not_known_is_refused_where_a_person_names_it(tmp_path):
    for name, text in (("c.jsonl", '{"id":"a","text":"x"}\n'), ("c.tsv", "a\tx\n")):
        with pytest.raises(BadInput, match="'klingonese' is no known language"):
            read_through(_file(tmp_path, name, text), lang="klingonese")
