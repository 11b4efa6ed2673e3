"""Which runs belong to the reference results, and which are still missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.arms.names import MAIN_ARMS, sort_arms
from core.errors import BadInput
from core.experiment.studies.read import FIRST_STUDY, find_study, stored_name
from core.run_folder.files import FILES, check_files, is_list_of_files
from core.run_folder.tables import RECORD
from core.strict_json import read_json

_STUDY = find_study(FIRST_STUDY)
PRESET, SPLIT = stored_name(_STUDY.name), _STUDY.benchmark().split
SEEDS = _STUDY.seeds
CONTROLS = tuple(arm.name for arm in _STUDY.arms if arm.role == "control")
#: They train nothing, and so have no weights of their own.
WITHOUT_WEIGHTS = ("centring", "translate-test")


@dataclass(frozen=True)
class SourceRun:
    """A finished run on disk: its folder and its run.json."""

    folder: Path
    record: dict[str, Any]

    @property
    def run_id(self) -> str:
        return str(self.record["run_id"])

    @property
    def name(self) -> str:
        return f"{self.record['arm']} seed {self.record['seed']}"


def is_reference(record: dict[str, Any]) -> bool:
    """Whether a run.json is of the reference preset, read on the test split."""
    config = record.get("config")
    evaluation = config.get("evaluation") if isinstance(config, dict) else None
    return record.get("preset") == PRESET and isinstance(evaluation, dict) and evaluation.get("split") == SPLIT


def find_runs(runs: Path) -> list[SourceRun]:
    """The reference runs under the folder `runs`, arms and seeds in order, then the warm starts they began from.

    Raises `BadInput` if a run.json cannot be read, two runs are the same arm and seed, or a run's folder is not whole.
    """
    known = {run.run_id: run for run in map(_read, sorted(runs.glob("[!.]*/run.json")))}
    chosen = [run for run in known.values() if is_reference(run.record)]
    rank = {arm: i for i, arm in enumerate(sort_arms(run.record["arm"] for run in chosen))}
    chosen.sort(key=lambda run: (rank[run.record["arm"]], run.record["seed"], run.run_id))
    for one, other in zip(chosen, chosen[1:], strict=False):
        if one.name == other.name:
            raise BadInput(
                f"{one.run_id} and {other.run_id} are both {one.name} of the reference preset; keep one of the two."
            )
    there = {run.run_id for run in chosen}
    starts = dict.fromkeys(run.record.get("warm_start") for run in chosen)
    chosen += [known[start] for start in starts if start in known and start not in there]
    for run in chosen:
        if not is_list_of_files(run.record.get(FILES, {})):
            raise BadInput(f"{run.folder / RECORD}: {FILES!r} is no list of the run's files; make the run again.")
        check_files(run.folder, run.record)
    return chosen


def _read(path: Path) -> SourceRun:
    again = "move that folder away or make the run again"
    record = read_json(path, again)
    if not isinstance(record, dict) or not {"run_id", "arm", "seed"} <= record.keys():
        raise BadInput(f"{path} cannot be read: it holds no run_id, arm and seed; {again}.")
    if not isinstance(record["arm"], str) or not isinstance(record["seed"], int):
        raise BadInput(f"{path} cannot be read: arm should be a name and seed a whole number; {again}.")
    return SourceRun(path.parent, record)


def missing(runs: Sequence[SourceRun]) -> list[str]:
    """Names of the runs that the reference results should hold and `runs` does not: arms of three seeds, controls."""
    have = {(run.record["arm"], run.record["seed"]) for run in runs}
    arms = {arm for arm, _ in have}
    lacking = [f"{arm} seed {seed}" for arm in MAIN_ARMS for seed in SEEDS if (arm, seed) not in have]
    return lacking + [arm for arm in CONTROLS if arm not in arms]
