"""What each arm adds: the only thing in which the query encoders of the experiment differ.

Every arm has the same anchor: the squared distance of the query encoder's English states from the frozen ones,
relative to these, keeps English queries where the documents expect them.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from core.arms.discriminator import Discriminator, learn_languages
from core.encoder.encoder import Encoder
from core.errors import BadInput
from core.query_encoders.batches import Pairs
from core.query_encoders.query_encoder import QueryEncoder, mean_vectors
from core.query_encoders.settings import ADVERSARIAL, MEAN_MATCHING, SHUFFLED, TRANSPORT
from core.transport.cost import cosine_cost, uniform_marginal
from core.transport.divergence import TransportValue, sinkhorn_divergence

#: Regularisation of the token plan as a share of the batch's median cost.
EPSILON = 0.02
#: Set apart from the generators of other parts.
SALT = 0x0C71


class Objective(nn.Module):
    """One arm's term: a scalar of the frozen English states [B, n, d] and the query encoder's target states."""

    def __init__(self, encoder: Encoder, languages: tuple[str, ...], seed: int) -> None:
        super().__init__()
        self.encoder = encoder
        self.languages = languages
        self.seed = seed

    def arrange(self, pairs: Pairs, update: int) -> Pairs:
        """The pairs as the arm pairs them."""
        return pairs

    def fit(self, vectors: Tensor) -> None:
        """Called once with frozen English vectors [N, d] of training bitext."""

    def term(self, pairs: Pairs, teacher_english: Tensor, student_target: Tensor) -> tuple[Tensor, dict[str, float]]:
        """The term, and numbers to log."""
        raise NotImplementedError


class Transport(Objective):
    """OPTICAL: each target sentence's token states are carried to the frozen teacher's of its English translation.

    <P*, C> with C = 1 - cos, P* the entropic plan between uniform masses on the sentences' own tokens, not
    differentiated (arXiv 2301.12566); prefix and special tokens carry no mass.
    """

    def term(self, pairs: Pairs, teacher_english: Tensor, student_target: Tensor) -> tuple[Tensor, dict[str, float]]:
        value = token_transport(pairs, teacher_english, student_target)
        return value.value.mean(), {
            "token_cost": float(value.transport_cost.mean()), "plan_entropy": float(value.entropy.mean()),
            "plan_residual": float(value.residual.max()),
        }  # fmt: skip


class ShuffledTransport(Transport):
    """Transport with every English sentence given the translation of another of its batch and language."""

    def arrange(self, pairs: Pairs, update: int) -> Pairs:
        generator = torch.Generator().manual_seed((self.seed << 32) + update ^ SALT)
        order = torch.arange(len(pairs.language))
        for code in sorted(set(pairs.language.tolist())):
            rows = (pairs.language == code).nonzero()[:, 0]
            cycle = rows[torch.randperm(len(rows), generator=generator)]
            order[cycle] = cycle.roll(1)
        return Pairs(pairs.english, pairs.target.rows(order), pairs.language)


class MeanMatching(Objective):
    """Each target sentence's vector is drawn to the frozen vector of its translation, 1 - cos: no plan, no tokens."""

    def term(self, pairs: Pairs, teacher_english: Tensor, student_target: Tensor) -> tuple[Tensor, dict[str, float]]:
        english = mean_vectors(self.encoder, teacher_english, pairs.english.attention)
        target = mean_vectors(self.encoder, student_target, pairs.target.attention)
        value = (1.0 - (english * target).sum(-1)).mean()
        return value, {"mean_cost": float(value.detach())}


class Adversarial(Objective):
    """A discriminator learns to name the language of a sentence's vector; the query encoder learns to be taken for
    English.

    English vectors are the frozen teacher's, where the documents lie; which sentences belong together is not used. The
    generator's loss is the cross-entropy of the flipped label (Keung et al., arXiv 1909.00153), here English, as
    English cannot move. Vectors are standardised by the mean and deviation of English ones.
    """

    STEPS, RATE, HIDDEN = 3, 1e-3, 256
    centre: Tensor
    scale: Tensor

    def __init__(self, encoder: Encoder, languages: tuple[str, ...], seed: int) -> None:
        super().__init__(encoder, languages, seed)
        size = encoder.hidden_size
        self.discriminator = Discriminator(size, self.HIDDEN, len(languages) + 1, seed + 7919)
        self.discriminator.trained_by(
            torch.optim.AdamW(self.discriminator.parameters(), lr=self.RATE, betas=(0.5, 0.99), weight_decay=0.01)
        )
        self.register_buffer("centre", torch.zeros(size))
        self.register_buffer("scale", torch.ones(size))

    def fit(self, vectors: Tensor) -> None:
        self.centre.copy_(vectors.mean(0))
        self.scale.copy_(vectors.std(0).clamp_min(1e-6))

    def term(self, pairs: Pairs, teacher_english: Tensor, student_target: Tensor) -> tuple[Tensor, dict[str, float]]:
        english = mean_vectors(self.encoder, teacher_english, pairs.english.attention)
        target = mean_vectors(self.encoder, student_target, pairs.target.attention)
        vectors = (torch.cat([english, target]) - self.centre) / self.scale
        language = torch.cat([torch.zeros_like(pairs.language), pairs.language + 1])
        logged = learn_languages(self.discriminator, vectors.detach(), language, self.STEPS)
        logits = self.discriminator.fixed(vectors[len(english) :])
        value = nn.functional.cross_entropy(logits, torch.zeros_like(pairs.language))
        return value, logged | {"taken_for_english": float(value.detach())}


def token_transport(pairs: Pairs, teacher_english: Tensor, student_target: Tensor) -> TransportValue:
    """The transport value of each pair's own tokens (`core.transport.divergence`)."""
    a, b = uniform_marginal(pairs.english.own), uniform_marginal(pairs.target.own)
    return sinkhorn_divergence(teacher_english, student_target, a, b, cosine_cost, EPSILON, debias=False)


def anchor(teacher_english: Tensor, student_english: Tensor, attention: Tensor) -> Tensor:
    """Squared distance of English states [B, n, d] from the frozen ones, relative to the squared norm of these."""
    real = attention.bool()
    distance = (student_english - teacher_english).square().sum(-1)[real].mean()
    return distance / teacher_english.square().sum(-1)[real].mean()


OBJECTIVES: dict[str, type[Objective]] = {
    TRANSPORT: Transport, ADVERSARIAL: Adversarial, MEAN_MATCHING: MeanMatching, SHUFFLED: ShuffledTransport,
}  # fmt: skip


def find_objective(arm: str) -> type[Objective]:
    """The term of an arm that trains; raises `BadInput` naming those there are."""
    if arm not in OBJECTIVES:
        raise BadInput(f"No query encoder is trained by {arm!r}; the arms are {', '.join(OBJECTIVES)}.")
    return OBJECTIVES[arm]


def teacher_states(teacher: QueryEncoder, pairs: Pairs) -> Tensor:
    """The frozen encoder's states of the English sentences."""
    with torch.no_grad():
        return teacher.states(pairs.english.ids, pairs.english.attention)
