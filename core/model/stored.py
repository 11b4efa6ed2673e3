"""A stored model's files, which may be anybody's: checked before anything is built of them, and never unpickled."""

from __future__ import annotations

import dataclasses
import math
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open

from core.config import ModelConfig
from core.errors import BadInput
from core.strict_json import read_json

_TUNINGS = ("lora", "full")
#: The formats that weights may be in, as safetensors names them.
_FORMATS = ("F16", "BF16", "F32", "F64")
#: Bytes of weights that are read: many times what an adapter of a large encoder takes.
_LARGEST = 8_000_000_000


@dataclass(frozen=True)
class Kind:
    """What is stored: the key of its configuration, its name in words, what to do where it cannot be read, and the
    settings whose number has to be the size of a stored tensor, so that none asks for more memory than its file took.
    """

    key: str
    words: str
    again: str
    sizes: tuple[str, ...]

    def unreadable(self, name: str, what: str) -> BadInput:
        """The error that says what is wrong with it."""
        return BadInput(f"{name} holds no readable {self.words} ({what}); {self.again}.")


MODEL = Kind("model", "model", "run it again", ("posterior_size", "hidden_size", "rank"))


def read_settings(path: Path, name: str, kind: Kind = MODEL) -> tuple[ModelConfig, dict[str, Any]]:
    """The configuration in a model's settings, and all that they say. Raises `BadInput` for what is no configuration:
    a field that is unknown, of another kind or out of range."""
    content = read_json(path, kind.again)
    model = content.get(kind.key) if isinstance(content, dict) else None
    if not isinstance(model, dict):
        raise kind.unreadable(name, f"{path.name} has no {kind.key}")
    kinds = {"int": int, "float": float, "str": str}
    fields = {field.name: kinds[str(field.type)] for field in dataclasses.fields(ModelConfig)}
    if unknown := sorted(str(key)[:40] for key in set(model) - set(fields)):
        raise kind.unreadable(name, f"{path.name} has other settings than a model's: {', '.join(unknown[:3])}")
    for key, value in model.items():
        if not _is(value, fields[key]):
            raise kind.unreadable(name, f"{key} is {str(value)[:40]!r}")
    config = ModelConfig(**{key: fields[key](value) for key, value in model.items()})
    for key, fits in (
        ("tuning", config.tuning in _TUNINGS), ("rank", config.rank > 0), ("alpha", config.alpha > 0),
        ("first_layer", config.first_layer >= 0), ("posterior_size", config.posterior_size > 0),
        ("hidden_size", config.hidden_size > 0), ("kl_weight", config.kl_weight >= 0),
        ("initial_log_variance", abs(config.initial_log_variance) <= 50),
    ):  # fmt: skip
        if not fits:
            raise kind.unreadable(name, f"{key} is {getattr(config, key)!r}")
    return config, content


def read_state(path: Path, config: ModelConfig, name: str, kind: Kind = MODEL) -> dict[str, torch.Tensor]:
    """The tensors of a model's weights in float32. Raises `BadInput` where they cannot be read, do not have the sizes
    that `config` asks for, are no fractions (int8, complex), or are not finite; what the header says is checked before
    a tensor is read."""
    try:
        size = path.stat().st_size
        if size > _LARGEST:
            raise kind.unreadable(name, f"{path.name} is larger than {_LARGEST // 1_000_000_000} GB")
        with safe_open(path, "pt") as file:
            dimensions: set[int] = set()
            for key in file.keys():  # noqa: SIM118 (safe_open has no iteration)
                part = file.get_slice(key)
                if part.get_dtype() not in _FORMATS:
                    known = ", ".join(_FORMATS)
                    raise kind.unreadable(name, f"{key[:80]} is in {part.get_dtype()}, and weights are in {known}")
                dimensions.update(part.get_shape())
            for setting in kind.sizes:
                if getattr(config, setting) not in dimensions and not (setting == "rank" and config.tuning == "full"):
                    told = f"{setting} is {getattr(config, setting)}, and no tensor has that size"
                    raise BadInput(f"{name}: the weights do not fit the {kind.words}: {told}; {kind.again}.")
            state = {key: file.get_tensor(key).to(torch.float32) for key in file.keys()}  # noqa: SIM118
    except (OSError, ValueError, SafetensorError) as error:
        raise kind.unreadable(name, str(error)[:200]) from error
    for key, tensor in state.items():
        if not bool(torch.isfinite(tensor).all()):
            raise kind.unreadable(name, f"{key[:80]} holds a number that is none, or no finite one")
    return state


def _is(value: object, wanted: type) -> bool:
    if wanted is float:
        return isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value)
    return isinstance(value, wanted) and not isinstance(value, bool)
