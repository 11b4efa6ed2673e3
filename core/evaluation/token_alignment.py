"""One sentence pair's transport plan between tokens, gathered to words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.encoder.encoder import Encoder
from core.encoder.states import TokenStates, token_states
from core.transport.cost import median_epsilon, token_cost, uniform_marginal
from core.transport.links import gather_words, mutual_argmax
from core.transport.sinkhorn import plan_entropy, sinkhorn


@dataclass(frozen=True)
class PairPlan:
    """The plan of a pair: over words `plan` [n, m] and over subwords `plan_tokens`, both of mass 1.

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
    encoder: Encoder, source: str, target: str, layer: int, epsilon: float = 0.05, cost: str = "cosine"
) -> PairPlan:
    """Transport the token states of `source` to those of `target` at a layer (0: embeddings).

    epsilon is a fraction of the pair's median cost. Raises `BadInput` for a text without tokens.
    """
    left = token_states(encoder, [source], layer)[0]
    right = token_states(encoder, [target], layer)[0]
    return align_states(left, right, epsilon, cost)


def align_states(left: TokenStates, right: TokenStates, epsilon: float = 0.05, cost: str = "cosine") -> PairPlan:
    """The plan between token states that are already there."""
    x, y = (torch.from_numpy(s.states)[None].double() for s in (left, right))
    masks = [torch.ones(1, s.states.shape[0]) for s in (left, right)]
    a, b = (uniform_marginal(mask).double() for mask in masks)
    ground = token_cost(x, y, masks[0], masks[1], cost)
    regularisation = median_epsilon(ground, a, b, epsilon)
    solved = sinkhorn(ground, a, b, regularisation, tolerance=1e-5, max_iterations=5000)
    plan_tokens = solved.plan[0].numpy()
    plan = gather_words(plan_tokens, left.word_of, right.word_of)
    return PairPlan(
        left.words, right.words, left.tokens, right.tokens, plan, plan_tokens,
        float((solved.plan * ground).sum()), float(plan_entropy(solved.plan, a, b)[0]),
        float(regularisation), float(solved.residual[0]), mutual_argmax(plan),
        left.truncated or right.truncated,
    )  # fmt: skip
