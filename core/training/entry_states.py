"""What the frozen lower layers give for a batch of training, kept on disk for the other arms of the seed."""

from __future__ import annotations

import hashlib
import os
import shutil
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import torch

from core.arms.base import BitextBatch
from core.config import RECIPE
from core.training.model import NLIModel, PairBatch, TextBatch

Batch = TypeVar("Batch", PairBatch, TextBatch)
#: Bytes of disk that are left free: below, nothing more is kept.
_FREE = 20 << 30


def states_key(encoder: str, model: NLIModel) -> bytes:
    """What kept states depend on beside the batch: recipe, version of torch, encoder, layer and number format."""
    return f"{RECIPE} {torch.__version__} {encoder} {model.config.first_layer} {model.precision}".encode()


class EntryStates:
    """The states that enter the first trained layer, batch by batch.

    `folder` holds one file for each batch, encoder and number format: float32, whole or not there. The files may be
    deleted at any time. An encoder that cannot be cut at that layer keeps nothing.
    """

    def __init__(self, folder: Path, encoder: str, model: NLIModel) -> None:
        self._folder = folder
        self._model = model
        self._key = states_key(encoder, model)

    def fill(self, batch: Batch) -> Batch:
        """The batch with its `frozen` states, those that a pass of the whole model has there, bit for bit."""
        shape = (*batch.ids.shape, self._model.centre.shape[0])
        told = hashlib.sha256(self._key + repr(shape).encode())
        told.update(batch.ids.numpy().tobytes() + batch.attention.numpy().tobytes())
        path = self._folder / f"{told.hexdigest()[:24]}.states"
        if path.exists() and path.stat().st_size == 4 * int(np.prod(shape)):
            return replace(batch, frozen=torch.from_numpy(np.fromfile(path, np.float32).reshape(shape)))
        # With gradients attention takes another kernel than without: the states are made as in training.
        with torch.enable_grad():
            states = self._model.frozen_states(batch.ids, batch.attention)
        if states is None:
            return batch
        states = states.detach().contiguous()
        self._folder.mkdir(parents=True, exist_ok=True)
        if states.dtype == torch.float32 and shutil.disk_usage(self._folder).free > _FREE:
            draft = path.with_suffix(f".{os.getpid()}")
            states.numpy().tofile(draft)
            os.replace(draft, path)
        return replace(batch, frozen=states)

    def fill_bitext(self, batch: BitextBatch, joint: bool) -> BitextBatch:
        """Both sides of the batch filled, in the form in which the arm reads it."""
        if joint and batch.joint is not None:
            return replace(batch, joint=self.fill_bitext(batch.joint, False))
        return replace(batch, english=self.fill(batch.english), target=self.fill(batch.target))
