"""Stored predictions against the adapters beside them: real runs of a tiny encoder on the starter set."""

from __future__ import annotations

import dataclasses
import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import load_file, save_file

from core.errors import BadInput
from core.reference.export import export
from core.reference.unpack import read_reference
from core.reference.verify import PRECISION, verify_predictions
from core.workspace import open_workspace
from tests.support.late import COLLECTING
from tests.support.tiny import configuration

if not COLLECTING:
    from core.experiment.run import execute

pytestmark = pytest.mark.slow  # they train and read


def run_all(home: Path, tiny, starter, precision: str) -> Path:
    """Export of a baseline and a transport run, read on the starter test split; its folder."""
    workspace = open_workspace(home)
    start = execute(configuration("warm-start"), workspace, starter, tiny, preset="reference").folder.name
    for arm in ("english-only", "transport"):
        config = configuration(arm, warm_start=start)
        reading = dataclasses.replace(config.evaluation, split="test", other_items=24, precision=precision)
        execute(dataclasses.replace(config, evaluation=reading), workspace, starter, tiny, preset="reference")
    export(workspace.runs, home / "reference", partial=True)
    return home / "reference"


@pytest.fixture(scope="module")
def folder(tmp_path_factory, tiny, starter):
    return run_all(tmp_path_factory.mktemp("verify"), tiny, starter, "float32")


def test_every_prediction_agrees(folder, tiny, starter):
    found = verify_predictions(read_reference(folder), starter, tiny, at_least=60)
    assert found.sampled >= 60 and found.agreed == found.same_label == found.sampled
    assert 0 < found.worst <= 0.68 * PRECISION
    assert len(found.runs) == 2 and len(found.languages) > 1
    other = verify_predictions(read_reference(folder), starter, tiny, at_least=60, seed=1)
    assert other.agreed == other.sampled and other.worst != found.worst


def test_every_prediction_agrees_in_bfloat16(tmp_path, tiny, starter):
    found = verify_predictions(read_reference(run_all(tmp_path, tiny, starter, "bfloat16")), starter, tiny, 60)
    assert found.agreed == found.sampled >= 60 and found.worst <= 0.68 * PRECISION


def test_other_weights_do_not_agree(folder, tiny, starter, tmp_path):
    shutil.copytree(folder, tmp_path / "other")
    reference = read_reference(tmp_path / "other")
    for record in reference.records:
        path = reference.weights(record["run_id"]) / "adapter.safetensors"
        if path.exists():
            random = np.random.default_rng(0)
            noisy = {n: (t + random.normal(0, 0.3, t.shape)).astype(np.float16) for n, t in load_file(path).items()}
            save_file(noisy, path)
    found = verify_predictions(reference, starter, tiny, 60)
    assert found.agreed < found.sampled and found.worst > PRECISION


def test_other_data_are_told_apart(folder, tiny, starter):
    @dataclasses.dataclass(frozen=True)
    class Others:
        """A catalogue whose labels are shifted by one item."""

        def xnli(self, split: str, code: str):
            found = starter.xnli(split, code)
            labels = [item.label for item in found.items]
            items = zip(found.items, labels[1:] + labels[:1], strict=True)
            return dataclasses.replace(found, items=tuple(dataclasses.replace(i, label=label) for i, label in items))

    with pytest.raises(BadInput, match="is not the one that the reference runs were tested on"):
        verify_predictions(read_reference(folder), Others(), tiny, 10)


def test_the_exported_record_is_the_run_s_own(folder):
    records = {record["arm"]: record for record in read_reference(folder).records}
    assert records["transport"]["config"]["evaluation"]["split"] == "test"
    assert {"versions", "machine", "seconds", "created"} <= set(records["transport"])
    assert json.dumps(records)
