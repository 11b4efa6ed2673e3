"""Questions beside the verdict's own: harder inputs, retrieval and word alignment, of the two main arms.

They are answered in the same three ways and corrected as a family of their own. Harder inputs and alignment are read
for one seed: the former borrow the seeds' variance from the same question on plain items, the latter has none to borrow
and is not tested.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.evaluation.answers import Answers, read_answers
from core.evaluation.bootstrap import REPETITIONS
from core.evaluation.chosen_layer import CHOSEN_LAYER
from core.evaluation.contrast import Contrast, Contrasts
from core.evaluation.questions import FIRST, LOW, SECOND, Measure
from core.evaluation.significance import LEVEL, Estimate, estimate, holm, paired_seed_variance
from core.evaluation.verdict import FEWEST_PREMISES, Answered
from core.languages import LOW_RESOURCE

#: Measures on the predictions of one kind of harder input (`split` of the table).
HARDER: dict[str, Measure] = {
    "noise": replace(LOW, name="low-resource accuracy under typing errors"),
    "code_switch": replace(LOW, name="low-resource accuracy on words of two languages"),
}
RETRIEVAL, ALIGNMENT = "low-resource retrieval", f"word alignment error at layer {CHOSEN_LAYER}"
_RETRIEVED = ("retrieval_accuracy@1", "retrieval_accuracy@1_from_english")


@dataclass(frozen=True)
class _Draft:
    name: str
    contrast: Contrast
    estimate: Estimate
    seed_variance: Literal["own", "pooled", "unknown"]
    lower_is_better: bool
    complete: int
    unit: str

    @property
    def tested(self) -> bool:
        return self.seed_variance != "unknown" and self.contrast.premises >= FEWEST_PREMISES


def further(
    answers: Answers, robust: pd.DataFrame, scores: pd.DataFrame, repetitions: int = REPETITIONS
) -> list[Answered]:
    """Answers to the questions that the tables allow; none without both main arms.

    `robust` has the columns of `read_answers` and split; `scores` run_id, arm, seed, name, language, layer, value, low,
    high, items. Either may be empty. Intervals of retrieval and alignment treat the arms as if they had been measured
    on different sentences, which makes them too wide rather than too narrow.
    """
    if not {FIRST, SECOND} <= set(answers.arms):
        return []
    drafts = [_harder(answers, robust, kind, measure, repetitions) for kind, measure in HARDER.items()]
    if len(scores):
        found = scores[scores["name"].isin(_RETRIEVED) & scores["language"].isin(LOW_RESOURCE)]
        drafts.append(_scored(RETRIEVAL, found, "sentence", len(LOW_RESOURCE), False))
        aligned = scores[(scores["name"] == "alignment_error") & (scores["layer"] == CHOSEN_LAYER)]
        drafts.append(_scored(ALIGNMENT, aligned, "sentence pair", aligned["language"].nunique(), True))
    there = [draft for draft in drafts if draft is not None]
    tested = [draft for draft in there if draft.tested]
    p = dict(zip(map(id, tested), holm([d.estimate.p for d in tested]), strict=True))
    same = dict(zip(map(id, tested), holm([d.estimate.p_equivalent for d in tested]), strict=True))
    return [_answered(one, p.get(id(one), 1.0), same.get(id(one), 1.0), max(len(tested), 1)) for one in there]


def _harder(
    answers: Answers, robust: pd.DataFrame, kind: str, measure: Measure, repetitions: int
) -> _Draft | None:  # fmt: skip
    own = robust[robust["split"] == kind] if len(robust) else robust
    if own.empty:
        return None
    made = Contrasts(read_answers(own), repetitions).contrast(measure, FIRST, SECOND)
    if made is None:
        return None
    between, kind_ = paired_seed_variance(made.by_seed), "own"
    if between is None:
        plain = Contrasts(answers, 2).contrast(LOW, FIRST, SECOND)
        between, kind_ = (None if plain is None else paired_seed_variance(plain.by_seed)), "pooled"
    kind_ = "unknown" if between is None else kind_
    found = estimate(made.difference, made.sampling, made.premises, len(made.seeds), between)
    return _Draft(measure.name, made, found, kind_, False, measure.complete, "premise")  # type: ignore[arg-type]


def _scored(name: str, scores: pd.DataFrame, unit: str, complete: int, lower_is_better: bool) -> _Draft | None:
    """Mean over the cells (languages, directions) that all the arms' shared seeds have."""
    own = scores[scores["arm"].isin([FIRST, SECOND])].copy()
    own["variance"] = ((own["high"] - own["low"]) / 3.92) ** 2
    seeds = sorted(set(own.loc[own["arm"] == FIRST, "seed"]) & set(own.loc[own["arm"] == SECOND, "seed"]))
    if not seeds:
        return None
    own = own[own["seed"].isin(seeds)]
    tables = own.pivot_table(index=["arm", "seed"], columns=["name", "language"], values=["value", "variance"])
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
    items = int(own["items"].min())
    made = Contrast(
        float(of_arm[FIRST].mean()), float(of_arm[SECOND].mean()), by_seed, sampling, tuple(int(s) for s in seeds),
        codes, items, items,
    )  # fmt: skip
    between = paired_seed_variance(by_seed)
    found = estimate(made.difference, sampling, items, len(seeds), between)
    return _Draft(name, made, found, "unknown" if between is None else "own", lower_is_better, complete, unit)


def _codes(found: Sequence[str]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(str(code) for code in found))


def _answered(draft: _Draft, p: float, p_equivalent: float, family: int) -> Answered:
    made, found = draft.contrast, draft.estimate
    within = draft.tested and p_equivalent < LEVEL
    ahead = draft.tested and p < LEVEL
    better = FIRST if (made.difference > 0) != draft.lower_is_better else SECOND
    return Answered(
        name=draft.name, primary=False, first=FIRST, second=SECOND, difference=made.difference, low=found.low,
        high=found.high, p=p if draft.tested else 1.0,
        outcome="ahead" if ahead else "equivalent" if within else "undecided", ahead=better if ahead else None,
        first_value=made.first_value, second_value=made.second_value, lower_is_better=draft.lower_is_better,
        p_equivalent=p_equivalent if draft.tested else 1.0, smallest=found.smallest(LEVEL / family),
        within_margin=within, tested=draft.tested, seed_variance=draft.seed_variance, seeds=made.seeds,
        premises=made.premises, items=made.items, languages=made.chosen, complete=draft.complete, family=family,
        english_first=None, english_second=None, unit=draft.unit,
    )  # fmt: skip
