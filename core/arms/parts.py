"""The main arms with some of their terms off: which part does the work?"""

from __future__ import annotations

from core.arms.adversarial import Adversarial
from core.arms.transport import Transport


class TransportToken(Transport):
    """Transport without its posterior terms: the Sinkhorn divergence between token states, and the anchor. The
    posterior terms are measured and logged all the same, with weight 0.

    loss = CE + beta KL + w_token S(tokens) + w_anchor A; sources as for transport (arXiv 2301.12566, 2110.02887).
    """

    name = "transport-token"
    inherits = ("transport",)
    off = ("posterior_weight", "batch_weight")


class TransportPosterior(Transport):
    """Transport without its token term: W2 between the posteriors of a pair, the Sinkhorn divergence between the
    posteriors of a batch, and the anchor. The token term is measured and logged all the same, with weight 0.

    loss = CE + beta KL + w_posterior W2^2 / k + w_batch S(posteriors) + w_anchor A (arXiv 2307.04096).
    """

    name = "transport-posterior"
    inherits = ("transport",)
    off = ("token_weight",)


class AdversarialLanguage(Adversarial):
    """Adversarial training without perturbation: only the language discriminator that the encoder learns to fool.

    loss = CE + beta KL + w_language E[CE(uniform, D(h))] (arXiv 1909.00153).
    """

    name = "adversarial-language"
    inherits = ("adversarial",)
    off = ("perturbation_weight",)


class AdversarialPerturbation(Adversarial):
    """Adversarial training without languages: only the worst-case perturbation of the English pairs' token states
    where they enter the first trained layer. It reads no bitext and does not ask any language of a sentence.

    loss = (1 - s) CE(f(e), y) + s max_{||d|| <= r} CE(f(e + d), y) + beta KL (arXiv 2104.08645, 1909.11764).
    """

    name = "adversarial-perturbation"
    uses_bitext = False
    inherits = ("adversarial",)
    off = ("language_weight",)
    judged_by = None
