"""A bundle checks itself: its one file recomputes what is printed with pandas and numpy alone, and sees any change."""

from __future__ import annotations

import ast
import gzip
import json
import sys
import zipfile
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.errors import BadInput
from tests.support.late import COLLECTING
from tests.support.paths import ROOT

if not COLLECTING:
    from core.exchange.bundle import LINES, bundle_files, write_bundle
    from core.exchange.first_contrasts import first_contrasts
    from core.exchange.tables import npz_bytes
    from tests.support.study_results import recompute, rewrite, shipped_results, small_results

RECOMPUTE = sorted((ROOT / "core" / "exchange").glob("recompute_*.py"))


@pytest.fixture(scope="module", params=["crossed", "first"])
def small(request, tmp_path_factory):
    """A bundle of a small study by each method."""
    folder = tmp_path_factory.mktemp("bundle") / request.param
    write_bundle(small_results(request.param), folder, ("A. Author",))
    return folder


def changed_label(content: bytes, row: int) -> bytes:
    """The table of predictions with one label of its first run turned from right to wrong, or back."""
    lines = gzip.decompress(content).decode().splitlines()
    cells = lines[row].split(",")
    cells[5] = str((int(cells[4]) + 1) % 3) if cells[5] == cells[4] else cells[4]
    lines[row] = ",".join(cells)
    return gzip.compress(("\n".join(lines) + "\n").encode(), mtime=0)


def changed_probability(folder: Path) -> bytes:
    """The bundle's probabilities with those of one item, of which its first run is surest, turned to a wrong label."""
    wide = pd.read_csv(folder / "predictions.csv.gz")
    with np.load(folder / "probabilities.npz") as stored:
        given = stored["probabilities"]
    gold = wide["gold"].to_numpy()
    row = int(np.where(wide["language"] == "sw", given[0, np.arange(len(wide)), gold], -1).argmax())
    assert given[0, row].argmax() == gold[row]
    given[0, row] = np.eye(3)[(gold[row] + 1) % 3]
    return npz_bytes(given)


@pytest.mark.slow
def test_every_printed_contrast_of_the_first_study_is_recomputed_without_torch(tmp_path):
    results = shipped_results()
    folder = tmp_path / "bundle"
    write_bundle(results, folder)
    ran = recompute(folder)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    printed = json.loads((folder / "contrasts.json").read_text())
    questions = [one for one in printed["contrasts"] if one["id"].count("/") == 1 and one["id"].startswith("questions")]
    assert len(questions) == len(results.answers["questions"]) and "low" in questions[0]["printed"]
    assert f"of {len(printed['contrasts'])} printed contrasts agree" in ran.stdout
    sheet = results.answers
    kinds = {kind: sum(one["id"].startswith(kind) for one in printed["contrasts"]) for kind in sheet}
    assert all(kinds[kind] >= len(sheet[kind]) for kind in ("questions", "languages", "controls", "levels"))
    again = {one["id"]: one["printed"] for one in printed["contrasts"] if one["id"].endswith("/prior")}
    after = {f"questions/{k}/prior": q["prior_corrected"] for k, q in enumerate(sheet["questions"])}
    assert again.keys() == {name for name, numbers in after.items() if numbers} and again
    assert all(again[name] == pytest.approx(after[name], abs=1e-4) for name in again)
    p_values = [one for part in ("languages", "controls") for one in sheet[part] if one["p"] is not None]
    others = [one for one in printed["contrasts"] if one["id"].startswith(("languages", "controls"))]
    assert len([one for one in others if "p" in one["printed"]]) == len(p_values)
    assert [text for text in printed["not_recomputed"] if "not contrasts" not in text] == []


@pytest.mark.slow
def test_one_changed_prediction_of_the_first_study_fails(tmp_path):
    folder = tmp_path / "bundle"
    write_bundle(shipped_results(), folder)
    for row in (1, 40_000):
        whole = (folder / "predictions.csv.gz").read_bytes()
        rewrite(folder, "predictions.csv.gz", changed_label(whole, row))
        ran = recompute(folder)
        assert ran.returncode == 1 and "printed" in ran.stdout
        rewrite(folder, "predictions.csv.gz", whole)
    whole = (folder / "probabilities.npz").read_bytes()
    rewrite(folder, "probabilities.npz", changed_probability(folder))
    ran = recompute(folder)
    assert ran.returncode == 1 and all("/prior: " in line for line in ran.stdout.splitlines())
    rewrite(folder, "probabilities.npz", whole)
    assert recompute(folder).returncode == 0


def test_a_small_bundle_agrees_and_one_changed_prediction_fails(small):
    ran = recompute(small)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    whole = (small / "predictions.csv.gz").read_bytes()
    row = 1 + next(i for i, line in enumerate(gzip.decompress(whole).decode().splitlines()[1:]) if ",sw," in line)
    rewrite(small, "predictions.csv.gz", changed_label(whole, row))
    ran = recompute(small)
    assert ran.returncode == 1 and "printed" in ran.stdout and "manifest" not in ran.stdout
    rewrite(small, "predictions.csv.gz", whole)
    (small / "runs.csv").write_bytes((small / "runs.csv").read_bytes() + b"\n")
    ran = recompute(small)
    assert ran.returncode == 1 and "runs.csv is not the file that the manifest names" in ran.stdout
    rewrite(small, "runs.csv", (small / "runs.csv").read_bytes()[:-1])


