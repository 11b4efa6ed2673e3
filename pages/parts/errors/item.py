"""One item: its text and every arm's probabilities in every language, how far each is from English, and marks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pandas as pd
import streamlit as st

from core.arms.names import UNTRAINED
from core.data.records import LABELS, NLIItem
from core.errors import IsoglossError
from core.figures.item import departs, item_panels
from core.languages import language, sort_codes
from core.notation import plural
from pages.parts import live, look, models, sections, show
from pages.parts.errors import whatif as errors_whatif
from pages.parts.errors.filters import ErrorSelection
from pages.parts.items import DOUBTED, Texts, in_all_languages, of_one_language
from pages.parts.stored import read, workspace
from pages.parts.text import caption, finding, note
from store.results import predictions, selected
from store.user import marks

#: The layer and regularisation that the alignment page opens with.
LAYER, EPSILON = 6, 0.05
#: The tab's title, the parameters of an address that ask for it, and what a link ends with to begin at it.
TAB, ASKED_BY, ANCHOR = "One item", ("item", "panels", "distance"), "one-item"


def open_item(item_id: int) -> None:
    """What selecting a row does: its item is open at the page's next run."""
    st.session_state["item"] = item_id
    sections.open_tab(TAB)


def draw(chosen: ErrorSelection, texts: Texts, saved_as: str) -> None:
    """The item's text and answers in every language, and its marks."""
    st.subheader("One item in every language", anchor=ANCHOR)
    item_id, shown, rows = _chosen(chosen)
    if rows.empty:
        return
    gold = LABELS[int(rows["gold"].iloc[0])]
    right, other = int(rows["correct"].sum()), int(departs(rows).sum())
    finding(
        f"Item {item_id}, gold label {gold}: {plural(right, 'prediction')} of {len(rows):,} right, {other:,} "
        "other than the same run's in English."
    )
    found = texts.of_item(rows, item_id)
    if texts.problem and not found:
        note(texts.problem)
    labels = {run: chosen.labels[run] for run in shown}
    beside = _beside(chosen, shown)
    distances = _distances(chosen, found, shown)
    st.html(in_all_languages(rows, found, labels, distances, beside, chosen.kind == "xnli"))
    caption(
        "Three numbers an arm: entailment, neutral, contradiction ×100. The framed one is predicted, green if "
        "right, orange if wrong; ≠ en: another label than in English."
    )
    codes = [code for code in DOUBTED if code in set(rows["language"])]
    if codes and chosen.kind == "xnli":
        names = ", ".join(language(code).name for code in codes)
        caption(
            f"{names}: errors were found in XNLI's translations into these languages (arXiv 2402.02080), so an "
            "error may be the translation's."
        )
    show.download(rows.drop(columns="run_id").assign(run=rows["run_id"]), "item")
    title = f"Item {item_id}, gold {gold}: what each arm sees in each language"
    if st.toggle("Show the probabilities as a figure", key="panels", bind="query-params"):
        show.figure(item_panels(rows, labels, title), "item", saved_as, alt=title)
    _marks(chosen, item_id, sort_codes(sorted(set(rows["language"]))))


def was_read(chosen: ErrorSelection, item_id: int, code: str) -> bool:
    """Whether a run that is shown has read the item in the language."""
    rows = read(predictions.item, _one_seed(chosen), chosen.split, item_id)
    return code in set(rows["language"])


def beside_list(chosen: ErrorSelection, texts: Texts, item_id: int, code: str) -> None:
    """The item of a prediction beside the list that it was selected in: its text and answers in its language and in
    English."""
    shown = _one_seed(chosen)
    rows = read(predictions.item, shown, chosen.split, item_id)
    rows = rows[rows["language"].isin([code, "en"])].assign(item_id=item_id)
    st.markdown(f"**Item {item_id}, {language(code).name}, gold label {LABELS[int(rows['gold'].iloc[0])]}**")
    arms = dict(zip(chosen.group["run_id"], chosen.group["arm"], strict=True))
    compared = [run for run in shown if arms[run] in {*chosen.arms, chosen.baseline}]
    found = texts.of_item(rows, item_id)
    labels = {run: chosen.labels[run] for run in compared}
    st.html(of_one_language(rows, found, labels, code, _beside(chosen, shown)))
    st.button(
        "In every language", key="open-item", on_click=open_item, args=(item_id,), type="tertiary",
        icon=":material/translate:",
    )  # fmt: skip


def what_if(chosen: ErrorSelection, texts: Texts) -> None:
    """The item with other words."""
    st.subheader("What if the sentences were others?", anchor=errors_whatif.ANCHOR)
    item_id, shown, rows = _chosen(chosen)
    if len(rows):
        labels = {run: chosen.labels[run] for run in shown}
        errors_whatif.draw(chosen, labels, item_id, texts.of_item(rows, item_id))


