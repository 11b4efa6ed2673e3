"""Sealed runs at the door of the store: their labels are joined when the last run of their study is in, not before."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.data.catalogue_gold import CatalogueGold
from core.errors import BadInput
from core.experiment.studies.seal import is_sealed, missing_protocols, read_records
from core.notation import plural
from core.run_folder.tables import RECORD
from store.results.run_record import read_record


class StillSealed(BadInput):
    """A run of a locked study whose labels may not be joined yet."""


def open_seal(folder: Path, catalogue: object = None) -> None:
    """Join the labels of the run in `folder` if it is sealed and the runs beside it complete its study.

    The labels are those of `catalogue`, a `CatalogueGold`. Raises `StillSealed` where runs are missing or there are no
    labels, `BadInput` if the folder cannot be used.
    """
    if not (folder / RECORD).is_file():
        return
    record = read_record(folder / RECORD)
    if not is_sealed(record):
        return
    name = f"Run {record['run_id']} ({record['arm']}, seed {record['seed']})"
    missing = missing_protocols(record, read_records(folder.parent))
    if missing:
        raise StillSealed(
            f"{name} is sealed until the last run of its study {record['study'].get('name')} is in; "
            f"{plural(len(missing), 'run')} of it are missing."
        )
    catalog = catalogue.catalog() if isinstance(catalogue, CatalogueGold) else None
    if catalog is None:
        raise StillSealed(f"{name} is sealed and its study complete; `python -m core study verdict` joins the labels.")
    if own := _declared(record) - {split.benchmark.name for split in catalog.declared}:
        raise StillSealed(
            f"{name} is sealed and reads {', '.join(sorted(own))}, which its study declares: "
            "`python -m core study verdict` joins the labels."
        )
    from core.experiment.studies.unseal import unseal

    unseal(folder, catalog)


def _declared(record: Mapping[str, Any]) -> set[str]:
    """The names of the benchmarks that a run read and its study declares."""
    evaluation = record["config"].get("evaluation") or {}
    return {str(one["name"]) for one in evaluation.get("benchmarks") or [] if not one.get("source")}
