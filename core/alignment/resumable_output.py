"""Output that a killed command goes on with: drafts written in step, and a journal of how far all of them are whole.

Links are appended to `OUT.part`, plans become numbered Parquet parts, and after each step the journal is replaced in
one rename. What a kill leaves beyond the journal is cut off; when all is done the drafts are renamed, so that OUT
and PLANS are there only as a whole. An OUT whose name ends in .gz or .xz is packed then.
"""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from types import TracebackType
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock, Timeout

from core.data.packed import is_packed_name, pack
from core.errors import BadInput
from core.files import atomic_draft, atomic_write, put_in_place, refusing


@dataclass
class Progressed:
    """How far the output is whole: input lines and bytes read, bytes of links, parts of plans, and tallies."""

    lines: int = 0
    offsets: list[int] = field(default_factory=list)
    written: int = 0
    parts: int = 0
    tallies: dict[str, int] = field(default_factory=dict)
    complete: bool = False


class Journal:
    """The drafts of one output file (and one file of plans) and their journal; one process at a time.

    `identity` is all that decides the output: a journal of anything else is not gone on with. Use as a context.
    """

    def __init__(self, out: Path, identity: dict[str, Any], plans: Path | None = None) -> None:
        self.out, self.plans = out, plans
        self.identity = json.loads(json.dumps(identity))
        self.draft = out.with_name(out.name + ".part")
        self.record = out.with_name(out.name + ".journal")
        self.pieces = None if plans is None else plans.with_name(plans.name + ".parts")
        self.lock = FileLock(str(out.with_name(out.name + ".lock")))
        self.file: IO[bytes]
        self.state = Progressed()
        self.resumed = False

    def __enter__(self) -> Journal:
        try:
            self.lock.acquire(timeout=0)
        except Timeout:
            raise BadInput(f"Another process is writing {self.out}; wait for it, or choose another --out.") from None
        except OSError as error:
            raise BadInput(f"{self.out} cannot be written ({error.strerror}).") from error
        try:
            self._open()
        except OSError as error:
            self.lock.release()
            raise BadInput(f"{self.out} cannot be written ({error.strerror}).") from error
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self.file.close()
        except OSError:  # what a full disk did not take, told by `commit`
            if kind is None:
                raise
        finally:
            self.lock.release()
        if self.state.complete:
            Path(self.lock.lock_file).unlink(missing_ok=True)

    def _open(self) -> None:
        found = self._read()
        if found is not None:
            self.state, self.resumed = found, True
        if self.state.complete and not self.draft.exists():  # killed between the renames
            self.file = self.out.open("rb")
            return
        if not self.resumed:
            self.record.unlink(missing_ok=True)
            self._drop_parts(0)
        self.file = self.draft.open("r+b" if self.resumed else "w+b")
        self.file.truncate(self.state.written)
        self.file.seek(0, os.SEEK_END)
        self._drop_parts(self.state.parts)
        if self.pieces is not None:
            self.pieces.mkdir(exist_ok=True)

    def _read(self) -> Progressed | None:
        """The journal of the same work, if its drafts hold all that it says."""
        try:
            told = json.loads(self.record.read_text(encoding="utf-8"))
            state = Progressed(**told["state"])
        except (OSError, ValueError, KeyError, TypeError):
            return None
        if told.get("identity") != self.identity:
            return None
        draft = self.draft if self.draft.exists() else self.out if state.complete else None
        packed = draft == self.out and is_packed_name(self.out)
        whole = draft is not None and draft.exists() and (packed or draft.stat().st_size >= state.written)
        if self.plans is not None and not (state.complete and self.plans.exists()):
            whole = whole and all(self._part(number).exists() for number in range(state.parts))
        return state if whole else None

    def commit(self, text: str, offsets: Sequence[int], lines: int, tallies: dict[str, int],
               plans: pa.Table | None = None) -> None:  # fmt: skip
        """Add the output of the next lines; after this a kill no longer loses it. Raises `BadInput` on a full disk."""
        with self._refusing():
            self.file.write(text.encode("utf-8"))
            self.file.flush()
            os.fsync(self.file.fileno())
            if plans is not None:
                with atomic_draft(self._part(self.state.parts)) as draft:
                    pq.write_table(plans, draft, compression="zstd")
                self.state.parts += 1
            self.state.lines, self.state.offsets, self.state.tallies = lines, list(offsets), dict(tallies)
            self.state.written = self.file.tell()
            self._write()

    def finish(self) -> None:
        """Give the finished files their names and clear the drafts away."""
        with self._refusing():
            self.state.complete = True
            self._write()
            if self.draft.exists():  # else a kill came after the renames
                if self.pieces is not None and self.plans is not None:
                    self._join(self.plans)
                if is_packed_name(self.out):
                    pack(self.draft, self.out)
                    self.draft.unlink()
                else:
                    put_in_place(self.draft, self.out)
        if self.pieces is not None:
            shutil.rmtree(self.pieces, ignore_errors=True)
        self.record.unlink(missing_ok=True)

    def _refusing(self) -> AbstractContextManager[None]:
        return refusing(str(self.out), "make room, and the same command goes on from there")

    def _join(self, plans: Path) -> None:
        if self.state.parts == 0:
            return
        schema = pq.read_schema(self._part(0))
        with atomic_draft(plans) as draft, pq.ParquetWriter(draft, schema, compression="zstd") as writer:
            for number in range(self.state.parts):
                writer.write_table(pq.read_table(self._part(number)))

    def _write(self) -> None:
        atomic_write(self.record, json.dumps({"identity": self.identity, "state": asdict(self.state)}))

    def _part(self, number: int) -> Path:
        assert self.pieces is not None
        return self.pieces / f"{number:06d}.parquet"

    def _drop_parts(self, first: int) -> None:
        if self.pieces is not None and self.pieces.is_dir():
            for path in self.pieces.iterdir():
                if path.suffix == ".tmp" or (path.stem.isdigit() and int(path.stem) >= first):
                    path.unlink()
