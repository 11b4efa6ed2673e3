"""What each shown number is, in a sentence or two: the text behind it."""

from __future__ import annotations

from core.alignment.default_layer import CHOSEN_LAYER
from core.figures.style import CHANCE
from core.notation import rate

_LOW = "Turkish, Thai, Hindi, Urdu and Swahili"

#: By the name under which the number is shown or stored.
DEFINITIONS: dict[str, str] = {
    "accuracy": f"Share of items whose most probable label is the gold label, ×100; guessing gives {rate(CHANCE)}.",
    "low-resource accuracy": f"Mean accuracy over {_LOW}, ×100: the languages that receive bitext in training.",
    "English accuracy": "Accuracy on the English items, ×100. It stands beside every gap: English may have fallen.",
    "transfer gap": "English accuracy minus the low-resource mean, in points. Lower is better, if English held.",
    "accuracy in languages without bitext": "Mean accuracy over the languages without bitext in training, ×100.",
    "mean accuracy without English": "Mean accuracy over all languages but English (14 on XNLI), ×100.",
    "consistency with English": (
        "Share of items given the label that the same run gives them in English, ×100, averaged over the other "
        "languages; whether that label is right does not matter."
    ),
    "low-resource accuracy under typing errors": (
        f"Mean accuracy over {_LOW}, ×100, on items with characters swapped, dropped and doubled; one seed an arm."
    ),
    "low-resource accuracy under code-switching": (
        f"Mean accuracy over {_LOW}, ×100, on items in which words of the English item stand; one seed an arm."
    ),
    "low-resource retrieval": (
        f"Sentences whose translation is the nearest by cosine, ×100, mean over {_LOW} and both directions."
    ),
    f"word alignment error at layer {CHOSEN_LAYER}": (
        "Alignment error rate against gold word links, ×100, mean over languages. Lower is better."
    ),
    "interval": (
        "95 % interval from 4,000 bootstrap draws of whole premises, jointly over languages (Davison and Hinkley 1997, "
        "section 3.8): it speaks of these runs. With fewer than 20 premises Wilson's interval on the items."
    ),
    "interval of a difference": (
        "95 % interval over premises and seeds by the one rule of the study that the runs belong to. First study: "
        "bootstrap over premises and the variance between seeds, Satterthwaite's degrees of freedom (1946). Others: "
        "premises and seeds crossed. Of one run against one run: of the items alone, or with the variance between "
        "seeds of other arms."
    ),
    "p": (
        "Two-sided p of the difference, corrected by Holm's method (1979) within the question's family: the study's "
        "secondary questions, its controls, arms from elsewhere. The primary one is a family of its own. One run "
        "against one run has none."
    ),
    "p by language": (
        "Two-sided p over premises and seeds by the study's rule, corrected by Holm over the languages but English."
    ),
    "outcome": (
        "Ahead: p below .05. Equivalent: both one-sided tests reject a difference of 1 point or more (Schuirmann "
        "1987). Undecided: neither. Descriptive: fewer than three seeds or too few premises, so that nothing is tested."
    ),
    "label prior": (
        "The difference after every run's answers in a language were balanced over the labels by one additive bias a "
        "label on the log-probabilities, fitted without labels."
    ),
    "smallest": "Minimum detectable effect: found with 80 % power at the level that the correction leaves, in points.",
    "minutes": "Wall-clock minutes a run took, training and evaluation; the mean over an arm's runs.",
    "training minutes": "Wall-clock minutes of training alone, without the warm start that the arm began from.",
    "tokens forward": "Tokens that went forward through the encoder in training, those of the frozen teacher included.",
    "tokens backward": "Tokens whose gradient went back through the encoder.",
    "English pairs": "Labelled English NLI pairs seen in training, the warm start's included; repeats count again.",
    "bitext pairs": "Sentence pairs of bitext seen in training; repeats count again.",
    "pairs": "Labelled English NLI pairs seen in training. Numbers with other counts are no comparison of methods.",
    "accuracy_generalised": "Accuracy, premise in one language and hypothesis in another, ×100 (arXiv 2104.08645).",
    "accuracy_noise": "Accuracy on items with typing errors in their characters, ×100.",
    "accuracy_code_switch": "Accuracy on items with words of another language mixed in, ×100.",
    "alignment_error": "Alignment error rate of token plans against gold word links, ×100; lower is better.",
    "alignment_error_grow": "The same with links read by the default decoding of today, transport-grow.",
    "retrieval_accuracy@1": "Share of sentences whose English translation is the nearest by cosine, ×100.",
    "language_probe": "How often a fresh linear probe names the language of a held-out sentence from its state, ×100.",
    "english": "Accuracy on English validation items, ×100; with the objective it decides which strength is taken.",
    "objective": "The arm's own objective on held-out bitext: transport cost, or how often a probe names the language.",
}


def definition(name: str) -> str:
    """The definition of a number, or "" where there is none."""
    return DEFINITIONS.get(name, "")
