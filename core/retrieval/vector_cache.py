"""Vectors of texts, kept by content: the same encoder and texts are not read twice."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.encoder.encoder import Encoder
from core.encoder.vectors import sentence_vectors
from core.files import MAKE_ROOM, atomic_draft
from core.progress import Progress, silent
from core.retrieval.precision import Format, reading_in


def vectors_of(
    encoder: Encoder, texts: Sequence[str], precision: Format = "float32", progress: Progress = silent
) -> NDArray[np.float32]:
    """`sentence_vectors` of an encoder that was lowered to `precision`."""
    with reading_in(precision):
        return sentence_vectors(encoder, texts, progress=progress)


def cached_vectors(
    folder: Path, identity: str, encoder: Encoder, texts: Sequence[str], precision: Format = "float32",
    progress: Progress = silent,
) -> NDArray[np.float32]:  # fmt: skip
    """As `vectors_of`, from `folder` where they are; `identity` names the weights (a fingerprint, a run)."""
    digest = hashlib.sha256(f"{identity}\n{encoder.fingerprint}\n{encoder.prefix}\n{precision}\n".encode())
    for text in texts:
        digest.update(text.encode("utf-8", "surrogatepass") + b"\0")
    path = folder / f"{digest.hexdigest()[:24]}.npy"
    try:
        kept: NDArray[np.float32] = np.load(path, allow_pickle=False)
        if kept.shape == (len(texts), encoder.hidden_size):
            return kept
    except (OSError, ValueError, EOFError):
        pass
    made = vectors_of(encoder, texts, precision, progress)
    folder.mkdir(parents=True, exist_ok=True)
    with atomic_draft(path, what=f"The cache {folder}", advice=MAKE_ROOM) as draft:
        np.save(draft, made)
    return made
