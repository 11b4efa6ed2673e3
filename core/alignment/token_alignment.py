"""Balanced plans between the tokens of sentence pairs, and the words that choose each other in them."""

from __future__ import annotations

from collections.abc import Sequence

import torch

from core.alignment.pair_plan import PairPlan, pair_plan
from core.alignment.token_masses import token_masses
from core.encoder.encoder import Encoder
from core.encoder.states import TokenStates, token_states
from core.transport.cost import pair_epsilon, token_cost, uniform_marginal
from core.transport.links import mutual_argmax
from core.transport.plans import PlanSettings, TokenPlan, token_plans
from core.transport.sinkhorn import plan_entropy, sinkhorn


def align_pair(
    encoder: Encoder, source: str, target: str, layer: int, epsilon: float = 0.05, cost: str = "cosine",
    *, settings: PlanSettings | None = None,
) -> PairPlan:  # fmt: skip
    """Transport the token states of `source` to those of `target` at a layer (0: embeddings).

    Links are the mutual argmax over words; epsilon is a fraction of the pair's median cost. `settings` take the place
    of epsilon and cost, and bring every kind of transport and of marginals. Raises `BadInput` for a text without tokens
    and for settings that cannot be used.
    """
    left = token_states(encoder, [source], layer)
    right = token_states(encoder, [target], layer)
    if settings is None:
        return align_states(left, right, epsilon, cost, layer)[0]
    settings.check()
    masses = (
        token_masses(encoder, [source], left, settings.marginals, layer),
        token_masses(encoder, [target], right, settings.marginals, layer),
    )
    tokens = token_plans([left[0].states], [right[0].states], settings, masses=masses)[0]
    plan = pair_plan(left[0], right[0], tokens, settings, layer)
    return plan.linked(mutual_argmax(plan.plan))


def align_states(
    lefts: Sequence[TokenStates], rights: Sequence[TokenStates], epsilon: float = 0.05, cost: str = "cosine",
    layer: int | None = None,
) -> list[PairPlan]:  # fmt: skip
    """The plans of pairs whose token states at `layer` are already there, solved together in double precision.

    Links are the mutual argmax over words.
    """
    x, x_mask = _padded(lefts)
    y, y_mask = _padded(rights)
    a, b = uniform_marginal(x_mask).double(), uniform_marginal(y_mask).double()
    ground = token_cost(x, y, x_mask, y_mask, cost)
    regularisation = pair_epsilon(ground, a, b, epsilon)
    solved = sinkhorn(ground, a, b, regularisation, tolerance=1e-4, max_iterations=5000)
    entropy = plan_entropy(solved.plan, a, b)
    linear = (solved.plan * ground).sum((1, 2))
    settings = PlanSettings(epsilon=epsilon, cost=cost)
    plans = []
    for k, (left, right) in enumerate(zip(lefts, rights, strict=True)):
        n, m = len(left.tokens), len(right.tokens)
        tokens = TokenPlan(
            solved.plan[k, :n, :m].numpy(), ground[k, :n, :m].numpy(), a[k, :n].numpy(), b[k, :m].numpy(),
            float(linear[k]), float(entropy[k]), float(regularisation[k]), 0.0, float(solved.residual[k]),
        )  # fmt: skip
        plan = pair_plan(left, right, tokens, settings, layer)
        plans.append(plan.linked(mutual_argmax(plan.plan)))
    return plans


def _padded(rows: Sequence[TokenStates]) -> tuple[torch.Tensor, torch.Tensor]:
    """States [B, n, d] in double precision and the mask [B, n] of real tokens."""
    states = [torch.from_numpy(row.states).double() for row in rows]
    present = [torch.ones(len(row), dtype=torch.bool) for row in states]
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(states, batch_first=True), pad(present, batch_first=True)
