"""Encoders that were used before: named by a person and checked here, or in the Hub's cache of this machine."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from core.errors import BadInput
from core.files import atomic_write

#: In the workspace: a list of names, newest first.
FILE = "encoders.json"
_KEPT = 20
#: Read by every encoder before it is offered.
_SENTENCE = "The ferry was late, and nobody waited."


@dataclass(frozen=True)
class CheckedEncoder:
    """An encoder that was loaded and has read: its full name, and what it is."""

    name: str
    layers: int
    size: int
    max_tokens: int


def check_encoder(spec: str) -> CheckedEncoder:
    """Load an encoder and read a sentence with it. Raises `BadInput` with one sentence if it cannot be used."""
    import numpy as np

    from core.encoder.load import load_encoder
    from core.encoder.vectors import sentence_vectors

    encoder = load_encoder(spec)
    if not np.isfinite(sentence_vectors(encoder, [_SENTENCE])).all():
        raise BadInput(f"{encoder.name} gives no numbers for a sentence: its weights are damaged.")
    return CheckedEncoder(encoder.name, encoder.layers, encoder.vector_size, encoder.max_tokens)


def remembered(home: Path) -> list[str]:
    """The names that `remember` has kept under `home`, newest first; none where the file cannot be read."""
    try:
        names = json.loads((home / FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return []
    return [name for name in names if isinstance(name, str)][:_KEPT] if isinstance(names, list) else []


def remember(home: Path, name: str) -> None:
    """Put `name` first among the names under `home`."""
    names = [name, *(other for other in remembered(home) if other != name)][:_KEPT]
    atomic_write(home / FILE, json.dumps(names, ensure_ascii=False, indent=1))


def cached_names() -> list[str]:
    """The models in the Hub's cache that have a configuration and safetensors, by name; nothing is downloaded."""
    from huggingface_hub import constants

    names = []
    for folder in sorted(Path(constants.HF_HUB_CACHE).glob("models--*")):
        if any(folder.glob("snapshots/*/config.json")) and any(folder.glob("snapshots/*/*.safetensors")):
            names.append(folder.name.removeprefix("models--").replace("--", "/"))
    return names
