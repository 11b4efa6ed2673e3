"""Sentences as points: the mean state of each sentence at every layer, kept on disk by what made it."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.encoder.encoder import Encoder
from core.encoder.identity import encoder_identity
from core.encoder.states import states_of
from core.encoder.tokens import buckets, pad, tokenise
from core.encoder.vectors import pool
from core.files import MAKE_ROOM, atomic_draft
from core.progress import Progress, silent

#: Raise it when the same encoder and texts would give other states.
_FORMAT = 1
_BATCH_TOKENS = 2048
Layers = NDArray[np.float16]


def sentence_layers(encoder: Encoder, texts: Sequence[str], progress: Progress = silent) -> Layers:
    """float16 [layers + 1, n, d]: the mean over a sentence's tokens, not of length 1, so that what has drawn together
    shows; layer 0 is what the embeddings give. `progress` counts texts."""
    found = np.zeros((encoder.layers + 1, len(texts), encoder.hidden_size), np.float16)
    rows = tokenise(encoder, list(texts), prefix=True)
    done = 0
    for batch in buckets([len(row.ids) for row in rows], _BATCH_TOKENS):
        ids, mask = pad(encoder, [rows[index] for index in batch])
        with torch.inference_mode():
            states = states_of(encoder, ids, mask, range(encoder.layers + 1))
            for layer, state in enumerate(states):
                found[layer, batch] = pool(state, mask, "mean").float().cpu().numpy()
        done += len(batch)
        progress(done, len(texts))
    return found


def kept_path(folder: Path, encoder: Encoder, texts: Sequence[str]) -> Path:
    """Where the states of these texts with this encoder are kept."""
    digest = hashlib.sha256(f"{_FORMAT} {encoder_identity(encoder)}\n".encode())
    for text in texts:
        content = text.encode("utf-8", "surrogatepass")
        digest.update(f"{len(content)} ".encode() + content)
    return folder / f"{digest.hexdigest()[:24]}.npy"


def read_kept(path: Path, encoder: Encoder, count: int) -> Layers | None:
    """The kept states of `count` texts; None where there are none that can be read."""
    try:
        kept: Layers = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    fits = kept.shape == (encoder.layers + 1, count, encoder.hidden_size) and kept.dtype == np.float16
    return kept if fits else None


def cached_layers(folder: Path, encoder: Encoder, texts: Sequence[str], progress: Progress = silent) -> Layers:
    """As `sentence_layers`, from `folder` where they are kept."""
    path = kept_path(folder, encoder, texts)
    kept = read_kept(path, encoder, len(texts))
    if kept is None:
        kept = sentence_layers(encoder, texts, progress)
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_draft(path, what=f"The cache {folder}", advice=MAKE_ROOM) as draft:
            np.save(draft, kept)
    return kept
