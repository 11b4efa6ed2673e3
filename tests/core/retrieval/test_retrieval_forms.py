"""Retrieval sets in the forms they are published in: what is read, what is told, and the sentence for what is not."""

from __future__ import annotations

import bz2
import gzip
import json
import lzma
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import BadInput
from core.retrieval import forms
from core.retrieval.collection import TextFile, read_through
from core.retrieval.fields import Entry, Role
from core.retrieval.forms import open_side

FERRY, MARKET = "The old ferry crosses the river every morning.", "The market opens at six and closes at noon."
DOCUMENTS = [
    {"_id": "d1", "title": "Ferries", "text": FERRY},
    {"_id": "d2", "title": "Markets", "text": MARKET},
    {"_id": "d5", "title": "", "text": ""},
]
ASKED = [{"_id": "q1", "text": "Kivuko kinavuka mto saa ngapi?"}, {"_id": "q2", "text": "Soko linafunguliwa lini?"}]


def lines(records: list[dict]) -> str:
    return "".join(json.dumps(record, ensure_ascii=False) + "\n" for record in records)


def side(path: Path, role: Role = "document") -> tuple[TextFile, list[Entry]]:
    opened = open_side(path, role, path.parent / "cache")
    found, _ = read_through(opened.path, role=role, called=opened.called, only=opened.only)
    return found, list(found.entries())


@pytest.fixture
def beir(tmp_path) -> Path:
    folder = tmp_path / "set"
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text(lines(DOCUMENTS), encoding="utf-8")
    (folder / "queries.jsonl").write_text(lines(ASKED), encoding="utf-8")
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\td1\t1\nq1\tnowhere\t1\n")
    (folder / "qrels" / "dev.tsv").write_text("query-id\tcorpus-id\tscore\nq2\td2\t2\n")
    return folder


def test_a_beir_folder_asks_the_queries_of_its_split(beir, tmp_path):
    found, documents = side(beir)
    assert documents == [Entry("d1", f"Ferries {FERRY}", ""), Entry("d2", f"Markets {MARKET}", "")]
    assert found.sentences == ["set/corpus.jsonl: 1 document without a text is left out."]
    assert [entry.id for entry in side(beir, "query")[1]] == ["q1"]
    dev = open_side(beir, "query", tmp_path / "cache", "dev")
    assert dev.only == {"q2"} and dev.marks == {"q2": {"d2": (2, 2)}}
    with pytest.raises(BadInput, match="no judgements of the split 'train'; name one of dev, test by --split"):
        open_side(beir, "query", tmp_path / "cache", "train")
    (beir / "corpus.jsonl").unlink()
    with pytest.raises(BadInput, match="has no corpus.jsonl"):
        open_side(beir, "document", tmp_path / "cache")


def test_a_title_is_never_left_out(tmp_path):
    (tmp_path / "c.jsonl").write_text(
        lines([{"id": 1, "title": "The market", "text": MARKET.replace("The m", "The M")}])
    )
    assert side(tmp_path / "c.jsonl")[1][0].text.startswith("The market The Market opens")


@pytest.mark.parametrize("key", ["context", "body", "segment", "passage_text", "document", "abstract"])
def test_title_and_text_under_any_name(tmp_path, key):
    (tmp_path / "c.jsonl").write_text(lines([{"id": "d1", "title": "Ferries", key: FERRY, "url": "x", "rank": 3}]))
    found, entries = side(tmp_path / "c.jsonl")
    assert entries[0].text == f"Ferries {FERRY}"
    assert found.sentences == ["c.jsonl: fields that are not read: url, rank."]


def test_a_record_whose_text_is_nowhere_names_what_it_has(tmp_path):
    (tmp_path / "c.jsonl").write_text(lines([{"id": "d1", "words": FERRY}]))
    with pytest.raises(BadInput, match=r"line 1: no field holds a text \(any of text, .*\); there are words"):
        side(tmp_path / "c.jsonl")


def test_languages_by_name_or_script_and_the_unknown_once(tmp_path):
    given = ["English", "eng-Latn", "sw", "unknown", "unknown"]
    (tmp_path / "c.jsonl").write_text(lines([{"id": i, "text": "x", "lang": one} for i, one in enumerate(given)]))
    found, entries = side(tmp_path / "c.jsonl")
    assert [entry.lang for entry in entries] == ["en", "en", "sw", "und", "und"]
    assert found.sentences == ["c.jsonl: 'unknown' is no known language; read as und."]


SQUAD = {
    "version": "1.1",
    "data": [
        {"title": "River_ferries", "paragraphs": [
            {"context": FERRY, "qas": [{"id": "q1", "question": "Saa ngapi?", "answers": []}]},
            {"context": MARKET, "qas": [{"id": "q2", "question": "Lini?"}, {"id": "q3", "question": "Wapi?"}]},
        ]}
    ],
}  # fmt: skip


@pytest.mark.parametrize("indent", [None, 2])
def test_squad_brings_documents_queries_and_judgements(tmp_path, indent):
    (tmp_path / "squad.json").write_text(json.dumps(SQUAD, indent=indent))
    assert side(tmp_path / "squad.json")[1] == [
        Entry("p0", f"River ferries {FERRY}", ""), Entry("p1", f"River ferries {MARKET}", "")
    ]  # fmt: skip
    assert [entry.text for entry in side(tmp_path / "squad.json", "query")[1]] == ["Saa ngapi?", "Lini?", "Wapi?"]
    opened = open_side(tmp_path / "squad.json", "query", tmp_path / "cache")
    assert opened.marks == {"q1": {"p0": (1, 1)}, "q2": {"p1": (1, 2)}, "q3": {"p1": (1, 3)}}
    (tmp_path / "bad.json").write_text(json.dumps({"data": [{"paragraphs": [{"text": "x"}]}]}))
    with pytest.raises(BadInput, match=r"bad.json is not SQuAD's form"):
        open_side(tmp_path / "bad.json", "query", tmp_path / "cache")


