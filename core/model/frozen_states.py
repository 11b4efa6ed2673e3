"""What the frozen lower layers give for a list of pairs, kept on disk: every arm's predictions begin from there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.model.batches import EncodedPair
from core.model.kept_states import is_kept, keeping, remove_strays, states_file
from core.model.nli import NLIModel, PairBatch


class FrozenStates:
    """The states that enter the first trained layer, batch after batch of a list of pairs.

    `folder` holds one file for each list, encoder, number format, version of torch and division into batches: float32,
    one batch after the other. Where there is none it is written while the list is read, and appears whole or not at
    all. Nothing is kept where the disk is short; the files may be deleted at any time.
    """

    def __init__(
        self, folder: Path, encoder: str, model: NLIModel, pairs: Sequence[EncodedPair], batches: Sequence[list[int]]
    ) -> None:
        self._path = states_file(folder, encoder, model, _content(pairs, batches), 16)
        self._model = model
        width = model.centre.shape[0]
        self._size = 4 * width * sum(len(b) * max(len(pairs[i].ids) for i in b) for b in batches)
        remove_strays(folder)

    def read(self, batches: Iterator[PairBatch]) -> Iterator[PairBatch]:
        """Each batch with its states [B, n, d]; without, for an encoder that cannot be cut there."""
        if is_kept(self._path, self._size):
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
        with keeping(self._path, self._size) as file:
            for batch in batches:
                states = self._model.frozen_states(*(t.to(self._model.device) for t in (batch.ids, batch.attention)))
                if file is not None and states is not None and states.dtype == torch.float32:
                    states.cpu().contiguous().numpy().tofile(file)
                yield replace(batch, frozen=states)


def _content(pairs: Sequence[EncodedPair], batches: Sequence[list[int]]) -> Iterator[bytes]:
    """All that a list of pairs and its division into batches are made of."""
    for batch in batches:
        yield np.int64(len(batch)).tobytes()
        for index in batch:
            ids = pairs[index].ids
            yield np.int64(len(ids)).tobytes() + ids.astype(np.int64).tobytes()
