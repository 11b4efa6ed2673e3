"""The answer sheet: everything that predictions say, as one document that can be kept and compared.

It is what the overview shows. Making it takes seconds on the full experiment, so that it is kept under `sheet_key`,
which changes with the predictions and with the code's `SHEET`.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping
from typing import Any

import pandas as pd

from core.config import content_hash
from core.statistics.bootstrap import REPETITIONS
from core.verdict.answers import read_answers
from core.verdict.by_language import compare_languages
from core.verdict.controls import explain
from core.verdict.further_questions import further
from core.verdict.levels import levels
from core.verdict.transfer import by_run
from core.verdict.verdict import answer

#: Raise it when the same predictions would give another sheet.
SHEET = 3


def sheet_key(predictions: Mapping[str, str], split: str, beside: Mapping[str, str] | None = None) -> str:
    """What names a sheet: `predictions` maps run identities to a hash of each run's predictions, `beside` names of
    other tables that it was made from to theirs."""
    content = {"sheet": SHEET, "split": split, "predictions": dict(predictions)}
    return content_hash(content | ({"beside": dict(beside)} if beside else {}))


def make_sheet(
    table: pd.DataFrame, robust: pd.DataFrame | None = None, scores: pd.DataFrame | None = None,
    repetitions: int = REPETITIONS, flips: int = 10_000,
) -> dict[str, Any]:  # fmt: skip
    """The sheet of a table of predictions of one split (columns as for `read_answers`), ready for JSON.

    `robust` and `scores`, of the same runs, are for the questions beside the verdict's own
    (`further_questions.further`). questions: the verdict's answers and those, each with its sentence. levels:
    accuracy of each arm by language and across, with intervals. languages: each asked pair of arms by language,
    Holm-corrected. controls: what the controls explain. runs: every run across languages. Unknown numbers are null.
    Raises `BadInput` if the table cannot be used.
    """
    answers = read_answers(table)
    nothing = pd.DataFrame()
    beside = further(answers, nothing if robust is None else robust, nothing if scores is None else scores, repetitions)
    answered = answer(answers, repetitions)
    pairs = dict.fromkeys((result.first, result.second) for result in answered)
    languages = [compare_languages(answers, *pair, flips=flips, repetitions=repetitions) for pair in pairs]
    return {
        "questions": [
            _known(dataclasses.asdict(result) | {"sentence": result.sentence}) for result in (*answered, *beside)
        ],
        "levels": _records(levels(answers, repetitions)),
        "languages": _records(pd.concat(languages)) if languages else [],
        "controls": _records(explain(answers, repetitions)),
        "runs": _records(by_run(answers)),
    }


def one_recipe_an_arm(runs: pd.DataFrame) -> pd.DataFrame:
    """For each arm the runs with the settings of its newest one: two strengths of an arm are two recipes.

    `runs` has the store's columns, oldest first; of two runs of one arm and seed the newer stays.
    """
    settings = runs["config"].map(lambda text: json.dumps(json.loads(text).get("settings"), sort_keys=True))
    newest = settings.groupby(runs["arm"]).transform("last")
    return runs[settings == newest].drop_duplicates(["arm", "seed"], keep="last")


def _known(row: Mapping[Any, Any]) -> dict[str, Any]:
    return {str(k): None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [_known(row) for row in table.astype(object).where(table.notna(), None).to_dict("records")]
