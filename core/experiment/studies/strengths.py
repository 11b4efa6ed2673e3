"""Which strength of a method a study takes, by a rule: tried on English validation and held-out bitext, test never."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core.arms.names import BASELINE, WARM_START
from core.errors import BadInput
from core.experiment.studies.seal import read_records

#: Points of English accuracy that a strength may cost against the baseline.
TOLERANCE = 1.0
#: The score that ranks strengths: mean reciprocal rank x100 of translations on held-out bitext, mean over languages.
RANKED = "held_out_retrieval"


@dataclass(frozen=True)
class Trial:
    """One strength tried at full length: accuracy x100 on English validation, retrieval x100 on held-out bitext, and
    whether its states have collapsed."""

    name: str
    method: str
    seed: int
    settings: dict[str, Any]
    english: float
    retrieval: float
    collapsed: bool

    def admissible(self, baseline: float, tolerance: float = TOLERANCE) -> bool:
        """Whether it may be chosen beside a baseline of this English accuracy."""
        return not self.collapsed and self.english >= baseline - tolerance


@dataclass(frozen=True)
class Choice:
    """What was tried of one method, best retrieval first, and the one that is taken; None if none is admissible."""

    method: str
    tried: tuple[Trial, ...]
    chosen: Trial | None


def read_trials(runs: Path) -> list[Trial]:
    """The finished runs under the folder `runs` as trials; those of warm starts left out.

    Raises `BadInput` for a run that read a test split, or lacks a score that the rule needs.
    """
    found = []
    for record in read_records(runs):
        config = record["config"]
        if config["arm"] == WARM_START:
            continue
        name, run_id = str(config.get("label") or config["arm"]), str(record["run_id"])
        scores = pd.read_parquet(runs / run_id / "scores.parquet")
        if (scores["split"] == "test").any():
            raise BadInput(f"The run {run_id} ({name}) has read a test split; strengths are chosen without one.")
        english = scores[(scores["name"] == "accuracy") & (scores["language"] == "en")]["value"]
        ranked = scores[scores["name"] == RANKED]["value"]
        collapsed = scores[scores["name"] == "collapsed"]["value"]
        if len(english) != 1 or ranked.empty or collapsed.empty:
            raise BadInput(f"The run {run_id} ({name}) has no English accuracy or no measures on held-out bitext.")
        found.append(
            Trial(
                name, str(config["arm"]), int(config["seed"]), dict(config.get("settings", {})),
                float(english.iloc[0]), float(ranked.mean()), bool(collapsed.max() > 0),
            )
        )  # fmt: skip
    return found


def choose(trials: Iterable[Trial], tolerance: float = TOLERANCE) -> list[Choice]:
    """Of every method that was tried in several strengths, the admissible one with the highest retrieval.

    Admissible is what has not collapsed and loses at most `tolerance` points of English accuracy to the baseline, which
    is the mean of its own trials. Raises `BadInput` where the baseline is not among `trials`.
    """
    known = list(trials)
    baseline = [trial.english for trial in known if trial.method == BASELINE]
    if not baseline:
        raise BadInput(f"{BASELINE} is not among the trials, so that no strength can be compared with it.")
    bar = sum(baseline) / len(baseline)
    choices = []
    for method in dict.fromkeys(trial.method for trial in known):
        tried = sorted((t for t in known if t.method == method), key=lambda t: (-t.retrieval, t.name))
        if len(tried) > 1:
            chosen = next((trial for trial in tried if trial.admissible(bar, tolerance)), None)
            choices.append(Choice(method, tuple(tried), chosen))
    return sorted(choices, key=lambda choice: choice.method)


def told(choices: Sequence[Choice], baseline: float) -> list[str]:
    """A line for each trial, the chosen one marked, with why another was not."""
    lines = []
    for choice in choices:
        for trial in choice.tried:
            why = (
                "chosen" if trial is choice.chosen
                else "collapsed" if trial.collapsed
                else "" if trial.admissible(baseline)
                else f"loses more than {TOLERANCE:g} in English"
            )  # fmt: skip
            lines.append(
                f"{trial.name:<30} English {trial.english:5.1f}   retrieval {trial.retrieval:5.1f}   {why}".rstrip()
            )
    return lines
