"""Vectors of texts, kept by content: the same encoder and texts are not read twice."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.encoder.encoder import Encoder
from core.encoder.identity import encoder_identity
from core.encoder.vectors import sentence_vectors
from core.files import MAKE_ROOM, atomic_draft
from core.progress import Progress, silent


def cached_vectors(
    folder: Path, encoder: Encoder, texts: Sequence[str], progress: Progress = silent
) -> NDArray[np.float32]:
    """As `sentence_vectors`, from `folder` where they are kept by the encoder's identity and the texts."""
    digest = hashlib.sha256(f"{encoder_identity(encoder)}\n".encode())
    for text in texts:
        content = text.encode("utf-8", "surrogatepass")
        digest.update(f"{len(content)} ".encode() + content)
    path = folder / f"{digest.hexdigest()[:24]}.npy"
    try:
        kept: NDArray[np.float32] = np.load(path, allow_pickle=False)
        if kept.shape == (len(texts), encoder.vector_size):
            return kept
    except (OSError, ValueError, EOFError):
        pass
    vectors = sentence_vectors(encoder, texts, progress=progress)
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_draft(path, what=f"The cache {folder}", advice=MAKE_ROOM) as draft:
        np.save(draft, vectors)
    return vectors
