"""Which encoder is read untrained: the embedded one, that of the runs shown, a folder, or a Hub name used before."""

from __future__ import annotations

from pathlib import Path

import pandas as pd
import streamlit as st

from core.arms.names import OUTSIDE
from core.encoder.known import cached_names, remember, remembered
from core.errors import BadInput
from core.experiment.run_encoder import EMBEDDED, encoder_title, run_encoder
from pages.parts.stored import kept, read, workspace
from pages.parts.text import note
from store.results.runs import list_runs

#: The widget's key, and the part of a link that holds it.
KEY = "encoder"
_OTHER = "other_encoder"
#: Where nothing was picked: the encoder of the runs that the page shows.
_OF_RUNS = "encoder_of_runs"


def picker(runs: pd.DataFrame) -> None:
    """Draw the choice in the sidebar; until something is chosen it is the encoder of `runs`, if they share one.

    An encoder that is named anew is loaded and made to read a sentence before it is offered.
    """
    names = {run_encoder(row) for row in runs[["encoder", "encoder_sha256"]].to_dict("records")} if len(runs) else set()
    first = next(iter(names)) if len(names) == 1 else EMBEDDED
    st.session_state[_OF_RUNS] = first
    known = [first, *(name for name in _known() if name != first)]
    if st.session_state.get(KEY) not in (None, *known):
        st.session_state.pop(KEY)
    chosen = st.sidebar.selectbox(
        "Encoder", known, 0, format_func=encoder_title, key=KEY, bind="query-params",
        help="Reads where no run is chosen. A run is read by the encoder that it was trained on.",
    )  # fmt: skip
    with st.sidebar.expander("Another encoder"), st.form("another-encoder", border=False):
        named = st.text_input("Folder or Hub name", key=_OTHER, max_chars=400)
        if st.form_submit_button("Check and add"):
            _add(named.strip())
    if len(runs) and chosen != first:
        note(
            f"The untrained encoder is {encoder_title(chosen)}; the runs shown were trained on {encoder_title(first)}."
        )


def chosen_encoder() -> str:
    """What was picked, else the encoder of the runs that the page shows, else the embedded one."""
    picked = st.session_state.get(KEY) or st.session_state.get(_OF_RUNS)
    return str(picked) if picked else EMBEDDED


def stamp_of(name: str) -> tuple[int, int]:
    """Changes when a file of an encoder's folder is written; of a name always the same."""
    folder = Path(name)
    if not folder.is_absolute() or not folder.is_dir():
        return 0, 0
    states = [file.stat() for file in sorted(folder.rglob("*")) if file.is_file()]
    return max((state.st_mtime_ns for state in states), default=0), sum(state.st_size for state in states)


def _known() -> list[str]:
    runs = read(list_runs)
    runs = runs[runs["preset"] != OUTSIDE]  # another model's predictions name no encoder
    of_runs = [run_encoder(row) for row in runs[["encoder", "encoder_sha256"]].drop_duplicates().to_dict("records")]
    return list(dict.fromkeys([EMBEDDED, *of_runs, *remembered(workspace().home), *_cached()]))


@st.cache_data(show_spinner=False, ttl=60)
def _cached() -> list[str]:
    return cached_names()


def _add(name: str) -> None:
    """Load what was named and let it read a sentence; then it is one of those to choose from."""
    from core.encoder.known import check_encoder

    if not name:
        st.error("Give a folder, or a name on the Hub such as intfloat/multilingual-e5-base.")
        return
    try:
        with st.spinner("Checking the encoder: loading it and reading a sentence…"):
            checked = check_encoder(name)
    except BadInput as error:
        st.error(str(error))
        return
    if kept():
        remember(workspace().home, checked.name)
    st.success(
        f"{encoder_title(checked.name)}: {checked.layers} layers, {checked.size} numbers a vector, texts of at most "
        f"{checked.max_tokens:,} subwords. It can be chosen above."
    )
