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

from core.encoder.bounds import check_bounds
from core.encoder.encoder import Encoder
from core.encoder.head import Head
from core.encoder.pair_template import give_pair_template
from core.encoder.positions import longest_text
from core.encoder.prompts import Prompts, check_prompt
from core.encoder.recipe import Recipe, read_recipe
from core.encoder.tokenizer import split_specials
from core.errors import BadInput

_PICKLED = ("*.bin", "*.pt", "*.pth", "*.ckpt", "*.msgpack", "*.h5")
#: Of a tokeniser: what transformers reads by itself, and what it reads with another package alone.
_TOKENISERS = ("tokenizer.json", "vocab.txt", "vocab.json")
_SENTENCEPIECE = ("*.model",)


def load_folder(folder: Path, name: str) -> Encoder:
    """The encoder in `folder`, shown as `name`. Raises BadInput with one sentence when it cannot be used.

    A folder with `modules.json` is read by sentence-transformers itself: tokeniser, longest text, prompts, and every
    module after the transformer. Without it the pooling is that library's default, the mean (the last token for a
    decoder that was saved as one). `fingerprint` is the SHA-256 of the transformer's weights' file; of several files,
    of their hashes in order.
    """
    recipe = read_recipe(folder, name)
    check_bounds(recipe.transformer / "config.json", name)
    weights = _weights(recipe.transformer, name)
    _check_tokeniser_files(recipe.transformer, name)
    prompts, limits, head = recipe.prompts, [recipe.max_tokens], None
    if recipe.has_modules:
        from core.encoder.modules import load_modules

        with _one_sentence(name, "sentence-transformers cannot read its modules"), _quiet():
            parts = load_modules(folder, name, lambda config: _model(recipe.transformer, name, config))
        model, tokenizer, prompts, head = parts.model, parts.tokenizer, parts.prompts, parts.head
        limits.append(parts.max_tokens)
    else:
        model = _model(recipe.transformer, name, _config(recipe.transformer, name))
        tokenizer = _tokenizer(recipe.transformer, name)
        head = _last_token(model) if _is_causal(model.config) else None
    _finish(tokenizer, model, name)
    return _encoder(recipe, name, _fingerprint(weights), model, tokenizer, prompts, limits, head)


def _encoder(
    recipe: Recipe, name: str, fingerprint: str, model: Any, tokenizer: Any, prompts: Prompts,
    limits: list[int | None], head: Head | None,
) -> Encoder:  # fmt: skip
    pooling, head = ("mean", None) if head is None else head.plain()
    encoder = Encoder(
        name=name,
        fingerprint=fingerprint,
        model=model,
        tokenizer=tokenizer,
        prefix=prompts.text,
        pooling=pooling,
        layers=int(model.config.num_hidden_layers),
        hidden_size=int(model.config.hidden_size),
        max_tokens=longest_text(model, tokenizer, limits),
        query_prefix=prompts.query,
        document_prefix=prompts.document,
        head=head,
    )
    for prompt in {prompts.text, prompts.query, prompts.document}:
        check_prompt(encoder, prompt)
    return encoder


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


def _config(folder: Path, name: str) -> Any:
    from transformers import AutoConfig

    with _one_sentence(name, "its config.json describes no model that transformers knows without foreign code"):
        return AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)


def _model(folder: Path, name: str, config: Any) -> Any:
    """The model of `config` with the folder's weights in float32, whatever format they are saved in."""
    from transformers import AutoModel

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
    if hasattr(config, "use_cache"):
        config.use_cache = False
    model.eval()
    model.requires_grad_(False)
    return model


def _is_causal(config: Any) -> bool:
    """Whether sentence-transformers takes a folder without modules for a decoder, and pools its last token."""
    names = getattr(config, "architectures", None) or [""]
    return str(names[0]).endswith("ForCausalLM") and bool(getattr(config, "is_causal", True))


def _last_token(model: Any) -> Head:
    from sentence_transformers.sentence_transformer.modules import Pooling

    size = int(model.config.hidden_size)
    return Head(torch.nn.Sequential(Pooling(size, pooling_mode="lasttoken")).eval(), size)


def _check_tokeniser_files(folder: Path, name: str) -> None:
    import importlib.util

    if any((folder / file).is_file() for file in _TOKENISERS):
        return
    pieces = [path.name for pattern in _SENTENCEPIECE for path in sorted(folder.glob(pattern))]
    if not pieces:
        raise BadInput(f"{name} has no tokeniser: a folder with tokenizer.json is needed.")
    if importlib.util.find_spec("sentencepiece") is None:
        raise BadInput(
            f"{name} has its tokeniser as SentencePiece's {pieces[0]} alone, which is not read here: where the package "
            "sentencepiece is installed, AutoTokenizer.from_pretrained(folder).save_pretrained(folder) writes the "
            "tokenizer.json that is needed."
        )


def _tokenizer(folder: Path, name: str) -> Any:
    from transformers import AutoTokenizer

    with _one_sentence(name, "its tokeniser cannot be built; a folder with tokenizer.json is needed"):
        return AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)


def _finish(tokenizer: Any, model: Any, name: str) -> None:
    """Set the tokeniser up for reading: padding, pairs, and no special token out of a text."""
    from tokenizers import pre_tokenizers

    if not getattr(tokenizer, "is_fast", False):
        raise BadInput(f"{name} has no fast tokeniser; a folder with tokenizer.json is needed.")
    if tokenizer.pad_token_id is None:
        # Padding is masked everywhere: any token may stand there.
        if tokenizer.eos_token_id is None:
            raise BadInput(f"The tokeniser of {name} has no padding token; choose an encoder that has one.")
        tokenizer.pad_token = tokenizer.eos_token
    rows = model.get_input_embeddings().num_embeddings
    largest = max(tokenizer.get_vocab().values(), default=0)
    if largest >= rows:
        raise BadInput(
            f"The tokeniser of {name} has tokens up to {largest:,} and the model embeddings of {rows:,}: "
            "they are not of one model, download it again."
        )
    tokenizer.padding_side = tokenizer.truncation_side = "right"
    tokenizer.split_special_tokens = True
    backend = tokenizer.backend_tokenizer
    cut = split_specials(tokenizer.all_special_tokens)
    steps = [backend.pre_tokenizer, cut] if backend.pre_tokenizer is not None else [cut]
    backend.pre_tokenizer = pre_tokenizers.Sequence(steps)
    give_pair_template(tokenizer, name)


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
    loggers = [logging.getLogger(each) for each in ("transformers", "sentence_transformers")]
    levels = [logger.level for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        for logger, level in zip(loggers, levels, strict=True):
            logger.setLevel(level)
