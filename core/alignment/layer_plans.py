"""The plans of one sentence pair at every layer, with their links, under the settings a person turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from core.alignment.pair_plan import PairPlan
from core.alignment.word_links import LinkSettings, link_states
from core.encoder.states import TokenStates

Link = tuple[int, int]
#: The masses of a side's tokens at a layer: (side, layer) to [n] of sum 1.
Masses = Callable[[int, int], NDArray[np.float64]]

TOLERANCE = 1e-4


def layer_plans(
    source: TokenStates, target: TokenStates, settings: LinkSettings, layers: Sequence[int] | None = None,
    masses: Masses | None = None,
) -> list[PairPlan]:  # fmt: skip
    """One plan a layer, all solved together; `states` of both are [layers + 1, n, d] (`layer_states`).

    `settings.layer` does not count; uniform marginals without `masses`. Raises `BadInput` for settings that cannot be
    used.
    """
    wanted = list(range(len(source.states))) if layers is None else list(layers)
    lefts, rights = ([replace(side, states=side.states[layer]) for layer in wanted] for side in (source, target))
    given = None if masses is None else ([masses(0, at) for at in wanted], [masses(1, at) for at in wanted])
    linked = link_states(lefts, rights, settings, masses=given, with_plans=True, tolerance=TOLERANCE)
    plans = []
    for layer, pair in zip(wanted, linked, strict=True):
        assert pair.plan is not None
        plans.append(replace(pair.plan, layer=layer))
    return plans


def unlinked(links: Sequence[Link], words: int, side: int) -> list[int]:
    """Words of the source (`side` 0) or of the target (1) that no link touches."""
    touched = {link[side] for link in links}
    return [k for k in range(words) if k not in touched]
