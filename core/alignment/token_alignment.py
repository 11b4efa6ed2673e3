"""One sentence pair's transport plan between tokens, gathered to words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.alignment.token_masses import token_masses
from core.encoder.encoder import Encoder
from core.encoder.states import TokenStates, token_states
from core.transport.cost import pair_epsilon, token_cost, uniform_marginal
from core.transport.links import gather_words, mutual_argmax
from core.transport.plans import PlanSettings, TokenPlan, token_plans
from core.transport.sinkhorn import plan_entropy, sinkhorn


@dataclass(frozen=True)
class PairPlan:
    """The plan of a pair: over words `plan` [n, m] and over subwords `plan_tokens`, of mass 1 (less where
    transport is partial or unbalanced).

    cost is <P, C>; entropy the plan's share of its maximum; epsilon the regularisation in the cost's own
    unit; links the mutual argmax over words; truncated says that a sentence was cut.
    """

    source_words: list[str]
    target_words: list[str]
    source_tokens: list[str]
    target_tokens: list[str]
    plan: NDArray[np.float64]
    plan_tokens: NDArray[np.float64]
    cost: float
    entropy: float
    epsilon: float
    residual: float
    links: list[tuple[int, int]]
    truncated: bool


def align_pair(
    encoder: Encoder, source: str, target: str, layer: int, epsilon: float = 0.05, cost: str = "cosine",
    *, settings: PlanSettings | None = None,
) -> PairPlan:  # fmt: skip
    """Transport the token states of `source` to those of `target` at a layer (0: embeddings).

    epsilon is a fraction of the pair's median cost. `settings` take the place of epsilon and cost, and bring every
    kind of transport and of marginals. Raises `BadInput` for a text without tokens and for
    settings that cannot be used.
    """
    left = token_states(encoder, [source], layer)
    right = token_states(encoder, [target], layer)
    if settings is None:
        return align_states(left, right, epsilon, cost)[0]
    settings.check()
    masses = (
        token_masses(encoder, [source], left, settings.marginals, layer),
        token_masses(encoder, [target], right, settings.marginals, layer),
    )
    plan = token_plans([left[0].states], [right[0].states], settings, masses=masses)[0]
    return pair_plan(left[0], right[0], plan)


def pair_plan(left: TokenStates, right: TokenStates, plan: TokenPlan) -> PairPlan:
    """A plan over the tokens of two sentences, with its words and their mutual argmax."""
    over_words = gather_words(plan.plan, left.word_of, right.word_of)
    return PairPlan(
        left.words, right.words, left.tokens, right.tokens, over_words, plan.plan, plan.cost, plan.entropy,
        plan.epsilon, plan.residual, mutual_argmax(over_words), left.truncated or right.truncated,
    )  # fmt: skip


def align_states(
    lefts: Sequence[TokenStates], rights: Sequence[TokenStates], epsilon: float = 0.05, cost: str = "cosine"
) -> list[PairPlan]:
    """The plans of pairs whose token states are already there, solved together."""
    x, x_mask = _padded(lefts)
    y, y_mask = _padded(rights)
    a, b = uniform_marginal(x_mask).double(), uniform_marginal(y_mask).double()
    ground = token_cost(x, y, x_mask, y_mask, cost)
    regularisation = pair_epsilon(ground, a, b, epsilon)
    solved = sinkhorn(ground, a, b, regularisation, tolerance=1e-4, max_iterations=5000)
    entropy = plan_entropy(solved.plan, a, b)
    linear = (solved.plan * ground).sum((1, 2))
    plans = []
    for k, (left, right) in enumerate(zip(lefts, rights, strict=True)):
        plan_tokens = solved.plan[k, : len(left.tokens), : len(right.tokens)].numpy()
        plan = gather_words(plan_tokens, left.word_of, right.word_of)
        plans.append(
            PairPlan(
                left.words,
                right.words,
                left.tokens,
                right.tokens,
                plan,
                plan_tokens,
                float(linear[k]),
                float(entropy[k]),
                float(regularisation[k]),
                float(solved.residual[k]),
                mutual_argmax(plan),
                left.truncated or right.truncated,
            )  # fmt: skip
        )
    return plans


def _padded(rows: Sequence[TokenStates]) -> tuple[torch.Tensor, torch.Tensor]:
    """States [B, n, d] in double precision and the mask [B, n] of real tokens."""
    states = [torch.from_numpy(row.states).double() for row in rows]
    present = [torch.ones(len(row), dtype=torch.bool) for row in states]
    pad = torch.nn.utils.rnn.pad_sequence
    return pad(states, batch_first=True), pad(present, batch_first=True)
