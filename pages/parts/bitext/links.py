"""A person's gold word links for a stored bitext: brought as a file, kept with it, shown by the alignment page."""

from __future__ import annotations

import tempfile
from pathlib import Path
from urllib.parse import quote, urlencode

import pandas as pd
import streamlit as st

from core.bitext.gold import link_pairs
from core.bitext.limits import MAX_BYTES, too_many_bytes
from core.notation import plural
from pages.parts import look
from pages.parts.guard import guarded
from pages.parts.stored import workspace
from pages.parts.text import caption, escape, note
from store.user import bitext_gold, bitexts

_SHOWN, _UNTOLD = 5, "as the links tell"


def gold_links(row: pd.Series, collection: str) -> None:
    """What there is, and a place to bring or remove links; `collection` is what the other pages call the bitext."""
    identity = str(row["bitext_id"])
    linked = bitext_gold.gold_numbers(workspace(), identity)
    with st.expander("Gold word links", expanded=False), guarded("gold links"):
        for said in st.session_state.pop(f"linked-{identity}", []):
            note(said)
        if linked:
            link = urlencode({"sentences": "Bitext", "bitext": collection, "linked": "true"}, quote_via=quote)
            st.html(
                f"<p>{plural(len(linked), 'pair')} of it have gold links: "
                f'<a href="alignment?{escape(link)}" target="_self">see them aligned</a>.</p>'
            )
            st.button("Remove the links", key="unlink", on_click=_remove, args=(identity,), icon=":material/link_off:")
        _bring(identity)


def _bring(identity: str) -> None:
    left, right = look.columns("gold", [3, 1], "wide")
    with left:
        file = st.file_uploader(
            "A file of links", key=f"gold-{identity}", max_upload_size=MAX_BYTES >> 20,
            help="Pharaoh (0-0 1-2, 2p3 for a possible link), Talp or NAACL: a row for each stored pair, or for each "
            "line of the file the pairs came from. Words are what spaces part.",
        )  # fmt: skip
    with right:
        base = st.selectbox("Words count from", [_UNTOLD, "0", "1"], key="gold-base")
    if file is None:
        caption("With links that people drew, the alignment page shows what each arm hits, misses and adds.")
        return
    if file.size > MAX_BYTES:
        raise too_many_bytes(file.name)
    if st.button("Keep these links", key="link", type="primary", icon=":material/link:"):
        table = bitexts.read_pairs(workspace(), identity)
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "links"
            path.write_bytes(file.getbuffer())
            pairs = list(zip(table["source"], table["target"], strict=True))
            found = link_pairs(path, file.name, table["line"].tolist(), pairs, None if base == _UNTOLD else int(base))
        bitext_gold.write_gold(workspace(), identity, found.links)
        told = [f"{plural(len(found.links), 'pair')} got links; words count from {found.base} in {file.name}."]
        told += [f"Line {one.line}: {one.reason}." for one in found.problems[:_SHOWN]]
        if len(found.problems) > _SHOWN:
            told.append(f"{len(found.problems) - _SHOWN:,} more links were out of range and are left out.")
        st.session_state[f"linked-{identity}"] = told
        st.rerun()


def _remove(identity: str) -> None:
    bitext_gold.write_gold(workspace(), identity, {})
