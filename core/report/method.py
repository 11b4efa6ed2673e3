"""The method on one page, for a reader who has never trained a model."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.arms.names import BASELINE, FIRST, SECOND, arm_name
from core.languages import LOW_RESOURCE, language
from core.notation import rate
from core.statistics.significance import MARGIN


def method_in_words(
    runs: Sequence[Mapping[str, Any]], sheet: Mapping[str, Any], floors: str = ""
) -> list[tuple[str, str]]:
    """Heading and paragraph, for a reader who has never trained a model. `runs` have arm, updates and warm_start,
    `floors` says between what accuracies lie."""
    low = ", ".join(language(code).name for code in LOW_RESOURCE)
    updates = {int(run["updates"]) for run in runs if run["arm"] != BASELINE and run["updates"]}
    budget = f" ({', '.join(f'{n:,}' for n in sorted(updates))} updates)" if updates else ""
    return [
        (
            "The task",
            "Given two sentences, say whether the second follows from the first (entailment), contradicts it, or is "
            f"neither (neutral). Guessing is right {rate(100 / 3)} times in 100. XNLI asks the same questions in "
            "fifteen languages, so that a model's understanding can be compared between them."
            f"{' ' if floors else ''}{floors}",
        ),
        (
            "The problem",
            "A multilingual model turns sentences of any language into numbers. It learns the task from English "
            "examples alone, and then reads the other languages worse, above all those with little text on the web: "
            f"{low}.",
        ),
        (
            "Two remedies",
            f"Both use pairs of translations, without labels. “{FIRST}” compares a sentence and its translation word "
            "by word: optimal transport finds the cheapest way to carry one set of words onto the other, and the "
            f"model is trained to make that way shorter. “{SECOND}” trains against an opponent who tries to tell "
            "which language a sentence was in, and against small disturbances that are chosen to do the most harm.",
        ),
        (
            "A fair comparison",
            "All arms are the same model. They start from the same English training, see the same sentences in the "
            f"same order, and take the same number of steps{budget}. “{BASELINE}” takes these steps without any "
            "remedy, so that what a remedy adds is the difference from it. Controls ask why: the same pairs without "
            "transport, transport on shuffled pairs, each part alone.",
        ),
        (
            "What the numbers mean",
            "Accuracy is the percentage of answers that are right. Another sample of sentences, or another "
            f"{_varied(runs)}, would give somewhat other numbers; a 95 % interval says how far they could "
            "plausibly be off.",
        ),
        (
            "How the verdict is reached",
            "Ahead: so large a difference would be rare if there were none (p below .05, corrected within a family of "
            f"questions). Equivalent: a difference of {MARGIN:g} point or more can be ruled out. Undecided: neither. "
            f"One run against one run is described and never called ahead. {_rule(sheet)}",
        ),
    ]


def warm_starts(runs: Sequence[Mapping[str, Any]]) -> int:
    """How many warm starts the trained arms' runs began from; 0 where their records do not say."""
    trained = (run for run in runs if not arm_name(str(run["arm"])).applied)
    return len({str(run["warm_start"]) for run in trained if run.get("warm_start")})


def _varied(runs: Sequence[Mapping[str, Any]]) -> str:
    """What the seeds of these runs vary: with one warm start not the start, only what follows it."""
    if warm_starts(runs) == 1:
        return "order of the same training from the same start"
    return "random start"


def _rule(sheet: Mapping[str, Any]) -> str:
    if sheet.get("analysis", {}).get("method") == "first":
        return (
            "The rule is that of the first study: with three seeds that differ more than the items do it calls up to "
            ".08 ahead where there is no difference, and says .05."
        )
    return "Premises and seeds are crossed, both drawn at random, with an interval that keeps its level at three seeds."
