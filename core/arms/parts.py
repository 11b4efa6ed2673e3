"""The main arms with some of their terms off: which part does the work?"""

from __future__ import annotations

from core.arms.adversarial import Adversarial
from core.arms.transport import Transport


class TransportToken(Transport):
    """Transport without its posterior terms: the Sinkhorn divergence between token states, and the anchor. The
    posterior terms are measured and logged all the same, with weight 0.

    loss = CE + beta KL + w_token S(tokens) + w_anchor A. Inspired by OPTICAL (arXiv 2301.12566), whose <P*, C> with
    cosine cost and a frozen English teacher this is, and by WordOT (arXiv 2110.02887), whose debiasing and anchor it
    takes. Deviations: subwords, not words; one problem a sentence pair as in OPTICAL, where WordOT transports the words
    of a whole batch of a language; states of a middle layer of a classifier that goes on training on its task, where
    OPTICAL trains a query encoder on bitext alone; eps is a share of the batch's median cost, not a constant.
    """

    name = "transport-token"
    inherits = ("transport",)
    off = ("posterior_weight", "batch_weight")


class TransportPosterior(Transport):
    """Transport without its token term: W2 between the posteriors of a pair, the Sinkhorn divergence between the
    posteriors of a batch, and the anchor. The token term is measured and logged all the same, with weight 0.

    loss = CE + beta KL + w_posterior W2^2 / k + w_batch S(posteriors) + w_anchor A. Inspired by MINOTAUR (arXiv
    2307.04096), which aligns the posteriors of a pair by W2 and those of a batch by MMD under a semantic parser.
    Deviations: a Sinkhorn divergence in MMD's place; English posteriors are a frozen teacher's; eps is a share of the
    median cost. A divergence between two handfuls says little of the distributions they are from: a mixed batch of 30
    has six points a language, so `bitext_order` "by-language" gives each batch to one language, and a study asks for 24
    pairs or more.
    """

    name = "transport-posterior"
    inherits = ("transport",)
    off = ("token_weight",)


class AdversarialLanguage(Adversarial):
    """Adversarial training without perturbation: only the language discriminator that the encoder learns to fool.

    loss = CE + beta KL + w_language E[CE(uniform, D(h))] (inspired by arXiv 1909.00153). That form can be had by
    shrinking the states, since what the discriminator reads is standardised by statistics that stay: every run of the
    first study that was so trained collapsed. The repaired form has `standardised` "batch", `spectral`, `one_way`,
    `sigmoid_ramp` and the anchor: E over other languages of CE(English, D(h)), the discriminator's rate being its own
    optimiser's. Ganin et al. (arXiv 1505.07818), whose ramp this is, reverse the gradient of one loss; here the
    discriminator takes its own steps first.
    """

    name = "adversarial-language"
    inherits = ("adversarial",)
    off = ("perturbation_weight",)


class AdversarialPerturbation(Adversarial):
    """Adversarial training without languages: only the worst-case perturbation of the English pairs' token states
    where they enter the first trained layer. It reads no bitext and does not ask any language of a sentence.

    loss = (1 - s) CE(f(e), y) + s max_{||d|| <= r} CE(f(e + d), y) + beta KL (inspired by arXiv 2104.08645): one step
    from zero in a ball a token. With `ascent_steps` K > 0 it is FreeLB (arXiv 1909.11764, algorithm 1): the mean over t
    < K of CE(f(e + d_t), y), d_0 random, d_{t+1} one normalised gradient step on, projected onto a ball of the whole
    sequence; K = 2 for MNLI. Deviations from FreeLB: the states enter the first trained layer, where FreeLB's are word
    embeddings; the ball's radius is a share of the sequence's own norm; posterior noise takes dropout's place.
    """

    name = "adversarial-perturbation"
    uses_bitext = False
    inherits = ("adversarial",)
    off = ("language_weight",)
    judged_by = None
