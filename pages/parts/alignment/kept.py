"""Plans kept under a name: keep, list, open by link, delete."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import streamlit as st

from core.errors import IsoglossError
from core.figures.drawn_plan import DrawnPlan
from core.figures.ribbons import Words
from pages.parts.alignment.controls import KEYS
from pages.parts.stored import read_own, workspace
from pages.parts.text import caption, direction, note
from store.user.kept_plans import KeptPlan, KeptView, delete_kept, keep, list_kept, read_kept

#: Widgets of the pair; with `KEYS` they are all that brings a view back.
PAIR_KEYS = (
    "sentences", "language", "line", "gold-language", "gold-line", "first-language", "premise", "bitext", "linked",
    "number", "source", "target",
)  # fmt: skip


def opened() -> KeptView | None:
    """The kept plan that the link names. Raises `BadInput` if it is not there."""
    view_id = st.query_params.get("kept", "")
    return read_kept(workspace(), view_id) if view_id else None


def drawn(view: KeptView) -> list[DrawnPlan]:
    """A kept view's plans as pictures."""
    codes = (view.settings.get("source_code", ""), view.settings.get("target_code", ""))
    return [_drawn(plan, codes) for plan in view.plans]


def close() -> None:
    """A button that leaves a kept plan, and one that sets every control as it was."""
    left, right = st.columns([1, 4])
    left.button("Close", on_click=_close, icon=":material/close:")
    right.button("Set the controls as they were", on_click=_restore, icon=":material/tune:")


def panel(plans: Sequence[DrawnPlan], run_ids: Sequence[str], codes: tuple[str, str]) -> None:
    """Keep what is shown, and what was kept before. `run_ids` are those of each plan."""
    st.subheader("Kept plans", anchor=False)
    left, right = st.columns([3, 2], vertical_alignment="bottom")
    left.text_input("Name", key="keep-name", placeholder="Idiom, transport against english-only", max_chars=200)
    right.button("Keep what is shown", on_click=_keep, args=(plans, run_ids, codes), icon=":material/bookmark_add:")
    said = st.session_state.pop("kept-said", None)
    if said:
        note(said)
    found = read_own(list_kept)
    if found.empty:
        caption("Nothing is kept yet. A kept plan comes back by its link, even where the run it came from is gone.")
        return
    labels = {str(row["view_id"]): f"{row['name']} ({row['kept']:%d %b %Y %H:%M})" for row in found.to_dict("records")}
    left, middle, right = st.columns([3, 1, 1], vertical_alignment="bottom")
    chosen = left.selectbox("Kept", list(labels), format_func=lambda key: labels.get(key, ""), key="kept-choice")
    middle.button("Open", on_click=_open, args=(chosen,), icon=":material/open_in_new:")
    right.button("Delete", on_click=_delete, args=(chosen,), icon=":material/delete:")


def _keep(plans: Sequence[DrawnPlan], run_ids: Sequence[str], codes: tuple[str, str]) -> None:
    state = {key: st.session_state[key] for key in (*PAIR_KEYS, *KEYS) if key in st.session_state}
    settings = {"state": state, "source_code": codes[0], "target_code": codes[1]}
    kept = [
        KeptPlan(
            plan.label, plan.arm, run_id, plan.layer, plan.source.words, plan.target.words, plan.source.mass,
            plan.target.mass, plan.plan, plan.links, plan.cost, plan.entropy,
        )
        for plan, run_id in zip(plans, run_ids, strict=True)
    ]  # fmt: skip
    try:
        view_id = keep(workspace(), st.session_state.get("keep-name") or "", settings, kept)
    except IsoglossError as error:
        st.session_state["kept-said"] = str(error)
        return
    st.session_state["kept-said"] = f"Kept. Its link ends in `alignment?kept={view_id}`."
    st.session_state["keep-name"] = ""


def _open(view_id: str) -> None:
    st.query_params["kept"] = view_id


def _close() -> None:
    st.query_params.pop("kept", None)


def _delete(view_id: str) -> None:
    try:
        delete_kept(workspace(), view_id)
        st.session_state["kept-said"] = "Deleted."
    except IsoglossError as error:
        st.session_state["kept-said"] = str(error)


def _restore() -> None:
    view = opened()
    if view is not None:
        state: dict[str, Any] = view.settings.get("state", {})
        for key in (*PAIR_KEYS, *KEYS):
            if key in state:
                st.session_state[key] = state[key]
    _close()


def _drawn(plan: KeptPlan, codes: tuple[str, str]) -> DrawnPlan:
    source, target = (
        Words(words, np.asarray(mass), direction(" ".join(words)) == "rtl", code)
        for words, mass, code in (
            (plan.source_words, plan.source_mass, codes[0]),
            (plan.target_words, plan.target_mass, codes[1]),
        )
    )
    return DrawnPlan(plan.label, plan.arm, plan.layer, source, target, plan.plan, plan.links, plan.cost, plan.entropy)
