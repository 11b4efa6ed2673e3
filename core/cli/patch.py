"""`patch`: does transport patching make a run's flipped items right more often than its random control does?"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from core.arms.names import BASELINE
from core.cli.common import Data, Device, Home, Json, ReadingEncoder, emit, load_classifier
from core.csv_cells import guarded_table
from core.errors import BadInput
from core.files import atomic_write
from core.languages import sort_codes
from core.workspace import Workspace, open_workspace

ENGLISH = "en"
#: The low-resource languages in the order of the committed table, `core/patching/patching_controls_test.tsv`.
LANGUAGES = ("sw", "ur", "hi", "th", "tr")


def patch(
    arm: Annotated[str, typer.Option("--arm", help="The arm whose newest run of seed 0 is patched.")] = BASELINE,
    run: Annotated[str | None, typer.Option("--run", help="A run by its identity instead.")] = None,
    encoder: ReadingEncoder = None,
    languages: Annotated[
        list[str] | None, typer.Option("--languages", help="One or more; else the five low-resource ones.")
    ] = None,
    layers: Annotated[
        list[int] | None, typer.Option("--layers", min=0, help="One or more layers to patch; else 4 6 8 10.")
    ] = None,
    plan_layer: Annotated[
        int | None, typer.Option("--plan-layer", min=0, help="Layer of the plan; else the patched one.")
    ] = None,
    split: Annotated[str | None, typer.Option("--split", help="validation or test; else what was read.")] = None,
    kind: Annotated[
        Literal["flipped", "kept"], typer.Option("--kind", help="Items right in English alone, or in both.")
    ] = "flipped",
    limit: Annotated[int, typer.Option("--limit", min=0, help="Items a language; 0: all.")] = 0,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Draws items, other items and random plans.")] = 0,
    source: Annotated[
        str | None, typer.Option("--source", help="The other source language; else French, or the first there is.")
    ] = None,
    controls: Annotated[
        Path | None, typer.Option("--controls", help="Write the table of controls to this TSV.")
    ] = None,
    draws: Annotated[int, typer.Option("--draws", min=1, help="Random plans an item.")] = 10,
    epsilon: Annotated[float, typer.Option("--epsilon", help="As a fraction of the median cost.")] = 0.05,
    out: Annotated[Path | None, typer.Option("--out", help="Write the items to this CSV.")] = None,
    summary: Annotated[Path | None, typer.Option("--summary", help="Write what is printed to this TSV.")] = None,
    device: Device = "auto",
    data: Data = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Put the English translation's states in place of an item's own; count the answers that become right.

    Beside it stand the controls that a claim from it needs, each with an interval: shuffled plans, a monotone map
    without a plan, another English item, another source language, and items that were right before.
    """
    from core.data.catalog import open_catalog
    from core.patching.controls import measure_run_controls, summarise_controls
    from core.patching.effect import measure_run, summarise
    from core.patching.recorded import surviving, tell_claims
    from core.progress import bar
    from core.transport.plans import PlanSettings
    from store.results.predictions import read
    from store.results.runs import newest_run

    settings = PlanSettings(epsilon=epsilon)
    settings.check()
    for path in (out, summary, controls):
        if path is not None and not path.absolute().parent.is_dir():
            raise BadInput(f"The folder {path.absolute().parent} is not there; make it, or write elsewhere.")
    workspace, catalog = open_workspace(home), open_catalog(data)
    run_id = str(newest_run(workspace, arm, run)["run_id"])
    codes = _listed(languages) or list(LANGUAGES)
    split = _read_split(workspace, run_id, codes, split)
    predictions = read(workspace, [run_id], split, [ENGLISH, *codes]).assign(split=split)
    asked = load_classifier(workspace, encoder, arm, run_id, device)
    rows = measure_run(
        asked.model, asked.encoder, predictions, catalog, codes, list(dict.fromkeys(layers or (4, 6, 8, 10))),
        split=split, kind=kind, limit=limit, settings=settings, plan_layer=plan_layer, draws=draws,
        seed=seed, progress=bar("items"),
    )  # fmt: skip
    table = summarise(rows)
    asked_layers = list(dict.fromkeys(layers or (4, 6, 8, 10)))
    beside = summarise_controls(
        measure_run_controls(
            asked.model, asked.encoder, predictions, catalog, codes, asked_layers, split=split, limit=limit,
            source=source, settings=settings, draws=draws, seed=seed, progress=bar("controls"),
        )
    )  # fmt: skip
    if out is not None:
        atomic_write(
            out, guarded_table(rows).to_csv(index=False), what=f"The table {out}", advice="name another with --out"
        )
    if summary is not None:
        text = table.round(2).to_csv(sep="\t", index=False)
        atomic_write(summary, text, what=f"The table {summary}", advice="name another with --summary")
    if controls is not None:
        text = beside.round(2).to_csv(sep="\t", index=False)
        atomic_write(controls, text, what=f"The table {controls}", advice="name another with --controls")
    whole = "all" if len(codes) > 1 else codes[0]
    claims = {layer: surviving(beside, layer, whole) for layer in asked_layers}
    payload: dict[str, Any] = {
        "run_id": run_id, "arm": asked.arm, "split": split, "kind": kind, "seed": seed,
        "rows": table.to_dict("records"), "controls": beside.to_dict("records"),
        "claims": {str(layer): said for layer, said in claims.items()},
    }  # fmt: skip
    shown = table.to_string(index=False, float_format=lambda x: f"{x:.1f}") if len(table) else "No such items."
    if len(beside):
        shown += "\n\n" + beside.to_string(index=False, float_format=lambda x: f"{x:.1f}") + "\n"
        shown += "\n".join(tell_claims(layer, said) for layer, said in claims.items())
    emit(payload, json, shown)


def _listed(given: Sequence[str] | None) -> list[str]:
    """Languages as given, one after another or between commas, each once."""
    return list(dict.fromkeys(code.strip() for text in given or () for code in text.split(",") if code.strip()))


def _read_split(workspace: Workspace, run_id: str, codes: Sequence[str], split: str | None) -> str:
    """The split asked for, else the one that the run was read on; raises `BadInput` if the run was not read there in
    every language of `codes` and in English."""
    from store.results.benchmarks import SPLITS
    from store.results.predictions import coverage

    table = coverage(workspace, [run_id])
    splits = [name for name in SPLITS if name in set(table["split"])]
    if not splits:
        raise BadInput(f"The run {run_id} has no predictions; name another with --run.")
    split = split or splits[0]
    there = set(table.loc[table["split"] == split, "language"])
    if ENGLISH not in there:
        raise BadInput(f"The run {run_id} was not read on {split[:20]!r} in English; it was on {', '.join(splits)}.")
    others = sort_codes(sorted(there - {ENGLISH}))
    for code in codes:
        if code not in others:
            raise BadInput(
                f"The run {run_id} has no answers in {code[:20]!r} on {split} to patch from English; "
                f"it has {', '.join(others) or 'none in another language'}."
            )
    return split
