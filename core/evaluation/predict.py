"""Probabilities of NLI pairs: length-bucketed, without gradient, with adapters merged into the weights."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray

from core.encoder.encoder import Encoder
from core.model.batches import EncodedPair, collate_pairs, encode_pairs, token_batches
from core.model.frozen_states import FrozenStates
from core.model.nli import NLIModel, PairBatch, Shift
from core.progress import Progress, silent


@torch.inference_mode()
def predict_encoded(
    model: NLIModel, pairs: Sequence[EncodedPair], pad: int, budget: int = 1024, progress: Progress = silent,
    shift: Shift | None = None, kept: tuple[Path, str] | None = None,
) -> NDArray[np.float32]:  # fmt: skip
    """Probabilities [n, 3] (entailment, neutral, contradiction) of encoded pairs, in their order.

    `budget` bounds the padded tokens of a batch; `shift` changes pooled states (mean centring). `kept` is a
    folder where the frozen layers' states are found or left for the next arm, with the encoder's identity; the
    probabilities are the same, bit for bit.
    """
    out = np.zeros((len(pairs), 3), np.float32)
    done = 0
    batches = token_batches([len(p.ids) for p in pairs], budget)
    collated = (collate_pairs([pairs[i] for i in batch], pad) for batch in batches)
    read: Iterator[PairBatch] = FrozenStates(*kept, model, pairs, batches).read(collated) if kept else collated
    for batch, each in zip(batches, read, strict=True):
        out[batch] = model.predict(each, shift).cpu().numpy()
        done += len(batch)
        progress(done, len(pairs))
    return out


#: Tokens of a typed pair that are read.
LONGEST = 256


def is_cut(encoder: Encoder, premise: str, hypothesis: str, max_tokens: int = LONGEST) -> bool:
    """Whether a pair is longer than `max_tokens`, so that the end of its longer side does not count."""
    return len(encode_pairs(encoder, [(premise, hypothesis)], None, max_tokens + 1)[0].ids) > max_tokens


def predict_pairs(
    model: NLIModel, encoder: Encoder, pairs: Sequence[tuple[str, str]], max_tokens: int = LONGEST
) -> NDArray[np.float32]:
    """Probabilities [n, 3] of (premise, hypothesis) texts with z = mu.

    A pair longer than `max_tokens` is cut, the longer side first.
    """
    encoded = encode_pairs(encoder, pairs, None, max_tokens)
    return predict_encoded(model, encoded, encoder.tokenizer.pad_token_id)
