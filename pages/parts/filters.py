"""The filter bar of the errors page: what passes is in the link, and an empty result says which filter did it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from core.data.records import LABELS
from core.figures.formats import plural
from core.languages import language, sort_codes
from pages.parts import look
from pages.parts.groups import run_labels
from pages.parts.stored import read
from store import predictions

ANY = "any"
OUTCOMES = {ANY: None, "right": True, "wrong": False}
PAGE_SIZE = 50


@dataclass(frozen=True)
class Filters:
    """What a person asked for; None lets everything through."""

    run_id: str
    split: str
    languages: tuple[str, ...] | None
    gold: int | None
    predicted: int | None
    correct: bool | None

    def find(self, page: int = 1, size: int = PAGE_SIZE) -> tuple[pd.DataFrame, int]:
        """One page of the items that pass, and how many there are in all."""
        found: tuple[pd.DataFrame, int] = read(
            predictions.find,
            self.run_id,
            self.split,
            languages=list(self.languages) if self.languages else None,
            gold=self.gold,
            predicted=self.predicted,
            correct=self.correct,
            limit=size,
            offset=(page - 1) * size,
        )
        return found

    def total(self) -> int:
        return self.find(size=1)[1]

    def emptied_by(self) -> str:
        """The sentence for a selection that nothing passes: what each filter alone takes away."""
        loosened: list[tuple[str, Filters]] = []
        if self.languages:
            loosened.append(("language", replace(self, languages=None)))
        if self.gold is not None:
            loosened.append((f"gold {LABELS[self.gold]}", replace(self, gold=None)))
        if self.predicted is not None:
            loosened.append((f"predicted {LABELS[self.predicted]}", replace(self, predicted=None)))
        if self.correct is not None:
            loosened.append((_outcome(self.correct), replace(self, correct=None)))
        if self.correct is not None and self.gold is not None and self.predicted is not None:
            same = "the same" if self.gold == self.predicted else "different"
            if (self.gold == self.predicted) != self.correct:
                return (
                    f"No item passes: gold and predicted are set to {same} labels, so none can be "
                    f"{_outcome(self.correct)}. Choose any in one of the three."
                )
        freed = [f"without {name} there are {other.total():,}" for name, other in loosened if other.total()]
        if freed:
            return f"No item passes these filters together: {'; '.join(freed)}."
        return "No item passes these filters, and no single one of them is the cause; set them back to any."


def choose(runs: pd.DataFrame, coverage: pd.DataFrame) -> Filters:
    """Draw the bar and return what it asks for."""
    labels = run_labels(runs[runs["run_id"].isin(set(coverage["run_id"]))])
    first, second, third = look.columns("filters", [3, 2, 5], "narrow")
    with first:
        run_id = st.selectbox("Arm", list(labels), format_func=lambda key: labels[key], key="run", bind="query-params")
    own = coverage[coverage["run_id"] == run_id]
    splits = sorted(set(own["split"]), key=lambda name: (name != "test", name))
    with second:
        split = st.selectbox("Split", splits, key="split", bind="query-params")
    codes = sort_codes(sorted(set(own.loc[own["split"] == split, "language"])))
    with third:
        languages = st.multiselect(
            "Languages",
            codes,
            format_func=lambda code: language(code).label,
            placeholder="all languages",
            key="languages",
            bind="query-params",
        )
    gold, predicted, outcome = (
        column.segmented_control(label, options, default=ANY, required=True, key=key, bind="query-params", wrap=True)
        for column, label, options, key in zip(
            look.columns("labels", [2, 2, 1.2], "narrow"),
            ("Gold label", "Predicted label", "Outcome"),
            ((ANY, *LABELS), (ANY, *LABELS), tuple(OUTCOMES)),
            ("gold", "predicted", "outcome"),
            strict=True,
        )
    )
    return Filters(run_id, split, tuple(languages) or None, _label(gold), _label(predicted), OUTCOMES[outcome or ANY])


def count_sentence(passed: int, filters: Filters) -> str:
    """How many items remain, of how many."""
    every = Filters(filters.run_id, filters.split, None, None, None, None).total()
    return f"{plural(passed, 'item')} of {every:,} pass the filters (an item counts once in each language)."


def _label(chosen: Any) -> int | None:
    return LABELS.index(chosen) if chosen in LABELS else None


def _outcome(correct: bool) -> str:
    return "right" if correct else "wrong"
