"""The query encoder: the frozen encoder with trained low-rank adapters; documents stay with the frozen one.

What is trained are the same weights as in the NLI model (LoRA on every linear map of the upper layers), without heads:
a query's vector is the encoder's own, the mean of its last layer's states.
"""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import Tensor, nn

from core.config import ModelConfig
from core.encoder.encoder import Encoder
from core.encoder.vectors import pooled_vectors, prompt_length
from core.errors import BadInput
from core.model.adapters import (
    load_trainable_state,
    merged_backbone,
    trainable_backbone,
    trainable_state,
)
from core.model.stored import Kind, read_settings, read_state
from core.model.weights import SETTINGS, WEIGHTS
from core.reading.precision import Precision, lower_frozen_maps, products_in
from core.reading.sharing import share_weights

_STORED = Kind("query_encoder", "query encoder", "make it again", ("rank",))


class QueryEncoder(nn.Module):
    """`backbone` with the parts that are trained; products run in `precision`."""

    def __init__(self, backbone: nn.Module, precision: Precision) -> None:
        super().__init__()
        self.backbone = backbone
        self.precision: Precision = precision

    def states(self, ids: Tensor, attention: Tensor) -> Tensor:
        """Last layer's states [B, n, d], float32."""
        with products_in(self.precision):
            output = self.backbone(input_ids=ids, attention_mask=attention)
        states: Tensor = output.last_hidden_state.float()
        return states


def mean_vectors(encoder: Encoder, states: Tensor, attention: Tensor) -> Tensor:
    """Vectors of length 1 [B, d] of states [B, n, d], pooled as the encoder pools."""
    return pooled_vectors(encoder, states, attention, prompt_length(encoder))


def new_query_encoder(encoder: Encoder, config: ModelConfig, seed: int, precision: Precision) -> QueryEncoder:
    """A query encoder that is still the frozen encoder: adapters begin at zero; their first maps come from `seed`."""
    backbone = share_weights(trainable_backbone(encoder.model, config, seed))
    return QueryEncoder(lower_frozen_maps(backbone, precision), precision)


def frozen_query_encoder(encoder: Encoder, precision: Precision) -> QueryEncoder:
    """The frozen encoder itself, the teacher."""
    return QueryEncoder(lower_frozen_maps(share_weights(encoder.model), precision), precision)


def save_query_encoder(folder: Path, model: QueryEncoder, config: ModelConfig, encoder: Encoder) -> None:
    """Write what training changed, as float16: the stored weights are the run's weights."""
    state = {name: t.to(torch.float16).contiguous() for name, t in trainable_state(model).items()}
    save_file(state, folder / WEIGHTS)
    settings = {"query_encoder": dataclasses.asdict(config), "encoder": encoder.name,
                "encoder_sha256": encoder.fingerprint}  # fmt: skip
    (folder / SETTINGS).write_text(json.dumps(settings, indent=1), encoding="utf-8")


def load_query_encoder(folder: Path, encoder: Encoder) -> Encoder:
    """`encoder` with a run's weights, for queries.

    Raises `BadInput` if the folder is not a query encoder of this encoder.
    """
    if not (folder / SETTINGS).is_file():
        raise _STORED.unreadable(folder.name, f"{SETTINGS} is missing")
    config, settings = read_settings(folder / SETTINGS, folder.name, _STORED)
    if settings.get("encoder_sha256") != encoder.fingerprint:
        raise BadInput(
            f"The query encoder in {folder.name} was trained on {settings.get('encoder')!r}, not on {encoder.name!r}; "
            "load that encoder."
        )
    state = read_state(folder / WEIGHTS, config, folder.name, _STORED)
    model = QueryEncoder(trainable_backbone(encoder.model, config, 0), "float32")
    try:
        load_trainable_state(model, state)
    except KeyError as error:
        raise BadInput(f"{folder.name}: {error.args[0]}; make it again.") from error
    return dataclasses.replace(encoder, model=merged_backbone(model.backbone))
