"""The layer, decoding and regularisation that were chosen once, on XL-WA dev, and are the default everywhere."""

from __future__ import annotations

import dataclasses

from core.evaluation.word_links import LinkSettings
from core.transport.plans import PlanSettings

#: Chosen for the embedded encoder by `python -m core alignment-error --choose` (chosen.tsv is its table).
CHOSEN = LinkSettings(decoding="transport-threshold", layer=None, plan=PlanSettings(), threshold=0.1)


def chosen_settings(decoding: str | None = None) -> LinkSettings:
    """The chosen settings, with another decoding if one is given."""
    if decoding is None:
        return CHOSEN
    threshold = 1e-3 if decoding == "softmax" else CHOSEN.threshold
    return dataclasses.replace(CHOSEN, decoding=decoding, threshold=threshold)
