"""Late interaction: a few candidates scored again by their tokens."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import torch
from numpy.typing import NDArray

from core.encoder.encoder import Encoder
from core.encoder.states import token_states
from core.transport.cost import cosine_cost, pair_epsilon, uniform_marginal
from core.transport.sinkhorn import sinkhorn

Interaction = Literal["maxsim", "transport"]
#: Regularisation of a pair's plan as a fraction of its median cost.
EPSILON = 0.05


def late_scores(
    query_encoder: Encoder, documents: Encoder, query: str, candidates: Sequence[str], kind: Interaction
) -> NDArray[np.float64]:
    """Scores [n] of the candidates for a query, higher is better, from last-layer states of their own tokens.

    "maxsim": the mean over the query's tokens of the highest cosine in the candidate (ColBERT, arXiv 2004.12832, which
    sums). "transport": minus <P, C> with C = 1 - cos and P the entropic plan between uniform masses (Word Mover's
    Distance, Kusner et al. 2015, regularised; OPTICAL, arXiv 2301.12566).
    """
    asked = token_states(query_encoder, [query], query_encoder.layers, prefix=True)[0].states
    read = [one.states for one in token_states(documents, list(candidates), documents.layers, prefix=True)]
    width = max(len(states) for states in read)
    y = torch.zeros(len(read), width, asked.shape[1])
    own = torch.zeros(len(read), width, dtype=torch.bool)
    for row, states in enumerate(read):
        y[row, : len(states)] = torch.from_numpy(states)
        own[row, : len(states)] = True
    x = torch.from_numpy(asked)[None].expand(len(read), -1, -1)
    cost = cosine_cost(x, y)
    if kind == "maxsim":
        nearest = torch.where(own[:, None, :], cost, torch.full_like(cost, torch.inf)).amin(2)
        return np.asarray(1.0 - nearest.mean(1).numpy(), np.float64)
    a, b = uniform_marginal(torch.ones(x.shape[:2], dtype=torch.bool)), uniform_marginal(own)
    epsilon = pair_epsilon(cost, a, b, EPSILON)
    plan = sinkhorn(cost, a, b, epsilon, max_iterations=500).plan
    return np.asarray(-(plan * torch.where(plan > 0, cost, torch.zeros_like(cost))).sum((1, 2)).numpy(), np.float64)
