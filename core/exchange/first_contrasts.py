"""What is printed of a study that is answered as the first one, contrast by contrast, with what it is made of.

The numbers are the answer sheet's own (`core.verdict.sheet`); beside each stands what `recompute.py` needs to make it
again: which runs, items and languages, and from where the seeds' variance is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Any

from core.alignment.default_layer import CHOSEN_LAYER
from core.arms.names import BASELINE, METHODS, arm_name
from core.evaluation.prior import LEAST
from core.languages import LOW_RESOURCE
from core.statistics.bootstrap import REPETITIONS
from core.statistics.crossed import FEWEST_SEEDS
from core.statistics.intervals import LEVEL
from core.statistics.significance import MARGIN, POWER
from core.verdict.answers import ITEMS_A_PREMISE
from core.verdict.further_questions import ALIGNMENT, HARDER, RETRIEVAL, RETRIEVED
from core.verdict.levels import GAP, LOW, OTHERS
from core.verdict.measures import ENGLISH, agrees_with_english
from core.verdict.questions import ENGLISH_ACCURACY, MEASURES, Measure
from core.verdict.questions import LOW as LOW_ACCURACY
from core.verdict.verdict import FEWEST_PREMISES

#: Decimals that points (x100) and p-values are printed with, and what sums may differ by between processors.
DIGITS, DIGITS_P, SLACK = 4, 5, 2e-5
#: What is told where a benchmark's licence keeps probabilities back.
WITHOUT_PROBABILITIES = "Contrasts after correction of the label prior rest on probabilities, which are not passed on."
_QUESTION = (
    "first_value", "second_value", "difference", "low", "high", "p", "p_equivalent", "smallest", "outcome", "ahead",
    "within_margin", "tested", "seed_variance", "seeds", "premises", "items", "family",
)  # fmt: skip
_CORRECTED = ("first_value", "second_value", "difference", "low", "high", "p", "outcome", "ahead", "tested")
_LANGUAGE = ("difference", "low", "high", "p", "tested", "seeds", "items", "premises", "seed_variance")
_CONTROL = (
    "difference", "low", "high", "p", "tested", "value", "baseline", "seeds", "premises", "items", "seed_variance",
)  # fmt: skip
_P = ("p", "p_equivalent")
#: What a row is of, which is no result; sentences are made from the numbers.
_SAYS = {
    "name", "primary", "first", "second", "lower_is_better", "languages", "complete", "unit", "sentence", "question",
    "arm", "control", "language", "interval", "english_first", "english_second", "ahead_by", "ahead_low", "ahead_high",
    "ahead_seeds", "method", "family_name", "prior_corrected",
}  # fmt: skip
_PLAIN: dict[str, Any] = {
    "table": "predictions", "count": "accuracy", "minus": [], "pooled_plus": [], "pooled_minus": [], "borrow": "none",
    "family": "", "p_of": "", "pool": [], "lower_is_better": False, "scores": [], "layers": [], "names": {},
}  # fmt: skip


def settings() -> dict[str, Any]:
    """The constants of the method."""
    return {
        "repetitions": REPETITIONS, "seed": 0, "level": LEVEL, "margin": MARGIN, "power": POWER,
        "items_a_premise": ITEMS_A_PREMISE, "fewest_premises": FEWEST_PREMISES,
        "fewest_seeds": FEWEST_SEEDS, "least": LEAST, "source": ENGLISH,
        "digits": DIGITS, "digits_p": DIGITS_P, "slack": SLACK,
    }  # fmt: skip


def first_contrasts(
    sheet: Mapping[str, Any], codes: Sequence[str], probabilities: bool = True
) -> tuple[list[dict[str, Any]], list[str]]:
    """Every printed contrast and level of a sheet, `codes` being the languages of its predictions; and a sentence on
    each number of the sheet that `recompute.py` leaves out, without `probabilities` those that rest on them."""
    left_out: list[str] = []
    entries = [
        *_questions(sheet["questions"], codes, probabilities), *_languages(sheet["languages"], sheet["questions"]),
        *_controls(sheet["controls"], sheet["questions"]), *_levels(sheet["levels"], codes, left_out),
    ]  # fmt: skip
    for entry in entries:
        entry["pool"] = list(sheet["analysis"]["arms"])
    if not probabilities and any(row["prior_corrected"] for row in sheet["questions"]):
        left_out.append(WITHOUT_PROBABILITIES)
    known = {"questions": _QUESTION, "languages": _LANGUAGE, "controls": _CONTROL, "levels": (*_CONTROL, *_LANGUAGE)}
    for part, names in known.items():
        more = {key for row in sheet[part] for key in row} - set(names) - _SAYS
        left_out += [f"{key} of {part} is printed by the verdict and not recomputed." for key in sorted(more)]
    left_out.append("Each run's own accuracy and consistency (cards/) are counts of its predictions, not contrasts.")
    return entries, left_out


def _entry(
    kind: str, number: object, label: str, row: Mapping[str, Any], keys: Sequence[str], **of: Any
) -> dict[str, Any]:
    printed = {}
    for key in keys:
        value = row[key]
        if key == "p" and value is None:  # nothing is tested
            continue
        if isinstance(value, float):
            value = round(value, DIGITS_P if key in _P else DIGITS)
        printed[key] = len(value) if key == "seeds" and not isinstance(value, int) else value
    return {"id": f"{kind}/{number}", "label": label, **_PLAIN, **of, "printed": printed}


def _questions(
    questions: Sequence[Mapping[str, Any]], codes: Sequence[str], probabilities: bool
) -> Iterator[dict[str, Any]]:
    measures = {measure.name: measure for measure in MEASURES}
    for number, row in enumerate(questions):
        arms = [row["first"], row["second"]]
        label = f"{row['name']}: {row['first']} minus {row['second']}"
        name = str(row["name"])
        if name in (RETRIEVAL, ALIGNMENT):
            of = _of_scores(name, row)
        else:
            harder = next((table for table, measure in HARDER.items() if measure.name == name), "")
            control = not harder and arms[0] not in METHODS
            measure = HARDER[harder] if harder else measures[name]
            of = _of_measure(measure, row, codes)
            of |= {"table": harder or "predictions"}
            of |= {"borrow": "plain" if harder else _borrows(arms) if control else "none", "family": row["family_name"]}
        yield _entry("questions", number, label, row, _QUESTION, arms=arms, **of)
        if row["english_first"] is not None:
            names = {"english_first": "first_value", "english_second": "second_value"}
            yield _entry("questions", f"{number}/english", f"{label}, in English", row, tuple(names), arms=arms,
                         plus=[ENGLISH], names=names)  # fmt: skip
        if row["prior_corrected"] is not None and probabilities:
            of |= {"table": "balanced", "family": f"{row['family_name']}, corrected"}
            yield _entry("questions", f"{number}/prior", f"{label}, after correction of the label prior",
                         row["prior_corrected"], _CORRECTED, arms=arms, **of)  # fmt: skip


def _of_measure(measure: Measure, row: Mapping[str, Any], codes: Sequence[str]) -> dict[str, Any]:
    """A measure's languages: of its two sides the one that the sheet names, and the other as the measure chooses."""
    chosen = list(row["languages"])
    plus = [code for code in codes if measure.plus(code)]
    minus = [code for code in codes if measure.minus and measure.minus(code)]
    return {
        "count": "agreement" if measure.count is agrees_with_english else "accuracy",
        "plus": plus if measure.minus else chosen, "minus": chosen if measure.minus else [],
        "pooled_plus": plus, "pooled_minus": minus, "lower_is_better": measure.lower_is_better,
    }  # fmt: skip


