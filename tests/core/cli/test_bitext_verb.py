"""`python -m core bitext`: the contract's keys, filters, formats, and a bitext on its way into training."""

from __future__ import annotations

import json

import pytest

from core.cli import main
from core.data.registry import find_all, known_sources
from core.data.training_bitext import assemble
from tests.support.bitext_files import PAIRS, tsv
from tests.support.bitext_tools import EN_DE, xliff, xlsx
from tests.support.small_bert import save_small_bert


def call(capsys, *arguments):
    status = main(["bitext", *map(str, arguments), "--json"])
    printed = capsys.readouterr()
    return status, json.loads(printed.out) if printed.out else None, printed.err


@pytest.fixture
def file(tmp_path):
    path = tmp_path / "talks.tsv"
    path.write_bytes(tsv([*PAIRS, PAIRS[2], ("same", "SAME"), ("", "upande mmoja")]) + b"one column\n")
    return path


def test_check_keeps_the_contract(file, capsys):
    status, told, _ = call(capsys, "check", file)
    assert status == 0
    assert (told["read"], told["kept"]) == (13, 10)
    assert {reason: n for reason, n in told["dropped"].items() if n} == {
        "duplicate": 1,
        "identical sides": 1,
        "empty": 1,
    }
    assert told["errors"] == [{"line": 15, "reason": "it has 1 column where 2 are expected"}]
    assert told["languages"] == ["en", "sw"] and told["encoding"] == "utf-8"


def test_check_tells_reasons_evidence_and_remarks(tmp_path, capsys):
    path = tmp_path / "a.xlf"
    second = "".join(f"<trans-unit id='{i}'><source>{a}</source></trans-unit>" for i, (a, _) in enumerate(EN_DE))
    units = "".join(
        f"<trans-unit id='{i}'><source>{a} & b</source><target>{b}</target></trans-unit>"
        for i, (a, b) in enumerate(EN_DE)
    )
    path.write_text(xliff(units + second + second))
    status, told, error = call(capsys, "check", path)
    assert status == 0 and (told["read"], told["kept"], told["dropped"]["empty"]) == (30, 10, 20)
    assert told["takes_most"] is True and {"locked", "fuzzy", "unapproved", "empty"} <= set(told["reasons"])
    assert [one["times"] for one in told["remarks"]] == [10] and "their names say which is source" in error
    assert told["proposed"]["because"] == "their names say which is source and which target"
    assert [(one["language"], one["evidence"]) for one in told["proposed"]["columns"]] == [
        ("en", "declared"),
        ("de", "declared"),
    ]
    assert "locked" not in call(capsys, "check", tsv_of(tmp_path))[1]["reasons"]


def tsv_of(tmp_path):
    path = tmp_path / "b.tsv"
    path.write_bytes(tsv(PAIRS))
    return path


def test_nothing_is_stored_where_filters_take_most_until_it_is_confirmed(tmp_path, capsys):
    path = tmp_path / "half.tsv"
    path.write_bytes(tsv([*PAIRS[:4], *((f"{a} {i}", "") for i, (a, _) in enumerate(PAIRS))]))
    home = tmp_path / "home"
    status, told, error = call(capsys, "store", path, "--home", home)
    assert status == 2 and told is None and "would drop 10 of 14 pairs" in error and "--yes" in error
    assert call(capsys, "list", "--home", home)[1]["bitexts"] == [] and not list((home / "cache").iterdir())
    assert call(capsys, "store", path, "--keep", "empty", "--home", home)[1]["kept"] == 14
    status, told, _ = call(capsys, "store", path, "--yes", "--home", home)
    assert status == 0 and told["kept"] == 4 and len(call(capsys, "list", "--home", home)[1]["bitexts"]) == 2


def test_a_file_of_which_no_pair_can_be_read_ends_in_status_2(tmp_path, capsys):
    path = tmp_path / "a.po"
    path.write_text('#~ msgid "old"\n#~ msgstr "alt"\n')
    for verb in ("check", "clean", "store"):
        status, told, error = call(capsys, verb, path, *(["--home", tmp_path / "home"] if verb == "store" else []))
        assert status == 2 and told is None and "No pair of a.po can be read: line 1: the entry is obsolete." in error


def test_several_files_are_one_bitext_and_a_workbook_is_cleaned_as_a_table(tmp_path, capsys):
    paths = [tmp_path / "a.xlsx", tmp_path / "b.xlsx"]
    for path, part in zip(paths, (EN_DE[:5], EN_DE[5:]), strict=True):
        path.write_bytes(xlsx({"S": [["en", "de"], *map(list, part)]}))
    status, told, _ = call(capsys, "clean", *paths)
    assert status == 0 and told["kept"] == 10 and told["out"] == str(tmp_path / "a.clean.tsv")
    assert call(capsys, "check", tmp_path / "a.clean.tsv")[1]["read"] == 10


