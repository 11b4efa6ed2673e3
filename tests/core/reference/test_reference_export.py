"""From run folders to the reference folder: the same bytes, nothing lost that is shown, nothing that may not ship."""

from __future__ import annotations

import hashlib
import json
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from safetensors.numpy import save_file

from core.cli import main
from core.errors import BadInput, MissingData
from core.languages import XNLI_CODES
from core.reference.export import export
from core.reference.manifest import check_sums, read_manifest
from core.reference.select import CONTROLS, MAIN_ARMS, WITHOUT_WEIGHTS, find_runs, missing
from core.reference.stored_verdict import compare_verdict
from core.reference.unpack import read_reference
from tests.support.generated_reference import EFFECTS, FEW, read_table, write_reference


def digests(folder: Path) -> dict[str, str]:
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    return {str(p.relative_to(folder)): hashlib.sha256(p.read_bytes()).hexdigest() for p in files}


def test_equal_runs_give_equal_bytes_and_what_else_is_there_stays(reference_runs, exported, tmp_path):
    shutil.copytree(exported, tmp_path / "again")
    (tmp_path / "again" / "NOTICE").write_text("ours")
    (tmp_path / "again" / "adapters" / "left-over").mkdir()
    export(reference_runs, tmp_path / "again")
    second = digests(tmp_path / "again")
    assert second.pop("NOTICE") == hashlib.sha256(b"ours").hexdigest()
    assert second == digests(exported)
    assert not [p for p in (tmp_path / "again").iterdir() if p.name.startswith(".")]


def test_it_holds_every_run_and_the_weights_of_those_that_have_some(exported):
    manifest = read_manifest(exported)
    reference = read_reference(exported)
    assert manifest.complete and len(manifest.runs) == 9 + len(CONTROLS) + 3
    weighted = {r["run_id"] for r in reference.records if reference.weights(r["run_id"]).is_dir()}
    expected = [r for r in reference.records if r["arm"] not in (*WITHOUT_WEIGHTS, "warm-start")]
    assert weighted == {r["run_id"] for r in expected} and len(weighted) == 15
    assert [r["arm"] for r in reference.records[:9]] == [arm for arm in MAIN_ARMS for _ in range(3)]
    assert check_sums(exported) == []
    on_disk = set(digests(exported)) - {"manifest.json"}
    assert on_disk == set(manifest.files)


def test_accuracy_of_the_packed_predictions_is_that_of_the_run(reference_runs, exported):
    packed = read_table(exported, "predictions")
    packed = packed.assign(right=packed["predicted"] == packed["gold"]).groupby(["run", "language"])["right"].mean()
    unpacked = read_reference(exported).predictions("test")
    names = ["entailment", "neutral", "contradiction"]
    again = unpacked.assign(right=unpacked[names].to_numpy().argmax(1) == unpacked["gold"])
    again = again.groupby(["run_id", "language"])["right"].mean()
    checked = 0
    for run in find_runs(reference_runs):
        if not (run.folder / "predictions.parquet").exists():
            continue
        own = pd.read_parquet(run.folder / "predictions.parquet")
        own = own.assign(right=own[names].to_numpy().argmax(1) == own["gold"]).groupby("language")["right"].mean()
        for code, value in own.items():
            assert packed[run.run_id, code] == value == again[run.run_id, code]
            checked += 1
    assert checked == 9 * len(XNLI_CODES) + 7 * len(FEW) + 3


def test_tables_come_back_as_they_were(reference_runs, exported):
    reference = read_reference(exported)
    run = next(r for r in find_runs(reference_runs) if r.record["arm"] == "transport")
    for name, key in (("scores", ["name", "language", "layer"]), ("plan_cells", ["plan_id", "i", "j"]),
                      ("rankings", ["query_language", "query_id", "rank"]), ("curves", ["name", "step"])):  # fmt: skip
        before = pd.read_parquet(run.folder / f"{name}.parquet").sort_values(key, ignore_index=True)
        table = reference.table(name).to_pandas()
        after = table[table["run_id"] == run.run_id].sort_values(key, ignore_index=True)
        assert len(before) == len(after) > 0
        for column in before:
            if before[column].dtype.kind in "fiu":
                np.testing.assert_allclose(after[column].astype(float), before[column].astype(float), atol=2e-5)
            else:
                assert after[column].astype("str").tolist() == before[column].tolist()


def test_missing_runs_are_named_unless_partial(tmp_path):
    arms = ("english-only", "transport")
    write_reference(tmp_path / "runs", premises=20, arms=arms, seeds=2)
    found = missing(find_runs(tmp_path / "runs"))
    assert found[:3] == ["english-only seed 2", "transport seed 2", "adversarial seed 0"]
    assert set(CONTROLS) <= set(found)
    with pytest.raises(MissingData, match="Missing: english-only seed 2, transport seed 2"):
        export(tmp_path / "runs", tmp_path / "out")
    assert not (tmp_path / "out").exists()
    made = export(tmp_path / "runs", tmp_path / "out", partial=True)
    assert len(made.runs) == 6 and list(made.missing) == found
    assert not read_manifest(tmp_path / "out").complete
    with pytest.raises(MissingData, match="holds no run of the reference preset"):
        export(tmp_path / "none", tmp_path / "out", partial=True)


