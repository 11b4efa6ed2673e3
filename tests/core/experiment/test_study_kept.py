"""Finished runs kept in a folder: taken from it on another machine, weights only where they are wanted again."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from core.config import RunConfig
from core.data.catalog import open_catalog
from core.errors import BadInput
from core.experiment.studies.read import read_study
from core.experiment.studies.schema import Study
from core.run_folder.files import FILES, LEFT_OUT, check_files, list_files
from core.run_folder.tables import RECORD
from core.workspace import Workspace, open_workspace
from tests.support.late import COLLECTING
from tests.support.small_study import OWN

if not COLLECTING:
    from core.experiment.studies.kept import shipped_runs, synchronise
    from core.experiment.studies.plan import plan_study
    from core.model.weights import WEIGHTS


@pytest.fixture(scope="module")
def study(tmp_path_factory) -> Study:
    file = tmp_path_factory.mktemp("kept") / "mine.toml"
    file.write_text(OWN)
    return read_study(file)


@pytest.fixture(scope="module")
def whole(study) -> list[RunConfig]:
    return plan_study(study, open_catalog(None), "0" * 64)


def make(workspace: Workspace, config: RunConfig) -> Path:
    """A finished run with weights and one more file."""
    folder = workspace.run(config.run_id)
    folder.mkdir()
    (folder / WEIGHTS).write_bytes(config.run_id.encode() * 50)
    (folder / "model.json").write_text("{}")
    record = {"run_id": config.run_id, "protocol": config.protocol, FILES: list_files(folder)}
    (folder / RECORD).write_text(json.dumps(record))
    return folder


def find(whole: list[RunConfig], name: str, seed: int) -> RunConfig:
    return next(config for config in whole if (config.name, config.seed) == (name, seed))


def test_a_study_goes_on_elsewhere(tmp_path, study, whole):
    kept, home, other = tmp_path / "kept", open_workspace(tmp_path / "home"), open_workspace(tmp_path / "other")
    start = find(whole, "warm-start", 1)
    made = make(home, start)
    shipped = shipped_runs(study, whole)
    assert synchronise(kept, home, whole, shipped) == (0, 1)
    assert synchronise(kept, home, whole, shipped) == (0, 0)
    assert synchronise(kept, other, whole, shipped) == (1, 0)
    taken = other.run(start.run_id)
    assert (taken / WEIGHTS).read_bytes() == (made / WEIGHTS).read_bytes()
    assert (taken / RECORD).read_bytes() == (made / RECORD).read_bytes()


def test_weights_are_kept_for_as_long_as_a_run_begins_from_them(tmp_path, study, whole):
    kept, home = tmp_path / "kept", open_workspace(tmp_path / "home")
    shipped = shipped_runs(study, whole)
    of_seed = {seed: [config for config in whole if config.seed == seed] for seed in (0, 1)}
    start = find(whole, "warm-start", 1)
    for config in of_seed[1][:-1]:
        make(home, config)
    synchronise(kept, home, whole, shipped)
    assert (kept / start.run_id / WEIGHTS).is_file()
    for config in (of_seed[1][-1], *of_seed[0]):
        make(home, config)
    synchronise(kept, home, whole, shipped)
    for config in of_seed[1]:
        folder = kept / config.run_id
        record = json.loads((folder / RECORD).read_text())
        assert not (folder / WEIGHTS).exists() and WEIGHTS not in record[FILES]
        assert record[LEFT_OUT][WEIGHTS]["bytes"] == 600
        check_files(folder, record)
    # The arms that the study asks about, of its first seed, and what they begin from.
    assert all((kept / config.run_id / WEIGHTS).is_file() for config in of_seed[0])
    assert shipped == {config.run_id for config in of_seed[0]}
    assert (home.run(start.run_id) / WEIGHTS).is_file()


def test_what_is_damaged_or_another_run_is_not_taken(tmp_path, whole):
    kept, home = tmp_path / "kept", open_workspace(tmp_path / "home")
    start = find(whole, "warm-start", 0)
    make(home, start)
    synchronise(kept, home, whole)
    other = open_workspace(tmp_path / "other")
    (kept / start.run_id / "model.json").write_text("{ }")
    with pytest.raises(BadInput, match="copy the run folder again"):
        synchronise(kept, other, whole)
    (kept / start.run_id / RECORD).write_text(json.dumps({"run_id": "x", "protocol": "y", FILES: {}}))
    with pytest.raises(BadInput, match="is not the run that its name says"):
        synchronise(kept, other, whole)
    assert not other.run(start.run_id).exists()


def test_a_folder_that_cannot_be_written_is_told(tmp_path, whole):
    (tmp_path / "file").write_text("")
    with pytest.raises(BadInput, match="--keep"):
        synchronise(tmp_path / "file" / "kept", open_workspace(tmp_path / "home"), whole)
