"""A folder of sentence-transformers, loaded by that library: its tokeniser, prompts, longest text and modules.

Only the transformer's weights are read by this project's own code (`core.encoder.folder`), which judges what is missing
or does not fit; the library is given the model in its place.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.modules import Pooling, Transformer

from core.encoder.head import Head
from core.encoder.prompts import Prompts, saved_prompts
from core.errors import BadInput


@dataclass(frozen=True)
class Parts:
    """What a folder is made of; `max_tokens` is what the library cuts a text at."""

    model: Any
    tokenizer: Any
    prompts: Prompts
    max_tokens: int | None
    head: Head


def load_modules(folder: Path, name: str, load_model: Callable[[Any], Any]) -> Parts:
    """The parts of `folder`, whose modules.json `core.encoder.recipe` has checked; `load_model` gives the transformer
    of a configuration.

    Raises `BadInput` for what the library would do and this project does not; else whatever the library raises.
    """

    unsized = not any("dimension" in path.read_text("utf-8") for path in folder.glob("*_Pooling/config.json"))
    width: dict[str, int] = {}

    class Given(Transformer):
        """The library's transformer, around a model that is loaded here."""

        def _load_model(  # type: ignore[override]
            self, path: str, task: str, config: Any, *_: Any, **__: Any
        ) -> Any:
            model = load_model(config)
            width["embedding_dimension"] = int(model.config.hidden_size)
            return model

    class Reader(SentenceTransformer):
        """The library's reader of a folder; prompts that are no strings are left out, and a pooling that does not say
        how wide the states are takes the model's width."""

        def _load_module_class_from_ref(  # type: ignore[override]
            self, reference: str, *args: Any, **kwargs: Any
        ) -> type:
            found: type = super()._load_module_class_from_ref(reference, *args, **kwargs)
            return Given if found is Transformer else found

        def _get_module_init_defaults(self, reference: str) -> dict[str, Any]:
            return width if reference.endswith(".Pooling") and unsized else {}

        def _parse_model_config(self, saved: dict[str, Any]) -> None:
            given = saved.get("prompts")
            prompts: dict[Any, Any] = given if isinstance(given, dict) else {}
            default = saved.get("default_prompt_name")
            plain = {key: text for key, text in prompts.items() if isinstance(text, str)}
            super()._parse_model_config(
                saved | {"prompts": plain, "default_prompt_name": default if default in plain else None}
            )

    reader = Reader(
        str(folder), device="cpu", local_files_only=True, trust_remote_code=False,
        model_kwargs={"use_safetensors": True, "dtype": torch.float32},
    )  # fmt: skip
    first: Any = reader[0]
    _check_transformer(first, name)
    after = torch.nn.Sequential(*list(reader.children())[1:]).float().eval().requires_grad_(False)
    size = reader.get_embedding_dimension()
    if size is None:
        raise BadInput(f"{name} does not say how long its vectors are: choose another encoder.")
    pools_prompt = all(module.include_prompt for module in after if isinstance(module, Pooling))
    head = Head(after, min(size, reader.truncate_dim or size), pools_prompt)
    said = {key: text for key, text in reader.prompts.items() if text is not None}
    prompts = saved_prompts(said, reader.default_prompt_name, name)
    longest = first.max_seq_length
    return Parts(first.auto_model, first.tokenizer, prompts, int(longest) if longest else None, head)


def _check_transformer(transformer: Any, name: str) -> None:
    """Raises `BadInput` unless a text's last states are what the library reads."""
    text = transformer.modality_config.get("text")
    plain = text is not None and text["method"] == "forward" and text["method_output_name"] == "last_hidden_state"
    if not plain or transformer.module_output_name != "token_embeddings":
        raise BadInput(f"{name} does not give a state for each token of a text: choose an encoder that does.")
    if transformer.query_expansion or transformer.query_length or transformer.document_length:
        raise BadInput(f"{name} pads or cuts queries to a length of their own, which is not honoured here.")
