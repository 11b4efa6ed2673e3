"""Measures beside plain accuracy, one row an arm: harder inputs, calibration, representations."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from core.arms.names import sort_arms
from core.languages import LOW_RESOURCE


@dataclass(frozen=True)
class FurtherMeasure:
    """A column: the stored score, what it is, and whether it is averaged over low-resource languages alone."""

    label: str
    score: str
    definition: str
    low_resource: bool = True


MEASURES: tuple[FurtherMeasure, ...] = (
    FurtherMeasure("macro-F1", "macro_f1", "Unweighted mean of the three labels' F1, ×100."),
    FurtherMeasure("clean", "accuracy_clean", "Accuracy on the items of the next two columns as they are, ×100."),
    FurtherMeasure("noise", "accuracy_noise", "Accuracy on items with typing errors, ×100."),
    FurtherMeasure(
        "code-switch",
        "accuracy_code_switch",
        "Accuracy under code-switching, with words of another language, ×100.",
    ),
    FurtherMeasure(
        "generalised",
        "accuracy_generalised",
        "Accuracy, premise in one language and hypothesis in another, ×100, mean over the pairs (arXiv 2104.08645).",
        low_resource=False,
    ),
    FurtherMeasure("ECE", "ece", "Expected calibration error, 15 bins, ×100 (Guo et al. 2017): lower is better."),
    FurtherMeasure(
        "ECE, scaled", "ece_scaled", "The same after dividing logits by a temperature fitted on English validation."
    ),
    FurtherMeasure(
        "retrieval to English",
        "retrieval_accuracy@1",
        "Sentences whose English translation is the nearest by cosine, ×100; the question above takes both directions.",
    ),
    FurtherMeasure(
        "alignment error",
        "alignment_error",
        "Alignment error rate against gold word links, ×100, at the arm's best layer: lower is better.",
        low_resource=False,
    ),
)


def further_table(scores: pd.DataFrame) -> pd.DataFrame:
    """arm, runs, then a column a measure that at least one run has: its mean over languages, then over runs.

    `scores` has run_id, arm, name, language, layer, value. A mean is over the low-resource languages, or over all
    (pairs of) languages but English, as the measure says; an arm that lacks one of those that another arm has gets
    NaN. Of a score by layer the best layer's mean is shown.
    """
    own = scores[scores["name"].isin([measure.score for measure in MEASURES])]
    arms = sort_arms(own["arm"])
    table = pd.DataFrame({"arm": arms, "runs": [own.loc[own["arm"] == arm, "run_id"].nunique() for arm in arms]})
    for measure in MEASURES:
        rows = own[own["name"] == measure.score]
        rows = rows[[_counts(str(code), measure.low_resource) for code in rows["language"]]]
        if rows.empty:
            continue
        needed = rows["language"].nunique()
        grouped = rows.groupby(["arm", "run_id", "layer"])
        complete = grouped["value"].mean()[grouped["language"].nunique() == needed]
        best = complete.groupby(["arm", "layer"]).mean().groupby("arm").min()
        table[measure.label] = table["arm"].map(best).astype(float)
    return table


def _counts(code: str, low_resource: bool) -> bool:
    """Whether a language, or a pair of them, goes into a mean."""
    first, _, second = code.partition("-")
    if low_resource:
        return code in LOW_RESOURCE
    return code != "en" and (not second or first.lower() != second.lower())
