"""An encoder as it is to be read: the number format and the engine, chosen once."""

from __future__ import annotations

import dataclasses
from typing import Any

from core.encoder.encoder import Encoder
from core.encoder.identity import encoder_identity
from core.reading.reader import choose


def read_as(encoder: Encoder, precision: str | None = None, backend: str | None = None) -> Encoder:
    """`encoder`, to be read in `precision` by `backend`; None or "auto" is the best there is for it (`choose`).

    Everything that takes an `Encoder` then reads it so, and `encoder_identity` tells. Raises `BadInput` for a name that
    is none and for what this encoder or its device cannot do.
    """
    return dataclasses.replace(encoder, reading=choose(encoder.model, precision, backend))


def describe(encoder: Encoder) -> dict[str, Any]:
    """What a result says of the encoder that read: its name, its identity's first digits, its prompt, and how."""
    return {
        "encoder": encoder.name,
        "encoder_identity": encoder_identity(encoder)[:16],
        "prompt": encoder.prefix,
        **encoder.reading.as_dict(),
    }
