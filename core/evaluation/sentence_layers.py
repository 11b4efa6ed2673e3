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
from core.reading.reader import reader
from core.reading.sharing import is_chain

#: Raise it when the same encoder and texts would give other states.
_FORMAT = 2
_BATCH_TOKENS = 4096
#: Of the states of tokens that are held while a second encoder waits for them.
MOST_BYTES = 256_000_000
Layers = NDArray[np.float16]


def sentence_layers(
    encoder: Encoder, texts: Sequence[str], progress: Progress = silent, below: Below | None = None
) -> Layers:
    """float16 [layers + 1, n, d]: the mean over a sentence's tokens, not of length 1, so that what has drawn together
    shows; layer 0 is what the embeddings give. `progress` counts texts. `below` gives the layers that another encoder
    has read of the same texts, where it has read them."""
    found = np.zeros((encoder.layers + 1, len(texts), encoder.hidden_size), np.float16)
    rows = tokenise(encoder, list(texts), prefix=True)
    done, ready = 0, below is not None and below.means is not None
    for number, batch in enumerate(buckets([len(row.ids) for row in rows], _BATCH_TOKENS)):
        ids, mask = pad(encoder, [rows[index] for index in batch])
        with torch.inference_mode():
            for layer, state in _read(encoder, ids, mask, number, below if ready else None):
                found[layer, batch] = pool(state, mask, "mean").float().cpu().numpy()
                if below is not None and not ready and layer == below.layer:
                    below.keep(state)
        done += len(batch)
        progress(done, len(texts))
    if below is not None and ready:
        found[: below.layer + 1] = below.means
    elif below is not None and below.states:
        below.means = found[: below.layer + 1].copy()
    return found


def _read(
    encoder: Encoder, ids: torch.Tensor, mask: torch.Tensor, number: int, below: Below | None
) -> list[tuple[int, torch.Tensor]]:
    """Layers and their states of a batch: all, or those above what is kept of batch `number`."""
    if below is None:
        every = range(encoder.layers + 1)
        return list(zip(every, states_of(encoder, ids, mask, every), strict=True))
    above = range(below.layer + 1, encoder.layers + 1)
    read = reader(encoder.model, encoder.reading)
    return list(zip(above, read.upper(below.states[number].float(), mask, below.layer, above), strict=True))


class Below:
    """What two encoders compute alike of the same texts, computed once: `layer` is the last layer that they share, as
    `shared_layers` gives it. One after the other is read with it; it holds the states of every token at that layer, or
    nothing where they would take more than `MOST_BYTES`."""

    def __init__(self, layer: int) -> None:
        self.layer = layer
        self.states: list[torch.Tensor] = []
        self.means: Layers | None = None
        self._room = MOST_BYTES

    def keep(self, states: torch.Tensor) -> None:
        """The states of the next batch."""
        self._room -= states.numel() * states.element_size()
        if self._room < 0:
            self.states.clear()
        else:
            self.states.append(states)


def shared_layers(one: Encoder, other: Encoder) -> int:
    """How many layers from the first on the two encoders have in common, because their weights are the same in memory;
    0 where they are read otherwise, or are of a kind whose layers cannot be told apart."""
    alike = (one.reading, one.prefix, one.layers) == (other.reading, other.prefix, other.layers)
    if not alike or one.tokenizer is not other.tokenizer or not (is_chain(one.model) and is_chain(other.model)):
        return 0
    parts = [(e.model._modules["embeddings"], *e.model._modules["encoder"].layer) for e in (one, other)]
    same = [_places(a) == _places(b) for a, b in zip(*parts, strict=True)]
    return max(0, (same.index(False) if False in same else len(same)) - 1)


def _places(module: torch.nn.Module) -> list[tuple[str, int, tuple[int, ...]]]:
    return [(name, p.data_ptr(), tuple(p.shape)) for name, p in module.named_parameters()]


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


def cached_layers(
    folder: Path, encoder: Encoder, texts: Sequence[str], progress: Progress = silent, below: Below | None = None
) -> Layers:
    """As `sentence_layers`, from `folder` where they are kept."""
    path = kept_path(folder, encoder, texts)
    kept = read_kept(path, encoder, len(texts))
    if kept is None:
        kept = sentence_layers(encoder, texts, progress, below)
        folder.mkdir(parents=True, exist_ok=True)
        with atomic_draft(path, what=f"The cache {folder}", advice=MAKE_ROOM) as draft:
            np.save(draft, kept)
    return kept
