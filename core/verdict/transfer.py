"""How well each run carries the task over: its accuracy by language and across languages."""

from __future__ import annotations

import math
from collections.abc import Sequence

import pandas as pd

from core.languages import LOW_RESOURCE
from core.verdict.answers import Answers
from core.verdict.measures import ENGLISH, agrees_everywhere, agrees_with_english, correct, rates

ACROSS = (
    "english", "mean", "low_resource", "gap", "worst", "consistency_english", "consistency_low_resource",
    "consistency_all",
)  # fmt: skip


def by_language(answers: Answers) -> pd.DataFrame:
    """run_id, arm, seed, language, items, accuracy, consistency (with English), x100; one row a run and language.

    Consistency is NaN for English, and where a run has no item in both languages.
    """
    right, same = correct(answers), agrees_with_english(answers)
    rows = []
    for row, run in enumerate(answers.runs.itertuples(index=False)):
        accuracy = rates(right, [row])[0]
        agreement = dict(zip(same.units, rates(same, [row])[0], strict=True))
        items = right.observed[row].sum(-1)
        rows += [
            (run.run_id, run.arm, run.seed, code, int(items[i]), float(accuracy[i]),
             float(agreement.get(code, math.nan)))
            for i, code in enumerate(answers.languages)
            if items[i]
        ]  # fmt: skip
    return pd.DataFrame(rows, columns=["run_id", "arm", "seed", "language", "items", "accuracy", "consistency"])


def by_run(answers: Answers) -> pd.DataFrame:
    """run_id, arm, seed, languages, `ACROSS` and worst_language, x100; one row a run.

    mean is over the languages without English (14 of XNLI), low_resource over sw, ur, hi, th, tr, gap is English
    minus low_resource, worst the lowest language. Consistency is the share of items given the same label as in
    English, averaged over languages (or the low-resource ones); consistency_all that of items given one label in
    every language. A mean is over the languages that the run has; NaN where it has none.
    """
    table = by_language(answers)
    everywhere = agrees_everywhere(answers)
    rows = []
    for row, run in enumerate(answers.runs.itertuples(index=False)):
        languages = table[table["run_id"] == run.run_id].set_index("language")
        accuracy, agreement = languages["accuracy"], languages["consistency"]
        others = [code for code in languages.index if code != ENGLISH]
        low = [code for code in others if code in LOW_RESOURCE]
        english = float(accuracy.get(ENGLISH, math.nan))
        every = rates(everywhere, [row])[0]
        rows.append(
            {
                "run_id": run.run_id, "arm": run.arm, "seed": run.seed, "languages": len(languages),
                "english": english,
                "mean": _mean(accuracy[others]),
                "low_resource": _mean(accuracy[low]),
                "gap": english - _mean(accuracy[low]),
                "worst": float(accuracy.min()),
                "worst_language": str(accuracy.idxmin()),
                "consistency_english": _mean(agreement[others]),
                "consistency_low_resource": _mean(agreement[low]),
                "consistency_all": float(every[0]) if len(every) else math.nan,
            }
        )  # fmt: skip
    return pd.DataFrame(rows)


def by_arm(runs: pd.DataFrame, measures: Sequence[str] = ACROSS) -> pd.DataFrame:
    """arm, seeds, and for each measure of `by_run` its mean and, as <measure>_sd, its deviation between seeds (NaN
    with one seed); arms alphabetically."""
    grouped = runs.groupby("arm")
    means = grouped[list(measures)].mean()
    deviations = grouped[list(measures)].std(ddof=1).add_suffix("_sd")
    return pd.concat([grouped.size().rename("seeds"), means, deviations], axis=1).reset_index()


def _mean(values: pd.Series[float]) -> float:
    known = values.dropna()
    return float(known.mean()) if len(known) else math.nan