def _chosen(chosen: ErrorSelection) -> tuple[int, list[str], pd.DataFrame]:
    """The control of the item; its number, one run of every arm, and their answers, none where no run read it."""
    first = read(selected.page, chosen.selection, 1)
    default = int(first["item_id"].iloc[0]) if len(first) else 0
    given = st.number_input(
        "Item",
        min_value=0,
        value=None,
        step=1,
        key="item",
        bind="query-params",
        width=160,
        placeholder=str(default),
        help="An item is one premise and hypothesis; it has the same number in every language.",
    )
    item_id = default if given is None else int(given)
    shown = _one_seed(chosen)
    rows = read(predictions.item, shown, chosen.split, item_id)
    if rows.empty:
        note(f"No stored run read item {item_id} of this split; choose a number among the predictions.")
    return item_id, shown, rows.assign(item_id=item_id)


def _one_seed(chosen: ErrorSelection) -> list[str]:
    """One run of every arm, of the first chosen seed that it has, the baseline's first."""
    seeds = sorted(set(chosen.runs["seed"])) + sorted(set(chosen.group["seed"]))
    found = []
    for arm in chosen.group["arm"].drop_duplicates():
        own = chosen.group[chosen.group["arm"] == arm].set_index("seed")["run_id"]
        found.append(str(own[next(seed for seed in seeds if seed in own.index)]))
    return found


def _beside(chosen: ErrorSelection, shown: list[str]) -> list[str]:
    """The two runs that are compared, by name, for the alignment page: of the first two chosen arms, of the baseline
    and the chosen one where it is one alone; none where fewer than two have their weights here.

    A run that it cannot show would be taken out of the link there, which costs the way back a step.
    """
    available = models.choices(chosen.group)
    arms = dict(zip(chosen.group["run_id"], chosen.group["arm"], strict=True))
    own = {arms[run]: run for run in shown if run in available}
    named = [arm for arm in chosen.arms if arm in own]
    pair = named[:2] if len(named) > 1 else list(dict.fromkeys([chosen.baseline, *named, *own]))
    runs = [own[arm] for arm in pair if arm in own]
    return [chosen.labels[run] for run in runs[:2]] if len(runs) > 1 else []


def _distances(chosen: ErrorSelection, found: dict[str, NLIItem], shown: list[str]) -> dict[str, dict[str, float]]:
    """Transport cost of each language's premise to the English one, computed now, where a person asks for it."""
    if "en" not in found or len(found) < 2:
        return {}
    if not st.toggle("Measure how far each premise is from the English one", key="distance", bind="query-params"):
        return {}
    available = models.choices(chosen.group)
    asked = {UNTRAINED: "untrained"} | {run: chosen.labels[run] for run in shown if run in available}
    costs: dict[str, dict[str, float]] = {}
    for choice, name in list(asked.items())[:4]:
        costs[name] = {}
        for code, item in found.items():
            if code == "en":
                continue
            try:
                costs[name][code] = live.plan(choice, found["en"].premise, item.premise, LAYER, EPSILON).cost
            except IsoglossError as error:
                note(str(error))
                break
    caption(
        "Cost: mean cosine distance that the plan's mass travels between the premise and the English premise, layer "
        f"{LAYER}, ε {EPSILON:g}. Arms that moved all words together have a low cost too."
    )
    return costs


def _marks(chosen: ErrorSelection, item_id: int, codes: list[str]) -> None:
    place = workspace()
    table = marks.read_marks(place, chosen.kind, chosen.split) if place.user.exists() else pd.DataFrame()
    own = table[table["item_id"] == item_id] if len(table) else table
    rows: Iterator[Any] = own.itertuples(index=False)
    for row in rows:
        where = f"translation into {language(row.language).name}" if row.language else "label"
        left, right = look.columns(f"mark-{item_id}-{row.language}", [5, 1], "narrow")
        with left:
            note(f"Marked doubtful ({where}): {row.reason}")
        with right:
            if st.button("Take back", key=f"unmark-{item_id}-{row.language}"):
                marks.unmark(place, chosen.kind, chosen.split, item_id, str(row.language))
                st.rerun()
    with st.expander(f"Mark this item doubtful ({plural(len(table), 'item')} marked on this split)"):
        with st.form(f"mark-{item_id}", clear_on_submit=True, border=False):
            labelled = {"": "the label, in every language"}
            labelled |= {code: f"the translation into {language(code).name}" for code in codes if code != "en"}
            what = st.selectbox("What is doubtful", list(labelled), format_func=lambda code: labelled[code])
            reason = st.text_input("Reason", max_chars=marks.LIMIT)
            if st.form_submit_button("Mark"):
                try:
                    marks.mark(place, chosen.kind, chosen.split, item_id, str(what), reason or "")
                except IsoglossError as error:
                    note(str(error))
                else:
                    st.rerun()
        caption(
            "Marks are kept on this machine. “Leave out items marked doubtful” above shows every result without them."
        )
        if len(table):
            show.table(table, "marks")
