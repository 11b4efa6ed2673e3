"""What a config.json may ask for: checked as plain JSON, before a library makes a list or a tensor of it."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.errors import BadInput

#: The largest value of a setting whose name holds the word; the largest text encoders known have half of it at most.
_LARGEST = {
    "layers": 256,
    "n_layer": 256,
    "heads": 1_024,
    "hidden_size": 32_768,
    "hidden_dim": 262_144,
    "n_embd": 32_768,
    "d_model": 32_768,
    "dim": 262_144,
    "embedding_size": 32_768,
    "intermediate_size": 262_144,
    "ffn": 262_144,
    "vocab_size": 4_000_000,
    "position": 4_194_304,
    "groups": 1_024,
    "experts": 1_024,
    "num_labels": 1_000_000,
}
_WIDTHS = ("hidden_size", "dim", "n_embd", "d_model")
_DEPTHS = ("num_hidden_layers", "n_layers", "n_layer", "num_layers")
_INNER = ("intermediate_size", "hidden_dim", "ffn_dim", "d_ff")
#: float32.
_BYTES = 4


def check_bounds(config: Path, name: str) -> dict[str, Any]:
    """The content of a config.json whose sizes are those of a text encoder that fits into this machine's memory.

    Raises `BadInput` with one sentence for what is no JSON object, for a size beyond any encoder's, and for weights of
    more bytes than the machine has, estimated from the configuration (embeddings, and 4 d^2 + 2 d f a layer).
    """
    try:
        content = json.loads(config.read_text(encoding="utf-8"))
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(f"{config} cannot be read as JSON ({str(error)[:100]}): download {name} again.") from None
    if not isinstance(content, dict):
        raise BadInput(f"{config} is not a JSON object: download {name} again.")
    for setting, value in _numbers(content):
        limit = next((most for word, most in _LARGEST.items() if word in setting), None)
        if limit is not None and not value <= limit:  # NaN is not either
            raise BadInput(
                f"The config.json of {name} asks for {setting} = {value:.6g}, and no encoder is read with more than "
                f"{limit:,}: download it again, or choose another encoder."
            )
    need, have = estimated_bytes(content), _memory()
    if need > have:
        raise BadInput(
            f"{name} needs about {need / 1e9:,.0f} GB for its weights, and this machine has {have / 1e9:,.0f} GB of "
            "memory: choose a smaller encoder, or a larger machine."
        )
    return content


def estimated_bytes(content: dict[str, Any]) -> int:
    """The bytes of the weights in float32 that a configuration describes, about; 0 where it does not say its sizes.

    >>> estimated_bytes({"vocab_size": 1000, "hidden_size": 8, "num_hidden_layers": 2, "intermediate_size": 32})
    38144
    """
    whole = content | content["text_config"] if isinstance(content.get("text_config"), dict) else content
    width, depth = _first(whole, _WIDTHS), _first(whole, _DEPTHS)
    inner = _first(whole, _INNER) or 4 * width
    groups = _first(whole, ("num_hidden_groups",)) or depth  # ALBERT's layers share their weights
    rows = _first(whole, ("vocab_size",))
    # Positions are counted where they are learned: as rows beside the vocabulary.
    positions = _first(whole, ("max_position_embeddings",)) if "rope_theta" not in whole else 0
    return _BYTES * ((rows + min(positions, 65_536)) * width + min(groups, depth) * (4 * width**2 + 2 * width * inner))


def _first(content: dict[str, Any], names: tuple[str, ...]) -> int:
    return next((int(content[name]) for name in names if _is_number(content.get(name))), 0)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _numbers(content: Any, name: str = "") -> Iterator[tuple[str, float]]:
    """Every number of a JSON document, with the name that it stands under."""
    if isinstance(content, dict):
        for key, value in content.items():
            if key not in ("id2label", "label2id", "task_specific_params"):
                yield from _numbers(value, key)
    elif isinstance(content, list):
        for value in content:
            yield from _numbers(value, "")
    elif _is_number(content) and "token_id" not in name and "theta" not in name:
        yield name, content


def _memory() -> int:
    """Bytes of memory that this machine has; without bound where it does not say."""
    try:
        return os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    except (ValueError, OSError, AttributeError):
        return 1 << 62
