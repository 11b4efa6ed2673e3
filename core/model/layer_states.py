"""States by layer, of which the lower ones may not have been computed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from torch import Tensor


class LayerStates:
    """States [B, n, d] of every layer, embeddings first; a layer is counted from the front, or from the back.

    Those below layer `first` were not computed. They count in the length, and to read one is an error.
    """

    def __init__(self, reached: Sequence[Tensor], first: int = 0) -> None:
        self._reached = tuple(reached)
        self.first = first

    def __len__(self) -> int:
        return self.first + len(self._reached)

    def __getitem__(self, layer: int) -> Tensor:
        place = range(len(self))[layer]
        if place < self.first:
            # No IndexError: where one is raised an iteration ends without a word.
            raise LookupError(
                f"The states of layer {place} were not computed: this pass began from kept states, at layer "
                f"{self.first}. An arm that reads below it must say so by its lowest_layer."
            )
        return self._reached[place - self.first]

    def __iter__(self) -> Iterator[Tensor]:
        return (self[layer] for layer in range(len(self)))
