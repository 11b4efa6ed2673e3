"""The library's own layers, in single precision, in bfloat16 or in 8-bit integers."""

from __future__ import annotations

import warnings
from collections.abc import Sequence
from typing import Any

import torch
from torch import Tensor, nn
from torch.ao.quantization import per_channel_dynamic_qconfig

from core.errors import BadInput
from core.reading.formats import Format
from core.reading.precision import lower_frozen_maps, products_in
from core.reading.recorded import recorded_blocks
from core.reading.sharing import first_layers, last_layers, share_weights


class LibraryReader:
    """A model as transformers computes it."""

    def __init__(self, model: Any, precision: Format = "float32") -> None:
        self.model: Any = lowered(model, precision)
        self._precision = precision

    def states(self, ids: Tensor, mask: Tensor, layers: Sequence[int]) -> list[Tensor]:
        """See `core.reading.reader.Reader`."""
        cut = first_layers(self.model, max(layers))
        with self._products(ids.device):
            if len(set(layers)) == 1 and cut is not None:
                last = cut(input_ids=ids, attention_mask=mask).last_hidden_state
                return [last.float()] * len(layers)
            if set(layers) == {int(self.model.config.num_hidden_layers)}:
                return [self.model(input_ids=ids, attention_mask=mask).last_hidden_state.float()] * len(layers)
            whole = cut if isinstance(cut, nn.Module) else self.model
            hidden = whole(input_ids=ids, attention_mask=mask, output_hidden_states=True).hidden_states
        return [hidden[layer].float() for layer in layers]

    def upper(self, states: Tensor, mask: Tensor, layer: int, wanted: Sequence[int]) -> list[Tensor]:
        """See `core.reading.reader.Reader`."""
        upper = last_layers(self.model, layer)
        if upper is None:
            raise BadInput("This kind of encoder cannot be read from the states of a layer; read whole texts.")
        with self._products(states.device):
            if set(wanted) == {int(self.model.config.num_hidden_layers)}:
                last: Tensor = upper(inputs_embeds=states, attention_mask=mask).last_hidden_state.float()
                return [last] * len(wanted)
            with recorded_blocks(self.model, layer) as reached:
                last = upper(inputs_embeds=states, attention_mask=mask).last_hidden_state.float()
        found = [states, *reached]
        found[-1] = last  # after the last norm, where there is one
        return [found[each - layer] for each in wanted]

    def _products(self, device: torch.device) -> Any:
        return products_in("bfloat16" if self._precision == "bfloat16" else "float32", device)


def lowered(model: Any, form: Format) -> Any:
    """`model` with its linear maps in `form`, a copy that shares the rest; itself for float32.

    int8: weights in 8 bits with a scale of each output, inputs in 8 bits with a scale of each call (torch's dynamic
    quantisation). The feed-forward layers' second maps, whose inputs have outliers, stay float32: with them the mean
    cosine to float32 is .988, without .996. It is for processors without bfloat16; the README says what it loses.
    """
    if form == "float32":
        return model
    if form == "int8" and next(model.parameters()).device.type != "cpu":
        raise BadInput("int8 is for processors; use --device cpu, or --precision float32 or bfloat16.")
    copied = share_weights(model)
    if form == "bfloat16":
        return lower_frozen_maps(copied, form)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch means to move it to another package
        quantise: Any = torch.ao.quantization.quantize_dynamic
        names = [name for name, module in copied.named_modules() if isinstance(module, nn.Linear)]
        small = [name for name in names if "attention" in name or not name.endswith("output.dense")]
        quantise(copied, dict.fromkeys(small, per_channel_dynamic_qconfig), inplace=True)
    return copied
