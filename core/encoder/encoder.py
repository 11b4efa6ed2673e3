"""What every encoder is to the rest of the project: a model, its tokeniser, and how sentences are read with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

from core.reading.formats import Reading

Pooling = Literal["mean", "cls"]


@dataclass(frozen=True)
class Encoder:
    """A multilingual encoder; an adapted one is `dataclasses.replace(encoder, model=adapted)`.

    `model` is a transformers PreTrainedModel in eval mode with frozen parameters, `tokenizer` a
    PreTrainedTokenizerFast. `fingerprint` is the SHA-256 (hex) of the weights as downloaded; `prefix` goes
    before a sentence whose vector is wanted; `max_tokens` counts special tokens and prefix. `reading` says in which
    number format the model is read and by which engine.
    """

    name: str
    fingerprint: str
    model: Any
    tokenizer: Any
    prefix: str
    pooling: Pooling
    layers: int
    hidden_size: int
    max_tokens: int
    reading: Reading = field(default_factory=Reading)
