"""`retrieve` on files: numbers, and one sentence for what cannot be used."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest

from core.cli import main

COLLECTION = (
    '{"id":"cat","text":"The cat sleeps on the sofa.","lang":"en"}\n'
    '{"id":"rain","text":"It has been raining since yesterday evening.","lang":"en"}\n'
    '{"id":"bread","text":"The baker sells fresh bread every morning.","lang":"en"}\n'
)
QUERIES = "q1\tDie Katze schläft auf dem Sofa.\nq2\tDer Bäcker verkauft jeden Morgen frisches Brot.\n"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "c.jsonl").write_text(COLLECTION, encoding="utf-8")
    (tmp_path / "q.tsv").write_text(QUERIES, encoding="utf-8")
    (tmp_path / "r.txt").write_text("q1 0 cat 1\nq2 0 bread 1\n")
    return tmp_path


def _retrieve(folder: Path, *more: str) -> int:
    return main([
        "retrieve", "--queries", str(folder / "q.tsv"), "--collection", str(folder / "c.jsonl"),
        "--qrels", str(folder / "r.txt"), "--home", str(folder / "home"), "--query-lang", "de", "--json", *more,
    ])  # fmt: skip


@pytest.mark.slow
def test_ranks_and_measures(files, capsys):
    assert _retrieve(files, "--out", str(files / "run.trec")) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["queries"] == 2 and told["candidates"] == 3
    assert told["metrics"]["accuracy@1"] == 100.0 and told["metrics"]["map"] == pytest.approx(100.0)
    assert list(told["languages"]) == ["de"] and told["own_language"] == 0.0
    lines = (files / "run.trec").read_text().splitlines()
    assert len(lines) == 6 and lines[0].startswith("q1 Q0 cat 1 ")
    indexes = list((files / "home" / "cache" / "indexes").iterdir())
    before = indexes[0].stat().st_mtime_ns
    assert _retrieve(files) == 0, "again, from the index that is there"
    assert [path.stat().st_mtime_ns for path in (files / "home" / "cache" / "indexes").iterdir()] == [before]


def test_a_beir_folder_and_what_it_lacks(tmp_path, capsys):
    folder = tmp_path / "set"
    (folder / "qrels").mkdir(parents=True)
    (folder / "corpus.jsonl").write_text(COLLECTION + '{"id":"none","text":""}\n', encoding="utf-8")
    asked = [{"_id": name, "text": text} for name, text in (line.split("\t") for line in QUERIES.splitlines())]
    (folder / "queries.jsonl").write_text("".join(json.dumps(one) + "\n" for one in asked), encoding="utf-8")
    (folder / "qrels" / "test.tsv").write_text("query-id\tcorpus-id\tscore\nq1\tcat\t1\nq1\tgone\t1\n")
    command = ["retrieve", "--queries", str(folder), "--collection", str(folder), "--home", str(tmp_path / "home")]
    assert main([*command, "--json"]) == 0
    captured = capsys.readouterr()
    told = json.loads(captured.out)
    assert (told["queries"], told["judged"], told["candidates"]) == (1, 1, 3)
    assert told["metrics"]["recall@10"] == 50.0, "a right candidate that is not there is not found"
    assert told["notes"] == [
        "set/corpus.jsonl: 1 document without a text is left out.",
        "qrels/test.tsv: 1 judged candidate not in the collection (gone); nothing finds them, and they count as in "
        "trec_eval.",
    ]
    assert all(note in captured.err for note in told["notes"])
    assert main([*command, "--strict"]) == 2
    assert "without a text" in capsys.readouterr().err


@pytest.mark.slow
def test_a_short_ranking_is_not_asked_too_much_and_ids_with_spaces_are_no_run(files, capsys):
    many = "".join(f'{{"id":"n{k}","text":"Number {k} of the list."}}\n' for k in range(12))
    (files / "c.jsonl").write_text(COLLECTION + many, encoding="utf-8")
    assert _retrieve(files, "--depth", "10") == 0
    told = json.loads(capsys.readouterr().out)
    assert told["not_measured"] == ["recall@100"] and "recall@100" not in told["metrics"] and told["depth"] == 10
    (files / "c.jsonl").write_text(COLLECTION.replace('"rain"', '"the rain"'), encoding="utf-8")
    assert _retrieve(files, "--out", str(files / "run.trec")) == 2
    assert "'the rain' holds a space" in capsys.readouterr().err and not (files / "run.trec").exists()


@pytest.mark.slow
def test_words_vectors_and_both(files, capsys):
    (files / "q.tsv").write_text("q1\tthe cat on a sofa\nq2\tfresh bread\n")
    found = {}
    for method in ("dense", "bm25", "fused"):
        assert _retrieve(files, "--method", method, "--out", str(files / method)) == 0
        found[method] = json.loads(capsys.readouterr().out)
    assert [told["method"] for told in found.values()] == ["dense", "bm25", "fused"]
    assert [told["arm"] for told in found.values()] == ["untrained", "bm25", "untrained"]
    assert found["bm25"]["metrics"]["accuracy@1"] == found["fused"]["metrics"]["accuracy@1"] == 100.0
    assert not any("q2 Q0 cat" in line for line in (files / "bm25").read_text().splitlines()), "no word in common"


@pytest.mark.slow
def test_a_long_candidate_is_told_and_read_in_passages(files, capsys):
    """The query's sentence is the last of a text longer than the encoder reads."""
    long = "It has been raining since yesterday evening. " * 90 + "The baker sells fresh bread every morning."
    rows = [
        {"id": "cat", "text": "The cat sleeps."},
        {"id": "bread", "text": long},
        {"id": "x", "text": "A cake shop."},
    ]
    (files / "c.jsonl").write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    (files / "q.tsv").write_text("q1\tThe cat sleeps.\nq2\tThe baker sells fresh bread every morning.\n")
    assert _retrieve(files) == 0
    whole = json.loads(capsys.readouterr().out)
    assert whole["cut"] == {"queries": 0, "candidates": 1}
    assert _retrieve(files, "--passages", "48", "--overlap", "8", "--out", str(files / "run")) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["metrics"]["accuracy@1"] == 100.0 and told["cut"]["candidates"] == 0
    assert told["passages"]["count"] > 20
    assert (files / "run").read_text().splitlines()[3].startswith("q2 Q0 bread 1 ")
    assert _retrieve(files, "--passages", "16", "--overlap", "16") == 2
    assert "give a smaller --overlap" in capsys.readouterr().err


