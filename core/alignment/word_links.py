"""Word links of sentence pairs from an encoder's states: by transport, or by SimAlign's and awesome-align's rules."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from core.alignment.default_layer import CHOSEN_DEPTH, CHOSEN_LAYER
from core.alignment.pair_plan import PairPlan, pair_plan
from core.encoder.encoder import Encoder
from core.encoder.states import TokenStates
from core.errors import BadInput
from core.transport.growing import weigh_positions
from core.transport.links import Links, bidirectional_softmax, gather_links, link
from core.transport.plans import PlanSettings, ground_cost, token_plans

#: The residual at which a plan that is read for links is good enough.
TOLERANCE = 1e-3
#: What links are read from, and the rule. Those with "transport" read the plan; the others the states themselves.
DECODINGS = (
    "transport-grow", "transport-argmax", "transport-threshold", "transport-itermax", "transport-match",
    "transport-grow-diag", "transport-near-best", "argmax", "itermax", "match", "softmax",
)  # fmt: skip
#: Words that the shorter side needs before a prior on positions says something.
POSITIONS_FROM = 8


@dataclass(frozen=True)
class LinkSettings:
    """How words are linked. layer None is the chosen one, in proportion to the encoder's depth.

    threshold: for the rules of the plan that have one the least share of a word's mass that a link carries
    (`links.shares`, `links.link`); for softmax the least probability in both directions. position: how much shares
    count less where the words stand at different places of their sentences (`growing.weigh_positions`), in sentences of
    at least `POSITIONS_FROM` words; 0: not at all. by_sentence: long texts are first paired sentence by sentence
    (`linking.link_pairs`).
    """

    decoding: str = "transport-threshold"
    layer: int | None = None
    plan: PlanSettings = field(default_factory=PlanSettings)
    threshold: float = 0.1
    position: float = 0.0
    by_sentence: bool = True

    def check(self) -> None:
        """Raise `BadInput` that names the setting which cannot be used."""
        if self.decoding not in DECODINGS:
            raise BadInput(f"There is no decoding {self.decoding[:40]!r}; choose {', '.join(DECODINGS)}.")
        if not 0 <= self.threshold < 1:
            raise BadInput(f"The threshold {self.threshold:g} is not a share between 0 and 1.")
        if not 0 <= self.position <= 100:
            raise BadInput(f"The weight of positions {self.position:g} is outside 0 to 100.")
        self.plan.check()


@dataclass(frozen=True)
class PairLinks:
    """The links of one pair between words, counted from 0, each with a score between 0 and 1.

    The score of a link is its share of the plan (`links.shares`), or its similarity (1 + cos) / 2 where no plan
    is read. `plan` holds the same links; it is None if none was made. `truncated`: a side was longer than is read
    (`read` words of each were), so that its last words have no link.
    """

    source_words: list[str]
    target_words: list[str]
    links: Links
    scores: list[float]
    plan: PairPlan | None
    truncated: bool
    read: tuple[int, int] = (0, 0)


def link_states(
    lefts: Sequence[TokenStates], rights: Sequence[TokenStates], settings: LinkSettings, *,
    masses: tuple[Sequence[NDArray[np.float64]], Sequence[NDArray[np.float64]]] | None = None,
    with_plans: bool = False, tolerance: float = TOLERANCE,
) -> list[PairLinks]:  # fmt: skip
    """The links of pairs whose states at one layer are already there; uniform marginals without `masses`.

    `with_plans` makes plans also for decodings that do not read them.
    """
    settings.check()
    plans: Sequence[PairPlan | None] = [None] * len(lefts)
    if with_plans or settings.decoding.startswith("transport"):
        states = [row.states for row in lefts], [row.states for row in rights]
        solved = token_plans(*states, settings.plan, masses=masses, tolerance=tolerance)
        plans = [pair_plan(*each, settings.plan) for each in zip(lefts, rights, solved, strict=True)]
    return [_linked(*each, settings) for each in zip(lefts, rights, plans, strict=True)]


def link_shares(shares: NDArray[np.float64], settings: LinkSettings) -> Links:
    """The links that a decoding of the plan reads from the shares [n, m] of its cells."""
    if settings.position > 0 and min(shares.shape) >= POSITIONS_FROM:
        shares = weigh_positions(shares, settings.position)
    return link(shares, settings.decoding.removeprefix("transport-"), settings.threshold)


def layer_of(encoder: Encoder, settings: LinkSettings) -> int:
    """The layer that the settings mean for this encoder."""
    if settings.layer is not None:
        return settings.layer
    return max(1, round(CHOSEN_LAYER * encoder.layers / CHOSEN_DEPTH))


def _linked(left: TokenStates, right: TokenStates, plan: PairPlan | None, settings: LinkSettings) -> PairLinks:
    rule = settings.decoding.removeprefix("transport-")
    if rule != settings.decoding:
        assert plan is not None
        carried = plan.shares
        links = link_shares(carried, settings)
        scores = [float(carried[i, j]) for i, j in links]
    else:
        of = left.word_of, right.word_of
        similar = 1.0 - ground_cost(left.states, right.states) / 2.0
        if rule == "softmax":
            products = left.states.astype(np.float64) @ right.states.astype(np.float64).T
            tokens = bidirectional_softmax(products, settings.threshold)
        else:
            tokens = link(similar, rule)
        links = gather_links(tokens, *of)
        best = np.zeros((len(left.words), len(right.words)))
        np.maximum.at(best, (of[0][:, None], of[1][None, :]), similar)
        scores = [float(best[i, j]) for i, j in links]
    truncated = left.truncated or right.truncated
    read = int(left.word_of.max()) + 1, int(right.word_of.max()) + 1
    return PairLinks(left.words, right.words, links, scores, plan and plan.linked(links), truncated, read)
