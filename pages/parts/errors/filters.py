"""The filter bar of the errors page: what passes is in the link, and an empty result says which filter did it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pandas as pd
import streamlit as st

from core.arms.names import BASELINE, main_arms, sort_arms
from core.data.records import LABELS
from core.languages import language, sort_codes
from core.notation import plural
from pages.parts import look
from pages.parts.errors import text_features
from pages.parts.groups import run_labels
from pages.parts.stored import read, workspace
from store.results import selected
from store.results.benchmarks import data_kind, order_splits
from store.results.selection import Selection
from store.user import marks

ANY = "any"
OUTCOMES = {ANY: None, "right": True, "wrong": False}
ENGLISH = {ANY: None, "as in English": True, "other than in English": False}
AGREEMENT = {ANY: None, "all agree": True, "some differ": False}
#: Confidence x100 can be no lower than of three equal probabilities.
LOWEST = 33
LENGTH = "Subwords of premise and hypothesis together."
FERTILITY = "How finely the tokeniser cuts words; in Thai and Chinese each subword counts as a word."
OVERLAP = (
    "Share of the item's distinct subwords that the bitext of its language has, as far as a run read it. Languages "
    "without bitext here have none and do not pass."
)


@dataclass(frozen=True)
class ErrorSelection:
    """What a person asked for. `runs` are the runs chosen among `group`, all runs of the page; `labels` names them."""

    selection: Selection
    runs: pd.DataFrame
    group: pd.DataFrame
    labels: dict[str, str]
    features: pd.DataFrame | None = None

    @property
    def split(self) -> str:
        return self.selection.split

    @property
    def kind(self) -> str:
        return data_kind(self.group, self.split)

    @property
    def arms(self) -> list[str]:
        """The chosen arms in the order of figures."""
        return sort_arms(self.runs["arm"])

    @property
    def baseline(self) -> str:
        """The arm that others are compared with: english-only where a run of it is there, else the first arm."""
        return BASELINE if BASELINE in set(self.group["arm"]) else sort_arms(self.group["arm"])[0]

    def with_baseline(self) -> Selection:
        """The selection with the baseline's runs added, for comparisons."""
        base = self.group[(self.group["arm"] == self.baseline) & self.group["seed"].isin(set(self.runs["seed"]))]
        return replace(self.selection, run_ids=tuple(dict.fromkeys([*base["run_id"], *self.selection.run_ids])))

    def descriptive(self) -> str:
        """Why a test on these items only describes them; "" where nothing was chosen among them."""
        return "filters chose these items" if self.selection.filtered else ""

    def count_sentence(self, counted: selected.Count) -> str:
        """How much remains, of how much."""
        every = f"{counted.of:,}"
        return (
            f"{plural(counted.predictions, 'prediction')} of {every} pass the filters: "
            f"{plural(counted.items, 'item')}, "
            "each counted once for every language and run."
        )

    def emptied_by(self) -> str:
        """The sentence for a selection that nothing passes: what each filter alone takes away."""
        s = self.selection
        if s.correct is not None and s.gold is not None and s.predicted is not None:
            same = "the same" if s.gold == s.predicted else "different"
            if (s.gold == s.predicted) != s.correct:
                return (
                    f"No item passes: gold and predicted are set to {same} labels, so none can be "
                    f"{'right' if s.correct else 'wrong'}. Choose any in one of the three."
                )
        found: dict[str, int] = read(selected.loosened, s)
        freed = [f"without {name} there are {number:,}" for name, number in found.items() if number]
        if freed:
            return f"No item passes these filters together: {'; '.join(freed)}."
        return "No item passes these filters, and no single one of them is the cause; set them back to any."


def choose(group: pd.DataFrame, coverage: pd.DataFrame, others: pd.DataFrame | None = None) -> ErrorSelection:
    """Draw the bar and return what it asks for. `group` has one run for each arm and seed; `others` are predictions of
    another model, which come in when they are chosen."""
    group = group[group["run_id"].isin(set(coverage["run_id"]))].reset_index(drop=True)
    brought = [] if others is None else list(others["arm"])
    _older_link(group)
    splits = order_splits(group, coverage["split"])
    seeds = [str(seed) for seed in sorted(set(group["seed"]))]
    widths = [4, 1.6, 2, 5] if len(seeds) > 1 else [4, 2, 5]
    places = look.columns("filters", widths, "narrow")
    main = main_arms(group["arm"])
    with places[0]:
        every = len(main) == group["arm"].nunique()
        arms = _several("Arms", [*sort_arms(group["arm"]), *brought], "run", "all arms" if every else "the main arms")
    chosen_seeds: list[str] = []
    if len(seeds) > 1:
        with places[1]:
            chosen_seeds = _several("Seeds", seeds, "seeds", "all")
    with places[-2]:
        split = st.selectbox("Split", splits, key="split", bind="query-params")
    runs = group[group["arm"].isin(arms or main) & group["seed"].isin([int(s) for s in chosen_seeds or seeds])]
    if others is not None and set(arms) & set(brought):  # whatever the seeds: they have none
        beside = others[others["arm"].isin(arms)]
        runs, group = (pd.concat([table, beside], ignore_index=True) for table in (runs, group))
    here = coverage[(coverage["split"] == split) & coverage["run_id"].isin(set(group["run_id"]))]
    codes = sort_codes(sorted(set(here["language"])))
    with places[-1]:
        languages = _several("Languages", codes, "languages", "all languages", lambda code: language(code).label)
    gold, predicted, outcome = (
        _one(column, label, options, key)
        for column, label, options, key in zip(
            look.columns("labels", [2, 2, 1.2], "narrow"),
            ("Gold label", "Predicted label", "Outcome"),
            ((ANY, *LABELS), (ANY, *LABELS), tuple(OUTCOMES)),
            ("gold", "predicted", "outcome"),
            strict=True,
        )
    )
    selection = Selection(
        run_ids=tuple(runs["run_id"]),
        split=split,
        languages=tuple(languages) or None,
        gold=_label(gold),
        predicted=_label(predicted),
        correct=OUTCOMES[outcome],
        compared=tuple(group["run_id"]),
    )
    chosen = ErrorSelection(selection, runs, group, run_labels(group))
    return _more(chosen, codes)


