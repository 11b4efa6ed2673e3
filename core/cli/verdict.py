"""`verdict`: what the stored runs say, question by question."""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.arms.names import BASELINE, FIRST, SECOND
from core.cli.common import Home, Json, NoData, emit, tell
from core.errors import MissingData
from core.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    import pandas as pd


def verdict(
    group: Annotated[str, typer.Option("--group", help="A group of comparable runs; else the newest.")] = "",
    data: NoData = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Say for each question who is ahead, whether the arms are equivalent, or that it is undecided."""
    payload = judge(open_workspace(home), group)
    for note in payload["notes"]:
        tell(note)
    emit(payload, json, "\n".join(question["sentence"] for question in payload["questions"]))


def judge(workspace: Workspace, group_id: str = "") -> dict[str, Any]:
    """The verdict on a group of comparable runs (else the newest), as the document of `--json`.

    Questions, languages and arms are those of the answer sheet that pages and report show. Beside `questions`: split,
    data, analysis (study and rule), runs, arms (accuracy across languages), languages (asked pairs by language),
    controls, unanswerable, calibration, notes.
    Numbers that are not known are null. Raises `MissingData` where nothing can be compared, `BadInput` for a group
    that is not stored.
    """
    import pandas as pd

    from core.reference.floors import read_floors, tell_floors
    from core.shipped import reference_folder
    from core.verdict.sentences import on_collapse, on_prior
    from core.verdict.transfer import ACROSS, by_arm
    from store.results.collapse import collapsed_arms
    from store.results.groups import find_comparison
    from store.results.sheets import answer_sheet

    compared = find_comparison(workspace, group_id)
    runs, split = compared.runs, compared.split
    sheet = answer_sheet(workspace, runs, split)
    if not sheet["questions"]:
        raise MissingData(_no_comparison(workspace, runs, split))
    collapsed = collapsed_arms(workspace, runs)
    kind = str(runs["data_kind"].iloc[0])
    floors = read_floors(reference_folder(), kind, split)
    by_run = pd.DataFrame(sheet["runs"]).astype(dict.fromkeys(ACROSS, float))
    return {
        "questions": sheet["questions"],
        "analysis": sheet["analysis"],
        "unanswerable": sheet["unanswerable"],
        "controls": sheet["controls"],
        "split": split,
        "data": kind,
        "runs": list(by_run["run_id"]),
        "arms": _records(by_arm(by_run)),
        "languages": sheet["languages"],
        "calibration": _records(_calibration(workspace, runs, split)),
        "notes": [
            *_where(runs, split),
            *_left_out(compared.superseded, compared.without_predictions, split),
            *compared.odd,
            *_not_improved(runs),
            *_not_asked(sheet["questions"]),
            *(one["sentence"] for one in sheet["unanswerable"]),
            *([tell_floors(floors)] if floors else []),
            *(sentence for sentence in (on_collapse(collapsed), on_prior(sheet["questions"])) if sentence),
        ],
        "floors": floors,
        "collapsed": [arm for arm, (count, _, _) in collapsed.items() if count],
    }


def _no_comparison(workspace: Workspace, runs: pd.DataFrame, split: str) -> str:
    """Why nothing is compared, and which other group there is to ask for."""
    from store.results.benchmarks import stored_benchmark
    from store.results.groups import list_groups
    from store.results.runs import list_runs

    if not stored_benchmark(runs, split).is_xnli:
        return (
            f"The questions of `verdict` are of XNLI's languages, and the newest runs were read on {split} first; "
            "`python -m core study verdict FILE` answers the questions of their study."
        )
    asked = runs["group_id"].iloc[0]
    others = [str(group["group_id"].iloc[0]) for group in list_groups(list_runs(workspace))]
    others = [group_id for group_id in others if group_id != asked]
    elsewhere = f"name another group with --group ({', '.join(others[:4])}) or " if others else ""
    return (
        f"The stored runs ({', '.join(sorted(set(runs['arm'])))}) allow no comparison: it takes two of "
        f"{FIRST}, {SECOND} and {BASELINE} with a seed in common; {elsewhere}train some with "
        "`python -m core run --preset quick`."
    )


def _calibration(workspace: Workspace, runs: pd.DataFrame, split: str) -> pd.DataFrame:
    from core.evaluation.calibration import calibration
    from store.results.predictions import read

    table, validation = (
        read(workspace, list(runs["run_id"]), name, codes).merge(runs[["run_id", "arm", "seed"]], on="run_id")
        for name, codes in ((split, None), ("validation", ["en"]))
    )
    return calibration(table, validation)


def _where(runs: pd.DataFrame, split: str) -> list[str]:
    from store.results.benchmarks import SPLITS, data_kind, stored_benchmark

    kind = data_kind(runs, split)
    notes = [f"Judged on the {split} split of {'XNLI' if kind == 'xnli' else f'the {kind} set, which is not XNLI'}."]
    if kind == "own":
        notes = [
            f"Judged on {split}. {stored_benchmark(runs, split).sentence}",
            "The questions here are the first study's; `python -m core study verdict FILE` answers the study's own.",
        ]
    if split.split(".")[-1] != SPLITS[0]:
        notes.append(f"No {SPLITS[0]} predictions are stored: this is a preview, not the experiment's result.")
    return notes


def _left_out(superseded: int, without_predictions: int, split: str) -> list[str]:
    notes = []
    if superseded:
        notes.append(f"Left out: {superseded} stored run(s) of an arm whose newest run has other settings.")
    if without_predictions:
        notes.append(f"Left out: {without_predictions} run(s) without predictions on the {split} split.")
    return notes


def _not_improved(runs: pd.DataFrame) -> list[str]:
    failed = runs[runs["took"].eq(False).fillna(False)]
    return [
        f"{arm}: objective did not improve on held-out bitext in {len(failed_runs)} of "
        f"{int((runs['arm'] == arm).sum())} run(s)."
        for arm, failed_runs in failed.groupby("arm", sort=False)
    ]


def _not_asked(questions: list[dict[str, Any]]) -> list[str]:
    if questions[0]["primary"]:
        return []
    return [f"The primary question, {FIRST} against {SECOND}, cannot be asked of these runs."]


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    """Rows as JSON can hold them: a number that is not known is null."""
    rows = table.to_dict("records")
    return [
        {str(k): None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()} for row in rows
    ]
