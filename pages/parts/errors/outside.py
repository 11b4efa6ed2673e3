"""Another model's predictions: dropped, reported on before anything is stored, mended on request, stored, removed."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.arms.names import OUTSIDE
from core.exchange.outside.fitting import NO_MEND, Mend
from core.exchange.outside.reading import NO_PROBABILITIES
from core.exchange.outside.rows import MAX_BYTES, MAX_ROWS
from core.languages import language
from core.notation import count
from pages.parts import look, show
from pages.parts.bitext import checks as uploads
from pages.parts.errors.filters import ErrorSelection
from pages.parts.guard import guarded
from pages.parts.stored import kept, read, workspace
from pages.parts.text import caption, note
from store.results.outside import (
    Checked,
    check_predictions,
    list_predictions,
    remove_predictions,
    store_predictions,
    stored_gold,
)

TITLE = "Add another model's predictions"
_TOLD = "outside-told"


def section(group: pd.DataFrame, split: str) -> None:
    """The expander: what is stored of other models, and a file to add on the `split` of the runs `group`."""
    with st.expander(TITLE, key="outside"):
        if told := st.session_state.pop(_TOLD, ""):
            note(told)
        if not kept():
            note("The workspace cannot be written here, so nothing can be added.")
            return
        with guarded("another model's predictions"):
            _add(group, split)
        with guarded("stored predictions"):
            _stored()


def certain(chosen: ErrorSelection) -> None:
    """Say where a chosen model gave labels without probabilities."""
    listed = read(list_predictions)
    for arm in listed.loc[listed["certain"] & listed["run_id"].isin(chosen.selection.run_ids), "arm"]:
        note(f"{arm}: {NO_PROBABILITIES}")


def _add(group: pd.DataFrame, split: str) -> None:
    file = st.file_uploader(
        f"Predictions on {split}", max_upload_size=MAX_BYTES // 2**20, key="outside-file",
        help="CSV, TSV, JSONL, Parquet, or the samples JSONL of lm-eval-harness: a column of items (item_id, doc_id), "
        "one of languages, and predicted labels or a score for each label.",
    )  # fmt: skip
    if file is None:
        caption(
            f"Up to {MAX_BYTES // 2**20} MB and {count(MAX_ROWS)} rows; the file stays on this machine. It is held "
            "against the gold labels first, and nothing is stored before you have seen the report."
        )
        return
    ids = [str(run) for run in group["run_id"]]
    codes = ["", *read(stored_gold, ids, split)["language"].unique()]
    left, right = look.columns("outside-form", 2, "narrow")
    with left:
        name = st.text_input("Name of the model", file.name.rsplit(".", 1)[0][:60], max_chars=60, key="outside-name")
    with right:
        code = st.selectbox(
            "Language, if the file names none", codes, key="outside-language",
            format_func=lambda one: language(one).label if one else "the file names it",
        )  # fmt: skip
    uploads.forget_old()
    path = uploads.keep([file])[0][0]
    group_id = str(group["group_id"].iloc[0])

    def checked(mend: Mend) -> Checked:
        found: Checked = read(check_predictions, path, split, str(code), mend, file.name, group_id)
        return found

    found = checked(NO_MEND)
    if found.fit.better is not None:
        words = found.fit.better.sentence
        if st.checkbox(f"{words[0].upper()}{words[1:]}", key=f"outside-mend-{path.parent.name[:12]}"):
            found = checked(found.fit.better)
    for sentence in found.told:
        caption(sentence)
    if st.button(f"Store {count(len(found.table))} predictions", type="primary", key="outside-store"):
        _, arm = store_predictions(workspace(), found, name)
        st.session_state[_TOLD] = f"{arm} is stored. Choose it under Arms to see it beside them; it is in no test."
        st.rerun()


def _stored() -> None:
    listed = read(list_predictions)
    if listed.empty:
        return
    show.table(listed.drop(columns=["created"]), "outside", {"right": show.number("right ×100")})
    names = dict(zip(listed["run_id"], listed["arm"], strict=True))
    chosen = st.selectbox(f"Stored {OUTSIDE}", list(names), format_func=lambda key: names[key], key="outside-chosen")
    if st.button("Remove these predictions", key="outside-remove", icon=":material/delete:"):
        remove_predictions(workspace(), str(chosen))
        st.session_state[_TOLD] = (
            f"{names[str(chosen)]} is taken out; `python -m core runs restore {chosen}` undoes it."
        )
        st.rerun()
