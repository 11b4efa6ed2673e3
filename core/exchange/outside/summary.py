"""What another model's predictions come to: accuracy by language, described and in no test."""

from __future__ import annotations

import pandas as pd

from core.languages import sort_codes

DESCRIBED = (
    "Accuracy ×100 of predictions that somebody brought. Descriptive: they belong to no study, take part in no test "
    "and carry no mark; how that model was trained is not known here."
)


def accuracy_by_model(levels: pd.DataFrame) -> pd.DataFrame:
    """model, predictions, a column a language (accuracy x100, NaN where none was read); `levels` has arm, language,
    items and accuracy."""
    codes = sort_codes(sorted(set(levels["language"])))
    made = levels.pivot(index="arm", columns="language", values="accuracy")[codes]
    made.insert(0, "predictions", levels.groupby("arm")["items"].sum())
    made.columns.name = None
    return made.rename_axis("model").reset_index()
