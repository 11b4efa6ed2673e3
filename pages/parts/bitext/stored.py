"""A stored bitext: what it is, what it is worth, and what can be done with it."""

from __future__ import annotations

import io
import json
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote, urlencode

import pandas as pd
import streamlit as st

from core.bitext.formats import FORMATS, WRITTEN
from core.bitext.training import add_to_data
from core.bitext.writing import write_file
from core.languages import language
from core.notation import plural
from pages.parts import look
from pages.parts.bitext import catalogue
from pages.parts.bitext import links as bitext_links
from pages.parts.bitext import scores as bitext_scores
from pages.parts.stored import workspace
from pages.parts.text import caption, escape, note
from store.user import bitexts


def summary(table: pd.DataFrame) -> str:
    """What is stored, in a sentence."""
    if table.empty:
        return "No bitext is stored yet; drop a file below to see what it holds."
    return f"{plural(len(table), 'bitext')} stored, {plural(int(table['pairs'].sum()), 'pair')} in all."


def stored(table: pd.DataFrame, saved_as: str) -> None:
    """Choose one and show it; the choice is in the link."""
    st.subheader("Stored bitexts", anchor=False)
    names = {row.bitext_id: catalogue.label(row) for row in table.itertuples()}
    just = st.session_state.pop("just-stored", None)
    if just in names:
        st.session_state["bitext"] = just
    if st.session_state.get("bitext") not in (None, *names):
        del st.session_state["bitext"]
    chosen = st.selectbox("Bitext", list(names), format_func=lambda k: names[k], key="bitext", bind="query-params")
    row = table[table["bitext_id"] == chosen].iloc[0]
    collection = catalogue.collection(next(one for one in table.itertuples() if str(one.bitext_id) == str(chosen)))
    _facts(row)
    bitext_scores.scores(row, saved_as)
    _next(row, collection)
    bitext_links.gold_links(row, collection)
    _export(row)
    _delete(row)


def _facts(row: pd.Series) -> None:
    report = json.loads(row["report"])
    dropped = {reason: n for reason, n in report["dropped"].items() if n}
    gone = ", ".join(f"{reason} {n:,}" for reason, n in dropped.items()) or "none"
    facts = {
        "Languages": f"{language(row['source_language']).label} and {language(row['target_language']).label}",
        "Pairs": f"{row['pairs']:,} stored of {report['read']:,} read; dropped: {gone}; "
        f"unreadable: {report['unreadable']:,}",
        "File": f"{row['file']} ({FORMATS[row['format']].title}), SHA-256 {row['sha256'][:16]}…",
        "Licence": row["licence"] or "not stated",
        "From": row["provenance"] or "not stated",
        "Stored": f"{row['created'].strftime('%d %b %Y, %H:%M').lstrip('0')} UTC",
    }
    lines = "".join(f"<li><b>{name}:</b> {escape(value)}</li>" for name, value in facts.items())
    st.html(f'<ul class="iso-list">{lines}</ul>')


def _next(row: pd.Series, collection: str) -> None:
    st.subheader("Use it", anchor=False)
    english = "en" in (row["source_language"], row["target_language"])
    left, right = look.columns("next", 2)
    with left:
        if english:
            caption("Retrieval: this bitext is in its list of collections; the first 1,000 pairs are searched.")
            link = urlencode({"collection": collection}, quote_via=quote)
            st.html(f'<p><a href="retrieval?{escape(link)}" target="_self">Search it</a></p>')
        else:
            caption("Retrieval and training need English on one side, which this bitext does not have.")
        caption("Alignment: each of the pairs above has a link to its transport plan.")
    with right:
        folder = os.environ.get("ISOGLOSS_DATA", "")
        command = f"python -m core bitext export {row['bitext_id']} --data FOLDER"
        caption(
            f"Training: `{command}` adds it to a data folder, under `own/` with an entry in its sources.toml; every "
            "run on that folder then trains with it, without the sentences that are tested on."
        )
        if folder and english and st.button("Add to this data folder", key="train", icon=":material/add:"):
            languages = row["source_language"], row["target_language"]
            place = add_to_data(
                Path(folder), row["name"], row["bitext_id"], languages, row["licence"], _pairs(row["bitext_id"])
            )
            note(f"It is in {place.relative_to(Path(folder))} now; start a run to train with it.")


def _export(row: pd.Series) -> None:
    st.subheader("Export", anchor=False)
    left, middle, _ = look.columns("export", [2, 3, 3], "narrow")
    with left:
        form = st.selectbox("Format", list(WRITTEN), format_func=lambda k: FORMATS[k].title, key="format")
    cut = bitext_scores.chosen_cut(row["bitext_id"])
    with middle:
        without = st.toggle(
            "Leave out pairs beyond the cut", False, key="without", disabled=cut is None,
            help="Pairs without a score stay.",
        )  # fmt: skip
    leaving = bitext_scores.beyond_cut(row["bitext_id"], *cut) if cut and without else frozenset()
    languages = row["source_language"], row["target_language"]
    identity = str(row["bitext_id"])

    def exported() -> io.BytesIO:
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "bitext"
            write_file(path, form, _pairs(identity, leaving), languages)
            return io.BytesIO(path.read_bytes())

    st.download_button(
        f"Export {row['pairs'] - len(leaving):,} pairs as {FORMATS[form].title}",
        exported,
        file_name=f"isogloss-{identity[:6]}-{languages[0]}-{languages[1]}{FORMATS[form].ending}",
        mime="application/octet-stream",
        key="export-file",
        on_click="ignore",
        icon=":material/download:",
    )
    if form == "moses":
        caption("A text is a line there: a line end within a text becomes a space. Every other format keeps it.")
    if form == "csv":
        caption(
            "In CSV a cell that a spreadsheet would run as a formula begins with an apostrophe; reading it here takes "
            "it away again."
        )


def _delete(row: pd.Series) -> None:
    with st.expander("Delete", expanded=False):
        sure = st.checkbox(
            f"Delete {row['pairs']:,} pairs and their scores; the file is not kept", key=f"sure-{row['bitext_id']}"
        )
        if st.button("Delete this bitext", key="delete", disabled=not sure, icon=":material/delete:"):
            bitexts.delete(workspace(), row["bitext_id"])
            st.session_state.pop("bitext", None)
            st.rerun()


def _pairs(bitext_id: str, leaving: frozenset[int] = frozenset()) -> Iterator[tuple[str, str]]:
    place = workspace()
    return (
        (source, target) for number, source, target in bitexts.iterate_pairs(place, bitext_id) if number not in leaving
    )
