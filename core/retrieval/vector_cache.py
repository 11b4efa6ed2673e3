"""Vectors of texts, kept by content: the same encoder and texts are not read twice."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.encoder.device import device_of
from core.encoder.encoder import Encoder
from core.encoder.identity import encoder_identity
from core.encoder.vectors import sentence_vectors
from core.files import MAKE_ROOM, atomic_draft
from core.progress import Progress, silent
from core.retrieval.precision import Format, lowered, reading_in


@dataclass(frozen=True)
class VectorReader:
    """What makes vectors: an encoder as it was loaded, and the number format in which its products run."""

    encoder: Encoder
    precision: Format = "float32"

    @property
    def identity(self) -> str:
        """Equal for readers that give the same vectors, and for no others."""
        device = device_of(self.encoder).type
        return encoder_identity(self.encoder, self.precision) + ("" if device == "cpu" else f" {device}")

    @cached_property
    def lowered(self) -> Encoder:
        """The encoder with its maps in this format."""
        return lowered(self.encoder, self.precision)

    def vectors(self, texts: Sequence[str], progress: Progress = silent) -> NDArray[np.float32]:
        """Vectors of length 1, float32 [n, d], in the order of `texts` (`sentence_vectors`)."""
        with reading_in(self.precision, device_of(self.encoder)):
            return sentence_vectors(self.lowered, texts, progress=progress)


def cached_vectors(
    folder: Path, reader: VectorReader, texts: Sequence[str], progress: Progress = silent
) -> NDArray[np.float32]:
    """As `reader.vectors`, from `folder` where they are kept by reader and texts."""
    digest = hashlib.sha256(f"{reader.identity}\n".encode())
    for text in texts:
        content = text.encode("utf-8", "surrogatepass")
        digest.update(f"{len(content)} ".encode() + content)
    path = folder / f"{digest.hexdigest()[:24]}.npy"
    try:
        kept: NDArray[np.float32] = np.load(path, allow_pickle=False)
        if kept.shape == (len(texts), reader.encoder.hidden_size):
            return kept
    except (OSError, ValueError, EOFError):
        pass
    vectors = reader.vectors(texts, progress)
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_draft(path, what=f"The cache {folder}", advice=MAKE_ROOM) as draft:
        np.save(draft, vectors)
    return vectors
