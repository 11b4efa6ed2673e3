"""Questions beside the verdict's own: harder inputs, retrieval and word alignment, of the two main arms.

They are answered in the same three ways and corrected as a family of their own. Harder inputs and alignment are read
for one seed: such a difference is described, not tested, and for its interval the former borrow the seeds' variance
from the same question on plain items.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.alignment.default_layer import CHOSEN_LAYER
from core.arms.names import FIRST, SECOND
from core.languages import LOW_RESOURCE
from core.statistics.intervals import variance_within
from core.statistics.rules import judge
from core.statistics.significance import paired_seed_variance
from core.verdict.answers import read_answers
from core.verdict.contrast import Contrast, Contrasts
from core.verdict.questions import LOW, Measure
from core.verdict.verdict import Result, UncorrectedResult, holm_corrected

#: Measures on the predictions of one kind of harder input (`split` of the table).
HARDER: dict[str, Measure] = {
    "noise": replace(LOW, name="low-resource accuracy under typing errors"),
    "code_switch": replace(LOW, name="low-resource accuracy under code-switching"),
}
RETRIEVAL, ALIGNMENT = "low-resource retrieval", f"word alignment error at layer {CHOSEN_LAYER}"
RETRIEVED = ("retrieval_accuracy@1", "retrieval_accuracy@1_from_english")


def further(contrasts: Contrasts, robust: pd.DataFrame, scores: pd.DataFrame) -> list[Result]:
    """Answers to the questions that the tables allow; none without both main arms.

    `robust` has the columns of `read_answers` and split; `scores` run_id, arm, seed, name, language, layer, value, low,
    high, items. Either may be empty. Intervals of retrieval and alignment treat the arms as if they had been measured
    on different sentences, which makes them too wide rather than too narrow.
    """
    if not {FIRST, SECOND} <= set(contrasts.answers.arms):
        return []
    drafts = [_harder(contrasts, robust, kind, measure) for kind, measure in HARDER.items()]
    if len(scores):
        retrieved = scores[scores["name"].isin(RETRIEVED) & scores["language"].isin(LOW_RESOURCE)]
        drafts.append(_scored(RETRIEVAL, retrieved, "sentence", len(LOW_RESOURCE), False, contrasts))
        aligned = scores[(scores["name"] == "alignment_error") & (scores["layer"] == CHOSEN_LAYER)]
        drafts.append(_scored(ALIGNMENT, aligned, "sentence pair", aligned["language"].nunique(), True, contrasts))
    return holm_corrected([draft for draft in drafts if draft is not None])


def _harder(contrasts: Contrasts, robust: pd.DataFrame, kind: str, measure: Measure) -> UncorrectedResult | None:
    predictions = robust[robust["split"] == kind] if len(robust) else robust
    if predictions.empty:
        return None
    analysis = contrasts.analysis
    found = contrasts.of(read_answers(predictions)).contrast(measure, FIRST, SECOND)
    if found is None or found[0].same:
        return None
    contrast, judged = found
    if len(contrast.seeds) == 1 and (plain := contrasts.contrast(LOW, FIRST, SECOND)) is not None:
        judged = judge(
            analysis.method, contrast.by_seed, contrast.sampling, contrast.premises, measure.margin,
            borrowed=paired_seed_variance(plain[0].by_seed),
        )  # fmt: skip
    return UncorrectedResult(
        measure.name, FIRST, SECOND, contrast, judged, judged.source, measure.complete, family="further",
        method=analysis.method,
    )  # fmt: skip


def _scored(
    name: str, scores: pd.DataFrame, unit: str, complete: int, lower_is_better: bool, contrasts: Contrasts
) -> UncorrectedResult | None:
    """Mean over the cells (languages, directions) that all the arms' shared seeds have."""
    arm_scores = scores[scores["arm"].isin([FIRST, SECOND])].copy()
    arm_scores["variance"] = variance_within(arm_scores["low"].to_numpy(float), arm_scores["high"].to_numpy(float))
    seeds = sorted(
        set(arm_scores.loc[arm_scores["arm"] == FIRST, "seed"])
        & set(arm_scores.loc[arm_scores["arm"] == SECOND, "seed"])
    )
    if not seeds:
        return None
    arm_scores = arm_scores[arm_scores["seed"].isin(seeds)]
    tables = arm_scores.pivot_table(index=["arm", "seed"], columns=["name", "language"], values=["value", "variance"])
    tables = tables.dropna(axis=1)
    if tables.empty:
        return None
    values, variances = (tables[name] for name in ("value", "variance"))
    of_arm = {arm: values.loc[arm].loc[seeds].to_numpy(float).mean(axis=1) for arm in (FIRST, SECOND)}
    by_seed: NDArray[np.float64] = of_arm[FIRST] - of_arm[SECOND]
    # Seeds are read on the same sentences: more of them make the sentences' part no smaller.
    sampling = float(sum(variances.loc[arm].loc[seeds].to_numpy(float).mean() for arm in (FIRST, SECOND)))
    sampling /= values.shape[1]
    codes = _codes(tables["value"].columns.get_level_values("language"))
    items = int(arm_scores["items"].min())
    contrast = Contrast(
        float(of_arm[FIRST].mean()), float(of_arm[SECOND].mean()), by_seed, sampling, tuple(int(s) for s in seeds),
        codes, items, items,
    )  # fmt: skip
    judged = judge(contrasts.analysis.method, by_seed, sampling, items)
    return UncorrectedResult(
        name, FIRST, SECOND, contrast, judged, judged.source, complete, lower_is_better, "further", unit=unit,
        method=contrasts.analysis.method,
    )  # fmt: skip


def _codes(codes: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(code) for code in codes))
