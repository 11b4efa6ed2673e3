"""How each arm looks: one colour, one shape and one plain name, the same in every figure and table.

Colours are Okabe and Ito's set, which stays distinct for colour-blind eyes; shape doubles colour. A control
is a lighter tint of the arm it explains, drawn with an open symbol.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

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


_LIGHT = {"transport": "#6CB0DA", "adversarial": "#F0A06A", "english-only": "#B0B0B0"}


def _main(arm: str, colour: str, symbol: str, glyph: str, meaning: str) -> ArmStyle:
    return ArmStyle(arm, arm, colour, symbol, glyph, meaning)


def _control(arm: str, explains: str, symbol: str, glyph: str, meaning: str) -> ArmStyle:
    return ArmStyle(arm, arm, _LIGHT[explains], symbol, glyph, meaning, explains)


#: Every arm the project knows, in the order of figures and tables.
ARMS: tuple[ArmStyle, ...] = (
    _main("untrained", "#4F7F7C", "x", "✕", "the encoder as it comes; nothing is trained"),
    _main("warm-start", "#A6A6A6", "circle-dot", "◉", "English training that every arm starts from"),
    _main("english-only", "#7F7F7F", "circle", "●", "English task loss alone: the baseline"),
    _main("transport", "#0072B2", "square", "■", "optimal transport of tokens and posteriors to the teacher"),
    _main("adversarial", "#D55E00", "diamond", "◆", "a language discriminator to fool, and perturbation"),
    _main("hybrid", "#CC79A7", "hexagon", "⬢", "transport and adversarial together"),
    _control("transport-token", "transport", "square-open", "□", "only the token-level part of transport"),
    _control("transport-posterior", "transport", "square-dot", "⊡", "only the posterior part of transport"),
    _control("transport-shuffled", "transport", "square-x-open", "⊠", "transport on shuffled pairs"),
    _control("mean-matching", "transport", "triangle-up-open", "△", "pooled states of pairs matched"),
    _control("adversarial-language", "adversarial", "diamond-open", "◇", "only the language discriminator"),
    _control("adversarial-perturbation", "adversarial", "diamond-dot", "◈", "only the perturbation"),
    _control("adversarial-critic", "adversarial", "diamond-x-open", "⟐", "a critic as discriminator"),
    _control("adversarial-contrastive", "adversarial", "diamond-cross-open", "⬖", "contrastive pairs"),
    _control("centring", "english-only", "circle-open", "○", "each language's mean subtracted"),
    _control("translate-test", "english-only", "triangle-down-open", "▽", "machine-translated input"),
    _control("lexical-injection", "english-only", "circle-cross-open", "⊕", "words replaced from a lexicon"),
)  # fmt: skip
_BY_ARM = {style.arm: style for style in ARMS}
_RANK = {style.arm: i for i, style in enumerate(ARMS)}


def arm_style(arm: str) -> ArmStyle:
    """The style of `arm`; an arm the project does not know gets a neutral star under its own name."""
    return _BY_ARM.get(arm) or ArmStyle(arm, arm, "#A08C5B", "star", "★", "an arm this version does not know")


def sort_arms(arms: Iterable[str]) -> list[str]:
    """Arms in the order of every figure: baseline, main arms, controls, then unknown ones by name."""
    return sorted(set(arms), key=lambda arm: (_RANK.get(arm, len(_RANK)), arm))


def main_arms(arms: Iterable[str]) -> list[str]:
    """The arms a figure draws before controls are asked for: all of them where there are only controls.

    >>> main_arms(["centring", "transport", "english-only"])
    ['english-only', 'transport']
    """
    known = sort_arms(arms)
    return [arm for arm in known if not arm_style(arm).control] or known


def tint(colour: str, opacity: float) -> str:
    """`#RRGGBB` with an opacity, as plotly's rgba text.

    >>> tint("#0072B2", 0.5)
    'rgba(0, 114, 178, 0.5)'
    """
    red, green, blue = (int(colour[i : i + 2], 16) for i in (1, 3, 5))
    return f"rgba({red}, {green}, {blue}, {opacity:g})"
