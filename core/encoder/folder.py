"""An encoder from a local folder of transformers or of sentence-transformers: safetensors only, no foreign code."""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch

from core.encoder.encoder import Encoder
from core.encoder.recipe import Recipe, read_recipe
from core.encoder.tokenizer import split_specials
from core.errors import BadInput

_PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.msgpack", "*.h5")
_FAIRSEQ_POSITIONS = ("roberta", "xlm-roberta", "camembert")  # positions begin after the padding id


def load_folder(folder: Path, name: str) -> Encoder:
    """The encoder in `folder`, shown as `name`. Raises BadInput with one sentence when it cannot be used.

    With `modules.json` (sentence-transformers) the pooling and the prompts are the folder's own; without it
    the pooling is the mean. `fingerprint` is the SHA-256 of the weights' file; of several files, of their
    hashes in order.
    """
    recipe = read_recipe(folder, name)
    weights = _weights(recipe.transformer, name)
    model = _model(recipe.transformer, name)
    tokenizer = _tokenizer(recipe.transformer, name)
    config = model.config
    return Encoder(
        name=name,
        fingerprint=_fingerprint(weights),
        model=model,
        tokenizer=tokenizer,
        prefix=recipe.prefix,
        pooling=recipe.pooling,
        layers=int(config.num_hidden_layers),
        hidden_size=int(config.hidden_size),
        max_tokens=_max_tokens(config, tokenizer, recipe),
    )


def _weights(folder: Path, name: str) -> list[Path]:
    index = folder / "model.safetensors.index.json"
    if (folder / "model.safetensors").is_file():
        return [folder / "model.safetensors"]
    if index.is_file():
        with _one_sentence(name, "its list of weights files cannot be read"):
            files = sorted(set(json.loads(index.read_text(encoding="utf-8"))["weight_map"].values()))
            return [folder / Path(file).name for file in files]
    if any(next(folder.glob(pattern), None) for pattern in _PICKLED):
        raise BadInput(
            f"{name} has only pickled weights, which are never read because they can run code: "
            "convert it to model.safetensors with save_pretrained, or choose another encoder."
        )
    raise BadInput(f"{name} has no model.safetensors: choose an encoder whose weights are safetensors.")


def _model(folder: Path, name: str) -> Any:
    from transformers import AutoConfig, AutoModel

    with _one_sentence(name, "its config.json describes no model that transformers knows without foreign code"):
        config = AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    if getattr(config, "is_encoder_decoder", False):
        raise BadInput(f"{name} has a decoder; choose an encoder such as FacebookAI/xlm-roberta-base.")
    if not all(isinstance(getattr(config, key, None), int) for key in ("num_hidden_layers", "hidden_size")):
        raise BadInput(f"{name} ({config.model_type}) is not a text encoder: its config.json gives no layers.")
    with _one_sentence(name, "its weights cannot be read"), _quiet():
        model, report = AutoModel.from_pretrained(
            folder,
            config=config,
            local_files_only=True,
            trust_remote_code=False,
            use_safetensors=True,
            dtype=torch.float32,
            output_loading_info=True,
        )
    missing = [key for key in report["missing_keys"] if not key.startswith("pooler.")]
    if missing or report.get("mismatched_keys"):
        raise BadInput(
            f"The weights of {name} do not fit its config.json (for example {(missing or ['shapes differ'])[0]}): "
            "download it again, or choose another encoder."
        )
    model.eval()
    model.requires_grad_(False)
    return model


def _tokenizer(folder: Path, name: str) -> Any:
    from tokenizers import pre_tokenizers
    from transformers import AutoTokenizer

    with _one_sentence(name, "its tokeniser cannot be built; a folder with tokenizer.json is needed"):
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
    if not getattr(tokenizer, "is_fast", False):
        raise BadInput(f"{name} has no fast tokeniser; a folder with tokenizer.json is needed.")
    if tokenizer.pad_token_id is None:
        raise BadInput(f"The tokeniser of {name} has no padding token; choose an encoder that has one.")
    tokenizer.padding_side = tokenizer.truncation_side = "right"
    tokenizer.split_special_tokens = True
    backend = tokenizer.backend_tokenizer
    cut = split_specials(tokenizer.all_special_tokens)
    steps = [backend.pre_tokenizer, cut] if backend.pre_tokenizer is not None else [cut]
    backend.pre_tokenizer = pre_tokenizers.Sequence(steps)
    return tokenizer


def _max_tokens(config: Any, tokenizer: Any, recipe: Recipe) -> int:
    limits = [int(tokenizer.model_max_length)]
    positions = getattr(config, "max_position_embeddings", None)
    if isinstance(positions, int) and positions > 0:
        shift = (config.pad_token_id or 0) + 1 if config.model_type in _FAIRSEQ_POSITIONS else 0
        limits.append(positions - shift)
    if recipe.max_tokens:
        limits.append(recipe.max_tokens)
    return min(*limits, 8192)  # a tokeniser without a limit says 10^30


def _fingerprint(files: list[Path]) -> str:
    hashes = []
    for file in files:
        with file.open("rb") as opened:
            hashes.append(hashlib.file_digest(opened, "sha256").hexdigest())
    return hashes[0] if len(hashes) == 1 else hashlib.sha256("\n".join(hashes).encode()).hexdigest()


@contextmanager
def _one_sentence(name: str, what: str) -> Iterator[None]:
    """Turn whatever a library raises over someone's files into one sentence."""
    try:
        yield
    except BadInput:
        raise
    except Exception as error:
        lines = str(error).strip().splitlines() or [type(error).__name__]
        raise BadInput(f"{name} cannot be used: {what} ({lines[0].rstrip('.: ')[:200]}).") from None


@contextmanager
def _quiet() -> Iterator[None]:
    """Keep the loading report, which is judged here, off the terminal."""
    logger = logging.getLogger("transformers")
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)