def test_filters_are_switched(file, capsys):
    _, told, _ = call(capsys, "check", file, "--keep", "duplicate", "--keep", "empty", "--drop", "number mismatch")
    assert told["kept"] == 12 and "number mismatch" in told["dropped"] and "duplicate" not in told["dropped"]
    status, _, error = call(capsys, "check", file, "--keep", "duplicates")
    assert status == 2 and "is not a filter" in error


@pytest.mark.parametrize("ending", [".tmx", ".csv", ".zip", ".jsonl.gz"])
def test_clean_writes_what_is_kept_and_it_reads_back(file, ending, tmp_path, capsys):
    out = tmp_path / f"out{ending}"
    status, told, _ = call(capsys, "clean", file, "--out", out)
    assert status == 0 and told["kept"] == 10 and told["out"] == str(out)
    _, again, _ = call(capsys, "check", out)
    assert (again["read"], again["kept"], again["languages"]) == (10, 10, ["en", "sw"])


def test_clean_without_out_writes_beside_and_never_over_the_file(file, capsys):
    before = file.read_bytes()
    assert call(capsys, "clean", file)[1]["out"] == str(file.with_name("talks.clean.tsv"))
    status, _, error = call(capsys, "clean", file, "--out", file)
    assert status == 2 and "is the file that is read" in error and file.read_bytes() == before


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["check", "nowhere.tsv"], "cannot be read"),
        (["check", "FILE", "--source", "fr"], "has no column"),
        (["check", "FILE", "--source-language", "no language"], "not a language tag"),
        (["check", "FILE", "--encoding", "klingon"], "is not an encoding"),
        (["clean", "FILE", "--out", "x.docx"], "does not tell a format"),
        (["delete", "nothing"], "There is no stored bitext"),
        (["export", "nothing"], "Name either a file"),
    ],
)
def test_failures_are_a_sentence(arguments, says, file, tmp_path, capsys):
    given = [str(file) if argument == "FILE" else argument for argument in arguments]
    status, told, error = call(capsys, *given, "--home", tmp_path / "home")
    assert status == 2 and told is None and says in error and "Traceback" not in error


def test_a_stored_bitext_becomes_training_bitext(file, tmp_path, capsys, monkeypatch):
    monkeypatch.delenv("ISOGLOSS_DATA", raising=False)
    home, data = tmp_path / "home", tmp_path / "data"
    data.mkdir()
    (data / "sources.toml").write_text(
        '[[source]]\nname = "old"\nkind = "bitext"\nrole = "other"\nfiles = ["x.{lang}"]\nlanguage = "fr"'
    )
    status, told, _ = call(capsys, "store", file, "--name", 'My "talks" \\ 1', "--licence", "CC0", "--home", home)
    assert status == 0
    for _ in range(2):
        status, written, _ = call(capsys, "export", told["bitext"], "--data", data, "--home", home)
        assert status == 0 and written["pairs"] == 10
    found = {one.declared.name: one for one in find_all(known_sources(data), data)}
    mine = found['My "talks" \\ 1']
    assert mine.declared.role == "bitext-training" and mine.declared.licence == "CC0"
    assert "old" in {source.name for source in known_sources(data)}
    split = assemble([mine], "sw", set())
    assert sorted(split.training + split.held_out) == sorted(
        (" ".join(a.split()), " ".join(b.split())) for a, b in PAIRS
    )
    assert call(capsys, "delete", told["bitext"], "--home", home)[0] == 0
    assert call(capsys, "list", "--home", home)[1]["bitexts"] == []


def test_a_stored_bitext_is_scored_by_the_encoder_that_is_named_until_another_is(tmp_path, capsys):
    file, home = tmp_path / "talks.tsv", tmp_path / "home"
    file.write_bytes(tsv([(f"{a} {k}", f"{b} {k}") for k in range(3) for a, b in PAIRS[:8]]))
    assert call(capsys, "store", file, "--home", home, "--name", "talks")[0] == 0
    one, other = (str(save_small_bert(tmp_path / name)) for name in ("one", "other"))

    def scored(*options):
        status, told, error = call(capsys, "score", "talks", "--home", home, *options)
        assert status == 0, error
        return told["read_by"]["encoder"], told["scored"]

    assert scored("--encoder", one) == (one, 24)
    assert scored() == (one, 24)
    assert scored("--encoder", other) == (other, 24)
    status, _, error = call(capsys, "score", "talks", "--home", home, "--encoder", tmp_path / "none")
    assert status == 2 and "There is no encoder folder" in error
    assert scored() == (other, 24)
