"""What the answers to the suites come to: accuracy with its interval, the labels said, and two models side by side.

The items are a fixed set that people wrote, and those of one group share their sentences. So an interval is Wilson's
over groups: as if every group were one observation, in however many languages it was read. It is wide, and says how
much other sentences of the same kind might change the number. All of it is descriptive: nothing here is tested.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
import pandas as pd

from core.data.records import LABELS
from core.languages import language, sort_codes
from core.statistics.intervals import wilson
from core.suites.items import CATEGORIES, SuiteItem

#: Groups of languages, with the languages' codes that they take.
ENGLISH, HIGH, LOW = "English", "high-resource", "low-resource"
LANGUAGE_GROUPS = (ENGLISH, HIGH, LOW)
#: What an interval is over, for people.
OVER = "95 % interval (Wilson) over groups of items that share their sentences, each counted once; descriptive"
SAID = tuple(f"said {name}" for name in LABELS)
_NUMBERS = ("items", "groups", "passed", "accuracy", "low", "high", *SAID)
COLUMNS = ("category", "language", *_NUMBERS)
GROUP_COLUMNS = ("category", "languages", *_NUMBERS)


def language_group(code: str) -> str:
    """Which of `LANGUAGE_GROUPS` a language is in."""
    return ENGLISH if code == "en" else LOW if language(code).low_resource else HIGH


def by_language(answers: pd.DataFrame) -> pd.DataFrame:
    """`COLUMNS` of one model's answers (`core.suites.run.run_suite`): a row a category and language; rates x100."""
    return _summary(answers, answers["language"], "language", sort_codes(sorted(set(answers["language"]))))


def by_language_group(answers: pd.DataFrame) -> pd.DataFrame:
    """`GROUP_COLUMNS`: a row a category and group of languages, every language with the same weight."""
    return _summary(answers, answers["language"].map(language_group), "languages", LANGUAGE_GROUPS)


def constant_passes(items: Sequence[SuiteItem]) -> dict[str, float]:
    """By label, how many of 100 items a model passes that always says it: what accuracy has to be held against."""
    return {
        name: 100.0 * float(np.mean([label in item.expected for item in items])) for label, name in enumerate(LABELS)
    }


def differences(answers: pd.DataFrame, other: pd.DataFrame) -> pd.DataFrame:
    """category, language, items, `other`'s passes that `answers` has not and the reverse, and the difference in
    accuracy x100: `answers` minus `other`, on the items that both have. Descriptive."""
    keys = ["category", "language", "id"]
    both = answers[[*keys, "passed"]].merge(other[[*keys, "passed"]], on=keys, suffixes=("", "_other"))
    both["lost"], both["gained"] = both["passed_other"] & ~both["passed"], both["passed"] & ~both["passed_other"]
    grouped = both.groupby(["category", "language"], sort=False)
    table = grouped.agg(items=("id", "size"), lost=("lost", "sum"), gained=("gained", "sum")).reset_index()
    table["difference"] = 100.0 * (table["gained"] - table["lost"]) / table["items"]
    return _ordered(table, "language", sort_codes(sorted(set(table["language"]))))


def _summary(answers: pd.DataFrame, units: pd.Series, name: str, order: Sequence[str]) -> pd.DataFrame:
    rows = [(category, unit, *numbers) for category, unit, numbers in _cells(answers, units)]
    return _ordered(pd.DataFrame(rows, columns=["category", name, *_NUMBERS]), name, order)


def _cells(answers: pd.DataFrame, units: pd.Series) -> Iterator[tuple[str, str, tuple[float, ...]]]:
    for (category, unit), rows in answers.groupby([answers["category"], units], sort=False):
        groups, passed = int(rows["group"].nunique()), int(rows["passed"].sum())
        share = passed / len(rows)
        low, high = wilson(share * groups, groups)
        said = [int((rows["predicted"] == label).sum()) for label in LABELS]
        yield str(category), str(unit), (len(rows), groups, passed, 100.0 * share, low, high, *said)


def _ordered(table: pd.DataFrame, name: str, order: Sequence[str]) -> pd.DataFrame:
    """Categories in their order, and units in `order`."""
    ranks = {value: rank for rank, value in enumerate([*CATEGORIES, *order])}
    return table.sort_values(["category", name], key=lambda column: column.map(ranks), ignore_index=True)