def test_one_changed_probability_fails_what_is_printed_after_correction_of_the_prior(small):
    whole = (small / "probabilities.npz").read_bytes()
    rewrite(small, "probabilities.npz", changed_probability(small))
    ran = recompute(small)
    rewrite(small, "probabilities.npz", whole)
    assert ran.returncode == 1 and "prior" in ran.stdout and "manifest" not in ran.stdout
    assert all("prior" in line for line in ran.stdout.splitlines())


@pytest.mark.parametrize("key, by", [("difference", 0.001), ("p", 0.0002), ("high", -0.001)])
def test_one_changed_printed_number_fails(small, key, by):
    whole = (small / "contrasts.json").read_bytes()
    content = json.loads(whole)
    content["contrasts"][0]["printed"][key] += by if content["contrasts"][0]["printed"][key] < 1 else -abs(by)
    rewrite(small, "contrasts.json", json.dumps(content).encode())
    ran = recompute(small)
    rewrite(small, "contrasts.json", whole)
    assert ran.returncode == 1 and len(ran.stdout.splitlines()) == 1 and key in ran.stdout


@pytest.mark.parametrize("path", RECOMPUTE, ids=lambda path: path.name)
def test_the_file_that_recomputes_is_short_and_stands_alone(path):
    text = path.read_text(encoding="utf-8")
    assert len(text.splitlines()) <= LINES
    modules = set()
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.Import):
            modules |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            modules.add(str(node.module).split(".")[0])
    assert modules - set(sys.stdlib_module_names) == {"numpy", "pandas"}


def test_a_bundle_has_the_same_bytes_as_a_folder_as_an_archive_and_when_made_again(small, tmp_path):
    made = small_results(small.name)
    there = {path.relative_to(small).as_posix(): path.read_bytes() for path in small.rglob("*") if path.is_file()}
    assert bundle_files(made, ("A. Author",)).keys() == there.keys()
    write_bundle(made, tmp_path / "out.zip", ("A. Author",))
    with zipfile.ZipFile(tmp_path / "out.zip") as archive:
        zipped = {name.removeprefix("out/"): archive.read(name) for name in archive.namelist()}
    assert {name for name in zipped if zipped[name] != there[name]} <= {"contrasts.json", "manifest.json", "runs.csv"}
    assert bundle_files(made) == bundle_files(made)


def test_labels_stay_where_the_licence_does_not_let_them_go_along(tmp_path):
    for method in ("crossed", "first"):
        folder = tmp_path / method
        write_bundle(small_results(method, licence="not stated"), folder)
        wide = pd.read_csv(folder / "predictions.csv.gz")
        assert set(wide["gold"]) == {1} and set(wide.iloc[:, 5]) == {0, 1}
        assert not (folder / "probabilities.npz").exists() and "only whether a run was right" in _text(
            folder, "DATA.md"
        )
        cards = [pd.read_parquet(path) for path in (folder / "cards").glob("*.parquet")]
        assert all(card[["gold", "predicted", "entailment"]].isna().all(axis=None) for card in cards)
        left_out = json.loads(_text(folder, "contrasts.json"))["not_recomputed"]
        assert [text for text in left_out if "not passed on" in text and text in _text(folder, "README.md")]
        ran = recompute(folder)
        assert ran.returncode == 0, ran.stdout + ran.stderr


def test_a_bundle_says_what_it_is(small):
    names = {path.relative_to(small).as_posix() for path in small.rglob("*") if path.is_file()}
    listed = json.loads(_text(small, "manifest.json"))["files"].keys()
    assert names == listed | {"manifest.json"}
    graph = {one["@id"]: one for one in json.loads(_text(small, "ro-crate-metadata.json"))["@graph"]}
    parts = {one["@id"] for one in graph["./"]["hasPart"]}
    assert parts == names - {"manifest.json", "ro-crate-metadata.json"} and parts <= graph.keys()
    assert graph["./"]["license"] == "CC BY-NC 4.0" and graph["#author-0"]["name"] == "A. Author"
    bib, table = _text(small, "citation.bib"), _text(small, "contrasts.tex")
    assert bib.startswith("@misc{small2026") and "A. Author" in bib and bib.count("{") == bib.count("}")
    assert table.count(r" \\") > 2 and r"\toprule" in table
    rows = pd.read_csv(small / "contrasts.csv")
    assert len(rows) == len(json.loads(_text(small, "contrasts.json"))["contrasts"])
    readme = _text(small, "README.md")
    assert all(f"`{name}`" in readme for name in names if "/" not in name and name != "README.md")


def test_what_is_already_there_is_not_written_over(small, tmp_path):
    (tmp_path / "file.zip").touch()
    for place in (small, tmp_path / "file.zip"):
        with pytest.raises(BadInput, match="already there"):
            write_bundle(small_results("crossed"), place)


def test_a_new_number_of_the_sheet_is_named_as_not_recomputed():
    sheet = small_results("first").answers
    first = {**sheet["questions"][0], "surprise": 1.5}
    _, left_out = first_contrasts({**sheet, "questions": [first, *sheet["questions"][1:]]}, ["en", "sw", "th", "fr"])
    assert any("surprise of questions" in sentence for sentence in left_out)


def _text(folder: Path, name: str) -> str:
    return (folder / name).read_text(encoding="utf-8")
