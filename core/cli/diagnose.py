"""`diagnose`: has a run collapsed, and are translations driven apart?"""

from __future__ import annotations

import json as json_module
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli.common import Data, Device, Home, Json, ReadingEncoder, emit
from core.errors import BadInput, MissingData
from core.progress import bar
from core.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    import pandas as pd

    from core.reference.unpack import Reference


def diagnose(
    runs: Annotated[list[str] | None, typer.Argument(help="Runs of the workspace, or shipped ones.")] = None,
    shipped: Annotated[bool, typer.Option("--shipped", help="All shipped runs that have weights.")] = False,
    write: Annotated[bool, typer.Option("--write", help="With --shipped: store the table beside them.")] = False,
    threads: Annotated[int, typer.Option("--threads", min=1)] = 1,
    encoder: ReadingEncoder = None,
    device: Device = "auto",
    data: Data = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Measure runs' states on held-out bitext beside a reference's, and say which have collapsed."""
    if bool(runs) == shipped or (write and not shipped):
        raise BadInput("Name runs, or ask for all shipped ones with --shipped (and --write to store their table).")
    import torch

    from core.data.catalog import open_catalog
    from core.encoder.load import EMBEDDED, load_encoder
    from core.experiment.run_encoder import run_encoder
    from core.reference.collapse import measure_runs, write_collapse

    torch.set_num_threads(threads)
    workspace, catalog = open_workspace(home), open_catalog(data)
    sources = _Sources(workspace)
    records = sources.shipped_records() if shipped else [sources.record(run) for run in runs or []]
    if write and catalog.kind != "real":
        raise MissingData("The stored table is made from real bitext: name its folder with --data or ISOGLOSS_DATA.")
    names = sorted({run_encoder(record) for record in records})
    if len(names) > 1 and encoder is None:
        raise BadInput(f"The runs are of the encoders {', '.join(names)}; diagnose those of one at a time.")
    loaded = load_encoder(encoder or next(iter(names), EMBEDDED), device)
    table = measure_runs(
        records, sources.weights, catalog, loaded, sources.curves,
        known=sources.others(records), progress=bar("reading"),
    )  # fmt: skip
    if write:
        assert sources.reference is not None
        write_collapse(sources.reference.folder, table)
    _show(table, catalog.kind, json)


class _Sources:
    """Where a run's record, weights and curves are: the workspace, else the shipped results."""

    def __init__(self, workspace: Workspace) -> None:
        from core.reference.unpack import read_reference
        from core.shipped import reference_folder

        self.workspace = workspace
        folder = reference_folder()
        self.reference: Reference | None = read_reference(folder) if folder else None
        self._curves: dict[str, list[tuple[int, str, float]]] | None = None

    def shipped_records(self) -> list[Mapping[str, Any]]:
        if self.reference is None:
            raise MissingData("There are no shipped results here; name their folder by ISOGLOSS_REFERENCE.")
        return [record for record in self.reference.records if self.weights(record["run_id"])]

    def record(self, run: str) -> Mapping[str, Any]:
        """The run.json of a run; raises `BadInput` if there is no such run, or it has no weights."""
        from core.experiment.finished import find_finished

        finished = find_finished(self.workspace, run) if run.isalnum() else None
        records = [finished.describe()] if finished else []
        records += [one for one in (self.reference.records if self.reference else ()) if one["run_id"] == run]
        if not records or not self.weights(run):
            raise BadInput(f"There is no run {run[:40]!r} with weights in {self.workspace.runs} or among the shipped.")
        return records[0]

    def others(self, records: list[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
        """Every other run that could be a reference."""
        there = [json_module.loads(path.read_text("utf-8")) for path in self.workspace.runs.glob("[!.]*/run.json")]
        there += list(self.reference.records) if self.reference else []
        return [record for record in there if record not in records]

    def weights(self, run: str) -> Path | None:
        from core.reference.weights import weights_folder

        folder = weights_folder(self.workspace, run)
        return folder if folder is not None and (folder / "adapter.safetensors").is_file() else None

    def curves(self, run: str) -> list[tuple[int, str, float]]:
        path = self.workspace.run(run) / "curves.parquet"
        if path.is_file():
            import pyarrow.parquet as pq

            table = pq.ParquetFile(path).read().to_pandas()
            return list(table[["step", "name", "value"]].itertuples(index=False, name=None))
        if self._curves is None:
            assert self.reference is not None
            whole = self.reference.table("curves").to_pandas()
            grouped = whole.groupby("run_id", observed=True)[["step", "name", "value"]]
            self._curves = {str(run): list(rows.itertuples(index=False, name=None)) for run, rows in grouped}
        return self._curves.get(run, [])


def _show(table: pd.DataFrame, kind: str, json: bool) -> None:
    from core.reference.collapse import judge_runs, summarise

    answers = judge_runs(table)
    rows = summarise(table).to_dict("records")
    lines = []
    for row in rows:
        answer = answers[row["run"]]
        row |= {"collapsed": answer.collapsed, "driven_apart": answer.driven_apart, "sentence": answer.sentence}
        lines.append(
            f"{row['arm']:<26}{row['seed']:>2}  SD {row['deviation_kept']:5.2f}  1-cos {row['distance_kept']:5.2f}  "
            f"rank {row['rank']:6.1f}  retrieval {row['retrieval']:5.1f} ({row['retrieval_reference']:5.1f})  "
            f"probe {row['probe']:5.1f} (chance {row['probe_chance']:.1f}, own {row['discriminator']:5.1f})  "
            f"{answer.sentence}"
        )
    lines.append(
        "SD and 1-cos: share of the reference's that is left in the last layer, the largest of the aligned languages. "
        "Rank and retrieval (the reference's in brackets): their means. Probe: a fresh one, and the run's own "
        "discriminator."
    )
    if kind != "real":
        lines.append("Measured on the starter sentences, which are few: real bitext gives other numbers.")
    emit({"data": kind, "runs": rows}, json, "\n".join(lines))
