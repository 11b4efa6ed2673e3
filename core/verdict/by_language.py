"""Two arms language by language, by the study's rule, corrected over the languages."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from core.statistics.significance import holm
from core.verdict.contrast import Contrasts
from core.verdict.measures import ENGLISH
from core.verdict.questions import ENGLISH_ACCURACY, LOW
from core.verdict.verdict import Result

COLUMNS = (
    "first", "second", "language", "difference", "low", "high", "p", "tested", "seed_variance", "seeds", "items",
    "premises",
)  # fmt: skip


def compare_languages(contrasts: Contrasts, first: str, second: str, asked: Sequence[Result] = ()) -> pd.DataFrame:
    """`COLUMNS`, a row for each language that all runs of both arms have and in which their answers differ at all;
    first minus second, x100.

    p is corrected by Holm over the languages other than English that are tested (14 on XNLI). English stands beside
    them: where its difference is one of the questions `asked`, with that question's p. p is NaN where nothing is
    tested: one run against one run has an interval and no mark. Empty where the arms have no seed in common.
    """
    found = {code: one for code, one in contrasts.languages(LOW, first, second).items() if not one[0].same}
    others = [code for code, (_, judged) in found.items() if code != ENGLISH and judged.tested]
    p = dict(zip(others, holm([found[code][1].p for code in others]), strict=True))
    english = next((one for one in asked if (one.first, one.second, one.languages) == (first, second, (ENGLISH,))
                    and one.name == ENGLISH_ACCURACY.name), None)  # fmt: skip
    if ENGLISH in found and found[ENGLISH][1].tested:
        p[ENGLISH] = english.p if english is not None and english.tested else found[ENGLISH][1].p
    rows = [
        (
            first, second, code, judged.difference, judged.low, judged.high, p.get(code, float("nan")), judged.tested,
            judged.source, len(contrast.seeds), contrast.items, contrast.premises,
        )
        for code, (contrast, judged) in found.items()
    ]  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS))
