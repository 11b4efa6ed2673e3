"""The blocks of a transformer of any kind: where they are, and running a part of them.

The kinds whose blocks are only called one after the other are cut in `core.encoder.states`; here the whole model runs,
with all that it makes for its blocks (masks, rotations, relative positions), and only its blocks are replaced: one that
stops the pass, one that lets other states in, and those before it that hand on what they are given. Copies share every
weight, and threads may run them at the same time.
"""

from __future__ import annotations

import copy
from types import SimpleNamespace
from typing import Any, cast

import torch
from torch import nn

#: What the lists of blocks are called in transformers.
_NAMES = ("layer", "layers", "h", "block", "blocks")
#: ALBERT's: each group of blocks shares its weights, and is called for several layers.
_GROUPS = "albert_layer_groups"
#: Kinds whose blocks give a tensor, and those whose blocks give it as the first of several.
_PLAIN = (
    "bert", "roberta", "xlm-roberta", "camembert", "electra", "ernie", "distilbert", "modernbert", "rembert", "llama",
    "qwen2", "qwen3", "mistral", "gemma", "gemma2", "gemma3_text", "eurobert", "olmo2", "phi3",
)  # fmt: skip
_FIRST_OF = ("deberta", "deberta-v2", "mpnet")


def blocks_path(model: nn.Module) -> str | None:
    """The name of the list of the model's blocks, one a layer; None for a kind that shares or hides them."""
    config: Any = model.config
    for name, module in model.named_modules():
        if isinstance(module, nn.ModuleList) and name.rpartition(".")[2] in _NAMES:
            return name if len(module) == int(config.num_hidden_layers) else None
    return None


def layers_of(model: nn.Module, name: str) -> range | None:
    """The layers that the parameter or module `name` belongs to; None for one that belongs to none."""
    config: Any = model.config
    path, total = blocks_path(model), int(config.num_hidden_layers)
    if path is not None:
        inside = name.removeprefix(f"{path}.")
        number = inside.partition(".")[0]
        return range(int(number), int(number) + 1) if inside != name and number.isdigit() else None
    front, found, rest = name.partition(f"{_GROUPS}.")
    number = rest.partition(".")[0]
    if not found or not number.isdigit():
        return None
    a_group = total // int(config.num_hidden_groups)
    return range(int(number) * a_group, (int(number) + 1) * a_group)


def is_trained(model: nn.Module, name: str, first_layer: int) -> bool:
    """Whether `name` belongs to a layer from `first_layer` on; weights that layers share count by the highest one."""
    layers = layers_of(model, name)
    return layers is not None and layers[-1] >= first_layer


def entrance(model: nn.Module, layer: int) -> nn.Module | None:
    """The module that the states enter where training begins at `layer`: its block, or its group of shared blocks."""
    path = blocks_path(model)
    if path is not None:
        blocks = cast(nn.ModuleList, model.get_submodule(path))
        return blocks[layer] if layer < len(blocks) else None
    for name, module in model.named_modules():
        if name.rpartition(".")[0].endswith(_GROUPS) and is_trained(model, name, layer):
            group: nn.Module = module
            return group
    return None


class Lower:
    """A model up to `layer`: called with ids and mask it gives the states [b, n, d] that enter that block."""

    def __init__(self, model: nn.Module, path: str, layer: int) -> None:
        blocks: Any = model.get_submodule(path)
        self._model: Any = _with_blocks(model, path, [*blocks[:layer], _Stop(blocks[layer]), *blocks[layer + 1 :]])

    def __call__(self, input_ids: torch.Tensor, attention_mask: torch.Tensor) -> Any:
        try:
            self._model(input_ids=input_ids, attention_mask=attention_mask)
        except _Reached as reached:
            return SimpleNamespace(last_hidden_state=reached.states)
        raise AssertionError("no block was reached")


class Upper:
    """A model from `layer` on: called with the states that enter it and the mask it gives what the whole model gives.

    `blocks` are those that run.
    """

    def __init__(self, model: nn.Module, path: str, layer: int) -> None:
        self._model, self._path, self._layer = model, path, layer
        self._all = cast(nn.ModuleList, model.get_submodule(path))
        self.blocks: list[nn.Module] = list(self._all[layer:])

    def __call__(self, inputs_embeds: torch.Tensor, attention_mask: torch.Tensor) -> Any:
        if not self.blocks:
            return SimpleNamespace(last_hidden_state=inputs_embeds)
        config: Any = self._model.config
        before = list(self._all[: self._layer])
        if config.model_type in _PLAIN + _FIRST_OF:
            before = [_Pass(block, config.model_type in _FIRST_OF) for block in before]
        blocks = [*before, _Enter(self.blocks[0], inputs_embeds), *self.blocks[1:]]
        entered: Any = _with_blocks(self._model, self._path, blocks)
        # Ids of nothing: what the embeddings make of them is not read.
        return entered(input_ids=torch.zeros_like(attention_mask), attention_mask=attention_mask)


def _with_blocks(model: nn.Module, path: str, blocks: list[nn.Module]) -> nn.Module:
    """`model` with other blocks: a copy of the modules on the way to them, which shares everything else."""
    whole = copy.copy(model)
    at: nn.Module = whole
    *way, last = path.split(".")
    for name in way:
        inner = copy.copy(at._modules[name])
        assert inner is not None
        at._modules = {**at._modules, name: inner}
        at = inner
    at._modules = {**at._modules, last: nn.ModuleList(blocks)}
    return whole


class _Reached(Exception):
    def __init__(self, states: torch.Tensor) -> None:
        super().__init__()
        self.states = states


class _InPlace(nn.Module):
    """Stands where a block was, and has what the model asks of one."""

    def __init__(self, block: nn.Module) -> None:
        super().__init__()
        object.__setattr__(self, "_block", block)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.__dict__["_block"], name)


class _Stop(_InPlace):
    def forward(self, hidden_states: torch.Tensor, *_: Any, **__: Any) -> torch.Tensor:
        raise _Reached(hidden_states)


class _Pass(_InPlace):
    def __init__(self, block: nn.Module, first_of: bool) -> None:
        super().__init__(block)
        object.__setattr__(self, "_first_of", first_of)

    def forward(self, hidden_states: torch.Tensor, *_: Any, **__: Any) -> Any:
        return (hidden_states, None) if self.__dict__["_first_of"] else hidden_states


class _Enter(_InPlace):
    def __init__(self, block: nn.Module, states: torch.Tensor) -> None:
        super().__init__(block)
        object.__setattr__(self, "_states", states)

    def forward(self, hidden_states: torch.Tensor, *given: Any, **named: Any) -> Any:
        return self.__dict__["_block"](self.__dict__["_states"], *given, **named)
