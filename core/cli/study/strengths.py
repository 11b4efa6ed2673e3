"""`study strengths`: which strength of each method the trials of a study say to take."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

from typer import Argument

from core.cli.common import Json, NoData, NoHome, emit
from core.cli.study.app import app
from core.errors import MissingData


@app.command()
def strengths(
    runs: Annotated[Path, Argument(metavar="FOLDER", help="Run folders of trials, as `study run --keep` leaves them.")],
    data: NoData = None,
    home: NoHome = None,
    json: Json = False,
) -> None:
    """Of each method's strengths that were tried, the one with the best retrieval that costs at most 1 in English."""
    from core.arms.names import BASELINE
    from core.experiment.studies.strengths import choose, read_trials, told

    if not runs.is_dir():
        raise MissingData(f"There is no folder {runs}; name the one that `study run --keep` wrote.")
    trials = read_trials(runs)
    choices = choose(trials)
    own = [trial.english for trial in trials if trial.method == BASELINE]
    bar = sum(own) / len(own)
    payload = {
        "english_of_baseline": bar,
        "methods": [
            {
                "method": choice.method, "chosen": choice.chosen.name if choice.chosen else None,
                "settings": choice.chosen.settings if choice.chosen else None,
                "tried": [
                    {"name": t.name, "english": t.english, "retrieval": t.retrieval, "collapsed": t.collapsed,
                     "admissible": t.admissible(bar)}
                    for t in choice.tried
                ],
            }
            for choice in choices
        ],
    }  # fmt: skip
    emit(payload, json, "\n".join([f"{BASELINE}: English {bar:.1f}", *told(choices, bar)]))
