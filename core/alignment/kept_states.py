"""Token states of gold sets kept on disk: read once with an encoder, then every decoding is compared at little cost."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from core.encoder.encoder import Encoder
from core.encoder.identity import encoder_identity
from core.encoder.states import TokenStates, layer_states, token_states
from core.files import MAKE_ROOM, atomic_draft


@dataclass(frozen=True)
class StateShelf:
    """States of one encoder in a folder; without a folder nothing is kept."""

    encoder: Encoder
    folder: Path | None = None

    def at_layer(self, texts: Sequence[Sequence[str]], layer: int) -> list[TokenStates]:
        """As `token_states`."""
        kept = self._path(texts, layer, "float32")
        found = _read(kept)
        if found is None:
            found = token_states(self.encoder, texts, layer)
            _write(kept, found)
        return found

    def at_layers(self, texts: Sequence[Sequence[str]], layers: Sequence[int]) -> list[TokenStates]:
        """States of several layers, [layers, n, d] in the order asked for, in half precision: half the room."""
        kept = [self._path(texts, layer, "float16") for layer in layers]
        read = [_read(path) for path in kept]
        if any(rows is None for rows in read):
            read = [[] for _ in layers]
            for first in range(0, len(texts), 256):  # all layers of few texts at a time
                for row in self._of_layers(texts[first : first + 256], layers):
                    for rows, states in zip(read, row.states.astype(np.float16), strict=True):
                        assert rows is not None
                        rows.append(replace(row, states=states))
            for path, rows in zip(kept, read, strict=True):
                _write(path, rows or [])
        whole = [rows for rows in read if rows is not None]
        return [replace(rows[0], states=np.stack([row.states for row in rows])) for rows in zip(*whole, strict=True)]

    def _of_layers(self, texts: Sequence[Sequence[str]], layers: Sequence[int]) -> list[TokenStates]:
        if len(layers) == 1:
            return [replace(row, states=row.states[None]) for row in token_states(self.encoder, texts, layers[0])]
        return [replace(row, states=row.states[list(layers)]) for row in layer_states(self.encoder, texts)]

    def _path(self, texts: Sequence[Sequence[str]], layer: int, precision: str) -> Path | None:
        if self.folder is None:
            return None
        key = json.dumps([encoder_identity(self.encoder), layer, precision, [list(text) for text in texts]])
        return self.folder / f"{hashlib.sha256(key.encode()).hexdigest()[:24]}.npz"


def _write(path: Path | None, rows: Sequence[TokenStates]) -> None:
    if path is None or not rows:
        return
    path.parent.mkdir(parents=True, exist_ok=True)
    words = json.dumps([[row.text, row.tokens, row.words, row.truncated] for row in rows])
    with (
        atomic_draft(path, durable=False, what=f"The states {path}", advice=MAKE_ROOM) as draft,
        draft.open("wb") as file,
    ):
        np.savez(
            file, words=np.frombuffer(words.encode(), np.uint8), word_of=np.concatenate([row.word_of for row in rows]),
            states=np.concatenate([row.states for row in rows], axis=-2),
        )  # fmt: skip


def _read(path: Path | None) -> list[TokenStates] | None:
    """What was kept, None where nothing is or what is there is damaged."""
    if path is None or not path.is_file():
        return None
    try:
        with np.load(path) as kept:
            told = json.loads(kept["words"].tobytes().decode())
            word_of, states = kept["word_of"], kept["states"]
    except (OSError, ValueError, KeyError, BadZipFile):
        return None
    rows, at = [], 0
    for text, tokens, words, truncated in told:
        end = at + len(tokens)
        rows.append(TokenStates(text, tokens, words, word_of[at:end], states[..., at:end, :], truncated))
        at = end
    return rows
