"""`alignment-error`: AER of an arm on the gold sets of the data folder, or the choice of the defaults on dev."""

from __future__ import annotations

import csv
import dataclasses
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli.common import Data, Home, Json, emit, load_reader
from core.errors import BadInput
from core.files import atomic_draft
from core.workspace import open_workspace

if TYPE_CHECKING:
    from core.alignment.alignment_error import AlignmentScore
    from core.alignment.choice import Choice
    from core.alignment.word_links import LinkSettings


def alignment_error(
    arm: Annotated[str, typer.Option("--arm", help="The arm whose newest run of seed 0 reads.")] = "untrained",
    run: Annotated[str | None, typer.Option("--run", help="A run by its identity instead.")] = None,
    encoder: Annotated[str, typer.Option("--encoder")] = "embedded",
    layer: Annotated[int | None, typer.Option("--layer", min=0, help="0: embeddings; else the chosen one.")] = None,
    decoding: Annotated[
        list[str] | None, typer.Option("--decoding", help="Repeat for several; else the chosen one and the baselines.")
    ] = None,
    pair: Annotated[
        list[str] | None, typer.Option("--pair", help="Only these language pairs, such as en-fr; repeat for several.")
    ] = None,
    split: Annotated[str, typer.Option("--split", help="test or validation")] = "test",
    choose: Annotated[
        bool, typer.Option("--choose", help="Search the grid on the validation sets instead of measuring.")
    ] = False,
    table: Annotated[Path | None, typer.Option("--table", help="Write the table as TSV.")] = None,
    data: Data = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """AER x100 with its interval on every gold set, for each decoding."""
    from core.alignment.alignment_sets import measure_sets
    from core.alignment.defaults import chosen_settings
    from core.data.catalog import open_catalog
    from core.data.gold_alignment import gold_sets
    from core.progress import bar

    workspace, catalog = open_workspace(home), open_catalog(data)
    sets = gold_sets(catalog, "validation" if choose else split)
    if pair:
        known = [gold.label for gold in sets]
        for label in pair:
            if label not in known:
                raise BadInput(f"There is no gold set of {label[:20]!r}; there are {', '.join(known)}.")
        sets = [gold for gold in sets if gold.label in pair]
    reader, run_id = load_reader(workspace, encoder, arm, run)
    rows: list[dict[str, Any]]
    kept = workspace.cache / "alignment-states"
    if choose:
        from core.alignment.choice import choose as choose_settings
        from core.alignment.kept_states import StateShelf

        layers = None if layer is None else [layer]
        rows = _choices(choose_settings(StateShelf(reader, kept), sets, layers, bar("choose")))
    else:
        names: Sequence[str | None] = decoding or [None, "argmax", "itermax", "match", "softmax"]
        settings = [dataclasses.replace(chosen_settings(name), layer=layer) for name in names]
        for setting in settings:
            setting.check()
        rows = [
            {"set": measured.gold.name, "pair": measured.gold.label, **_row(measured.settings, measured.score)}
            for measured in measure_sets(reader, sets, settings, bar("align"), kept)
        ]
    if table is not None:
        with (
            atomic_draft(table, what=f"The table {table}", advice="name another with --table") as draft,
            draft.open("w", encoding="utf-8", newline="") as file,
        ):
            writer = csv.DictWriter(file, list(rows[0]), delimiter="\t", lineterminator="\n")
            writer.writeheader()
            writer.writerows(rows)
    lines = ["  ".join(f"{name:>{_width(rows, name)}}" for name in rows[0])]
    lines += ["  ".join(f"{row[name]!s:>{_width(rows, name)}}" for name in row) for row in rows]
    emit({"arm": arm, "run_id": run_id, "rows": rows}, json, "\n".join(lines))


def _choices(found: Sequence[Choice]) -> list[dict[str, Any]]:
    """The rows of a search, best first, each with how many settings a layer of its rule had."""
    rows = []
    for choice in found:
        settings, plan = choice.settings, choice.settings.plan
        extra = {
            "transport": plan.kind if settings.decoding.startswith("transport") else "",
            "strength": plan.strength if plan.kind == "unbalanced" else "",
            "position": settings.position or "",
            "macro": round(choice.macro, 2),
            "joined": round(choice.joined, 2),
            "merit": round(choice.merit, 2),
            "tried": choice.tried,
            **{label: round(error, 2) for label, error in choice.by_set.items()},
        }
        rows.append(_row(settings, choice.score) | extra)
    return rows


def _row(settings: LinkSettings, score: AlignmentScore) -> dict[str, Any]:
    from core.transport.links import THRESHOLDED

    plan = settings.plan
    transport = settings.decoding.startswith("transport")
    thresholded = settings.decoding == "softmax" or settings.decoding.removeprefix("transport-") in THRESHOLDED
    numbers = {name: round(value, 2) for name, value in dataclasses.asdict(score).items()}
    return {
        "decoding": settings.decoding,
        "layer": "chosen" if settings.layer is None else settings.layer,
        "cost": plan.cost if transport else "",
        "epsilon": plan.epsilon if transport else "",
        "threshold": settings.threshold if thresholded else "",
        **numbers,
    }


def _width(rows: Sequence[dict[str, Any]], name: str) -> int:
    return max(len(name), *(len(str(row[name])) for row in rows))
