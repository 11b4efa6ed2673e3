"""How each arm looks: one colour, one shape and one plain name, the same in every figure and table.

Colours are Okabe and Ito's set, which stays distinct for colour-blind eyes; shape doubles colour. A control is a
lighter tint of the arm it explains, drawn with an open symbol.
"""

from __future__ import annotations

from dataclasses import dataclass

from core.arms.names import BASELINE, FIRST, ORDER, SECOND, UNTRAINED, WARM_START, ArmName, arm_name

CORRECT = "#009E73"
WRONG = "#E69F00"
#: Accuracy x100 of guessing among three labels.
CHANCE = 100.0 / 3.0

#: Colours that are readable on paper and on the dark theme alike.
INK = "#7A8085"
RULE = "rgba(128, 128, 128, 0.28)"
BAND = "rgba(128, 128, 128, 0.09)"
CLEAR = "rgba(0, 0, 0, 0)"


@dataclass(frozen=True)
class ArmStyle:
    """`symbol` is plotly's, `glyph` the same shape as text; `explains` is the arm a control belongs to."""

    arm: str
    label: str
    colour: str
    symbol: str
    glyph: str
    meaning: str
    explains: str = ""

    @property
    def control(self) -> bool:
        return bool(self.explains)


_COLOURS = {
    UNTRAINED: "#4F7F7C", WARM_START: "#A6A6A6", BASELINE: "#7F7F7F", FIRST: "#0072B2", SECOND: "#D55E00",
    "hybrid": "#CC79A7",
}  # fmt: skip
#: Of the controls of an arm.
_TINTS = {FIRST: "#6CB0DA", SECOND: "#F0A06A", BASELINE: "#B0B0B0"}
#: Plotly's symbol and the same shape as text.
_SHAPES = {
    UNTRAINED: ("x", "✕"),
    WARM_START: ("circle-dot", "◉"),
    BASELINE: ("circle", "●"),
    FIRST: ("square", "■"),
    SECOND: ("diamond", "◆"),
    "hybrid": ("hexagon", "⬢"),
    "transport-token": ("square-open", "□"),
    "transport-posterior": ("square-dot", "⊡"),
    "transport-shuffled": ("square-x-open", "⊠"),
    "mean-matching": ("triangle-up-open", "△"),
    "adversarial-language": ("diamond-open", "◇"),
    "adversarial-perturbation": ("diamond-dot", "◈"),
    "adversarial-critic": ("diamond-x-open", "⟐"),
    "adversarial-contrastive": ("diamond-cross-open", "⬖"),
    "smoothing": ("diamond-wide-open", "⬦"),
    "anchor-only": ("square-cross-open", "⊞"),
    "warm-start-only": ("circle-open-dot", "⊙"),
    "english-compute": ("circle-x-open", "⊗"),
    "few-shot": ("star-open", "☆"),
    "centring": ("circle-open", "○"),
    "erase-language": ("hourglass-open", "⧖"),
    "balanced-prior": ("bowtie-open", "⋈"),
    "translate-test": ("triangle-down-open", "▽"),
    "lexical-injection": ("circle-cross-open", "⊕"),
}


def _style(arm: ArmName) -> ArmStyle:
    colour = _TINTS[arm.explains] if arm.control else _COLOURS[arm.name]
    return ArmStyle(arm.name, arm.name, colour, *_SHAPES[arm.name], arm.meaning, arm.explains)


#: Every arm the project knows, in the order of figures and tables.
ARMS: tuple[ArmStyle, ...] = tuple(_style(arm) for arm in ORDER)
_BY_ARM = {style.arm: style for style in ARMS}


def arm_style(arm: str) -> ArmStyle:
    """The style of `arm`; an arm the project does not know gets a neutral star under its own name."""
    return _BY_ARM.get(arm) or ArmStyle(arm, arm, "#A08C5B", "star", "★", arm_name(arm).meaning)


def tint(colour: str, opacity: float) -> str:
    """`#RRGGBB` with an opacity, as plotly's rgba text.

    >>> tint("#0072B2", 0.5)
    'rgba(0, 114, 178, 0.5)'
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity:g})"
