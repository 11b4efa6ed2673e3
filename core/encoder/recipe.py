"""How a folder wants its sentences read: where the transformer is, what comes after it, the prompts, the longest text.

A folder with modules.json is loaded by sentence-transformers itself, from whose objects the rest is taken; here it is
only looked at first, so that nothing is loaded that could run code, lies elsewhere, or would be left out in silence.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.encoder.prompts import Prompts, saved_prompts
from core.errors import BadInput

#: Modules of sentence-transformers that turn the states of a transformer into a vector, and those that have weights.
_READ = ("Transformer", "Pooling", "Dense", "Normalize", "LayerNorm", "Dropout")
_WEIGHED = ("Dense", "LayerNorm")
_OWN = "sentence_transformers."


@dataclass(frozen=True)
class Recipe:
    """`transformer` is the folder with config.json. `kinds` are the modules after it; empty: mean pooling.

    `max_tokens` None leaves the length to model and tokeniser. `has_modules` says whether sentence-transformers reads
    the folder.
    """

    transformer: Path
    prompts: Prompts
    max_tokens: int | None
    has_modules: bool


def read_recipe(folder: Path, name: str) -> Recipe:
    """The recipe of `folder`. Raises `BadInput` for a broken file and for modules that cannot be honoured."""
    modules = _read(folder / "modules.json", name)
    transformer = folder if modules is None else _checked(folder, modules, name)
    if not (transformer / "config.json").is_file():
        raise BadInput(f"{name} has no config.json in {transformer}: name a folder of transformers.")
    longest = _object(transformer / "sentence_bert_config.json", name).get("max_seq_length")
    saved = _object(folder / "config_sentence_transformers.json", name)
    return Recipe(
        transformer=transformer,
        prompts=_prompts(saved, name),
        max_tokens=longest if isinstance(longest, int) and longest > 2 else None,
        has_modules=modules is not None,
    )


def _checked(folder: Path, modules: Any, name: str) -> Path:
    """The folder of the transformer, if all modules are ones that are honoured."""
    listed = folder / "modules.json"
    if not isinstance(modules, list) or not modules or not all(isinstance(module, dict) for module in modules):
        raise BadInput(f"{listed} is not a list of modules: download the model again.")
    parts = [_inside(folder, str(module.get("path", ""))) for module in modules]
    for number, (module, part) in enumerate(zip(modules, parts, strict=True)):
        reference = str(module.get("type", ""))
        kind = reference.rsplit(".", 1)[-1]
        if kind not in _READ or not reference.startswith(_OWN) or (kind == "Transformer") != (number == 0):
            raise BadInput(
                f"{name} reads with a module {reference[:80] or 'of no type'}, which is not honoured here: choose an "
                f"encoder made of a Transformer and then {', '.join(_READ[1:-1])} or {_READ[-1]}."
            )
        if kind in _WEIGHED and not (part / "model.safetensors").is_file():
            raise BadInput(
                f"The {kind} layer of {name} has no model.safetensors in {part.name}, and pickled weights are never "
                "read because they can run code: save the model again with save_pretrained."
            )
    if not any(str(module["type"]).endswith(".Pooling") for module in modules):
        raise BadInput(f"{name} has no Pooling module, so that it gives no sentence vectors: choose another encoder.")
    return parts[0]


def _inside(folder: Path, part: str) -> Path:
    path = (folder / part).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise BadInput(f"{folder / 'modules.json'} names a folder outside of its own ({part}): do not use this model.")
    return folder / part


def _prompts(saved: dict[str, Any], name: str) -> Prompts:
    named = saved.get("prompts")
    prompts = {key: value for key, value in named.items() if isinstance(value, str)} if isinstance(named, dict) else {}
    default = saved.get("default_prompt_name")
    return saved_prompts(prompts, default if isinstance(default, str) else None, name)


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
    except (OSError, ValueError, RecursionError) as error:
        raise BadInput(f"{path} cannot be read as JSON ({error}): download {name} again.") from None
