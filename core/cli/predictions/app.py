"""The verbs of `predictions`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from core.cli.common import Home, Json, NoData, emit
from core.errors import BadInput
from core.notation import plural
from core.workspace import open_workspace

app = typer.Typer(no_args_is_help=True, help="Another model's predictions beside the stored runs: add, list, remove.")


@app.command()
def add(
    file: Annotated[Path, typer.Argument(help="CSV, TSV, JSONL, Parquet, or samples JSONL of lm-eval-harness.")],
    name: Annotated[str, typer.Option(help="What the model is called.")],
    language: Annotated[str, typer.Option(help="The language of a file that names none.")] = "",
    relabel: Annotated[str, typer.Option(help="What labels 0, 1, 2 of the file mean, as in 2,1,0.")] = "",
    shift: Annotated[int, typer.Option(help="Added to every item id: -1 where the file counts from 1.")] = 0,
    split: Annotated[str, typer.Option(help="The stored split that was predicted.")] = "test",
    group: Annotated[str, typer.Option(help="The group of runs whose items they are; else the newest.")] = "",
    check: Annotated[bool, typer.Option("--check", help="Only say what the file holds; store nothing.")] = False,
    data: NoData = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Hold a file of predictions against the stored gold labels, say everything that is odd, and store it as a run."""
    from core.exchange.outside.fitting import AS_STATED, Mend, read_relabel
    from store.results.outside import check_predictions, store_predictions

    if abs(shift) > 1_000_000:
        raise BadInput(f"--shift {shift} is too large; it is -1 where a file counts items from 1.")
    workspace = open_workspace(home)
    mend = Mend(read_relabel(relabel) if relabel else AS_STATED, shift)
    checked = check_predictions(workspace, file.expanduser(), split, language, mend, group=group)
    better = checked.fit.better
    payload = {
        "ok": True, "form": checked.predictions.form, "split": split, "data": checked.data_kind,
        "stored": len(checked.table), "right": checked.fit.agreement,
        "better": None if better is None else {"relabel": list(better.relabel), "shift": better.shift,
                                               "right": checked.fit.fitted, "options": better.options},
        "certain": checked.predictions.certain, "told": list(checked.told),
    }  # fmt: skip
    lines = list(checked.told)
    if check:
        lines.append(f"Nothing was stored; {plural(len(checked.table), 'prediction')} would be.")
    else:
        run_id, arm = store_predictions(workspace, checked, name)
        payload |= {"run_id": run_id, "arm": arm}
        lines.append(
            f"{plural(len(checked.table), 'prediction')} stored as {arm}, run {run_id}: described beside the arms, in "
            f"no test. `python -m core predictions remove {run_id}` takes it out."
        )
    emit(payload, json, "\n".join(lines))


@app.command("list")
def list_(data: NoData = None, home: Home = None, json: Json = False) -> None:
    """Every other model's predictions that are stored."""
    from store.results.outside import list_predictions

    rows = list_predictions(open_workspace(home)).to_dict("records")
    lines = [
        f"{row['run_id']}  {row['arm']}  {row['split']}, {row['data']}  {plural(row['languages'], 'language')}, "
        f"{plural(row['items'], 'prediction')}, {row['right']:.1f} in 100 right"
        for row in rows
    ]
    emit({"ok": True, "predictions": rows}, json, "\n".join(lines) or "No predictions of another model are stored.")


@app.command()
def remove(
    name: Annotated[str, typer.Argument(help="The model's name, or the run's identifier.")],
    data: NoData = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Take another model's predictions out; `runs restore` puts them back."""
    from store.results.outside import remove_predictions

    removed = remove_predictions(open_workspace(home), name)
    text = f"Taken out; `python -m core runs restore {removed.run_id}` undoes it."
    emit({"ok": True, "removed": removed.run_id, "folder": str(removed.folder or "")}, json, text)
