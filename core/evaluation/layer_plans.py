"""The plans of one sentence pair at every layer, under the settings a person turns.

What can be chosen stands in four small tables (`COSTS`, `MARGINALS`, `TRANSPORTS`, `DECODINGS`); a line more in one of
them is a choice more everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TypeVar

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.encoder.states import TokenStates
from core.errors import BadInput
from core.transport.cost import COSTS as COST_KINDS
from core.transport.cost import pair_epsilon, token_cost, uniform_marginal
from core.transport.links import gather_words, mutual_argmax
from core.transport.sinkhorn import plan_entropy, sinkhorn

Link = tuple[int, int]
T = TypeVar("T")
#: Costs in units of their median [B, n, m], marginals, epsilon and strength in the same unit: plans, residuals [B].
Solve = Callable[[Tensor, Tensor, Tensor, float, float], tuple[Tensor, Tensor]]

TOLERANCE = 1e-4
MAX_ITERATIONS = 2000


def _balanced(cost: Tensor, a: Tensor, b: Tensor, epsilon: float, strength: float) -> tuple[Tensor, Tensor]:
    solved = sinkhorn(cost, a, b, epsilon, tolerance=TOLERANCE, max_iterations=MAX_ITERATIONS)
    return solved.plan, solved.residual


def _unbalanced(cost: Tensor, a: Tensor, b: Tensor, epsilon: float, strength: float) -> tuple[Tensor, Tensor]:
    solved = sinkhorn(cost, a, b, epsilon, rho=strength, tolerance=TOLERANCE, max_iterations=MAX_ITERATIONS)
    return solved.plan, solved.residual


#: Ground costs: (x, y, x_mask, y_mask) to [B, n, m].
COSTS: dict[str, Callable[[Tensor, Tensor, Tensor, Tensor], Tensor]] = {
    kind: partial(token_cost, kind=kind) for kind in COST_KINDS
}
#: Masses of the tokens: (states [B, n, d], mask [B, n]) to [B, n], each row of mass 1.
MARGINALS: dict[str, Callable[[Tensor, Tensor], Tensor]] = {"uniform": lambda states, mask: uniform_marginal(mask)}
TRANSPORTS: dict[str, Solve] = {"balanced": _balanced, "unbalanced": _unbalanced}
#: The transports whose `strength` counts.
WITH_STRENGTH = frozenset({"unbalanced"})
#: Hard links from a plan over words [n, m].
DECODINGS: dict[str, Callable[[NDArray[np.floating]], list[Link]]] = {"mutual argmax": mutual_argmax}


@dataclass(frozen=True)
class PlanSettings:
    """How two sentences' states become a plan and links.

    epsilon, and strength (rho) where the transport has one, are fractions of the pair's median cost at the layer: the
    same number means the same for every encoder, layer and kind of cost.
    """

    epsilon: float = 0.05
    transport: str = "balanced"
    strength: float = 1.0
    cost: str = "cosine"
    marginal: str = "uniform"
    decoding: str = "mutual argmax"


@dataclass(frozen=True)
class Solved:
    """A batch of plans [B, n, m] with the costs they were made for, marginals [B, n] and [B, m], residuals [B]."""

    plan: Tensor
    ground: Tensor
    a: Tensor
    b: Tensor
    residual: Tensor


@dataclass(frozen=True)
class LayerPlan:
    """The plan of a pair at one layer, over words [n, m] (`plan`) and over subwords (`plan_tokens`).

    ground: the cost between subwords. source_mass [n], target_mass [m]: the mass each word has to give or take; in an
    unbalanced plan it may keep some. cost: the mean distance that a unit of moved mass travels; moved: the mass that
    does, 1 in a balanced plan; entropy: the plan's share of its maximum.
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


@torch.no_grad()
def solve_plans(x: Tensor, y: Tensor, settings: PlanSettings) -> Solved:
    """Plans between states x [B, n, d] and y [B, m, d] that have no padding.

    Raises `BadInput` for an option that is not known, or a fraction that is not positive.
    """
    cost = chosen(COSTS, settings.cost, "cost")
    mass = chosen(MARGINALS, settings.marginal, "marginal")
    solve = chosen(TRANSPORTS, settings.transport, "transport")
    if not (settings.epsilon > 0 and settings.strength > 0):
        raise BadInput("Epsilon and strength are fractions of the median cost; give numbers above zero.")
    x, y = x.double(), y.double()
    x_mask, y_mask = (torch.ones(z.shape[:2], dtype=torch.bool) for z in (x, y))
    ground = cost(x, y, x_mask, y_mask).clamp_min(0.0)
    a, b = mass(x, x_mask).double(), mass(y, y_mask).double()
    median = pair_epsilon(ground, a, b, 1.0)
    plan, residual = solve(ground / median[:, None, None], a, b, settings.epsilon, settings.strength)
    return Solved(plan, ground, a, b, residual)


def layer_plans(
    source: TokenStates, target: TokenStates, settings: PlanSettings, layers: Sequence[int] | None = None
) -> list[LayerPlan]:
    """One plan a layer, all solved together; `states` of both are [layers + 1, n, d] (`layer_states`)."""
    wanted = list(range(len(source.states))) if layers is None else list(layers)
    solved = solve_plans(
        torch.from_numpy(source.states[wanted]), torch.from_numpy(target.states[wanted]), settings
    )  # fmt: skip
    decode = chosen(DECODINGS, settings.decoding, "decoding")
    entropy = plan_entropy(solved.plan, solved.a, solved.b)
    made = []
    for k, layer in enumerate(wanted):
        tokens, ground = solved.plan[k].numpy(), solved.ground[k].numpy()
        words = gather_words(tokens, source.word_of, target.word_of)
        moved = float(tokens.sum())
        made.append(
            LayerPlan(
                layer=layer,
                plan=words,
                plan_tokens=tokens,
                ground=ground,
                source_mass=_by_word(solved.a[k].numpy(), source.word_of),
                target_mass=_by_word(solved.b[k].numpy(), target.word_of),
                cost=float((tokens * ground).sum() / max(moved, 1e-30)),
                moved=moved,
                entropy=float(entropy[k]),
                residual=float(solved.residual[k]),
                links=decode(words),
            )
        )
    return made


def unlinked(links: Sequence[Link], words: int, side: int) -> list[int]:
    """Words of the source (`side` 0) or of the target (1) that no link touches."""
    touched = {link[side] for link in links}
    return [k for k in range(words) if k not in touched]


def chosen(table: Mapping[str, T], name: str, what: str) -> T:
    """The entry of one of the tables above; raises `BadInput` that names what there is."""
    if name not in table:
        raise BadInput(f"There is no {what} named {name[:40]!r}; choose {', '.join(table)}.")
    return table[name]


def _by_word(mass: NDArray[np.float64], word_of: NDArray[np.int64]) -> NDArray[np.float64]:
    return np.asarray(np.bincount(word_of, weights=mass, minlength=int(word_of.max()) + 1), np.float64)
