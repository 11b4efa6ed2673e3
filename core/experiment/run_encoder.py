"""Which encoder a stored run is read by: the one that its record names."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from core.encoder.packed import SHA256

EMBEDDED = "embedded"


def run_encoder(record: Mapping[Any, Any]) -> str:
    """What `core.encoder.load.load_encoder` takes for the encoder of a run, from its record or its row of the store.

    The embedded encoder is known by its weights, whatever the record calls it.
    """
    return EMBEDDED if record["encoder_sha256"] == SHA256 else str(record["encoder"])
