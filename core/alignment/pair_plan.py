"""The transport plan of a sentence pair: between its tokens as it was solved, and gathered to its words."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
from numpy.typing import NDArray

from core.encoder.states import TokenStates
from core.transport.links import Links, gather_words, shares
from core.transport.plans import PlanSettings, TokenPlan


@dataclass(frozen=True)
class PairPlan:
    """The plan of a pair, with n and m words.

    tokens: the plan over subwords, with the cost of every cell and the marginals. plan [n, m]: the same mass between
    words; source_mass [n], target_mass [m]: what each word has to give or take (in an unbalanced or partial plan it may
    keep some). settings: what the plan was computed with, of states at `layer` (None: not told). links: word pairs read
    from it. truncated: a sentence was longer than the encoder reads.
    """

    source_words: list[str]
    target_words: list[str]
    source_tokens: list[str]
    target_tokens: list[str]
    tokens: TokenPlan
    plan: NDArray[np.float64]
    source_mass: NDArray[np.float64]
    target_mass: NDArray[np.float64]
    settings: PlanSettings
    truncated: bool
    layer: int | None = None
    links: Links = field(default_factory=list)

    @property
    def plan_tokens(self) -> NDArray[np.float64]:
        """The plan over subwords."""
        return self.tokens.plan

    @property
    def ground(self) -> NDArray[np.float64]:
        """The cost between subwords."""
        return self.tokens.ground

    @property
    def cost(self) -> float:
        """<P, C>, in the cost's own unit."""
        return self.tokens.cost

    @property
    def moved(self) -> float:
        """The mass that moves, 1 in a balanced plan."""
        return self.tokens.mass

    @property
    def distance(self) -> float:
        """The mean distance that a unit of moved mass travels: the cost, where everything moves."""
        return self.tokens.cost / max(self.tokens.mass, 1e-30)

    @property
    def entropy(self) -> float:
        """The plan's share of its maximum entropy: 0 a matching, 1 uniform."""
        return self.tokens.entropy

    @property
    def epsilon(self) -> float:
        """The regularisation, in the cost's own unit."""
        return self.tokens.epsilon

    @property
    def residual(self) -> float:
        """How far the marginals are from those asked for, as the solver leaves it."""
        return self.tokens.residual

    @property
    def shares(self) -> NDArray[np.float64]:
        """Of the mass of its two words, the share that each cell carries [n, m] (`core.transport.links.shares`)."""
        return shares(self.plan, self.source_mass.clip(1e-12), self.target_mass.clip(1e-12))

    def linked(self, links: Links) -> PairPlan:
        """The same plan with these links."""
        return replace(self, links=links)


def pair_plan(
    source: TokenStates, target: TokenStates, tokens: TokenPlan, settings: PlanSettings, layer: int | None = None
) -> PairPlan:
    """A plan over the tokens of two sentences, with their words and no links; words without tokens have no mass."""
    gathered = gather_words(tokens.plan, source.word_of, target.word_of)
    plan = np.zeros((len(source.words), len(target.words)))
    plan[: gathered.shape[0], : gathered.shape[1]] = gathered
    return PairPlan(
        source.words, target.words, source.tokens, target.tokens, tokens, plan, _by_word(tokens.a, source),
        _by_word(tokens.b, target), settings, source.truncated or target.truncated, layer,
    )  # fmt: skip


def _by_word(mass: NDArray[np.float64], side: TokenStates) -> NDArray[np.float64]:
    return np.bincount(side.word_of, weights=mass, minlength=len(side.words)).astype(np.float64)
