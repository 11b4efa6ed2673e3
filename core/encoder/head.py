"""What a sentence-transformers folder does with the states of its transformer: pooling, dense maps, norms."""

from __future__ import annotations

import copy
from dataclasses import dataclass
from typing import Any

import torch

from core.encoder.encoder import Pooling


@dataclass(frozen=True)
class Head:
    """The modules after the transformer, as sentence-transformers has loaded them; in eval mode, frozen, float32.

    `modules` are called one after the other with the dictionary of features that the library passes on. A vector has
    `size` numbers, the first ones where the folder says that vectors are cut. `pools_prompt` False: the tokens of a
    prompt take no part in the pooling.
    """

    modules: Any
    size: int
    pools_prompt: bool = True

    def vectors(self, states: torch.Tensor, mask: torch.Tensor, prompt_tokens: int = 0) -> torch.Tensor:
        """States [b, n, d] and mask [b, n] to [b, size], float32; `prompt_tokens` begin each text."""
        features: dict[str, Any] = {"token_embeddings": states.float(), "attention_mask": mask}
        if not self.pools_prompt:
            features["prompt_length"] = prompt_tokens
        with torch.autocast(states.device.type, enabled=False):
            for module in self.modules:
                features = module(features)
        vectors: torch.Tensor = features["sentence_embedding"]
        return vectors[:, : self.size]

    def to(self, device: torch.device) -> Head:
        """The same modules on `device`."""
        return Head(copy.deepcopy(self.modules).to(device), self.size, self.pools_prompt)

    def describe(self) -> list[Any]:
        """All that changes a vector besides the weights: each module's kind and settings, and the size."""
        kinds = [[type(module).__name__, module.get_config_dict()] for module in self.modules]
        return [kinds, self.size, self.pools_prompt]

    def plain(self) -> tuple[Pooling, Head | None]:
        """The name of the pooling, and None, where that and a norm are all there is; else itself beside "mean"."""
        first, *rest = [type(module).__name__ for module in self.modules]
        mode = getattr(self.modules[0], "pooling_mode", None)
        simple = first == "Pooling" and set(rest) <= {"Normalize", "Dropout"} and self.pools_prompt
        if simple and self.size == self.modules[0].get_embedding_dimension() and mode in ("mean", "cls"):
            return ("cls" if mode == "cls" else "mean"), None
        return "mean", self
