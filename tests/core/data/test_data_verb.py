"""`python -m core data`: the keys of its document, and a folder that cannot be used."""

from __future__ import annotations

import json

from core.cli import main


def test_json_lists_what_is_there_and_what_is_missing(folder, tmp_path, capsys):
    assert main(["data", "--data", str(folder), "--home", str(tmp_path / "home"), "--json"]) == 0
    out = json.loads(capsys.readouterr().out)
    sources = {source["name"]: source for source in out["sources"]}
    assert {"name", "kind", "path", "languages", "items"} <= sources["XNLI"].keys()
    assert sources["XNLI"]["languages"] == ["en", "ur", "sw"]
    assert sources["XNLI"]["items"] == 36
    assert sources["Tatoeba (LASER)"]["path"] == str(folder / "LASER_tatoeba")
    missing = {one["name"]: one["how"] for one in out["missing"]}
    assert "lafand-mt" in missing["LAFAND-MT"]
    assert not missing.keys() & sources.keys()
    assert out["shown"] == "real"


def test_text_names_a_file_that_cannot_be_read(folder, write, capsys):
    write("data/TaxiNLI/taxinli10k.tsv", "prem\thyp\tlabel\nA\tB\tperhaps\n")
    assert main(["data", "--data", str(folder)]) == 0
    printed = capsys.readouterr().out
    assert "taxinli10k.tsv, line 2: the label 'perhaps'" in printed
    assert "Not found:" in printed and "data get NAME" in printed


def test_folder_that_is_not_there(tmp_path, capsys):
    assert main(["data", "--data", str(tmp_path / "nowhere"), "--json"]) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert len(captured.err.strip().splitlines()) == 1
