"""README's own account: the trials it quotes, the folders and verbs it names."""

from __future__ import annotations

import csv
import re

from core.cli import app
from core.patching.recorded import CLAIMS, MONOTONE, measured_controls, surviving, tell_patching
from tests.support.paths import ROOT

README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_the_table_of_trials_is_the_recorded_one():
    with (ROOT / "core" / "experiment" / "trials.tsv").open(encoding="utf-8") as file:
        recorded = list(csv.DictReader(file, delimiter="\t"))
    rows = [line for line in README.splitlines() if line.startswith(("| LoRA", "| full"))]
    assert len(rows) == len(recorded)
    for row, told in zip(rows, recorded, strict=True):
        cells = [cell.strip() for cell in row.strip("|").split("|")]
        expected = [told["updates"], f"{float(told['cpu_minutes']):.1f}", f"{float(told['task_loss']):.3f}".lstrip("0"),
                    f"{float(told['english']):.1f}", f"{float(told['megabytes']):.1f}"]  # fmt: skip
        assert cells[1:] == expected


def test_what_patching_did_is_the_recorded_outcome():
    said = tell_patching().split(" with english-only")
    text = " ".join(README.split())
    assert said[0] in text and said[1].removeprefix(": ").removesuffix(".") in text


def test_what_is_claimed_from_patching_is_what_its_controls_leave():
    text = " ".join(README.split())
    for layer in (4, 8):
        assert set(surviving(measured_controls(), layer)) == {CLAIMS[c] for c in CLAIMS if c != MONOTONE}
    assert "the item's own English does more than any English or another language" in text
    assert "that a plan does more than the order of the words is not shown" in text


def test_every_folder_and_verb_it_names_is_there_and_every_verb_is_named():
    layout = README.split("## How it is built")[1].split("Data flows one way")[0]
    folders = sorted(path.parent.name for path in (ROOT / "core").glob("*/__init__.py"))
    assert sorted(re.findall(r"^ {6}(\w+)/", layout, flags=re.MULTILINE)) == folders
    for name in re.findall(r"^ {4}(?: {2})?(\w[\w./]*)", layout, flags=re.MULTILINE):
        assert (ROOT / name).exists() or (ROOT / "core" / name).exists(), name
    verbs = {command.name for command in app.registered_commands} | {group.name for group in app.registered_groups}
    named = set(re.findall(r"python -m core ([\w-]+)", README))
    assert named == verbs


def test_the_first_two_commands_are_all_of_the_set_up():
    lines = README.splitlines()
    assert lines[2] == "    pip install -r requirements.txt && streamlit run app.py"
    assert lines[3] == "    pip install -r requirements.txt && pytest"


def test_nothing_committed_names_a_machine():
    for path in [
        *ROOT.glob("*.md"),
        *ROOT.glob("core/**/*.py"),
        *ROOT.glob("pages/**/*.py"),
        *ROOT.glob("store/**/*.py"),
    ]:
        text = path.read_text(encoding="utf-8")
        assert not re.search(r"/(work|root|home|Users)/", text), path


def test_the_gain_of_packed_reading_is_that_of_the_table():
    text = (ROOT / "docs/benchmarks.md").read_text(encoding="utf-8")
    table = text[text.index("## Reading, today") : text.index("## Reading, in the order")]
    rows = [[cell.strip(" *") for cell in line.split("|")[1:-1]] for line in table.splitlines() if line.startswith("|")]
    for row in rows[2:]:  # every ratio is that of the seconds beside it
        ours = next(float(one[2]) for one in rows[rows.index(row) :] if one[1].startswith("packed, bfloat16"))
        if row[3]:
            assert abs(float(row[2]) / ours - float(row[3].split()[0])) < 0.06, row
    gains = [row[3].split()[0] for row in rows if row[1].startswith("library, bfloat16")]
    low, high = (f"{float(gain):.1f}" for gain in sorted(gains, key=float))
    assert f"took 1/{low} to 1/{high} of the" in " ".join((ROOT / "README.md").read_text(encoding="utf-8").split())
