"""Another model's predictions in the store: stored, mended on request, removed; no shipped answer changes with them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from core.cli import main
from core.errors import BadInput, MissingData
from core.exchange.outside.fitting import Mend, mended
from core.report.material import Choices
from core.report.page import report_page
from core.shipped import SETTING, SHIPPED
from core.workspace import Workspace, open_workspace
from store.report.material import gather
from store.results.changes import language_changes, slice_changes, slice_family
from store.results.groups import check_comparable, compare_runs, find_group, list_groups
from store.results.importer import sync
from store.results.outside import (
    beside,
    check_predictions,
    list_predictions,
    remove_predictions,
    store_predictions,
    stored_gold,
)
from store.results.reference_import import import_reference
from store.results.removal import list_removed, restore_run
from store.results.runs import get_run, list_imports, list_runs
from store.results.selection import Selection
from store.results.sheets import answer_sheet, key_of
from tests.support.outside_files import drawn, write


@pytest.fixture(scope="module")
def shipped(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Workspace]:
    """The results that ship with the project, in a workspace of their own."""
    workspace = open_workspace(tmp_path_factory.mktemp("shipped") / "home")
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv(SETTING, str(SHIPPED))
        import_reference(workspace, SHIPPED)
        yield workspace


def gold_of(workspace: Workspace) -> pd.DataFrame:
    return stored_gold(workspace, list(find_group(workspace)["run_id"]), "test")


def add(workspace: Workspace, path: Path, name: str, mend: Mend = Mend()) -> tuple[str, str]:  # noqa: B008
    return store_predictions(workspace, check_predictions(workspace, path, mend=mend), name)


def answers(workspace: Workspace) -> str:
    """Every group's compared runs, its key, its whole sheet, and the groups' order, as text."""
    told = []
    for group in list_groups(list_runs(workspace)):
        compared = compare_runs(workspace, group)
        sheet = answer_sheet(workspace, compared.runs, compared.split)
        key = key_of(workspace, list_imports(workspace), compared.runs, compared.split)
        told.append([list(compared.runs["run_id"]), compared.split, compared.odd, key, sheet])
    return json.dumps(told, sort_keys=True, default=str)


def test_no_shipped_answer_changes(shipped, tmp_path):
    before, newest = answers(shipped), list(find_group(shipped)["run_id"])
    run_id, arm = add(shipped, write(tmp_path, "parquet", drawn(gold_of(shipped), 0.95)), "transport")
    assert arm == "transport (another model)"
    assert answers(shipped) == before and list(find_group(shipped)["run_id"]) == newest
    remove_predictions(shipped, "transport")
    assert answers(shipped) == before and run_id not in set(list_runs(shipped)["run_id"])


def test_beside_the_arms_it_is_described_and_their_own_contrasts_stay(shipped, tmp_path):
    run_id, arm = add(shipped, write(tmp_path, "csv", drawn(gold_of(shipped), 0.9)), "beside")
    runs = compare_runs(shipped, find_group(shipped)).runs
    ids = list(runs.loc[runs["arm"].isin(["english-only", "transport"]), "run_id"])
    few = Selection((*ids, run_id), "test", languages=("sw", "ur"))
    alone = language_changes(shipped, replace(few, run_ids=tuple(ids)), ["transport"], "english-only")
    both = language_changes(shipped, few, ["transport", arm], "english-only")
    own = both[both["arm"] == "transport"].reset_index(drop=True)
    pd.testing.assert_frame_equal(own, alone.reset_index(drop=True), check_dtype=False)
    other = both[both["arm"] == arm]
    assert alone["p"].notna().all() and len(other) == 2 and other["p"].isna().all()
    assert slice_changes(shipped, few, [arm], "english-only")[["p", "q"]].isna().all(axis=None)
    for pair in ((arm, "english-only"), ("transport", arm)):
        family = slice_family(shipped, few, *pair, [], {})
        assert family.table[["p", "p_holm", "q"]].isna().all(axis=None), "whoever stands on which side"
    assert len(check_comparable(shipped, [ids[0], run_id])) == 2
    told = beside(shipped, "test", str(runs["data_kind"].iloc[0]))
    assert set(told["arm"]) == {arm} and (told["accuracy"] > 85).all()
    page = report_page(gather(shipped, Choices()), script=False)
    assert arm in page and "Predictions of another model." in page
    remove_predictions(shipped, run_id)
    assert beside(shipped, "test", str(runs["data_kind"].iloc[0])).empty


def test_the_record_says_that_nothing_was_trained_and_it_goes_and_comes_as_any_run(shipped, tmp_path):
    path = write(tmp_path, "jsonl", drawn(gold_of(shipped)))
    run_id, arm = add(shipped, path, "mine")
    record = get_run(shipped, run_id)
    assert record["updates"] == record["nli_pairs"] == 0 and "no weights" in record["took_sentence"]
    assert sorted(file.name for file in shipped.run(run_id).iterdir()) == ["predictions.parquet", "run.json"]
    with pytest.raises(BadInput, match="stored already"):
        add(shipped, write(tmp_path, "jsonl", drawn(gold_of(shipped))), "mine")
    assert sync(shipped) == []
    remove_predictions(shipped, "mine")
    assert list_predictions(shipped).empty and run_id in {row["run_id"] for row in list_removed(shipped)}
    assert sync(shipped) == []
    restore_run(shipped, run_id)
    assert list(list_predictions(shipped)["arm"]) == [arm]
    remove_predictions(shipped, arm)
    with pytest.raises(MissingData, match="there are: none"):
        remove_predictions(shipped, arm)


def test_the_verbs_tell_mend_list_and_remove(shipped, tmp_path, capsys):
    table = drawn(gold_of(shipped))
    path = write(tmp_path, "tsv", mended(table, Mend((2, 1, 0), 1)))

    def call(*arguments: str) -> dict:
        status = main(["predictions", *arguments, "--home", str(shipped.home), "--json"])
        assert status == 0
        return json.loads(capsys.readouterr().out)

    checked = call("add", str(path), "--name", "m", "--check")
    assert checked["better"]["options"] == "--relabel 2,1,0 --shift -1" and "run_id" not in checked
    assert any("Nothing was changed" in sentence for sentence in checked["told"])
    assert list_predictions(shipped).empty
    made = call("add", str(path), "--name", "m", "--relabel", "2,1,0", "--shift", "-1")
    assert made["right"] == pytest.approx(80, abs=2) and made["better"] is None and made["stored"] == len(table)
    assert [row["arm"] for row in call("list")["predictions"]] == ["m (another model)"]
    assert main(["runs", "list", "--home", str(shipped.home)]) == 0
    assert "predictions of another model" in capsys.readouterr().out
    assert call("remove", "m")["removed"] == made["run_id"]
    given = ["predictions", "add", str(path), "--name", "m", "--split", "train", "--home", str(shipped.home)]
    assert main(given) != 0 and "No stored run has predictions on 'train'" in capsys.readouterr().err