def test_afriqa_reads_a_passage_once(tmp_path):
    rows = [
        {"id": str(i), "question_lang": f"Swali {i}?", "context": one, "title": "", "question_translated": "?"}
        for i, one in enumerate((FERRY, MARKET, FERRY))
    ]
    path = tmp_path / "gold_span_passages.afriqa.swa.en.test.json"
    path.write_text(lines(rows))
    assert side(path)[1] == [Entry("p0", FERRY, "en"), Entry("p1", MARKET, "en")]
    assert side(path, "query")[1][2] == Entry("2", "Swali 2?", "sw")
    marks = open_side(path, "query", tmp_path / "cache").marks
    assert marks == {"0": {"p0": (1, 1)}, "1": {"p1": (1, 2)}, "2": {"p0": (1, 3)}}


def test_miracl_and_clirmatrix(tmp_path):
    passages = [{"docid": "d1", "title": "Ferries", "text": FERRY}], [{"docid": "d2", "title": "", "text": MARKET}]
    row = {"query_id": "7", "query": "Saa?", "positive_passages": passages[0], "negative_passages": passages[1]}
    (tmp_path / "train.jsonl").write_text(lines([row]))
    assert [entry.id for entry in side(tmp_path / "train.jsonl")[1]] == ["d1", "d2"]
    marks = open_side(tmp_path / "train.jsonl", "query", tmp_path / "cache").marks
    assert marks == {"7": {"d1": (1, 1), "d2": (0, 2)}}
    (tmp_path / "clir.jsonl").write_text(
        lines([{"src_id": 9, "src_query": "maji", "tgt_results": [["d1", 5], ["d2", 0]]}])
    )
    assert side(tmp_path / "clir.jsonl", "query")[1] == [Entry("9", "maji", "")]
    assert open_side(tmp_path / "clir.jsonl", "query", tmp_path / "cache").marks == {"9": {"d1": (5, 1), "d2": (0, 2)}}


def test_ms_marcos_documents_have_an_address(tmp_path):
    (tmp_path / "docs.tsv").write_text(f"D1\thttps://example.org/a\tFerries\t{FERRY}\n")
    found, entries = side(tmp_path / "docs.tsv")
    assert entries == [Entry("D1", f"Ferries {FERRY}", "")]
    assert found.sentences == ["docs.tsv: fields that are not read: url."]


def test_csv_parquet_and_packed_files(tmp_path):
    (tmp_path / "c.csv").write_text(f'\ufeffID,Title,Text\nd1,Ferries,"{FERRY}"\n', encoding="utf-8")
    pq.write_table(pa.table({"docid": [1], "title": ["Ferries"], "text": [FERRY]}), tmp_path / "c.parquet")
    expected = f"Ferries {FERRY}"
    assert side(tmp_path / "c.csv")[1] == [Entry("d1", expected, "")]
    assert side(tmp_path / "c.parquet")[1] == [Entry("1", expected, "")]
    plain = lines(DOCUMENTS[:1]).encode()
    for ending, pack in ((".gz", gzip.compress), (".bz2", bz2.compress), (".xz", lzma.compress)):
        path = tmp_path / f"c.jsonl{ending}"
        path.write_bytes(pack(plain))
        found, entries = side(path)
        assert entries == [Entry("d1", expected, "")] and found.called == path.name
        path.write_bytes(pack(plain * 200)[:-20])
        with pytest.raises(BadInput, match=f"c.jsonl{ending} cannot be unpacked: it is cut short or damaged"):
            side(path)
    assert not list((tmp_path / "cache").rglob("*.draft"))


def test_a_file_that_swells_is_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(forms, "_ALLOWED", 1000)
    (tmp_path / "c.jsonl.gz").write_bytes(gzip.compress(b"\n" * 10_000_000))
    with pytest.raises(BadInput, match=r"c.jsonl.gz becomes more than 200 times its size"):
        side(tmp_path / "c.jsonl.gz")
    assert not list((tmp_path / "cache").rglob("*"))[1:]


def test_what_is_made_is_made_again_when_the_file_changes(tmp_path):
    path = tmp_path / "c.csv"
    path.write_text("id,text\n1,one\n")
    first = side(path)[0]
    assert side(path)[0].path == first.path
    path.write_text("id,text\n1,two\n")
    assert side(path)[1][0].text == "two"


@pytest.mark.parametrize(
    ("name", "content", "told"),
    [
        ("c.docx", b"x", "c.docx is in no form that is read"),
        ("c.parquet", b"PAR1x", "c.parquet cannot be read as Parquet"),
        ("c.csv", b"id,text\n1,\xff\n", "c.csv cannot be read as CSV in UTF-8"),
        ("c.csv", b"name,words\n1,x\n", "line 1: there is no id"),
    ],
)
def test_one_sentence(tmp_path, name, content, told):
    (tmp_path / name).write_bytes(content)
    with pytest.raises(BadInput) as failure:
        side(tmp_path / name)
    assert told in str(failure.value) and "\n" not in str(failure.value)