def _more(chosen: ErrorSelection, codes: list[str]) -> ErrorSelection:
    """The filters that are asked for less often, folded away until one of them is set."""
    names = ("confidence", "english", "agreement", "texts", "unmarked")
    opened = any(name in st.query_params for name in names)
    with st.expander("More filters: confidence, agreement, text, doubtful items", expanded=opened):
        first, second, third = look.columns("more", [3, 3, 3], "narrow")
        with first:
            sure = st.slider("Confidence ×100", LOWEST, 100, (LOWEST, 100), key="confidence", bind="query-params",
                             help="The largest of the three probabilities.")  # fmt: skip
        english = _one(second, "Predicted", tuple(ENGLISH), "english", "Compared with the same run's label in English.")
        agreement = _one(third, "Runs", tuple(AGREEMENT), "agreement", "Whether all runs of this page give one label.")
        left, right = look.columns("more-switches", 2, "narrow")
        with left:
            unmarked = st.toggle("Leave out items marked doubtful", key="unmarked", bind="query-params")
        with right:
            texts = st.toggle(
                "Filter by text", key="texts", bind="query-params",
                help="Measures each item's text once: subwords, subwords per word, overlap with the training bitext.",
            )  # fmt: skip
        s = replace(
            chosen.selection,
            confidence=_limits(sure, LOWEST, 100, 0.0, 101.0),
            like_english=ENGLISH[english],
            runs_agree=AGREEMENT[agreement],
            without=_marked(chosen) if unmarked else (),
        )
        features = None
        if texts:
            path = text_features.path_of(chosen.kind, s.split, tuple(codes), chosen.group)
            if path:
                s, features = _by_text(replace(s, texts=path), path)
    return replace(chosen, selection=s, features=features)


def _by_text(s: Selection, path: str) -> tuple[Selection, pd.DataFrame]:
    features = text_features.load(path)
    length, fertility, overlap = look.columns("texts", 3, "narrow")
    most = max(int(features["length"].max()), 3)
    with length:
        given = st.slider("Length, subwords", 2, most, (2, most), key="length", bind="query-params", help=LENGTH)
    finest = max(float(round(features["fertility"].max() + 0.05, 1)), 1.1)
    with fertility:
        cut = st.slider(
            "Subwords per word", 1.0, finest, (1.0, finest), 0.1, key="fertility", bind="query-params", help=FERTILITY
        )
    with overlap:
        name = "Overlap with the training bitext ×100"
        seen = st.slider(name, 0, 100, (0, 100), key="overlap", bind="query-params", help=OVERLAP)
    s = replace(
        s,
        length=_limits(given, 2, most, 0.0, float(most)),
        fertility=_limits(cut, 1.0, finest, 0.0, finest),
        overlap=_limits(seen, 0, 100, 0.0, 100.0),
    )
    return s, features


def _marked(chosen: ErrorSelection) -> tuple[tuple[str, int], ...]:
    if not workspace().user.exists():
        return ()
    table = marks.read_marks(workspace(), chosen.kind, chosen.selection.split)
    return tuple((str(code), int(item)) for code, item in zip(table["language"], table["item_id"], strict=True))


def _older_link(group: pd.DataFrame) -> None:
    """A link that names one run, also with its short id: its arm and its seed."""
    given = st.query_params.get("run")
    if given is None or "run" in st.session_state or given in set(group["arm"]):
        return
    named = {name: run for run, label in run_labels(group).items() for name in (label, f"{label} ({run[:6]})")}
    if given in named:
        run = group[group["run_id"] == named[given]].iloc[0]
        st.session_state["run"], st.session_state["seeds"] = [run["arm"]], [str(run["seed"])]


def _several(label: str, options: list[str], key: str, empty: str, named: Any = str) -> list[str]:
    return st.multiselect(label, options, format_func=named, placeholder=empty, key=key, bind="query-params")


def _one(column: Any, label: str, options: tuple[str, ...], key: str, help: str | None = None) -> str:
    chosen = column.segmented_control(
        label, options, default=ANY, required=True, key=key, bind="query-params", wrap=True, help=help
    )
    return str(chosen or ANY)


def _label(chosen: str) -> tuple[int, ...] | None:
    return (LABELS.index(chosen),) if chosen in LABELS else None


def _limits(
    given: tuple[float, float], low: float, high: float, lowest: float, highest: float
) -> tuple[float, float] | None:
    """None where the slider stands at its ends; an end that stands there lets everything beyond through."""
    if given[0] <= low and given[1] >= high:
        return None
    return (lowest if given[0] <= low else float(given[0]), highest if given[1] >= high else float(given[1]))
