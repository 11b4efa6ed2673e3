"""What is printed of a study that the crossed analysis answers, and what `recompute.py` needs to make it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from core.evaluation.prior import LEAST
from core.exchange.first_contrasts import DIGITS, DIGITS_P, SLACK, WITHOUT_PROBABILITIES
from core.experiment.studies.schema import Study
from core.statistics.crossed import FEWEST_SEEDS
from core.statistics.rules import FEWEST_CLUSTERS

_P = ("p", "p_equivalent", "p_deviation", "one_effect_p")
_PRINTED = (
    "first_value", "second_value", "difference", "low", "high", "p", "p_equivalent", "outcome", "ahead", "seeds",
    "by_seed", "by_language", "one_effect_p", "items", "premises", "family_size", "prior_corrected",
)  # fmt: skip
#: What a question says of itself, which is no result; sentences are made from the numbers.
_SAYS = {"name", "benchmark", "family", "primary", "first", "second", "margin", "languages", "sentence"}


def crossed_settings(study: Study) -> dict[str, Any]:
    """The constants of the method, and how many labels each benchmark has."""
    return {
        "level": study.analysis.level, "fewest_seeds": FEWEST_SEEDS, "fewest_premises": FEWEST_CLUSTERS,
        "labels": {one.name: len(one.labels) for one in study.benchmarks}, "least": LEAST,
        "digits": DIGITS, "digits_p": DIGITS_P, "slack": SLACK,
    }  # fmt: skip


def crossed_contrasts(
    questions: Sequence[Mapping[str, Any]], benchmark: str, probabilities: bool
) -> tuple[list[dict[str, Any]], list[str]]:
    """Every printed contrast (`core.experiment.studies.verdict.as_record`), and a sentence on each number that is left
    out; without `probabilities` that is what rests on them. A question that names no benchmark is of `benchmark`."""
    left_out = []
    if not probabilities and any(row.get("prior_corrected") for row in questions):
        left_out.append(WITHOUT_PROBABILITIES)
    more = {key for row in questions for key in row} - set(_PRINTED) - _SAYS
    left_out += [f"{key} is printed by the verdict and not recomputed." for key in sorted(more)]
    entries = []
    for number, row in enumerate(questions):
        printed = {key: _rounded(key, row[key]) for key in _PRINTED if row[key] is not None}
        printed["by_language"] = {
            one["language"]: {key: _rounded(key, value) for key, value in one.items() if key != "language"}
            for one in row["by_language"]
        }
        if not probabilities:
            printed.pop("prior_corrected", None)
        entries.append(
            {"id": f"questions/{number}", "label": f"{row['name']}: {row['first']} minus {row['second']}",
             "first": row["first"], "second": row["second"], "languages": list(row["languages"]),
             "benchmark": row.get("benchmark") or benchmark, "family": row["family"], "margin": row["margin"],
             "printed": printed}
        )  # fmt: skip
    return entries, left_out


def _rounded(key: str, value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _rounded(name, part) for name, part in value.items()}
    if isinstance(value, list):
        return [_rounded(key, part) for part in value]
    return round(value, DIGITS_P if key in _P else DIGITS) if isinstance(value, float) else value
