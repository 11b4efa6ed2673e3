"""The controls of the alignment page: arms, layer, and everything that makes a plan; each is in the link."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from core.alignment.word_links import LinkSettings

EPSILONS = (0.01, 0.02, 0.05, 0.08, 0.1, 0.12, 0.2, 0.5)
STRENGTHS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
SHARES = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9)
THRESHOLDS = (0.001, 0.05, 0.1, 0.15, 0.2, 0.25, 0.3, 0.35, 0.4, 0.5, 0.6, 0.8, 0.9)
NONE = "none"
RIBBONS, HEAT, LIST = "Ribbons", "Heat map", "List"
VIEWS = (RIBBONS, HEAT, LIST)
#: Keys of the widgets that a kept plan sets again.
KEYS = ("left", "right", "layer", "epsilon", "transport", "strength", "share", "cost", "marginal",
        "decoding", "threshold", "view")  # fmt: skip


@dataclass(frozen=True)
class Controls:
    """What is asked for: one choice of weights or two, a layer, and how plans are made."""

    arms: list[str]
    layer: int
    settings: LinkSettings


def controls(labels: dict[str, str], first: tuple[str, str], depth: Callable[[list[str]], int]) -> Controls:
    """Draw the controls, one under the other: `first` stands left and right until something else is chosen; `depth` is
    how many layers those chosen have.

    The other first values are those chosen on XL-WA dev, but for the cost.
    """
    from core.alignment.default_layer import CHOSEN_DEPTH, CHOSEN_LAYER
    from core.alignment.defaults import CHOSEN, chosen_settings
    from core.alignment.word_links import DECODINGS
    from core.transport.cost import COSTS
    from core.transport.links import THRESHOLDED
    from core.transport.marginals import MARGINALS
    from core.transport.plans import KINDS, PlanSettings

    keys = list(labels)
    for key in ("left", "right"):  # a kept plan may name a run that is gone
        if st.session_state.get(key) not in (*keys, NONE, None):
            st.session_state.pop(key)
    a = st.selectbox(
        "Left", keys, keys.index(first[0]), format_func=lambda k: labels[k], key="left", bind="query-params"
    )
    others = [*keys, NONE] if len(keys) > 1 else [NONE]
    b = st.selectbox(
        "Right", others, others.index(first[1] or NONE), format_func=lambda k: labels.get(k, NONE), key="right",
        bind="query-params", disabled=len(keys) == 1,
    )  # fmt: skip
    arms = [a] if b == NONE else [a, b]
    layers = depth(arms)
    if st.session_state.get("layer", 0) > layers:  # chosen for a deeper encoder
        st.session_state["layer"] = layers
    layer = st.slider(
        "Layer", 0, layers, round(CHOSEN_LAYER * layers / CHOSEN_DEPTH), key="layer", bind="query-params",
        help=f"0 is what the embeddings give, {layers} the last. Layer {CHOSEN_LAYER} of {CHOSEN_DEPTH} links words "
        "best on XL-WA dev.",
    )  # fmt: skip
    transport = _option(
        "Transport", KINDS, CHOSEN.plan.kind,
        "Balanced: every word sends and takes all its mass. Unbalanced: a word may keep mass to itself where moving "
        "it costs too much (Chizat et al. 2018). Partial: the cheapest share of the mass moves (Chapel et al. 2020). "
        "Exact: balanced, without entropic regularisation.",
    )  # fmt: skip
    epsilon, strength = CHOSEN.plan.epsilon, 1.0
    if transport in ("balanced", "unbalanced"):
        epsilon = st.select_slider(
            "ε", EPSILONS, CHOSEN.plan.epsilon, key="epsilon", bind="query-params",
            help="Entropic regularisation, as a fraction of the pair's median cost (Cuturi 2013): larger spreads the "
            "plan.",
        )  # fmt: skip
    if transport == "unbalanced":
        strength = st.select_slider(
            "Strength", STRENGTHS, 1.0, key="strength", bind="query-params",
            help="What keeping mass costs (ρ), as a fraction of the median cost: larger comes nearer to balanced.",
        )  # fmt: skip
    elif transport == "partial":
        strength = st.select_slider(
            "Mass that moves", SHARES, 0.7, key="share", bind="query-params", help="As a share of each sentence's mass."
        )
    cost = _option(
        "Cost", COSTS, "cosine",
        "The distance between two subwords' states. Cosine means the same at every layer and for every arm, and is "
        f"what transport is trained on; the verbs link by {CHOSEN.plan.cost} distance, which was chosen on XL-WA dev.",
    )  # fmt: skip
    marginal = _option(
        "Marginals", MARGINALS, CHOSEN.plan.marginals,
        "How much mass each subword has: the same; by the length of its state; less for what is frequent in text; by "
        "the attention it receives.", "marginal",
    )  # fmt: skip
    decoding = _option(
        "Links", DECODINGS, CHOSEN.decoding,
        "How hard links are taken: from the plan (transport-…), or from the states themselves, as SimAlign (argmax, "
        "itermax, match; arXiv 2004.08728) and awesome-align (softmax; arXiv 2101.08231) do.", "decoding",
    )  # fmt: skip
    settings = chosen_settings(decoding)
    threshold = settings.threshold
    if decoding == "softmax" or decoding.removeprefix("transport-") in THRESHOLDED:
        threshold = st.select_slider(
            "Least share", THRESHOLDS, threshold, key="threshold", bind="query-params",
            help="Of the mass of its two words, the share a link has to carry; for softmax, the least probability.",
        )  # fmt: skip
    plan = PlanSettings(transport, float(epsilon), float(strength), cost, marginal)
    settings = replace(settings, plan=plan, threshold=float(threshold))
    return Controls(arms, int(layer), settings)


def view() -> str:
    """The choice of picture."""
    chosen = st.segmented_control(
        "View", VIEWS, default=RIBBONS, required=True, key="view", bind="query-params", label_visibility="collapsed"
    )
    return str(chosen)


def _option(label: str, names: Sequence[str], first: str, help_text: str, key: str = "") -> str:
    chosen: str = st.selectbox(
        label, list(names), list(names).index(first), key=key or label.lower(), bind="query-params", help=help_text
    )
    return chosen
