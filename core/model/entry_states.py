"""What the frozen lower layers give for a batch of training, kept on disk for the other arms of the seed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch

from core.model.bitext_batch import BitextBatch
from core.model.kept_states import is_kept, keeping, remove_strays, states_file
from core.model.nli import NLIModel, PairBatch, TextBatch

Batch = TypeVar("Batch", PairBatch, TextBatch)


class EntryStates:
    """The states that enter the first trained layer, batch by batch.

    `folder` holds one file for each batch, encoder and number format: float32, whole or not there. The files may be
    deleted at any time. An encoder that cannot be cut at that layer keeps nothing.
    """

    def __init__(self, folder: Path, encoder: str, model: NLIModel) -> None:
        self._folder = folder
        self._encoder = encoder
        self._model = model
        remove_strays(folder)

    def fill(self, batch: Batch) -> Batch:
        """The batch with its `frozen` states, those that a pass of the whole model has there, bit for bit."""
        shape = (*batch.ids.shape, self._model.centre.shape[0])
        size = 4 * int(np.prod(shape))
        read = (repr(shape).encode(), batch.ids.numpy().tobytes(), batch.attention.numpy().tobytes())
        path = states_file(self._folder, self._encoder, self._model, read, 24)
        if is_kept(path, size):
            return replace(batch, frozen=torch.from_numpy(np.fromfile(path, np.float32).reshape(shape)))
        # With gradients attention takes another kernel than without: the states are made as in training.
        with torch.enable_grad():
            states = self._model.frozen_states(*(t.to(self._model.device) for t in (batch.ids, batch.attention)))
        if states is None:
            return batch
        states = states.detach().cpu().contiguous()
        if states.dtype == torch.float32:
            with keeping(path, size) as file:
                if file is not None:
                    states.numpy().tofile(file)
        return replace(batch, frozen=states)

    def fill_bitext(self, batch: BitextBatch, joint: bool) -> BitextBatch:
        """Both sides of the batch filled, in the form in which the arm reads it."""
        if joint and batch.joint is not None:
            return replace(batch, joint=self.fill_bitext(batch.joint, False))
        return replace(batch, english=self.fill(batch.english), target=self.fill(batch.target))
