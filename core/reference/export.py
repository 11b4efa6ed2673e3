"""Writing the reference results from the run folders of a workspace."""

from __future__ import annotations

import json
import shutil
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core import shipped
from core.errors import BadInput, MissingData
from core.files import put_in_place
from core.reference import layout
from core.reference.manifest import Manifest, sha256_of
from core.reference.pack import pack_tables, write_table
from core.reference.select import WITHOUT_WEIGHTS, SourceRun, find_runs, is_reference, missing
from core.reference.stored_verdict import write_verdict
from core.reference.unpack import read_reference
from core.run_folder.files import FILES

_WEIGHTS, _SETTINGS = "adapter.safetensors", "model.json"


@dataclass(frozen=True)
class Exported:
    """What was written: the runs' identities, the bytes of all files by path, and the runs still missing."""

    runs: tuple[str, ...]
    files: dict[str, int]
    missing: tuple[str, ...]

    @property
    def megabytes(self) -> float:
        return sum(self.files.values()) / 1e6


def export(runs_folder: Path, out: Path, partial: bool = False) -> Exported:
    """Pack the reference runs under `runs_folder` into `out`, whose other files (NOTICE, README) stay.

    Everything is written beside and then put in place, the manifest last. Raises `MissingData` if runs are missing
    (unless `partial`) or there is none, `BadInput` if one cannot be used or all would be larger than the limit.
    """
    runs = find_runs(runs_folder)
    lacking = missing(runs)
    if not any(is_reference(run.record) for run in runs):
        raise MissingData(
            f"{runs_folder} holds no run of the reference preset on the test split; make them with "
            "`python -m core run --preset reference`."
        )
    if lacking and not partial:
        raise MissingData(f"Missing: {', '.join(lacking)}; make them, or export what is there with --partial.")
    out.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=".new-", dir=out) as scratch:
        new = Path(scratch)
        _write(new, runs, not lacking)
        sizes = _sizes(new)
        whole = (sum(sizes.values()) + sum(_sizes(out / shipped.RETRIEVAL).values())) / 1e6
        if whole > layout.LIMIT:
            largest = max(sizes, key=lambda name: sizes[name])
            raise BadInput(
                f"The reference results would take {whole:.1f} MB, more than {layout.LIMIT:.0f}; "
                f"the largest file is {largest} ({sizes[largest] / 1e6:.1f} MB)."
            )
        _put_in_place(new, out)
    return Exported(tuple(run.run_id for run in runs), sizes, tuple(lacking))


def _sizes(folder: Path) -> dict[str, int]:
    """Bytes of every file under `folder`, by its path there."""
    return {str(path.relative_to(folder)): path.stat().st_size for path in sorted(folder.rglob("*")) if path.is_file()}


def _write(new: Path, runs: Sequence[SourceRun], complete: bool) -> None:
    for name, table in pack_tables(runs).items():
        write_table(new, name, table)
    for run in runs:
        _check_record(run)
        if is_reference(run.record) and run.record["arm"] not in WITHOUT_WEIGHTS:
            _copy_weights(run, new / layout.ADAPTERS / run.run_id)
    # What a run's own folder holds is said of that folder; the packed files have the manifest.
    _write_json(new / layout.RUNS, [{k: v for k, v in run.record.items() if k != FILES} for run in runs])
    _write_manifest(new, runs, complete)
    write_verdict(read_reference(new))
    _write_manifest(new, runs, complete)


def _write_manifest(new: Path, runs: Sequence[SourceRun], complete: bool) -> None:
    paths = sorted(path for path in new.rglob("*") if path.is_file() and path.name != shipped.MANIFEST)
    files = {path.relative_to(new).as_posix(): sha256_of(path) for path in paths}
    manifest = Manifest(tuple(run.run_id for run in runs), files, complete)
    _write_json(new / shipped.MANIFEST, manifest.as_dict())


def _copy_weights(run: SourceRun, target: Path) -> None:
    from safetensors import SafetensorError, safe_open

    target.mkdir(parents=True)
    try:
        with safe_open(run.folder / _WEIGHTS, framework="np") as file:
            kinds = {file.get_slice(name).get_dtype() for name in file.keys()}  # noqa: SIM118
        for name in (_WEIGHTS, _SETTINGS):
            shutil.copyfile(run.folder / name, target / name)
    except (OSError, SafetensorError) as error:
        raise BadInput(f"{run.folder} ({run.name}) has no readable weights; make the run again.") from error
    if kinds != {"F16"}:
        raise BadInput(f"{run.folder / _WEIGHTS} is not in half precision; make the run again.")


def _check_record(run: SourceRun) -> None:
    for text in _texts(run.record):
        if text.startswith(("/", "~")) or "\\" in text:
            raise BadInput(f"{run.folder / 'run.json'} names a folder of this machine ({text[:60]}).")


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _texts(part)


def _write_json(path: Path, content: Any) -> None:
    path.write_text(json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")


def _put_in_place(new: Path, out: Path) -> None:
    """Replace what an earlier export left; without its manifest the folder counts as empty meanwhile."""
    (out / shipped.MANIFEST).unlink(missing_ok=True)
    shutil.rmtree(out / layout.ADAPTERS, ignore_errors=True)
    for path in sorted(new.iterdir()):
        if path.name != shipped.MANIFEST:
            put_in_place(path, out / path.name)
    put_in_place(new / shipped.MANIFEST, out / shipped.MANIFEST)
