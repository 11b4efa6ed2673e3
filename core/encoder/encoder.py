"""What every encoder is to the rest of the project: a model, its tokeniser, and how sentences are read with them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, Literal

from core.reading.formats import Reading

if TYPE_CHECKING:
    from core.encoder.head import Head

Pooling = Literal["mean", "cls"]


@dataclass(frozen=True)
class Encoder:
    """A multilingual encoder; an adapted one is `dataclasses.replace(encoder, model=adapted)`.

    `model` is a transformers PreTrainedModel in eval mode with frozen parameters, `tokenizer` a
    PreTrainedTokenizerFast. `fingerprint` is the SHA-256 (hex) of the weights as downloaded; `prefix` goes
    before a sentence whose vector is wanted; `max_tokens` counts special tokens and prefix. `reading` says in which
    number format the model is read and by which engine.

    `query_prefix` and `document_prefix` stand in its place where a text asks or is searched for; None: `prefix`.
    `head` gives the vector of a text from its last states where `pooling` does not say it all.
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
    query_prefix: str | None = None
    document_prefix: str | None = None
    head: Head | None = None

    @property
    def vector_size(self) -> int:
        """How many numbers a sentence's vector has."""
        return self.hidden_size if self.head is None else self.head.size
