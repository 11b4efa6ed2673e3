"""`study status|pause`: where a study's runs are, and stopping them for a while."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from core.cli.common import Data, Home, Json, NoData, emit
from core.cli.study.app import Named, app
from core.cli.study.run import pause_mark
from core.files import MAKE_ROOM, atomic_write
from core.notation import plural

if TYPE_CHECKING:
    from core.experiment.studies.progress import RunState

_STATES = ("finished", "under way", "begun", "to be made")


@app.command()
def status(study: Named, data: Data = None, home: Home = None, json: Json = False) -> None:
    """Which of a study's runs are in, under way with how many updates, or still to be made, and the minutes left."""
    from core.cli.run import planned_runs
    from core.data.catalog import open_catalog
    from core.experiment.studies.progress import minutes_left, run_states
    from core.experiment.studies.read import find_study
    from core.workspace import open_workspace

    workspace, read = open_workspace(home), find_study(study)
    planned = planned_runs(read, open_catalog(data), read.encoder)
    states = run_states(planned, workspace)
    counts = {name: sum(state.state == name for state in states) for name in _STATES}
    left = minutes_left(states, workspace)
    lines = [_line(state) for state in states]
    lines.append(", ".join(f"{count} {state}" for state, count in counts.items()))
    if counts["finished"] < len(states):
        lines.append(
            "Minutes left: not known until a run has been finished on this machine." if left is None else
            f"About {left.minutes:.0f} minutes of runs left, by {plural(left.runs, 'finished run')} of this machine."
        )  # fmt: skip
    payload: dict[str, Any] = {
        "study": read.name, "complete": counts["finished"] == len(states), "counts": counts,
        "minutes_left": None if left is None else round(left.minutes, 1),
        "runs": [
            {"run_id": s.config.run_id, "arm": s.config.name, "seed": s.config.seed, "state": s.state,
             "updates": s.updates, "of": s.config.training.updates, "languages_read": s.languages_read}
            for s in states
        ],
    }  # fmt: skip
    emit(payload, json, "\n".join(lines))


@app.command()
def pause(study: Named, data: NoData = None, home: Home = None, json: Json = False) -> None:
    """Stop a study's running workers at their next update or batch, checkpoint kept; `study run` goes on."""
    from core.experiment.studies.read import find_study
    from core.workspace import open_workspace

    workspace, read = open_workspace(home), find_study(study)
    atomic_write(pause_mark(workspace, read.name), repr(time.time()), what="The pause", advice=MAKE_ROOM)
    emit(
        {"ok": True, "study": read.name}, json,
        f"Runs of {read.name} stop at their next update or batch; `python -m core study run {study}` goes on.",
    )  # fmt: skip


def _line(state: RunState) -> str:
    config = state.config
    if state.state not in ("under way", "begun"):
        told = state.state
    elif state.trained:
        told = f"{state.state}: trained, {plural(state.languages_read, 'language')} read"
    else:
        told = f"{state.state}: {state.updates} of {config.training.updates} updates"
    return f"{config.run_id}  {config.name:<28} seed {config.seed:<3} {told}"
