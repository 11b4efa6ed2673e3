"""`runs`: list the stored runs, take one out of the results, put it back."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from core.arms.names import OUTSIDE
from core.cli.common import Home, Json, NoData, emit, tell
from core.errors import BadInput
from core.notation import plural
from core.workspace import open_workspace

app = typer.Typer(no_args_is_help=True, help="The stored runs: list them, take one out, put it back.")

RunId = Annotated[str, typer.Argument(help="The run's identifier, as `runs list` gives it.")]


@app.command("list")
def list_(data: NoData = None, home: Home = None, json: Json = False) -> None:
    """Every stored run, oldest first, and those that were taken out."""
    from store.results.reference_import import REFERENCE
    from store.results.removal import list_removed
    from store.results.runs import list_imports, list_runs

    workspace = open_workspace(home)
    folders = list_imports(workspace).groupby("run_id")["folder"].first().to_dict()
    rows: list[dict[str, Any]] = [
        {
            "run_id": run["run_id"], "arm": run["arm"], "seed": int(run["seed"]), "preset": run["preset"],
            "data": run["data_kind"], "group": run["group_id"], "created": run["created"].isoformat(),
            "folder": "" if folders[run["run_id"]] == REFERENCE else folders[run["run_id"]],
        }
        for run in list_runs(workspace).to_dict("records")
    ]  # fmt: skip
    removed = list_removed(workspace)
    lines = [
        f"{row['run_id']}  {row['arm']:<24} {_seed(row)} {row['data']:<8} {row['created'][:10]}  "
        f"{row['folder'] or 'ships with the project'}"
        for row in rows
    ]
    lines.append(f"{plural(len(rows), 'run')} in {workspace.results}")
    lines += [f"removed: {row['run_id']}  {row['folder'] or 'ships with the project'}" for row in removed]
    emit({"ok": True, "runs": rows, "removed": removed}, json, "\n".join(lines))


@app.command()
def remove(
    run_id: RunId,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    data: NoData = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Take a run out of the results; its folder moves to removed/ in the workspace, and `restore` brings it back."""
    from store.results.removal import remove_run

    workspace = open_workspace(home)
    if not yes:
        if json:
            raise BadInput("With --json nothing is asked: give --yes to remove the run.")
        typer.confirm(f"Take run {run_id[:40]} out of {workspace.results}?", abort=True, err=True)
    removed = remove_run(workspace, run_id)
    if removed.needed_by:
        tell(f"{plural(len(removed.needed_by), 'stored run')} began from it: {', '.join(removed.needed_by)}.")
    where = f"its folder is {removed.folder} now" if removed.folder else (
        "it ships with the project and stays out" if removed.shipped else "its folder, elsewhere, stays as it is"
    )  # fmt: skip
    payload = {
        "ok": True, "removed": removed.run_id, "folder": str(removed.folder or ""), "shipped": removed.shipped,
        "needed_by": list(removed.needed_by),
    }  # fmt: skip
    back = "" if not (removed.folder or removed.shipped) else f"; `python -m core runs restore {run_id}` undoes it"
    emit(payload, json, f"Run {run_id} is taken out; {where}{back}.")


@app.command()
def restore(run_id: RunId, data: NoData = None, home: Home = None, json: Json = False) -> None:
    """Put a removed run back into the results."""
    from store.results.removal import restore_run

    folder = restore_run(open_workspace(home), run_id)
    emit({"ok": True, "restored": run_id, "folder": str(folder or "")}, json, f"Run {run_id} is stored again.")


def _seed(row: dict[str, Any]) -> str:
    """The seed of an arm's run; what stands there of predictions that somebody brought."""
    return OUTSIDE if row["preset"] == OUTSIDE else f"seed {row['seed']:<3}"
