"""`study card|compare|bundle` as a person uses them: from the shipped runs, without torch, to a board and a checked
bundle."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import zipfile

import pytest

from core.cli import main
from core.shipped import SETTING, SHIPPED
from tests.support.late import COLLECTING
from tests.support.paths import ROOT
from tests.support.small_study import call, small_study

if not COLLECTING:
    from core.exchange.card import write_card
    from tests.support.study_results import recompute, small_results

VERB = """
import sys
for name in ("torch", "transformers"):
    sys.modules[name] = None
from core.cli import main
sys.exit(main(sys.argv[1:]))
"""


def without_torch(*arguments: str) -> subprocess.CompletedProcess[str]:
    environment = os.environ | {SETTING: str(SHIPPED), "PYTHONPATH": str(ROOT)}
    return subprocess.run([sys.executable, "-c", VERB, *arguments], env=environment, capture_output=True, text=True)


@pytest.mark.slow
def test_the_first_study_is_bundled_compared_and_checked_without_torch(tmp_path, capsys, monkeypatch):
    home = ("--home", str(tmp_path / "home"))
    made = without_torch("study", "bundle", "xnli-first", "-o", str(tmp_path / "first.zip"), *home, "--json")
    assert made.returncode == 0, made.stderr
    said = json.loads(made.stdout)
    assert len(said["runs"]) == 17 and said["missing"] == []
    with zipfile.ZipFile(tmp_path / "first.zip") as archive:
        archive.extractall(tmp_path)
    ran = recompute(tmp_path / "first")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    monkeypatch.setenv(SETTING, str(SHIPPED))
    one = said["runs"][0]
    status, card, _ = call(capsys, "study", "card", "xnli-first", "--run", one, "-o", str(tmp_path / "one"), *home)
    assert status == 0 and card["cards"] == [f"{one}.json"]
    bundled = tmp_path / "first" / "cards" / f"{one}.json"
    assert (tmp_path / "one" / f"{one}.json").read_bytes() == bundled.read_bytes()
    status, board, _ = call(capsys, "study", "compare", str(tmp_path / "first"))
    low = {row["first"]: row for row in board["contrasts"] if row["group"] == "languages with bitext"}
    assert low["transport"]["seeds"] == [0, 1, 2] and low["transport"]["p"] is not None
    assert low["mean-matching"]["status"] == "one run, descriptive" and low["mean-matching"]["p"] is None
    status, _, told = call(capsys, "study", "card", "xnli-first", "--run", "nobody", *home)
    assert status == 2 and "'nobody' is no stored run of xnli-first; its runs are" in told


def test_a_board_is_printed_and_written_as_csv(tmp_path, capsys):
    results = small_results()
    for record in results.records:
        write_card(results, record, tmp_path)
    table = tmp_path / "board.csv"
    status, board, _ = call(capsys, "study", "compare", str(tmp_path), "--csv", str(table), "--against", "transport")
    assert status == 0 and len(table.read_text().splitlines()) == 1 + len(board["contrasts"])
    assert {row["second"] for row in board["contrasts"]} == {"transport"}
    assert main(["study", "compare", str(tmp_path), "--language", "fr"]) == 0
    assert "accuracy in languages named (fr); first minus second, 95 % interval" in capsys.readouterr().out


def test_a_study_without_runs_and_a_folder_without_cards_are_told(tmp_path, capsys):
    home = ("--home", str(tmp_path / "home"))
    for verb, more in (("card", ()), ("bundle", ("-o", str(tmp_path / "out")))):
        status, _, told = call(capsys, "study", verb, "xnli-first", *more, *home)
        assert status != 0 and "No run of xnli-first is stored; make them with" in told
    status, _, told = call(capsys, "study", "compare", str(tmp_path))
    assert status == 2 and "There is no card in" in told and len(told.strip().splitlines()) == 1
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_study_of_ones_own_is_carded_and_bundled_from_the_store(small_encoder, tmp_path, capsys):
    file, home = tmp_path / "mine.toml", ("--home", str(tmp_path / "home"))
    file.write_text(small_study(benchmark='licence = "CC BY-NC 4.0"\n'))
    assert call(capsys, "study", "run", str(file), *home)[0] == 0
    _, answered, _ = call(capsys, "study", "verdict", str(file), *home)
    status, made, _ = call(
        capsys, "study", "bundle", str(file), "-o", str(tmp_path / "out"), "--author", "A. B.", *home
    )
    assert status == 0 and len(made["runs"]) == 6 and made["missing"] == []
    printed = json.loads((tmp_path / "out" / "contrasts.json").read_text())["contrasts"][0]["printed"]
    assert printed["difference"] == pytest.approx(answered["questions"][0]["difference"], abs=1e-4)
    ran = recompute(tmp_path / "out")
    assert ran.returncode == 0, ran.stdout + ran.stderr
    status, cards, _ = call(capsys, "study", "card", str(file), *home)
    assert status == 0 and cards["out"] == str(tmp_path / "home" / "cards" / "mine") and len(cards["cards"]) == 6
    _, board, _ = call(capsys, "study", "compare", cards["out"])
    assert {row["status"] for row in board["contrasts"]} == {"3 seeds, descriptive"}, "four premises are too few"
