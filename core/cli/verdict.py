"""`verdict`: what the stored runs say, question by question."""

from __future__ import annotations

import dataclasses
import math
from typing import TYPE_CHECKING, Any

from core.arms.names import BASELINE, FIRST, SECOND
from core.cli.common import Home, Json, NoData, emit, tell
from core.errors import MissingData
from core.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    import pandas as pd

#: In order of preference: where the test split is stored, nothing else is judged on.
SPLITS = ("test", "validation")
_TRAIN = "train some with `python -m core run --preset quick`"


def verdict(data: NoData = None, home: Home = None, json: Json = False) -> None:
    """Say for each question who is ahead, whether the arms are equivalent, or that it is undecided."""
    payload = judge(open_workspace(home))
    for note in payload["notes"]:
        tell(note)
    emit(payload, json, "\n".join(question["sentence"] for question in payload["questions"]))


def judge(workspace: Workspace) -> dict[str, Any]:
    """The verdict on the newest group of comparable runs, as the document of `--json`.

    Beside `questions`: split, data, runs, arms (accuracy across languages), languages (sign-flip tests of the main
    pairs), calibration, notes. Numbers that are not known are null. Raises `MissingData` where nothing can be compared.
    """
    import pandas as pd

    from core.evaluation import calibration
    from core.verdict import by_language, transfer
    from core.verdict import verdict as verdicts
    from core.verdict.answers import read_answers
    from core.verdict.further_questions import further
    from store.results.gold import without_odd_runs
    from store.results.predictions import read_robust
    from store.results.runs import main_runs
    from store.results.scores import read_scores

    runs = main_runs(workspace)
    if runs.empty:
        raise MissingData(f"There are no runs to compare in {workspace.results}; {_TRAIN}.")
    notes: list[str] = []
    runs = _one_configuration(runs, notes)
    table, split = _predictions(workspace, runs, notes)
    runs, left_out = without_odd_runs(workspace, runs, split)
    notes += left_out
    table = table[table["run_id"].isin(runs["run_id"])]
    answers = read_answers(table)
    ids = list(runs["run_id"])
    robust = read_robust(workspace, ids).merge(runs[["run_id", "arm", "seed"]], on="run_id")
    answered = [*verdicts.answer(answers), *further(answers, robust, read_scores(workspace, ids))]
    if not answered:
        raise MissingData(
            f"The stored runs ({', '.join(sorted(set(runs['arm'])))}) allow no comparison: it takes two of "
            f"{FIRST}, {SECOND} and {BASELINE} with a seed in common; {_TRAIN}."
        )
    if not answered[0].primary:
        notes.append(f"The primary question, {FIRST} against {SECOND}, cannot be asked of these runs.")
    kind = str(runs["data_kind"].iloc[0])
    where = "XNLI" if kind == "xnli" else f"the {kind} set, which is not XNLI"
    notes.insert(0, f"Judged on the {split} split of {where}.")
    if split != SPLITS[0]:
        notes.insert(1, f"No {SPLITS[0]} predictions are stored: this is a preview, not the experiment's result.")
    pairs = dict.fromkeys((a.first, a.second) for a in answered)
    languages = pd.concat([by_language.compare_languages(answers, *pair) for pair in pairs])
    validation = _read(workspace, runs, "validation", ["en"])
    return {
        "questions": [dataclasses.asdict(one) | {"sentence": one.sentence} for one in answered],
        "split": split,
        "data": kind,
        "runs": list(answers.runs["run_id"]),
        "arms": _records(transfer.by_arm(transfer.by_run(answers))),
        "languages": _records(languages),
        "calibration": _records(calibration.calibration(table, validation)),
        "notes": notes,
    }


def _one_configuration(runs: pd.DataFrame, notes: list[str]) -> pd.DataFrame:
    """`one_recipe_an_arm`, with a note on what it leaves out."""
    from core.verdict.sheet import one_recipe_an_arm

    kept = one_recipe_an_arm(runs)
    left = len(runs) - len(kept)
    if left:
        notes.append(f"Left out: {left} stored run(s) of an arm whose newest run has other settings.")
    return kept


def _predictions(workspace: Workspace, runs: pd.DataFrame, notes: list[str]) -> tuple[pd.DataFrame, str]:
    """The predictions on the first of `SPLITS` that any run has, and the name of that split."""
    from store.results.predictions import coverage

    covered = coverage(workspace, list(runs["run_id"]))
    split = next((s for s in SPLITS if (covered["split"] == s).any()), None)
    if split is None:
        raise MissingData(f"The stored runs hold no predictions to compare; {_TRAIN}.")
    table = _read(workspace, runs, split)
    without = sorted(set(runs["run_id"]) - set(table["run_id"]))
    if without:
        notes.append(f"Left out: {len(without)} run(s) without predictions on the {split} split.")
    failed = runs[runs["took"].eq(False).fillna(False)]
    for arm, own in failed.groupby("arm", sort=False):
        total = int((runs["arm"] == arm).sum())
        notes.append(f"{arm}: objective did not improve on held-out bitext in {len(own)} of {total} run(s).")
    return table, split


def _read(workspace: Workspace, runs: pd.DataFrame, split: str, languages: list[str] | None = None) -> pd.DataFrame:
    from store.results.predictions import read

    found = read(workspace, list(runs["run_id"]), split, languages)
    return found.merge(runs[["run_id", "arm", "seed"]], on="run_id")


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON can hold them: a number that is not known is null."""
    rows = table.to_dict("records")
    return [
        {str(k): None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()} for row in rows
    ]
