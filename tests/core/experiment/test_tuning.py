"""Tuning trials: English validation alone, the same measures for every form, and a log that the app can read."""

from __future__ import annotations

import csv
import dataclasses

import pytest

from core.cli.tune import _append, _settings
from core.errors import BadInput
from core.reference.preregistration import read_trials
from core.workspace import open_workspace
from tests.support.late import COLLECTING
from tests.support.tiny import configuration

if not COLLECTING:
    from core.experiment.run import execute
    from core.experiment.studies.plan import HELD_OUT_COST_SETTINGS
    from core.experiment.studies.read import find_preset
    from core.experiment.tuning import trial_config, try_out


def test_a_trial_reads_english_validation_and_no_test(starter):
    preset = find_preset("reference", "real")
    one = trial_config(preset, starter, "ab" * 32, "transport", {"token_layer": 12}, 120)
    assert one.evaluation.split == "validation" and one.evaluation.other_items == 0
    assert one.evaluation.robust_seeds == () and not one.evaluation.calibrate
    assert one.evaluation.yardstick == HELD_OUT_COST_SETTINGS and one.settings["token_layer"] == 12
    assert one.training.updates == 120 and one.warm_start is not None
    other = trial_config(preset, starter, "ab" * 32, "adversarial", {}, 120, bitext_batch=60)
    assert other.warm_start == one.warm_start and other.evaluation == one.evaluation
    assert other.data.bitext_batch == 60 and one.data.bitext_batch == preset.bitext.batch


@pytest.mark.slow
def test_the_log_has_what_the_app_shows(tmp_path, tiny, starter):
    workspace = open_workspace(tmp_path / "home")
    start = execute(configuration("warm-start"), workspace, starter, tiny).folder.name
    rows = []
    for arm, settings in (("transport", {"token_layer": 1}), ("adversarial", {}), ("english-only", {})):
        config = configuration(arm, warm_start=start, **settings)
        row = dataclasses.asdict(try_out(config, settings, workspace, starter, tiny))
        _append(tmp_path / "tuning.tsv", row)
        rows.append(row)
    assert rows[0]["objective"] == rows[0]["cost"] and rows[1]["objective"] == rows[1]["probe"]
    assert rows[2]["objective"] != rows[2]["objective"] and rows[2]["took"] == "-"
    assert rows[0]["took"] in ("yes", "no") and rows[0]["warm_start"] == start
    table = read_trials(tmp_path / "tuning.tsv")
    assert table is not None and list(table["arm"]) == ["transport", "adversarial", "english-only"]
    with (tmp_path / "tuning.tsv").open(encoding="utf-8") as file:
        assert len(list(csv.reader(file, delimiter="\t"))) == 4


def test_settings_are_read_as_values():
    assert _settings(["token_layer=12", "debias=false", "radius=0.05"]) == {
        "token_layer": 12, "debias": False, "radius": 0.05,
    }  # fmt: skip


def test_a_table_that_cannot_be_written_is_told(tmp_path):
    with pytest.raises(BadInput, match=r"rows\.tsv cannot be written \(No such file or directory\); name another"):
        _append(tmp_path / "absent" / "rows.tsv", {"a": 1})
