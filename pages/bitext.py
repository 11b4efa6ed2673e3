"""Bitext: bring your own file, learn what it is worth, and use it everywhere."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from pages.parts import encoders, show
from pages.parts.bitext import catalogue as bitext_catalogue
from pages.parts.bitext import stored as bitext_stored
from pages.parts.bitext.upload import upload
from pages.parts.guard import guarded, page
from pages.parts.text import finding

PURPOSE = (
    "What is your own bitext worth: which pairs are damaged, repeated or no translations of each other, and what is "
    "left to align, to search and to train with?"
)


def body() -> None:
    saved_as = show.picture_format()
    encoders.picker(pd.DataFrame())
    table = bitext_catalogue.listing()
    finding(bitext_stored.summary(table))
    with st.expander("Bring a file", expanded=table.empty or bool(st.session_state.get("files"))), guarded("upload"):
        upload()
    if len(table):
        with guarded("stored bitexts"):
            bitext_stored.stored(table, saved_as)


with page("Bitext", PURPOSE):
    body()
