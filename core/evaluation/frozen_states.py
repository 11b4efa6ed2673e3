"""What the frozen lower layers give for a list of pairs, kept on disk: every arm's predictions begin from there."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from filelock import FileLock, Timeout
from numpy.typing import NDArray

from core.training.entry_states import states_key
from core.training.model import NLIModel, PairBatch
from core.training.tokens import EncodedPair

_SHARE = 4  # of the free disk, a file may take one part in so many


class FrozenStates:
    """The states that enter the first trained layer, batch after batch of a list of pairs.

    `folder` holds one file for each list, encoder, number format, version of torch and division into batches: float32,
    one batch after the other. Where there is none it is written while the list is read, and appears whole or not at
    all. Nothing is kept where the disk is short; the files may be deleted at any time.
    """

    def __init__(
        self, folder: Path, encoder: str, model: NLIModel, pairs: Sequence[EncodedPair], batches: Sequence[list[int]]
    ) -> None:
        told = hashlib.sha256(states_key(encoder, model))
        for batch in batches:
            told.update(np.int64(len(batch)).tobytes())
            for index in batch:
                ids = pairs[index].ids
                told.update(np.int64(len(ids)).tobytes() + ids.astype(np.int64).tobytes())
        self._path = folder / f"{told.hexdigest()[:16]}.states"
        self._model = model
        width = model.centre.shape[0]
        self._size = 4 * width * sum(len(b) * max(len(pairs[i].ids) for i in b) for b in batches)

    def read(self, batches: Iterator[PairBatch]) -> Iterator[PairBatch]:
        """Each batch with its states [B, n, d]; without, for an encoder that cannot be cut there."""
        if self._path.exists() and self._path.stat().st_size == self._size:
            yield from self._kept(batches)
        else:
            yield from self._made(batches)

    def _kept(self, batches: Iterator[PairBatch]) -> Iterator[PairBatch]:
        width = self._model.centre.shape[0]
        with self._path.open("rb") as file:
            for batch in batches:
                shape = (*batch.ids.shape, width)
                values: NDArray[np.float32] = np.fromfile(file, np.float32, int(np.prod(shape)))
                yield replace(batch, frozen=torch.from_numpy(values.reshape(shape)))

    def _made(self, batches: Iterator[PairBatch]) -> Iterator[PairBatch]:
        self._path.parent.mkdir(parents=True, exist_ok=True)
        lock = FileLock(self._path.with_suffix(".lock"))
        try:
            lock.acquire(timeout=0)
        except Timeout:  # another process is writing it
            for batch in batches:
                yield replace(batch, frozen=self._model.frozen_states(batch.ids, batch.attention))
            return
        draft = self._path.with_suffix(".part")
        keep = shutil.disk_usage(self._path.parent).free > _SHARE * self._size
        whole = False
        try:
            with draft.open("wb") as file:
                for batch in batches:
                    states = self._model.frozen_states(batch.ids, batch.attention)
                    keep = keep and states is not None and states.dtype == torch.float32
                    if keep and states is not None:
                        states.contiguous().numpy().tofile(file)
                    yield replace(batch, frozen=states)
            whole = keep
        finally:
            if whole:
                os.replace(draft, self._path)
            else:
                draft.unlink(missing_ok=True)
            lock.release()
