"""Plans between the tokens of many sentence pairs: cost, marginals and kind of transport as one setting."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.errors import BadInput
from core.transport.cost import COSTS
from core.transport.exact import exact_plan, partial_plan
from core.transport.marginals import MARGINALS, uniform
from core.transport.ragged import solve_ragged

Array = NDArray[Any]

KINDS = ("balanced", "unbalanced", "partial", "exact")


@dataclass(frozen=True)
class PlanSettings:
    """What a plan is computed with.

    kind: balanced or unbalanced (KL) entropic transport, partial or exact transport without entropy. epsilon: the
    regularisation as a fraction of the pair's median cost. strength: unbalanced, the price rho of mass that
    stays away, as a multiple of the median cost; partial, the share of mass that moves. cost and marginals: one
    of `COSTS` and of `MARGINALS`.
    """

    kind: str = "balanced"
    epsilon: float = 0.05
    strength: float = 1.0
    cost: str = "cosine"
    marginals: str = "uniform"

    def check(self) -> None:
        """Raise `BadInput` that names the setting which cannot be used."""
        for name, value, known in (
            ("kind of transport", self.kind, KINDS), ("cost", self.cost, COSTS), ("marginal", self.marginals, MARGINALS)
        ):  # fmt: skip
            if value not in known:
                raise BadInput(f"There is no {name} {value[:40]!r}; choose {', '.join(known)}.")
        if not 1e-4 <= self.epsilon <= 100:
            raise BadInput(f"The regularisation {self.epsilon:g} is outside 0.0001 to 100 of the median cost.")
        if self.kind == "partial" and not 0 < self.strength <= 1:
            raise BadInput(f"Partial transport moves a share between 0 and 1 of the mass, not {self.strength:g}.")
        if self.kind == "unbalanced" and not 1e-3 <= self.strength <= 1e4:
            raise BadInput(f"The strength {self.strength:g} is outside 0.001 to 10000 of the median cost.")


@dataclass(frozen=True)
class TokenPlan:
    """The plan [n, m] of one pair over its tokens, with marginals a [n] and b [m] of mass 1 each.

    ground is the cost of every cell; cost <P, C>; entropy that of P as a share of its maximum (0: a matching,
    1: uniform); epsilon and rho in the cost's own unit (0 where there is none); residual as the solver leaves it.
    """

    plan: NDArray[np.float64]
    ground: NDArray[np.float64]
    a: NDArray[np.float64]
    b: NDArray[np.float64]
    cost: float
    entropy: float
    epsilon: float
    rho: float
    residual: float

    @property
    def mass(self) -> float:
        """How much of the mass moves."""
        return float(self.plan.sum())


def ground_cost(x: Array, y: Array, kind: str = "cosine") -> NDArray[np.float64]:
    """The cost between states x [n, d] and y [m, d], as `core.transport.cost.token_cost` for one pair."""
    x, y = np.asarray(x, np.float64), np.asarray(y, np.float64)
    if kind == "euclidean":
        squares = (x * x).sum(1)[:, None] + (y * y).sum(1)[None, :] - 2.0 * x @ y.T
        return np.asarray(np.sqrt(squares.clip(1e-12)), np.float64)
    if kind == "centred-cosine":
        x, y = x - x.mean(0), y - y.mean(0)
    elif kind != "cosine":
        raise ValueError(f"unknown cost {kind!r}; one of {', '.join(COSTS)}")
    return np.asarray(1.0 - _unit(x) @ _unit(y).T, np.float64)


def token_plans(
    lefts: Sequence[Array], rights: Sequence[Array], settings: PlanSettings = PlanSettings(), *,
    masses: tuple[Sequence[Array], Sequence[Array]] | None = None, tolerance: float = 1e-4,
    max_iterations: int = 5000, threads: int = 1,
) -> list[TokenPlan]:  # fmt: skip
    """The plans of pairs of token states lefts[k] [n_k, d] and rights[k] [m_k, d].

    `masses` gives the marginals of every pair (positive); without it they are uniform. Raises `BadInput` for
    settings that cannot be used.
    """
    settings.check()
    grounds = [ground_cost(x, y, settings.cost) for x, y in zip(lefts, rights, strict=True)]
    return plans_of_costs(
        grounds, settings, masses=masses, tolerance=tolerance, max_iterations=max_iterations, threads=threads
    )


def plans_of_costs(
    grounds: Sequence[Array], settings: PlanSettings = PlanSettings(), *,
    masses: tuple[Sequence[Array], Sequence[Array]] | None = None, tolerance: float = 1e-4,
    max_iterations: int = 5000, threads: int = 1,
) -> list[TokenPlan]:  # fmt: skip
    """As `token_plans`, from costs [n_k, m_k] that are already there."""
    if masses is None:
        masses = [uniform(c.shape[0]) for c in grounds], [uniform(c.shape[1]) for c in grounds]
    medians = np.array([lower_median(c) for c in grounds])
    if settings.kind in ("exact", "partial"):
        return [_without_entropy(*each, settings) for each in zip(grounds, *masses, strict=True)]
    epsilon = np.maximum(settings.epsilon * medians, 1e-6)
    rho = settings.strength * medians if settings.kind == "unbalanced" else None
    solved = solve_ragged(
        grounds, *masses, epsilon, rho=rho, tolerance=tolerance, max_iterations=max_iterations, threads=threads
    )
    return [
        TokenPlan(
            np.asarray(solved.plans[k], np.float64), grounds[k], np.asarray(masses[0][k], np.float64),
            np.asarray(masses[1][k], np.float64), float(solved.cost[k]), float(solved.entropy[k]),
            float(epsilon[k]), 0.0 if rho is None else float(rho[k]), float(solved.residual[k]),
        )
        for k in range(len(grounds))
    ]  # fmt: skip


def _without_entropy(ground: Array, a: Array, b: Array, settings: PlanSettings) -> TokenPlan:
    plan = exact_plan(ground, a, b) if settings.kind == "exact" else partial_plan(ground, a, b, settings.strength)
    residual = float(np.abs(plan.sum(1) - a).sum()) if settings.kind == "exact" else 0.0
    return TokenPlan(
        plan, np.asarray(ground, np.float64), np.asarray(a, np.float64), np.asarray(b, np.float64),
        float((plan * ground).sum()), entropy_share(plan, a, b), 0.0, 0.0, residual,
    )  # fmt: skip


def entropy_share(plan: Array, a: Array, b: Array) -> float:
    """Entropy of a plan of any mass as a share of its maximum, that of a b^T; 0 where that has none."""
    cells = plan[plan > 0]
    mass = cells.sum()
    highest = -float(a @ np.log(a) + b @ np.log(b))
    if highest <= 1e-9 or mass <= 0:
        return 0.0
    cells = cells / mass
    return float(-(cells * np.log(cells)).sum() / highest)


def lower_median(cost: Array) -> float:
    """The median cost of a pair (of an even number of cells the lower of the two), never 0."""
    flat = cost.ravel()
    middle = (flat.size - 1) // 2
    return max(float(np.partition(flat, middle)[middle]), 1e-6)


def _unit(x: Array) -> Array:
    return np.asarray(x / np.maximum(np.linalg.norm(x, axis=1, keepdims=True), 1e-12))
