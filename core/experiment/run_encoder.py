"""Which encoder a stored run is read by: the one that its record names, and how its numbers were read."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from core.encoder.packed import SHA256

EMBEDDED = "embedded"


def run_encoder(record: Mapping[Any, Any]) -> str:
    """What `core.encoder.load.load_encoder` takes for the encoder of a run, from its record or its row of the store.

    The embedded encoder is known by its weights, whatever the record calls it.
    """
    return EMBEDDED if record["encoder_sha256"] == SHA256 else str(record["encoder"])


def encoder_title(name: str) -> str:
    """What an encoder is called where people read: a folder by its own name, without the way to it.

    >>> encoder_title("/data/models/mine"), encoder_title("intfloat/multilingual-e5-base")
    ('mine', 'intfloat/multilingual-e5-base')
    """
    return Path(name).name if Path(name).is_absolute() else name


def told_readings(records: Iterable[Mapping[Any, Any]]) -> str:
    """By which encoders, in which precision and by which engine the numbers of these runs were read, in words.

    A run is evaluated by the library's layers (the backend torch), in the precision that its configuration names.
    """
    told = []
    for record in records:
        given = record.get("config") or {}
        config = json.loads(given) if isinstance(given, str) else given
        precision = (config.get("evaluation") or {}).get("precision", "float32")
        told.append(f"{encoder_title(run_encoder(record))}, {precision}, torch")
    return "; ".join(dict.fromkeys(told))
