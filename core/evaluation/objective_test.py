"""Whether an arm improved its own objective on held-out bitext, against the warm start it began from."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, ttest_rel
from statsmodels.stats.contingency_tables import mcnemar

from core.evaluation.objective_wording import IMPROVED, NOT_IMPROVED

LEVEL = 0.01


@dataclass(frozen=True)
class ObjectiveTest:
    """The judgement and the sentence that states it; `improved` is None for an arm without an objective of its own."""

    improved: bool | None
    sentence: str


def transport_improved(before: NDArray[np.floating], after: NDArray[np.floating]) -> ObjectiveTest:
    """Paired one-sided t-test that the held-out transport cost of n pairs fell."""
    p = float(ttest_rel(after, before, alternative="less").pvalue)
    verb = "fell" if p < LEVEL else "did not fall"
    return ObjectiveTest(
        p < LEVEL,
        f"{IMPROVED if p < LEVEL else NOT_IMPROVED}: its transport cost on {len(before)} held-out pairs {verb}, "
        f"from {before.mean():.3f} to {after.mean():.3f}.",
    )


def probe_improved(before: NDArray[np.bool_], after: NDArray[np.bool_]) -> ObjectiveTest:
    """Exact McNemar test that a fresh language probe is right less often, on the same n sentences."""
    lost, won = int((before & ~after).sum()), int((~before & after).sum())
    p = float(mcnemar([[0, lost], [won, 0]], exact=True).pvalue) if lost + won else 1.0
    improved = p < LEVEL and lost > won
    verb = "names the language less often" if improved else "still names the language as often"
    return ObjectiveTest(
        improved,
        f"{IMPROVED if improved else NOT_IMPROVED}: a fresh probe {verb}, right on {100 * after.mean():.1f} % "
        f"of held-out sentences after {100 * before.mean():.1f} %.",
    )


def unless_collapsed(
    objective: ObjectiveTest, accuracy: float, items: int, labels: int = 3, language: str = "English"
) -> ObjectiveTest:
    """An arm whose objective improved must still do the task: its accuracy in the source `language` (x100, on `items`)
    is above chance, one in `labels`.

    A collapsed model fools every language probe and lies at no cost from any teacher. One-sided exact binomial test.
    """
    right = round(accuracy * items / 100.0)
    if not objective.improved or binomtest(right, items, 1.0 / labels, alternative="greater").pvalue < LEVEL:
        return objective
    return ObjectiveTest(
        False,
        f"{NOT_IMPROVED}: its {language} accuracy of {accuracy:.1f} on {items} items is no better than chance "
        f"({100 / labels:.1f}), "
        "so its states tell nothing.",
    )
