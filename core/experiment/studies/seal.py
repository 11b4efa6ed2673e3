"""Sealed gold: what runs of a locked study read of test is written without labels until the study's last run is in.

A sealed run's folder has null for every gold label, and no score that rests on one; its record says which lock it is
under and which protocols the study needs. `core.experiment.studies.unseal` joins the labels.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.config import RunConfig
from core.errors import BadInput
from core.experiment.studies.lock import Lock
from core.run_folder.tables import RECORD
from core.strict_json import read_json

#: Keys of run.json: whether gold is sealed, and the study that a run was made for.
SEALED, STUDY = "sealed", "study"


@dataclass(frozen=True)
class Seal:
    """A lock as runs carry it: `lock` its digest, `protocols` all that the study needs. `other_commit` says that the
    code is not known to be that of the lock, as the person has allowed."""

    study: str
    lock: str
    locked: str
    commit: str
    protocols: tuple[str, ...]
    other_commit: bool = False

    @classmethod
    def of(cls, lock: Lock, other_commit: bool = False) -> Seal:
        protocols = tuple(str(row["protocol"]) for row in lock.protocols)
        return cls(lock.study, lock.digest, lock.locked, lock.commit, protocols, other_commit)

    def covers(self, config: RunConfig) -> bool:
        """Whether the gold of this run is sealed: it is one of the study's, and reads a test split."""
        return config.reads_test and config.protocol in self.protocols

    def as_record(self) -> dict[str, Any]:
        """What run.json holds of it under `STUDY`."""
        return {
            "name": self.study, "lock": self.lock, "locked": self.locked, "locked_commit": self.commit,
            "other_commit": self.other_commit, "protocols": list(self.protocols),
        }  # fmt: skip


def is_sealed(record: Mapping[str, Any]) -> bool:
    """Whether a run.json says that its gold labels are sealed."""
    return record.get(SEALED) is True


def read_records(runs: Path) -> list[dict[str, Any]]:
    """The run.json contents of every finished run under the folder `runs`; what cannot be read is left out."""
    found = []
    for path in sorted(runs.glob(f"[!.]*/{RECORD}")):
        try:
            record = read_json(path, "copy the run folder again")
        except BadInput:
            continue
        if isinstance(record, dict):
            found.append(record)
    return found


def missing_protocols(record: Mapping[str, Any], records: Iterable[Mapping[str, Any]]) -> list[str]:
    """Protocols of a sealed run's study that none of `records` has: [] once the last run is in.

    Raises `BadInput` if the record does not say which study it is of.
    """
    study = record.get(STUDY)
    protocols = study.get("protocols") if isinstance(study, dict) else None
    if not isinstance(protocols, list):
        raise BadInput(f"The sealed run {str(record.get('run_id'))[:40]} names no study; copy the run folder again.")
    there = {str(one.get("protocol")) for one in records}
    return [str(protocol) for protocol in protocols if protocol not in there]


def check_same_lock(seal: Seal, records: Iterable[Mapping[str, Any]]) -> None:
    """Raises `BadInput` if a run of the study was made under another lock than this one."""
    for record in records:
        study = record.get(STUDY)
        if isinstance(study, dict) and study.get("name") == seal.study and study.get("lock") != seal.lock:
            raise BadInput(
                f"The lock of {seal.study} is not the one that run {record.get('run_id')} was made under (locked on "
                f"{str(study.get('locked'))[:10]}); restore that lock, or lock the study under another name."
            )
