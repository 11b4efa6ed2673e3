"""What a model's blocks give while it runs."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from torch import Tensor, nn

from core.reading.blocks import blocks_path


@contextmanager
def recorded_blocks(model: nn.Module, layer: int) -> Iterator[list[Tensor]]:
    """The states [b, n, d], float32, that each block from `layer` on gives within, in order.

    Of this thread alone: copies of a model share its blocks, and others may be running them. Not by the library's own
    recording, which hooks the layers of every copy of the model once more.
    """
    path, thread = blocks_path(model), threading.get_ident()
    assert path is not None
    reached: list[Tensor] = []

    def keep(_module: nn.Module, _given: tuple[Any, ...], output: Any) -> None:
        if threading.get_ident() == thread:
            reached.append((output[0] if isinstance(output, tuple) else output).float())

    blocks: Any = model.get_submodule(path)
    hooks = [block.register_forward_hook(keep) for block in blocks[layer:]]
    try:
        yield reached
    finally:
        for hook in hooks:
            hook.remove()