@pytest.mark.slow
def test_a_querys_own_id_may_be_no_candidate(files, capsys):
    (files / "q.tsv").write_text("cat\tThe cat sleeps on the sofa.\n")
    (files / "r.txt").write_text("cat 0 rain 1\n")
    assert _retrieve(files) == 0
    assert json.loads(capsys.readouterr().out)["metrics"]["accuracy@1"] == 0
    assert _retrieve(files, "--ignore-identical-ids", "--out", str(files / "run.trec")) == 0
    capsys.readouterr()
    assert [line.split()[2] for line in (files / "run.trec").read_text().splitlines()].count("cat") == 0


@pytest.mark.parametrize(
    ("name", "text", "told"),
    [
        ("c.jsonl", COLLECTION + "{\n", "c.jsonl, line 4: the line is not JSON."),
        ("c.jsonl", COLLECTION + COLLECTION, "c.jsonl, line 4: the id 'cat' came before; ids are unique."),
        ("q.tsv", "q3\t \n", "q.tsv holds no entry with a text"),
        ("r.txt", "q1 0 dog 1\n", "r.txt, line 1: the collection has no 'dog'."),
        ("r.txt", "q9 0 cat 1\n", "r.txt, line 1: no query has the id 'q9'."),
    ],
)  # fmt: skip
def test_one_sentence_and_nothing_indexed(files, capsys, name, text, told):
    (files / name).write_text(text, encoding="utf-8")
    assert _retrieve(files) == 2
    out = capsys.readouterr()
    assert told in out.err and out.out == "" and len(out.err.strip().splitlines()) == 1
    assert not (files / "home" / "cache" / "indexes").exists()


