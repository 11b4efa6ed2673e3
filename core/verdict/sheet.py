"""The answer sheet: everything that predictions say, as one document that can be kept and compared.

It is what every page, report and verb shows: a contrast is computed here, once, by the study's one rule, and has one
interval, one p and one mark wherever it stands. Making it takes seconds on the full experiment, so that it is kept
under `sheet_key`, which changes with the predictions, the analysis and the code's `SHEET`.
"""

from __future__ import annotations

import dataclasses
import json
import math
from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from core.config import content_hash
from core.statistics.bootstrap import REPETITIONS
from core.verdict.analysis import Analysis
from core.verdict.answers import Clusters, read_answers
from core.verdict.by_language import compare_languages
from core.verdict.contrast import Contrasts
from core.verdict.controls import explain
from core.verdict.further_questions import further
from core.verdict.levels import levels
from core.verdict.transfer import by_run
from core.verdict.verdict import Result, Unanswerable, answer

#: Raise it when the same predictions would give another sheet.
SHEET = 4


def sheet_key(
    predictions: Mapping[str, str], split: str, analysis: Mapping[str, Any] | None = None,
    beside: Mapping[str, str] | None = None,
) -> str:  # fmt: skip
    """What names a sheet: `predictions` maps run identities to a hash of each run's predictions, `analysis` is the
    content of one, `beside` names of other tables that it was made from to theirs."""
    content = {"sheet": SHEET, "split": split, "predictions": dict(predictions), "analysis": dict(analysis or {})}
    return content_hash(content | ({"beside": dict(beside)} if beside else {}))


def make_sheet(
    table: pd.DataFrame, robust: pd.DataFrame | None = None, scores: pd.DataFrame | None = None,
    repetitions: int = REPETITIONS, analysis: Analysis | None = None, corrected: pd.DataFrame | None = None,
    answered: tuple[Sequence[Result], Sequence[Unanswerable]] | None = None, clusters: Clusters | None = None,
) -> dict[str, Any]:  # fmt: skip
    """The sheet of a table of predictions of one split (columns as for `read_answers`), ready for JSON.

    `robust` and `scores`, of the same runs, are for the questions beside the verdict's own
    (`further_questions.further`); `corrected` is the table after correction of the label prior
    (`core.experiment.studies.verdict.balanced`). `analysis`: whose arms, by which rule; `answered` are a study's own
    questions, answered, and those without an answer (else those of `core.verdict.questions` are asked); `clusters` says
    which items belong together where it is not three a premise. questions: the verdict's
    answers and those, each with its sentence. unanswerable: questions without an answer, and why. levels: accuracy of
    each arm by language and across, with intervals. languages: each asked pair of arms by language, Holm-corrected.
    controls: what the controls explain. runs: every run across languages. Unknown numbers are null. Raises `BadInput`
    if the table cannot be used.
    """
    answers = dataclasses.replace(read_answers(table), clusters=clusters)
    contrasts = Contrasts(answers, repetitions, analysis=analysis)
    again = dataclasses.replace(read_answers(corrected), clusters=clusters) if corrected is not None else None
    nothing = pd.DataFrame()
    beside = further(contrasts, nothing if robust is None else robust, nothing if scores is None else scores)
    results, unanswerable = answered if answered is not None else answer(contrasts, again)
    pairs = dict.fromkeys((result.first, result.second) for result in results)
    languages = [compare_languages(contrasts, *pair, results) for pair in pairs]
    return {
        "analysis": {
            "study": contrasts.analysis.study,
            "method": contrasts.analysis.method,
            "arms": list(contrasts.analysis.arms),
        },
        "questions": [
            _known(dataclasses.asdict(result) | {"sentence": result.sentence}) for result in (*results, *beside)
        ],
        "unanswerable": [dataclasses.asdict(one) for one in unanswerable],
        "levels": _records(levels(answers, repetitions)),
        "languages": _records(pd.concat(languages)) if languages else [],
        "controls": _records(explain(contrasts, results)),
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
    return {str(k): _value(v) for k, v in row.items()}


def _value(value: Any) -> Any:
    if isinstance(value, Mapping):
        return _known(value)
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _records(table: pd.DataFrame) -> list[dict[str, Any]]:
    return [_known(row) for row in table.astype(object).where(table.notna(), None).to_dict("records")]