def _of_scores(name: str, row: Mapping[str, Any]) -> dict[str, Any]:
    retrieval = name == RETRIEVAL
    return {
        "count": "scores", "table": "scores", "scores": list(RETRIEVED) if retrieval else ["alignment_error"],
        "layers": [-1] if retrieval else [CHOSEN_LAYER], "plus": list(row["languages"]), "family": "further",
        "lower_is_better": row["lower_is_better"],
    }  # fmt: skip


def _borrows(arms: Sequence[str]) -> str:
    """From where a single run takes the seeds' variance for its interval: a control from the study's other arms, what
    is put on a run, and the main arms, from nowhere."""
    control = any(arm not in (BASELINE, *METHODS) for arm in arms)
    return "arms" if control and not any(arm_name(arm).applied for arm in arms) else "none"


def _asked(questions: Sequence[Mapping[str, Any]], name: str, arms: Sequence[str], codes: Collection[str]) -> str:
    """The tested question of this name on the same two arms in the same languages: its p stands wherever the contrast
    does. Empty without one."""
    for number, row in enumerate(questions):
        same = [row["first"], row["second"]] == list(arms) and set(row["languages"]) == set(codes)
        if same and row["name"] == name and row["tested"]:
            return f"questions/{number}"
    return ""


def _languages(rows: Sequence[Mapping[str, Any]], questions: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    for number, row in enumerate(rows):
        arms, code = [row["first"], row["second"]], row["language"]
        english = code == ENGLISH
        yield _entry(
            "languages", number, f"accuracy in {code}: {arms[0]} minus {arms[1]}", row, _LANGUAGE, arms=arms,
            plus=[code], pooled_plus=[code], borrow=_borrows(arms),
            family="" if english else f"{arms[0]} minus {arms[1]} by language",
            p_of=_asked(questions, ENGLISH_ACCURACY.name, arms, [ENGLISH]) if english else "",
        )  # fmt: skip


def _controls(rows: Sequence[Mapping[str, Any]], questions: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    about: dict[str, str] = {}
    for number, row in enumerate(rows):
        codes, arm = str(row["languages"]).split(), str(row["arm"])
        of = {"plus": codes, "pooled_plus": codes}
        names = {"value": "first_value", "baseline": "second_value"}
        label = f"{row['question']} {arm} minus {BASELINE}"
        arms = [arm, BASELINE]
        asked = _asked(questions, LOW_ACCURACY.name, arms, codes)
        yield _entry("controls", number, label, row, _CONTROL, arms=arms, names=names, p_of=asked,
                     borrow=_borrows(arms), **of)  # fmt: skip
        if not row["control"]:
            about.setdefault(str(row["question"]), arm)
        if row["ahead_by"] is not None:
            first = about[str(row["question"])]
            names = {"ahead_by": "difference", "ahead_low": "low", "ahead_high": "high"}
            label = f"{row['question']} {first} minus {arm}"
            arms = [first, arm]
            yield _entry("controls", f"{number}/ahead", label, row, tuple(names), arms=arms, names=names,
                         borrow=_borrows(arms), **of)  # fmt: skip


def _levels(rows: Sequence[Mapping[str, Any]], codes: Sequence[str], left_out: list[str]) -> Iterator[dict[str, Any]]:
    low = [code for code in codes if code in LOW_RESOURCE]
    others = [code for code in codes if code != ENGLISH]
    for number, row in enumerate(rows):
        unit, bootstrap = str(row["unit"]), row["interval"] == "bootstrap"
        plus = {LOW: low, OTHERS: others, GAP: [ENGLISH]}.get(unit, [unit])
        keys = ["value", *(["low", "high"] if bootstrap else []), "seeds", "items", "premises"]
        if not bootstrap and number == 0:
            left_out.append("With so few premises the intervals of levels are Wilson's, of the items: not recomputed.")
        yield _entry(
            "levels", number, f"{row['arm']} in {unit}", row, keys, arms=[row["arm"]], plus=plus,
            minus=low if unit == GAP else [], names={"value": "difference"},
        )  # fmt: skip
