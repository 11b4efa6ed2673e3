"""Layers that a study says as shares of depth, as the numbers that they are in one encoder."""

from __future__ import annotations

import dataclasses
import math
from typing import Any

from core.errors import BadInput
from core.experiment.studies.schema import Study

#: The embedded encoder's layers.
EMBEDDED_LAYERS = 12


def has_shares(study: Study) -> bool:
    """Whether any layer of the study is a share, so that its runs depend on the encoder's depth."""
    settings = [value for arm in study.arms for name, value in arm.settings.items() if _is_layer(name)]
    return study.first_layer_share is not None or any(_is_share(value) for value in settings)


def at_depth(study: Study, layers: int) -> Study:
    """The study with every share of depth as a number of an encoder of `layers` layers, before anything is hashed.

    A share s of L layers is layer sL, rounded (a half up): as `first_layer` at most L - 1, in an arm's settings at
    least 1. Numbers stay as they are. Raises `BadInput` for a share that is none.
    """
    if not has_shares(study):
        return study
    model = study.model
    if study.first_layer_share is not None:
        first = min(_layer(study.first_layer_share, layers, "first_layer"), layers - 1)
        model = dataclasses.replace(model, first_layer=first)
    arms = tuple(
        dataclasses.replace(
            arm, settings={name: _resolved(name, value, layers) for name, value in arm.settings.items()}
        )
        for arm in study.arms
    )
    return dataclasses.replace(study, model=model, first_layer_share=None, arms=arms)


def _resolved(name: str, value: Any, layers: int) -> Any:
    if not _is_layer(name):
        return value
    if isinstance(value, float):
        return max(_layer(value, layers, name), 1)
    if isinstance(value, list | tuple):
        return [_resolved(name, one, layers) for one in value]
    return value


def _layer(share: float, layers: int, name: str) -> int:
    if not 0 <= share <= 1:
        raise BadInput(f"{name} is {share:g}: a layer is a whole number, or a share of the depth from 0.0 to 1.0.")
    return math.floor(share * layers + 0.5)


def _is_layer(name: str) -> bool:
    return name in ("layer", "layers") or name.endswith(("_layer", "_layers"))


def _is_share(value: Any) -> bool:
    values = value if isinstance(value, list | tuple) else [value]
    return any(isinstance(one, float) for one in values)
