"""What the alignment page computes: a pair's states once, its plans at every layer, kept by content."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.arms.names import UNTRAINED
from core.errors import BadInput
from pages.parts import models
from pages.parts.alignment.pairs import SentencePair, Text
from pages.parts.live import recent

if TYPE_CHECKING:
    from core.alignment.pair_plan import PairPlan
    from core.alignment.word_links import LinkSettings
    from core.encoder.states import TokenStates

#: Cells of a plan over subwords; a larger one cannot be read, and takes seconds.
MOST_CELLS = 160_000


def states(choice: str, pair: SentencePair) -> tuple[TokenStates, TokenStates]:
    """The states of both sentences at every layer. Raises `BadInput` for a text without words, or a huge pair."""
    source, target = (_states(choice, text) for text in (pair.source, pair.target))
    size = (len(source.tokens), len(target.tokens))
    if size[0] * size[1] > MOST_CELLS:
        raise BadInput(
            f"The pair has {size[0]} by {size[1]} subwords, more than a plan can show; give shorter sentences."
        )
    return source, target


def plans(choice: str, pair: SentencePair, settings: LinkSettings) -> list[PairPlan]:
    """The plans of a pair at every layer under one choice's weights."""

    def compute() -> list[PairPlan]:
        from core.alignment.layer_plans import layer_plans
        from core.alignment.token_masses import token_masses

        both = states(choice, pair)
        encoder = models.load(choice)

        def masses(side: int, layer: int) -> NDArray[np.float64]:
            at_layer = replace(both[side], states=both[side].states[layer])
            text = (pair.source, pair.target)[side]
            return token_masses(encoder, [text], [at_layer], settings.plan.marginals, layer)[0]

        with models.one_at_a_time():
            return layer_plans(*both, settings, masses=masses)

    key = (models.reader_key(choice), pair.source, pair.target, settings)
    found: list[PairPlan] = recent("layer-plans", 24).get(key, compute)
    return found


def frozen_layers(choice: str, runs: pd.DataFrame) -> int | None:
    """The last layer whose states training left as they were; None for the untrained encoder, or if nothing tells."""
    config = json.loads(runs.loc[runs["run_id"] == choice, "config"].iloc[0]) if choice != UNTRAINED else {}
    model = config.get("model") if isinstance(config, dict) else None
    first = model.get("first_layer") if isinstance(model, dict) else None
    return first if isinstance(first, int) else None


def _states(choice: str, text: Text) -> TokenStates:
    def compute() -> TokenStates:
        from core.encoder.states import layer_states

        encoder = models.load(choice)
        with models.one_at_a_time():
            return layer_states(encoder, [text])[0]

    found: TokenStates = recent("layer-states", 24).get((models.reader_key(choice), text), compute)
    return found
