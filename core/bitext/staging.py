"""Checked pairs kept as one Parquet file between the check and what is done with them: stored, exported, scored."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import closing
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from core.bitext.check import Settings, check
from core.bitext.propose import typical_ratio
from core.bitext.reading import Opened, check_layout, read
from core.bitext.records import Layout, Pair
from core.bitext.report import Report
from core.errors import BadInput
from core.files import atomic_draft

SCHEMA = pa.schema([("line", pa.int32()), ("source", pa.string()), ("target", pa.string()), ("mask", pa.int64())])
_GROUP = 20_000

#: Called as pairs are read: (pairs so far, share of the file read from 0 to 1, the report so far).
Watch = Callable[[int, float, Report], None]


def examine(
    opened: Opened, layout: Layout, settings: Settings, staged: Path | None = None, watch: Watch | None = None
) -> Report:  # fmt: skip
    """Read and check a whole file; with `staged`, keep its pairs there (under another name until all are written).

    Raises `BadInput` where the file proves unusable, also if no pair of it can be read; nothing is left behind then.
    """
    check_layout(opened, layout)
    report = Report()
    with closing(check(read(opened, layout), layout, typical_ratio(opened, layout), settings)) as checked:
        pairs = _some(_watched(report.tally(checked), opened, report, watch), opened, report)
        if staged is None:
            for _ in pairs:
                pass
        else:
            write_staged(staged, pairs)
    return report


def write_staged(path: Path, pairs: Iterable[tuple[Pair, int]]) -> None:
    """Write checked pairs; the file appears under its name when it is whole."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with (
        atomic_draft(path, durable=False) as draft,
        pq.ParquetWriter(draft, SCHEMA, compression="zstd", use_dictionary=False) as writer,
    ):
        rows: list[tuple[Pair, int]] = []
        for row in pairs:
            rows.append(row)
            if len(rows) == _GROUP:
                writer.write_batch(_batch(rows))
                rows = []
        if rows:
            writer.write_batch(_batch(rows))


def kept(path: Path, dropping: int) -> Iterator[Pair]:
    """The staged pairs whose mask shares no bit with `dropping`."""
    for batch in pq.ParquetFile(path).iter_batches(batch_size=_GROUP):
        columns = [batch.column(name).to_pylist() for name in ("line", "source", "target", "mask")]
        for line, source, target, mask in zip(*columns, strict=True):
            if not mask & dropping:
                yield Pair(line, source, target)


def _batch(rows: list[tuple[Pair, int]]) -> pa.RecordBatch:
    return pa.record_batch(
        [
            pa.array([pair.line for pair, _ in rows], pa.int32()),
            pa.array([_sound(pair.source) for pair, _ in rows], pa.string()),
            pa.array([_sound(pair.target) for pair, _ in rows], pa.string()),
            pa.array([mask for _, mask in rows], pa.int64()),
        ],
        schema=SCHEMA,
    )


def _sound(text: str) -> str:
    """Without lone surrogates, which JSON can spell and UTF-8 cannot hold."""
    return text if text.isascii() else text.encode("utf-8", "replace").decode()


def _watched(
    pairs: Iterator[tuple[Pair, int]], opened: Opened, report: Report, watch: Watch | None
) -> Iterator[tuple[Pair, int]]:
    if watch is None:
        yield from pairs
        return
    for pair in pairs:
        yield pair
        if report.read % 2000 == 0:
            watch(report.read, opened.share_read, report)
    watch(report.read, 1.0, report)


def _some(pairs: Iterator[tuple[Pair, int]], opened: Opened, report: Report) -> Iterator[tuple[Pair, int]]:
    """The pairs; raises `BadInput` at their end if there was none."""
    yield from pairs
    if report.read == 0:
        first = next((f": line {one.line}: {one.reason}" for one in report.errors), "")
        raise BadInput(f"No pair of {opened.name} can be read{first}.")