def test_unknown_names(files, capsys):
    assert _retrieve(files, "--collection", str(files / "none.jsonl")) == 2
    assert "none.jsonl is not there" in capsys.readouterr().err
    assert _retrieve(files, "--query-encoder", "hybrid") == 2
    assert "no query encoder of 'hybrid'" in capsys.readouterr().err


@pytest.mark.data
@pytest.mark.skipif("ISOGLOSS_DATA" not in os.environ, reason="needs ISOGLOSS_DATA")
def test_the_embedded_encoder_on_tatoeba(tmp_path, capsys):
    """Swahili to English, all 390 pairs: 73, as measured when the encoder was chosen."""
    given = ["retrieve", "--queries", "tatoeba:sw", "--collection", "tatoeba:sw", "--json", "--home", str(tmp_path)]
    assert main(given) == 0
    assert json.loads(capsys.readouterr().out)["metrics"]["accuracy@1"] == pytest.approx(73, abs=1)


STARTER = ["retrieve", "--queries", "starter:sw", "--collection", "starter:sw", "--json"]


@pytest.mark.slow
def test_eight_bits_find_nearly_what_the_native_format_finds(tmp_path, capsys):
    found = {}
    for form in ("float32", "int8"):
        assert main([*STARTER, "--home", str(tmp_path), "--precision", form]) == 0
        found[form] = json.loads(capsys.readouterr().out)["metrics"]["mrr@10"]
    assert found["int8"] != found["float32"] and found["int8"] == pytest.approx(found["float32"], abs=6)
    assert main([*STARTER, "--home", str(tmp_path), "--precision", "int4"]) == 2
    assert "'int4' is not one of 'auto', 'float32', 'bfloat16', 'int8'" in capsys.readouterr().err


@pytest.mark.slow
def test_centring_takes_each_language_s_mean_out_of_both_sides(tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("ISOGLOSS_DATA", raising=False)
    found = []
    for more in ([], ["--centre"], ["--centre", "--components", "2"]):
        assert main([*STARTER, "--home", str(tmp_path), *more]) == 0
        found.append(json.loads(capsys.readouterr().out))
    assert "unchanged" not in found[0] and found[1]["unchanged"] == found[2]["unchanged"] == []
    assert found[0]["metrics"] != found[1]["metrics"]
    assert len(list((tmp_path / "cache" / "indexes").iterdir())) == 3


def test_centring_says_what_it_needs(files, capsys, monkeypatch):
    monkeypatch.delenv("ISOGLOSS_DATA", raising=False)
    (files / "c.jsonl").write_text(COLLECTION.replace(',"lang":"en"', ""), encoding="utf-8")
    assert _retrieve(files, "--centre") == 2
    assert "these texts, which tell no language" in capsys.readouterr().err


@pytest.mark.slow
def test_a_stored_bitext_is_searched_by_its_name(tmp_path, capsys):
    lines = ["en\tsw", *(f"The {n} goats are here today.\tMbuzi {n} wako hapa leo." for n in ("two", "ten", "forty"))]
    (tmp_path / "b.tsv").write_text("\n".join(lines), encoding="utf-8")
    home = ["--home", str(tmp_path / "home")]
    assert main(["bitext", "store", str(tmp_path / "b.tsv"), "--name", "goats", *home]) == 0
    capsys.readouterr()
    assert main(["retrieve", "--queries", "bitext:goats", "--collection", "bitext:goats", "--json", *home]) == 0
    told = json.loads(capsys.readouterr().out)
    assert told["judged"] == told["candidates"] == 3 and list(told["languages"]) == ["sw"]
    assert main(["retrieve", "--queries", "bitext:none", "--collection", "bitext:goats", *home]) == 2
    assert "There is no stored bitext 'none'" in capsys.readouterr().err
