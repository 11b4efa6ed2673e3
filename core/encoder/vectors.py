"""One vector a sentence: the encoder's pooling over its last layer."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from core.encoder.encoder import Encoder, Pooling
from core.encoder.states import states_of
from core.encoder.tokens import buckets, pad, prompt_tokens, tokenise
from core.progress import Progress, silent


def sentence_vectors(
    encoder: Encoder, texts: Sequence[str], batch_tokens: int = 1024, progress: Progress = silent
) -> NDArray[np.float32]:
    """Vectors of length 1, float32 [n, d], in the order of `texts`, with the encoder's prefix and pooling.

    Texts are read in batches of similar length of at most `batch_tokens` padded tokens; too long ones are
    cut at `encoder.max_tokens`. An empty text has the vector of the prefix and the special tokens alone:
    the same for every empty text, near to no sentence in particular. `progress` counts texts.
    """
    vectors = np.zeros((len(texts), encoder.vector_size), dtype=np.float32)
    ahead = prompt_length(encoder)
    done = 0
    # Tokenising in slices keeps the ids of a large collection out of memory and lets progress begin at once.
    for start in range(0, len(texts), _SLICE):
        rows = tokenise(encoder, texts[start : start + _SLICE], prefix=True)
        for batch in buckets([len(row.ids) for row in rows], batch_tokens):
            ids, mask = pad(encoder, [rows[index] for index in batch])
            with torch.inference_mode():
                states = states_of(encoder, ids, mask, [encoder.layers])[0]
                pooled = pooled_vectors(encoder, states, mask, ahead)
            vectors[[start + index for index in batch]] = pooled.cpu().numpy()
            done += len(batch)
            progress(done, len(texts))
    return vectors


_SLICE = 8192


def prompt_length(encoder: Encoder) -> int:
    """The tokens of the encoder's prefix where the pooling leaves them out, else 0."""
    if encoder.head is None or encoder.head.pools_prompt:
        return 0
    return prompt_tokens(encoder, encoder.prefix)


def pooled_vectors(encoder: Encoder, states: torch.Tensor, mask: torch.Tensor, ahead: int = 0) -> torch.Tensor:
    """Last states [b, n, d] and mask [b, n] to vectors of length 1, float32 [b, size]: pooling, or the whole head.

    `ahead` is `prompt_length(encoder)`.
    """
    if encoder.head is not None:
        return torch.nn.functional.normalize(encoder.head.vectors(states, mask, ahead).float(), dim=-1)
    return torch.nn.functional.normalize(pool(states, mask, encoder.pooling).float(), dim=-1)


def pool(states: torch.Tensor, mask: torch.Tensor, pooling: Pooling) -> torch.Tensor:
    """States [b, n, d] and mask [b, n] to [b, d]: the mean over the tokens of the mask, or the first token."""
    if pooling == "cls":
        return states[:, 0]
    weights = mask.to(states.dtype).unsqueeze(-1)
    return (states * weights).sum(dim=1) / weights.sum(dim=1).clamp(min=1.0)
