"""What to do next, by rule from the results: the last slide of a deck, and the end of a report's answer."""

from __future__ import annotations

from core.notation import rate
from core.report.material import Material
from core.report.method import warm_starts
from core.verdict.recommendation import Recommendation, against_baseline


def next_steps(material: Material, answer: Recommendation | None) -> list[str]:
    """Sentences, the most useful first; at most five."""
    if answer is None:
        return [
            "Run English training alone beside a method, with three seeds each: `python -m core study new` writes the "
            "file, `study plan` says what it costs and can show."
        ]
    told = [f"{answer.advice} {answer.found}"]
    if balanced := _balanced(material):
        told.append(balanced)
    broken = [one.name for one in answer.numbers if one.collapsed]
    if broken:
        told.append(
            f"Train {' and '.join(broken)} again in a form that does not collapse; the study xnli-second has repaired "
            "settings."
        )
    if any(one.standing in ("not tested", "not decided") for one in answer.numbers):
        told.append("Add training runs before deciding what is open: `study plan` says how many can show what.")
    elif warm_starts(material.runs) == 1:
        told.append("Repeat it from several English trainings: these results speak of one.")
    told.append("Ask the same of your own languages: a study is a file, and so is its benchmark.")
    return told[:5]


def _balanced(material: Material) -> str:
    """What balancing the answers gives the baseline, where it was made and gives something."""
    for q in against_baseline(material.sheet):
        again = q.get("prior_corrected") or {}
        gain = float(again.get("second_value") or 0.0) - float(q["second_value"])
        if again.get("second_value") and gain > 0.05:
            return (
                "Balance the answers over the labels, which needs no label and no training: English training alone "
                f"goes from {rate(q['second_value'])} to {rate(again['second_value'])}, which is described, not tested."
            )
    return ""
