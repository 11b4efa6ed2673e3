"""A run that is trained like a finished one and read otherwise takes its weights, and has the numbers of its own."""

from __future__ import annotations

import dataclasses
import json
import shutil

import pandas as pd
import pytest

from core.config import RunConfig
from core.errors import Cancelled
from core.experiment.finished import run_config
from core.shipped import SHIPPED
from core.workspace import open_workspace
from tests.support.late import COLLECTING
from tests.support.tiny import configuration

if not COLLECTING:
    from core.experiment.run import execute

pytestmark = pytest.mark.slow  # they train and read

RECORDS = json.loads((SHIPPED / "runs.json").read_text(encoding="utf-8"))
COUNTED = ("updates", "tokens_forward", "tokens_backward", "nli_pairs", "bitext_pairs", "took", "took_sentence")


class Watch:
    """Progress that counts the updates that were trained, and may stop one."""

    def __init__(self, stop_at: str = "") -> None:
        self.updates, self.stop_at = 0, stop_at

    def __call__(self, done: int, total: int, text: str = "") -> None:
        self.updates += text.startswith("training loss")
        if self.stop_at and text.startswith(self.stop_at):
            raise Cancelled("stopped")


def reading_more(config: RunConfig) -> RunConfig:
    reading = dataclasses.replace(config.evaluation, other_items=9, held_out_pairs=20)
    return dataclasses.replace(config, evaluation=reading, label="more")


@pytest.fixture(scope="module")
def made(tmp_path_factory, tiny, starter):
    home = open_workspace(tmp_path_factory.mktemp("same-training"))
    start = execute(configuration("warm-start"), home, starter, tiny).folder.name
    config = configuration("mean-matching", warm_start=start)
    execute(config, home, starter, tiny)
    return home, config


@pytest.fixture
def begun(made, tmp_path):
    """A home with a warm start and an arm of it, and the arm's configuration."""
    shutil.copytree(made[0].home, tmp_path / "home")
    return open_workspace(tmp_path / "home"), made[1]


def test_the_weights_are_taken_and_the_numbers_are_those_of_training_anew(begun, tmp_path, tiny, starter):
    home, config = begun
    more = reading_more(config)
    watch = Watch()
    taken = execute(more, home, starter, tiny, progress=watch)
    assert watch.updates == 0 and taken.describe()["weights_from"] == config.run_id
    shutil.copytree(home.home, tmp_path / "other")
    other = open_workspace(tmp_path / "other")
    for run_id in (config.run_id, more.run_id):
        shutil.rmtree(other.run(run_id))
    watch = Watch()
    anew = execute(more, other, starter, tiny, progress=watch)
    assert watch.updates == 6 and "weights_from" not in anew.describe()
    for name in ("predictions", "scores", "curves", "plans", "plan_cells", "rankings"):
        one, two = (pd.read_parquet(run.folder / f"{name}.parquet") for run in (taken, anew))
        pd.testing.assert_frame_equal(one, two)
    assert [taken.describe()[key] for key in COUNTED] == [anew.describe()[key] for key in COUNTED]


def test_a_warm_start_read_otherwise_is_no_other_training(begun, tiny, starter):
    home, config = begun
    start = reading_more(configuration("warm-start"))
    taken = execute(start, home, starter, tiny)
    assert taken.describe()["weights_from"] == config.warm_start
    watch = Watch()
    arm = execute(dataclasses.replace(config, warm_start=start.run_id), home, starter, tiny, progress=watch)
    assert watch.updates == 0 and arm.describe()["weights_from"] == config.run_id


def test_other_settings_and_changed_weights_are_trained(begun, tiny, starter):
    home, config = begun
    watch = Watch()
    execute(dataclasses.replace(config, settings={"token_weight": 3.0}), home, starter, tiny, progress=watch)
    assert watch.updates == 6
    weights = home.run(config.run_id) / "adapter.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1] + b"x")
    watch = Watch()
    done = execute(reading_more(config), home, starter, tiny, progress=watch)
    assert watch.updates == 6 and "weights_from" not in done.describe()


def test_a_damaged_run_gives_no_weights_and_stops_nobody(begun, tiny, starter):
    home, config = begun
    (home.run(config.run_id) / "curves.parquet").write_bytes(b"no parquet")
    watch = Watch()
    done = execute(reading_more(config), home, starter, tiny, progress=watch)
    assert watch.updates == 6 and "weights_from" not in done.describe()


def test_a_run_stopped_after_it_took_weights_goes_on_with_them(begun, tiny, starter):
    home, config = begun
    more = reading_more(config)
    with pytest.raises(Cancelled):
        execute(more, home, starter, tiny, progress=Watch(stop_at="validation"))
    watch = Watch()
    assert execute(more, home, starter, tiny, progress=watch).describe()["weights_from"] == config.run_id
    assert watch.updates == 0


@pytest.mark.parametrize("record", RECORDS, ids=lambda record: f"{record['arm']}-{record['seed']}")
def test_a_stored_configuration_is_read_back_whole(record):
    assert run_config(record).run_id == record["run_id"]
