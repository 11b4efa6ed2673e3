"""The plans of one sentence pair at every layer, with their links, under the settings a person turns."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from core.alignment.word_links import LinkSettings, link_states
from core.encoder.states import TokenStates

Link = tuple[int, int]
#: The masses of a side's tokens at a layer: (side, layer) to [n] of sum 1.
Masses = Callable[[int, int], NDArray[np.float64]]

TOLERANCE = 1e-4


@dataclass(frozen=True)
class LayerPlan:
    """The plan of a pair at one layer, over words [n, m] (`plan`) and over subwords (`plan_tokens`).

    ground: the cost between subwords. source_mass [n], target_mass [m]: the mass each word has to give or take; in an
    unbalanced or partial plan it may keep some. cost: the mean distance that a unit of moved mass travels; moved: the
    mass that does, 1 in a balanced plan; entropy: the plan's share of its maximum.
    """

    layer: int
    plan: NDArray[np.float64]
    plan_tokens: NDArray[np.float64]
    ground: NDArray[np.float64]
    source_mass: NDArray[np.float64]
    target_mass: NDArray[np.float64]
    cost: float
    moved: float
    entropy: float
    residual: float
    links: list[Link]


def layer_plans(
    source: TokenStates, target: TokenStates, settings: LinkSettings, layers: Sequence[int] | None = None,
    masses: Masses | None = None,
) -> list[LayerPlan]:  # fmt: skip
    """One plan a layer, all solved together; `states` of both are [layers + 1, n, d] (`layer_states`).

    `settings.layer` does not count; uniform marginals without `masses`. Raises `BadInput` for settings that cannot be
    used.
    """
    wanted = list(range(len(source.states))) if layers is None else list(layers)
    lefts, rights = ([replace(side, states=side.states[layer]) for layer in wanted] for side in (source, target))
    given = None if masses is None else ([masses(0, at) for at in wanted], [masses(1, at) for at in wanted])
    linked = link_states(lefts, rights, settings, masses=given, with_plans=True, tolerance=TOLERANCE)
    made = []
    for layer, found in zip(wanted, linked, strict=True):
        assert found.plan is not None and found.word_plan is not None
        made.append(
            LayerPlan(
                layer=layer,
                plan=found.word_plan,
                plan_tokens=found.plan.plan,
                ground=found.plan.ground,
                source_mass=_by_word(found.plan.a, source),
                target_mass=_by_word(found.plan.b, target),
                cost=found.plan.cost / max(found.plan.mass, 1e-30),
                moved=found.plan.mass,
                entropy=found.plan.entropy,
                residual=found.plan.residual,
                links=list(found.links),
            )
        )
    return made


def unlinked(links: Sequence[Link], words: int, side: int) -> list[int]:
    """Words of the source (`side` 0) or of the target (1) that no link touches."""
    touched = {link[side] for link in links}
    return [k for k in range(words) if k not in touched]


def _by_word(mass: NDArray[np.float64], side: TokenStates) -> NDArray[np.float64]:
    return np.asarray(np.bincount(side.word_of, weights=mass, minlength=len(side.words)), np.float64)
