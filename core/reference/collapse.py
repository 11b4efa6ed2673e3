"""Collapse of the shipped runs: a table beside the shipped results, made from their adapters.

`collapse.parquet` is none of the manifest's files: it names the runs it speaks of by the SHA-256 of `runs.json`.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.arms.names import BASELINE
from core.errors import BadInput, MissingData
from core.evaluation.collapse import Collapse, Compared, Spread, judge
from core.files import atomic_draft
from core.progress import Progress, silent
from core.reference.layout import RUNS
from core.reference.manifest import sha256_of
from core.reference.unpack import Reference

if TYPE_CHECKING:
    from core.data.catalog import Catalog
    from core.encoder.encoder import Encoder
    from core.evaluation.sentence_states import Rows, SentenceStates

FILE = "collapse.parquet"
#: (update, name, value) of everything that training logged.
Curves = list[tuple[int, str, float]]
_RUNS_KEY = b"runs_sha256"
_NUMBERS = (
    "deviation", "deviation_reference", "distance", "distance_reference", "rank", "rank_reference",
    "retrieval", "retrieval_reference", "retrieval_change_low", "retrieval_change_high",
    "probe", "probe_low", "probe_high", "probe_chance", "discriminator",
)  # fmt: skip
#: A row is a language at a layer, or, with language "", the probe over all languages at a layer.
SCHEMA = pa.schema(
    [
        ("run", pa.string()), ("arm", pa.string()), ("seed", pa.int32()), ("reference", pa.string()),
        ("language", pa.string()), ("layer", pa.int32()), ("items", pa.int32()),
        *((name, pa.float64()) for name in _NUMBERS),
    ]
)  # fmt: skip
#: Significant digits of what is stored: more would tell machines apart.
_DIGITS = 6


def measure_runs(
    records: Sequence[Mapping[str, Any]], weights: Callable[[str], Path | None], catalog: Catalog, encoder: Encoder,
    curves: Callable[[str], Curves], known: Sequence[Mapping[str, Any]] = (),
    probe_layers: Sequence[int] | None = None, progress: Progress = silent,
) -> pd.DataFrame:  # fmt: skip
    """`SCHEMA`'s columns for every run of `records` (run.json each) that has weights, in their order.

    `weights` gives a run's folder, `curves` its curves. The reference of a run is its warm start where that has
    weights, else English training alone of its seed, looked for among `records` and `known`. `probe_layers` are all
    that training moves, if not given. All runs must read the same sentences. Raises `BadInput` if they do not,
    `MissingData` if a run has no reference.
    """
    from core.experiment.collapse import held_out_rows

    weights = _existing(weights)
    chosen = [record for record in records if weights(str(record["run_id"]))]
    if not chosen:
        raise MissingData("No run has weights here, so no state can be measured.")
    asked = {_sentences(record) for record in chosen}
    if len(asked) > 1:
        raise BadInput("The runs were made on bitext of different languages or lengths; measure them apart.")
    languages, pairs, max_tokens = asked.pop()
    rows = held_out_rows(encoder, catalog, languages, pairs, max_tokens)
    there = [*chosen, *known]
    references = [_reference_of(record, there, weights) for record in chosen]
    kept: dict[str, SentenceStates] = {}
    parts = []
    for done, (record, reference) in enumerate(zip(chosen, references, strict=True)):
        progress(done, len(chosen), f"{record['arm']} seed {record['seed']}")
        for run_id in (reference, str(record["run_id"])):
            if run_id not in kept:
                kept[run_id] = _states(weights(run_id), encoder, rows)
        run_curves = curves(str(record["run_id"]))
        parts += _rows(record, reference, kept, run_curves, probe_layers)
        kept = {run_id: states for run_id, states in kept.items() if run_id in references[done + 1 :]}
    progress(len(chosen), len(chosen), "")
    return pd.DataFrame(parts, columns=SCHEMA.names).astype({"seed": "int32", "layer": "int32", "items": "int32"})


def judge_runs(table: pd.DataFrame) -> dict[str, Collapse]:
    """The two rules for every run of a table of `measure_runs`, at its last layer."""
    answers = {}
    for run, rows in table[~table["language"].isin(["", "en"])].groupby("run", sort=False):
        last = rows[rows["layer"] == rows["layer"].max()]
        answers[str(run)] = judge([_compared(row) for row in last.to_dict("records")])
    return answers


def write_collapse(folder: Path, table: pd.DataFrame) -> Path:
    """Write the table of `measure_runs` beside the shipped results in `folder`."""
    rounded = table.copy()
    for name in _NUMBERS:
        rounded[name] = [float(f"{value:.{_DIGITS}g}") for value in rounded[name]]
    arrow = pa.Table.from_pandas(rounded, schema=SCHEMA, preserve_index=False)
    arrow = arrow.replace_schema_metadata({_RUNS_KEY: sha256_of(folder / RUNS).encode()})
    with atomic_draft(folder / FILE) as draft:
        pq.write_table(arrow, draft, compression="zstd")
    return folder / FILE


def read_collapse(reference: Reference) -> pd.DataFrame:
    """The stored table of the shipped runs.

    Raises `MissingData` if there is none, `BadInput` if it is not readable or speaks of other runs.
    """
    path = reference.folder / FILE
    again = "make it again with `python -m core diagnose --shipped --write`"
    if not path.is_file():
        raise MissingData(f"There is no {FILE} beside the reference results; {again}.")
    try:
        table = pq.ParquetFile(path).read()
    except (pa.ArrowException, OSError) as error:
        raise BadInput(f"{path} is not a readable Parquet file; {again}.") from error
    if (table.schema.metadata or {}).get(_RUNS_KEY) != sha256_of(reference.folder / RUNS).encode():
        raise BadInput(f"{path} speaks of other runs than {RUNS} beside it; {again}.")
    if table.column_names != SCHEMA.names:
        raise BadInput(f"{path} has other columns than this Isogloss reads; update Isogloss.")
    frame: pd.DataFrame = table.to_pandas()
    return frame


def _existing(weights: Callable[[str], Path | None]) -> Callable[[str], Path | None]:
    """`weights`, with None for a folder that is not there."""

    def folder_of(run: str) -> Path | None:
        folder = weights(run)
        return folder if folder is not None and folder.is_dir() else None

    return folder_of


def _sentences(record: Mapping[str, Any]) -> tuple[tuple[str, ...], int, int]:
    data, reading = record["config"]["data"], record["config"]["evaluation"]
    return tuple(data["bitext_languages"]), int(reading["held_out_pairs"]), int(data["bitext_max_tokens"])


def _reference_of(
    record: Mapping[str, Any], records: Sequence[Mapping[str, Any]], weights: Callable[[str], Path | None]
) -> str:
    start = record.get("warm_start")
    if start and weights(str(start)):
        return str(start)
    for other in records:
        same = other["arm"] == BASELINE and other["seed"] == record["seed"] and other.get("warm_start") == start
        if same and weights(str(other["run_id"])):
            return str(other["run_id"])
    raise MissingData(
        f"The run {record['run_id']} ({record['arm']}, seed {record['seed']}) has neither its warm start nor "
        f"{BASELINE} of its seed here to be compared with."
    )


def _states(folder: Path | None, encoder: Encoder, rows: Rows) -> SentenceStates:
    from core.evaluation.sentence_states import read_sentences
    from core.model.weights import load_arm

    assert folder is not None
    model = load_arm(folder, encoder)
    layers = range(model.config.first_layer + 1, encoder.layers + 1)
    return read_sentences(model, rows, encoder.tokenizer.pad_token_id, layers)


def _rows(
    record: Mapping[str, Any], reference: str, kept: Mapping[str, SentenceStates],
    curves: Curves, probe_layers: Sequence[int] | None,
) -> list[dict[str, Any]]:  # fmt: skip
    from core.experiment.collapse import compare_states, fresh_probe, own_discriminator

    own = kept[str(record["run_id"])]
    named = {name: record[column] for name, column in (("run", "run_id"), ("arm", "arm"), ("seed", "seed"))}
    named |= {"reference": reference}
    rows = [named | _plain(row) for row in compare_states(own, kept[reference])]
    last = own.layers[-1]
    for layer in own.layers if probe_layers is None else probe_layers:
        probe = fresh_probe(own, layer, int(record["seed"]))
        discriminator = own_discriminator(curves, int(record["updates"])) if layer == last else float("nan")
        rows.append(
            named
            | {"language": "", "layer": layer, "items": probe.items, "probe": probe.accuracy, "probe_low": probe.low,
               "probe_high": probe.high, "probe_chance": probe.chance, "discriminator": discriminator}
        )  # fmt: skip
    return rows


def _plain(row: Compared) -> dict[str, Any]:
    return {
        "language": row.language, "layer": row.layer, "items": row.items,
        "deviation": row.spread.deviation, "deviation_reference": row.reference.deviation,
        "distance": row.spread.distance, "distance_reference": row.reference.distance,
        "rank": row.spread.rank, "rank_reference": row.reference.rank,
        "retrieval": row.retrieval, "retrieval_reference": row.retrieval_reference,
        "retrieval_change_low": row.retrieval_low, "retrieval_change_high": row.retrieval_high,
    }  # fmt: skip


def _compared(row: Mapping[str, Any]) -> Compared:
    own = Spread(row["deviation"], row["distance"], row["rank"])
    reference = Spread(row["deviation_reference"], row["distance_reference"], row["rank_reference"])
    return Compared(
        row["language"], int(row["layer"]), int(row["items"]), own, reference, row["retrieval"],
        row["retrieval_reference"], row["retrieval_change_low"], row["retrieval_change_high"],
    )  # fmt: skip


def summarise(table: pd.DataFrame) -> pd.DataFrame:
    """A row a run from a table of `measure_runs`, at its last layer over the aligned languages: the largest shares of
    the reference's spread (`deviation_kept`, `distance_kept`), the means of rank and retrieval, and the probe."""
    last = table[table["layer"] == table.groupby("run")["layer"].transform("max")]
    aligned = last[~last["language"].isin(["", "en"])]
    aligned = aligned.assign(
        deviation_kept=aligned["deviation"] / aligned["deviation_reference"],
        distance_kept=aligned["distance"] / aligned["distance_reference"],
    )
    by_run = aligned.groupby(["run", "arm", "seed", "reference"], sort=False)
    largest = by_run[["deviation_kept", "distance_kept"]].max()
    means = by_run[["rank", "rank_reference", "retrieval", "retrieval_reference"]].mean()
    probes = last[last["language"] == ""].set_index("run")[
        ["probe", "probe_low", "probe_high", "probe_chance", "discriminator"]
    ]
    return largest.join(means).reset_index().join(probes, on="run")
