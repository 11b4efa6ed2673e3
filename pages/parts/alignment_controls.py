"""The controls of the alignment page: arms, layer, and everything that makes a plan; each is in the link."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import streamlit as st

if TYPE_CHECKING:
    from core.evaluation.layer_plans import PlanSettings

EPSILONS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
STRENGTHS = (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0)
LAYERS = 12
LAYER = 6
NONE = "none"
RIBBONS, HEAT, LIST = "Ribbons", "Heat map", "List"
VIEWS = (RIBBONS, HEAT, LIST)
#: Keys of the widgets that a kept plan sets again.
KEYS = ("left", "right", "layer", "epsilon", "transport", "strength", "cost", "marginal", "decoding", "view")


@dataclass(frozen=True)
class Controls:
    """What is asked for: one choice of weights or two, a layer, and how plans are made."""

    arms: list[str]
    layer: int
    settings: PlanSettings


def controls(labels: dict[str, str]) -> Controls:
    """Draw the controls, one under the other; an option that has no alternative is not drawn."""
    from core.evaluation import layer_plans as options

    keys = list(labels)
    for key in ("left", "right"):  # a kept plan may name a run that is gone
        if st.session_state.get(key) not in (*keys, NONE, None):
            st.session_state.pop(key)
    a = st.selectbox("Left", keys, format_func=lambda k: labels[k], key="left", bind="query-params")
    others = [*keys[1:], keys[0], NONE] if len(keys) > 1 else [NONE]
    b = st.selectbox(
        "Right", others, format_func=lambda k: labels.get(k, NONE), key="right", bind="query-params",
        disabled=len(keys) == 1,
    )  # fmt: skip
    layer = st.slider(
        "Layer", 0, LAYERS, LAYER, key="layer", bind="query-params",
        help="0 is what the embeddings give, 12 the last. Middle layers align words best.",
    )  # fmt: skip
    epsilon = st.select_slider(
        "ε", EPSILONS, 0.05, key="epsilon", bind="query-params",
        help="Entropic regularisation, as a fraction of the pair's median cost (Cuturi 2013): larger spreads the plan.",
    )  # fmt: skip
    transport = _option(
        "Transport", list(options.TRANSPORTS),
        "Balanced: every word sends and takes all its mass. Unbalanced: a word may keep mass to itself where moving "
        "it costs too much (Chizat et al. 2018).",
    )  # fmt: skip
    strength = 1.0
    if transport in options.WITH_STRENGTH:
        strength = st.select_slider(
            "Strength", STRENGTHS, 1.0, key="strength", bind="query-params",
            help="What keeping mass costs (ρ), as a fraction of the median cost: larger comes nearer to balanced.",
        )  # fmt: skip
    cost = _option("Cost", list(options.COSTS), "The distance between two subwords' states.")
    marginal = _option("Marginals", list(options.MARGINALS), "How much mass each subword has.", "marginal")
    decoding = _option("Links", list(options.DECODINGS), "How hard links are taken from the soft plan.", "decoding")
    settings = options.PlanSettings(float(epsilon), transport, float(strength), cost, marginal, decoding)
    return Controls([a] if b == NONE else [a, b], int(layer), settings)


def view() -> str:
    """The choice of picture."""
    chosen = st.segmented_control(
        "View", VIEWS, default=RIBBONS, required=True, key="view", bind="query-params", label_visibility="collapsed"
    )
    return str(chosen)


def _option(label: str, names: list[str], help_text: str, key: str = "") -> str:
    if len(names) == 1:
        return names[0]
    chosen: str = st.selectbox(label, names, key=key or label.lower(), bind="query-params", help=help_text)
    return chosen
