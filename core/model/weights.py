"""A trained model on disk: half-precision weights as safetensors, and the settings that rebuild it."""

from __future__ import annotations

import copy
import dataclasses
import json
from pathlib import Path

import torch
from safetensors.torch import save_file

from core.config import ModelConfig
from core.encoder.device import device_of
from core.encoder.encoder import Encoder
from core.errors import BadInput
from core.model.adapters import (
    load_trainable_state,
    merged_backbone,
    trainable_backbone,
    trainable_state,
)
from core.model.fused_layers import Layers, fuse_layers
from core.model.nli import NLIModel
from core.model.stored import MODEL, read_settings, read_state
from core.reading.formats import Reading
from core.reading.precision import Precision, lower_frozen_maps
from core.reading.sharing import share_weights
from core.run_folder.tables import RECORD

WEIGHTS = "adapter.safetensors"
SETTINGS = "model.json"


def new_model(encoder: Encoder, config: ModelConfig, seed: int) -> NLIModel:
    """An untrained model around a frozen encoder; heads and adapters start from `seed`.

    Raises `BadInput` if the encoder has no layer that the configuration trains.
    """
    if config.first_layer >= encoder.layers:
        raise BadInput(
            f"The encoder {encoder.name} has {encoder.layers} layers, and training is to begin at layer "
            f"{config.first_layer}; choose an encoder with more layers."
        )
    backbone = trainable_backbone(encoder.model, config, seed)
    with torch.random.fork_rng():
        torch.manual_seed(seed + 1)
        return NLIModel(backbone, config, encoder.hidden_size).to(device_of(encoder))


def save_model(folder: Path, model: NLIModel, encoder: Encoder) -> None:
    """Write what training changed, as float16: the stored weights are the run's weights."""
    state = {name: t.to(torch.float16).cpu().contiguous() for name, t in trainable_state(model).items()}
    save_file(state, folder / WEIGHTS)
    settings = {
        "model": dataclasses.asdict(model.config),
        "encoder": encoder.name,
        "encoder_sha256": encoder.fingerprint,
    }
    (folder / SETTINGS).write_text(json.dumps(settings, indent=1), encoding="utf-8")


def load_trainable(folder: Path, encoder: Encoder) -> NLIModel:
    """The stored model with its trainable parts as trained, ready to be trained further.

    Raises `BadInput` if the folder is not a model of this encoder, or holds a run without its weights.
    """
    if (folder / RECORD).exists() and not (folder / WEIGHTS).exists():
        raise BadInput(
            f"The run {folder.name} is here without its weights; copy its folder from where it was made, or remove it "
            "and run it again."
        )
    if not (folder / SETTINGS).is_file():
        raise MODEL.unreadable(folder.name, f"{SETTINGS} is missing")
    config, settings = read_settings(folder / SETTINGS, folder.name)
    if settings.get("encoder_sha256") != encoder.fingerprint:
        raise BadInput(
            f"The model in {folder.name} was trained on the encoder {settings.get('encoder')!r}, "
            f"not on {encoder.name!r}; load that encoder."
        )
    state = read_state(folder / WEIGHTS, config, folder.name)
    model = new_model(encoder, config, 0)
    try:
        load_trainable_state(model, state)
    except KeyError as error:
        raise BadInput(f"{folder.name}: {error.args[0]}; run it again.") from error
    return model


def frozen(model: NLIModel) -> NLIModel:
    """A copy for inference: adapters merged, nothing trainable, frozen weights shared with the encoder."""
    merged = NLIModel(merged_backbone(model.backbone), model.config, model.centre.shape[0]).to(model.device)
    heads = {k: v for k, v in model.state_dict().items() if not k.startswith("backbone.")}
    merged.load_state_dict(heads, strict=False)
    merged.requires_grad_(False)
    return merged.eval()


def in_precision(model: NLIModel, precision: Precision, layers: Layers = "library") -> NLIModel:
    """`model` with its encoder's products in `precision` and its layers as `layers` says: a copy that shares every
    trained parameter."""
    if precision == "float32" and layers == "library":
        return model
    shared = share_weights(model)
    lower_frozen_maps(shared.backbone, precision)
    if layers == "fused":
        fuse_layers(shared.backbone, precision)
    shared.precision, shared.layers = precision, layers
    return shared


def read_model_as(model: NLIModel, reading: Reading) -> NLIModel:
    """`model`, for inference alone, read as `reading` says (`core.reading.reader.choose`): a copy that shares every
    weight."""
    copied = copy.copy(model)
    copied.reading = reading
    return copied


def load_arm(folder: Path, encoder: Encoder) -> NLIModel:
    """The stored model of a run, for inference; raises `BadInput` if it does not fit."""
    return frozen(load_trainable(folder, encoder))


def adapted_encoder(model: NLIModel, encoder: Encoder) -> Encoder:
    """The encoder with an arm's weights: everything that takes an `Encoder` takes an arm."""
    return dataclasses.replace(encoder, model=model.backbone)
