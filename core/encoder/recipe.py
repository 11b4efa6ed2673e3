"""How a folder wants its sentences read: where the transformer is, the pooling, the prefix, the longest text."""

from __future__ import annotations

import json
import logging
import re
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.encoder.encoder import Pooling
from core.errors import BadInput

_E5 = re.compile(r"(^|[-_/\\])e5-(small|base|large)(?![\w-]*instruct)", re.IGNORECASE)
_LEGACY = {"pooling_mode_cls_token": "cls", "pooling_mode_mean_tokens": "mean"}
_MODES = "pooling_mode_"


@dataclass(frozen=True)
class Recipe:
    """`transformer` is the folder with config.json; `max_tokens` None leaves the length to model and tokeniser."""

    transformer: Path
    pooling: Pooling
    prefix: str
    max_tokens: int | None


def read_recipe(folder: Path, name: str) -> Recipe:
    """The recipe of `folder`, from its modules.json when it has one. Raises BadInput for a broken file.

    The prefix is the folder's default prompt, else its `query` prompt, else `query: ` for the E5 family,
    whose cards ask for it, else nothing.
    """
    modules = _read(folder / "modules.json", name)
    transformer, pooling = folder, "mean"
    if modules is not None:
        if not isinstance(modules, list) or not all(isinstance(module, dict) for module in modules):
            raise BadInput(f"{folder / 'modules.json'} is not a list of modules: download the model again.")
        for module in modules:
            kind = str(module.get("type", "")).rsplit(".", 1)[-1]
            part = _inside(folder, str(module.get("path", "")))
            if kind == "Transformer":
                transformer = part
            elif kind == "Pooling":
                pooling = _pooling(_object(part / "config.json", name), name)
            elif kind != "Normalize":
                logging.getLogger(__name__).warning(
                    "%s ends in a %s layer, which is left out: vectors are those of its transformer and pooling.",
                    name,
                    kind,
                )
    if not (transformer / "config.json").is_file():
        raise BadInput(f"{name} has no config.json in {transformer}: name a folder of transformers.")
    longest = _object(transformer / "sentence_bert_config.json", name).get("max_seq_length")
    return Recipe(
        transformer=transformer,
        pooling="cls" if pooling == "cls" else "mean",
        prefix=_prefix(_object(folder / "config_sentence_transformers.json", name), name),
        max_tokens=longest if isinstance(longest, int) and longest > 2 else None,
    )


def _inside(folder: Path, part: str) -> Path:
    path = (folder / part).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise BadInput(f"{folder / 'modules.json'} names a folder outside of its own ({part}): do not use this model.")
    return folder / part


def _pooling(config: dict[str, Any], name: str) -> str:
    mode = config.get("pooling_mode")
    active = [mode] if isinstance(mode, str) else list(mode or [])
    if not active:
        active = [
            _LEGACY.get(key, key.removeprefix(_MODES)) for key in config if key.startswith(_MODES) and config[key]
        ]
    if active in (["mean"], ["cls"]):
        return str(active[0])
    raise BadInput(
        f"{name} pools by {' and '.join(map(str, active)) or 'nothing'}; choose an encoder with mean or cls."
    )


def _prefix(config: dict[str, Any], name: str) -> str:
    prompts = config.get("prompts")
    if isinstance(prompts, dict):
        for key in (config.get("default_prompt_name"), "query"):
            if isinstance(key, str) and isinstance(prompts.get(key), str) and prompts[key]:
                return str(prompts[key])
    return "query: " if _E5.search(name) else ""


def _object(path: Path, name: str) -> dict[str, Any]:
    content = _read(path, name)
    if content is not None and not isinstance(content, dict):
        raise BadInput(f"{path} is not a JSON object: download {name} again.")
    return content or {}


def _read(path: Path, name: str) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        return None
    except (OSError, ValueError) as error:
        raise BadInput(f"{path} cannot be read as JSON ({error}): download {name} again.") from None
