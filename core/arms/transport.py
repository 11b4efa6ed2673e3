"""Optimal-transport posterior alignment."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import torch
from torch import Tensor

from core.arms.alignment import Alignment, BitextStates, anchor, anchored_layers
from core.arms.base import Judge
from core.later import later
from core.model.bitext_batch import BitextBatch
from core.model.nli import NLIModel, Posterior
from core.transport.cost import cosine_cost, squared_euclidean_cost, uniform_marginal
from core.transport.divergence import TransportValue, sinkhorn_divergence


@dataclass(frozen=True)
class TransportSettings:
    """Strengths and form of the transport arm.

    Weights multiply the four parts; `token_layer` is the layer whose states the token plan reads (the last layer
    is the encoder's number of layers); eps of the token plan is `epsilon` times the batch's median cost, of the batch's
    posteriors `batch_epsilon` times theirs; with `rho` > 0 the token plan's marginals are soft, at `rho` times their KL
    (OTAlign, arXiv 2306.04116), else exact; with `joint` two sentences are read together, as premise and hypothesis
    are, so that what is aligned is what the classifier reads of a pair; weights rise over the first `ramp` of training.

    Settings added since the first study, at their default as it was run: the anchor is in `anchor_layers` (empty:
    `token_layer` and the last); with `epsilon_gradient` the gradient of both divergences also follows eps, which is a
    share of a median of the same costs, and is exact; else it is that at fixed eps.
    """

    token_weight: float = 2.0
    posterior_weight: float = 0.5
    batch_weight: float = 0.5
    anchor_weight: float = 1.0
    token_layer: int = 8
    epsilon: float = 0.05
    batch_epsilon: float = 0.2
    debias: bool = True
    rho: float = 0.0
    joint: bool = False
    ramp: float = 0.1
    tolerance: float = 1e-3
    max_iterations: int = 1000
    anchor_layers: tuple[int, ...] = later(())
    epsilon_gradient: bool = later(False)


class Transport(Alignment):
    """Aligns what the classifier reads across languages by optimal transport, on sentence pairs, against the frozen
    English warm start.

    Four terms are added to the task loss. Tokens: the Sinkhorn divergence between the teacher's token states of the
    English sentence and the student's of its translation, S = OT(x,y) - OT(x,x)/2 - OT(y,y)/2 with cosine cost
    (OPTICAL's <P*, C>, arXiv 2301.12566, debiased as in WordOT, arXiv 2110.02887). Posterior of a pair:
    W2^2 = ||mu_en - mu_l||^2 + ||sigma_en - sigma_l||^2 (MINOTAUR, arXiv 2307.04096), a mean over dimensions.
    Posteriors of a batch: the Sinkhorn divergence between the two sets, one problem a language. Anchor: the squared
    distance of the student's English states from the teacher's keeps English in place.
    """

    name = "transport"
    settings_type: ClassVar[type] = TransportSettings
    judged_by: ClassVar[Judge | None] = "transport"
    settings: TransportSettings

    def parts(
        self, model: NLIModel, bitext: BitextBatch, states: BitextStates
    ) -> tuple[dict[str, Tensor], dict[str, float]]:
        assert self.teacher is not None
        return transport_parts(self.settings, self.teacher, model, bitext, states)


def transport_parts(
    settings: TransportSettings, teacher: NLIModel, model: NLIModel, bitext: BitextBatch, states: BitextStates
) -> tuple[dict[str, Tensor], dict[str, float]]:
    """The four terms (means over pairs, unweighted) from the states of `bitext_states`, and what to log of them."""
    english, target = bitext.english, bitext.target
    a, b = uniform_marginal(english.own), uniform_marginal(target.own)
    last = len(states.teacher_english) - 1
    layer = min(settings.token_layer, last)
    tokens = sinkhorn_divergence(
        states.teacher_english[layer], states.student_target[layer], a, b, cosine_cost, settings.epsilon,
        debias=settings.debias, rho=settings.rho or None, tolerance=settings.tolerance,
        max_iterations=settings.max_iterations, epsilon_gradient=settings.epsilon_gradient,
    )  # fmt: skip
    with torch.no_grad():
        source = teacher.posterior(english.means(states.teacher_english[-1]))
    posterior = model.posterior(target.means(states.student_target[-1]))
    batch = batch_divergence(settings, source, posterior, bitext.sentence_language)
    parts = {
        "token": tokens.value.mean(),
        "posterior": wasserstein(source, posterior).mean() / posterior.mu.shape[1],
        "batch": batch.value.mean(),
        "anchor": anchor(
            states.teacher_english,
            states.student_english,
            english.own,
            anchored_layers(settings, last, (layer, last)),
        ),
    }
    logged = {f"transport_{name}": float(value.detach()) for name, value in parts.items()}
    logged["token_cost"] = float(tokens.transport_cost.mean())
    logged["batch_points"] = float(torch.bincount(bitext.sentence_language)[bitext.sentence_language].min())
    logged["plan_entropy"] = float(tokens.entropy.mean())
    logged["plan_residual"] = float(torch.cat([tokens.residual, batch.residual]).max())
    return parts, logged


def wasserstein(source: Posterior, target: Posterior) -> Tensor:
    """Squared 2-Wasserstein distance of diagonal Gaussians, pair by pair: [B]."""
    return (source.mu - target.mu).square().sum(-1) + (source.sigma - target.sigma).square().sum(-1)


def batch_divergence(
    settings: TransportSettings, source: Posterior, target: Posterior, language: Tensor
) -> TransportValue:
    """Sinkhorn divergence between the posteriors of a batch, one problem a language, cost W2^2 / k.

    W2^2 between diagonal Gaussians is the squared Euclidean distance of [mu, sigma], so each posterior is
    one point. A language with m pairs gives a problem of m x m; problems are padded to the largest.
    """
    size = source.mu.shape[1]
    points = [torch.cat([p.mu, p.sigma], -1) / size**0.5 for p in (source, target)]
    groups = [(language == code).nonzero()[:, 0] for code in sorted(set(language.tolist()))]
    x, y = (torch.nn.utils.rnn.pad_sequence([p[g] for g in groups], batch_first=True) for p in points)
    ones = [torch.ones(len(g), dtype=torch.bool, device=x.device) for g in groups]
    present = torch.nn.utils.rnn.pad_sequence(ones, batch_first=True)
    mass = uniform_marginal(present)
    return sinkhorn_divergence(
        x, y, mass, mass, squared_euclidean_cost, settings.batch_epsilon, debias=settings.debias,
        tolerance=settings.tolerance, max_iterations=settings.max_iterations,
        epsilon_gradient=settings.epsilon_gradient,
    )  # fmt: skip