def edited(tmp_path: Path) -> Path:
    """Two runs to spoil; the folder of the transport run."""
    folders = write_reference(tmp_path / "runs", premises=20, arms=("english-only", "transport"), seeds=1)
    return folders[-1]


def refused(tmp_path: Path, match: str) -> None:
    with pytest.raises(BadInput, match=match):
        export(tmp_path / "runs", tmp_path / "out", partial=True)
    assert not (tmp_path / "out" / "manifest.json").exists()


def test_free_text_in_a_table_is_refused(tmp_path):
    folder = edited(tmp_path)
    plans = pd.read_parquet(folder / "plans.parquet")
    plans.loc[0, "origin"] = "A sentence of somebody else."
    plans.to_parquet(folder / "plans.parquet", index=False)
    refused(tmp_path, "column 'origin' holds text .*only names are shipped")


def test_a_path_of_this_machine_is_refused(tmp_path):
    folder = edited(tmp_path)
    record = json.loads((folder / "run.json").read_text())
    record["config"]["data"]["root"] = "/srv/data"
    (folder / "run.json").write_text(json.dumps(record))
    refused(tmp_path, "names a folder of this machine")


def test_weights_in_full_precision_are_refused(tmp_path):
    folder = edited(tmp_path)
    save_file({"w": np.zeros(3, np.float32)}, folder / "adapter.safetensors")
    refused(tmp_path, "not in half precision")
    (folder / "adapter.safetensors").write_bytes(b"garbage")
    refused(tmp_path, "no readable weights")


def test_two_runs_of_one_arm_and_seed_are_refused(tmp_path):
    folder = edited(tmp_path)
    shutil.copytree(folder, folder.with_name("0" * 12))
    record = json.loads((folder / "run.json").read_text()) | {"run_id": "0" * 12}
    (folder.with_name("0" * 12) / "run.json").write_text(json.dumps(record))
    refused(tmp_path, "are both transport seed 0")


def test_too_large_is_refused(tmp_path, monkeypatch):
    edited(tmp_path)
    monkeypatch.setattr("core.reference.layout.LIMIT", 0.01)
    refused(tmp_path, r"would take 0\.\d MB, more than 0; the largest file is")


def test_the_retrieval_runs_beside_it_count_too(tmp_path, monkeypatch):
    edited(tmp_path)
    monkeypatch.setattr("core.reference.layout.LIMIT", 1.0)
    (tmp_path / "out" / "retrieval" / "run").mkdir(parents=True)
    (tmp_path / "out" / "retrieval" / "run" / "adapter.safetensors").write_bytes(b"0" * 2_000_000)
    refused(tmp_path, r"would take 2\.\d MB, more than 1; the largest file is")


def call(capsys, *arguments: str) -> tuple[int, dict, str]:
    status = main([*arguments, "--json"])
    printed = capsys.readouterr()
    return status, json.loads(printed.out) if printed.out else {}, printed.err


def test_the_verbs(capsys, tmp_path, monkeypatch):
    monkeypatch.delenv("ISOGLOSS_DATA", raising=False)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "no-hub"))
    edited(tmp_path)
    home, out = ["--home", str(tmp_path)], str(tmp_path / "out")
    status, _, err = call(capsys, "export-reference", "--out", out, *home)
    assert status == 2 and err.startswith("Missing: ") and len(err.splitlines()) == 1
    status, told, _ = call(capsys, "export-reference", "--out", out, "--partial", *home)
    assert status == 0 and told["ok"] and told["megabytes"] < 1 and "adversarial seed 0" in told["missing"]
    lacking = told["missing"]
    status, told, _ = call(capsys, "verify-reference", "--reference", out, *home)
    assert status == 0 and told["ok"] and (told["sampled"], told["data"]) == (0, False)
    assert told["verdict_numbers"] > 50 and told["verdict_worst"] < 0.005
    assert told["missing"] == lacking
    (tmp_path / "out" / "curves.parquet").write_bytes(b"x")
    status, told, err = call(capsys, "verify-reference", "--reference", out, *home)
    assert status == 1 and not told["ok"] and "curves.parquet is not the file that the manifest names" in err
    status, _, err = call(capsys, "verify-reference", *home)
    assert status == 2 and "There are no reference results here" in err


def test_a_verdict_that_the_predictions_do_not_give_is_found(exported, tmp_path):
    folder = tmp_path / "spoiled"
    shutil.copytree(exported, folder)
    content = json.loads((folder / "verdict.json").read_text())
    content["sheet"]["questions"][0]["difference"] += 0.1
    content["sheet"]["questions"][0]["outcome"] = "nothing"
    (folder / "verdict.json").write_text(json.dumps(content))
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"]["verdict.json"] = hashlib.sha256((folder / "verdict.json").read_bytes()).hexdigest()
    (folder / "manifest.json").write_text(json.dumps(manifest))
    compared = compare_verdict(read_reference(folder))
    assert compared.disagree == ("/questions/0/difference", "/questions/0/outcome")
    assert compared.worst == pytest.approx(0.1, abs=0.01)


def test_the_experiment_names_arms_that_exist():
    assert set(EFFECTS) == {*MAIN_ARMS, *CONTROLS}
