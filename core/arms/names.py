"""The arms by name: their order, what each is, and which one a control explains. Imports no model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

#: The encoder as it comes.
UNTRAINED = "untrained"
#: Where every arm of a seed begins: a step on the way, not an arm to compare.
WARM_START = "warm-start"
#: English training alone, what every other arm is measured against.
BASELINE = "english-only"
#: The two alignment methods that the project compares; the primary contrast is the first minus the second.
METHODS = FIRST, SECOND = ("transport", "adversarial")
MAIN_ARMS = (BASELINE, *METHODS)

#: What predictions that somebody brought are stored under in place of a study, and what stands behind their names.
OUTSIDE = "predictions of another model"
ANOTHER_MODEL = "(another model)"


@dataclass(frozen=True)
class ArmName:
    """`explains` is the arm that a control belongs to; "" for an arm of its own. `applied`: nothing is trained, it is
    put on another run of its seed, so that it has no variance between seeds but that run's. `plain` is its name for a
    reader who knows no term of the field; "" where its own name has to do."""

    name: str
    meaning: str
    explains: str = ""
    applied: bool = False
    plain: str = ""

    @property
    def control(self) -> bool:
        return bool(self.explains)


#: Every arm the project knows, in the order of figures and tables.
ORDER: tuple[ArmName, ...] = (
    ArmName(UNTRAINED, "the encoder as it comes; nothing is trained"),
    ArmName(WARM_START, "English training that every arm starts from"),
    ArmName(BASELINE, "English task loss alone: the baseline", plain="English training alone (no remedy)"),
    ArmName(
        FIRST,
        "optimal transport of tokens and posteriors to the teacher",
        plain="matching translations (transport)",
    ),
    ArmName(SECOND, "a language discriminator to fool, and perturbation", plain="hiding the language (adversarial)"),
    ArmName("hybrid", "transport and adversarial together"),
    ArmName(
        "transport-token",
        "only the token-level part of transport",
        FIRST,
        plain="matching the words of translations (transport-token)",
    ),
    ArmName(
        "transport-posterior",
        "only the posterior part of transport",
        FIRST,
        plain="matching the answers to translations (transport-posterior)",
    ),
    ArmName("transport-shuffled", "transport on shuffled pairs", FIRST),
    ArmName(
        "mean-matching",
        "pooled states of pairs matched",
        FIRST,
        plain="matching translations on average (mean-matching)",
    ),
    ArmName(
        "adversarial-language",
        "only the language discriminator",
        SECOND,
        plain="hiding the language (adversarial-language)",
    ),
    ArmName(
        "adversarial-perturbation",
        "only the perturbation",
        SECOND,
        plain="training against small disturbances (adversarial-perturbation)",
    ),
    ArmName("adversarial-critic", "a critic as discriminator", SECOND),
    ArmName("adversarial-contrastive", "English pairs of a label contrasted, with features moved a step", SECOND),
    ArmName("smoothing", "random perturbations instead of worst-case ones", SECOND),
    ArmName("anchor-only", "only the anchor that keeps English in place", FIRST),
    ArmName("warm-start-only", "the warm start as it is, read like an arm", BASELINE, True),
    ArmName("english-compute", "English alone, with as many tokens as the costliest arm", BASELINE),
    ArmName("few-shot", "English, with labelled items of the aligned languages: the positive control", BASELINE),
    ArmName("centring", "each language's mean subtracted", BASELINE, True),
    ArmName("erase-language", "the linear trace of a sentence's language erased", BASELINE, True),
    ArmName("balanced-prior", "answers balanced over the labels, language by language", BASELINE, True),
    ArmName("translate-test", "machine-translated input", BASELINE, True),
    ArmName("lexical-injection", "words that translate each other contrasted in an early layer", BASELINE),
)
_BY_NAME = {arm.name: arm for arm in ORDER}
_RANK = {arm.name: i for i, arm in enumerate(ORDER)}


def arm_name(name: str) -> ArmName:
    """What is known of an arm; one that the project does not know explains nothing."""
    unknown = f"{OUTSIDE}, not an arm" if name.endswith(ANOTHER_MODEL) else "an arm this version does not know"
    return _BY_NAME.get(name) or ArmName(name, unknown)


def plain_name(name: str) -> str:
    """An arm's name for a reader who knows no term of the field.

    >>> plain_name("english-only"), plain_name("my-arm")
    ('English training alone (no remedy)', 'my-arm')
    """
    return arm_name(name).plain or name


def sort_arms(arms: Iterable[str]) -> list[str]:
    """Arms in the order of every figure: baseline, main arms, controls, then unknown ones by name.

    >>> sort_arms({"centring", "transport", "my-arm", "english-only"})
    ['english-only', 'transport', 'centring', 'my-arm']
    """
    return sorted(set(arms), key=lambda arm: (_RANK.get(arm, len(_RANK)), arm))


def main_arms(arms: Iterable[str]) -> list[str]:
    """The arms a figure draws before controls are asked for: all of them where there are only controls.

    >>> main_arms(["centring", "transport", "english-only"])
    ['english-only', 'transport']
    """
    known = sort_arms(arms)
    return [arm for arm in known if not arm_name(arm).control] or known
