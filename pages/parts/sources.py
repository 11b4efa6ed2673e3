"""Which data there is, and the line on every page that says which data, encoder and runs it shows."""

from __future__ import annotations

import os

import pandas as pd
import streamlit as st

from core.data import registry
from core.data.catalog import STARTER_FOLDER, Catalog, open_catalog
from core.errors import IsoglossError
from core.experiment.run_encoder import encoder_title
from core.notation import plural
from core.workspace import named_workspace
from pages.parts.stored import kept, read
from pages.parts.text import escape
from store.results.reference_import import REFERENCE
from store.results.runs import list_imports

ENCODER_NAME = "multilingual-e5-small (embedded)"
DATA_NAMES = {"xnli": "XNLI", "starter": "the starter data", "own": "a study's own benchmark"}
HOW_TO_RUN = "`python -m core run --preset quick`"


def catalog() -> Catalog:
    """The data on this machine. Raises `BadInput` if the folder named by ISOGLOSS_DATA cannot be used."""
    return _catalog(catalog_named())


def catalog_named() -> str:
    """The folder that ISOGLOSS_DATA names, else what lies in the workspace's data folder: part of the key of what is
    made from the data, so that sets fetched while the app is open are seen."""
    if named := os.environ.get("ISOGLOSS_DATA"):
        return named
    fetched = named_workspace().data
    return " ".join([str(fetched), *sorted(path.name for path in fetched.iterdir())]) if fetched.is_dir() else ""


@st.cache_resource(show_spinner=False, max_entries=2)
def _catalog(named: str) -> Catalog:
    return open_catalog()


@st.cache_resource(show_spinner=False, max_entries=1)
def starter() -> Catalog:
    """The project's own small set, whatever else is on this machine."""
    found = registry.find_all(registry.read_declarations(registry.STARTER), STARTER_FOLDER)
    return Catalog("starter", None, tuple(found), ())


def banner(runs: pd.DataFrame, live: str = "") -> None:
    """The line that says what is shown: data on this machine, encoder, runs; `live` is computed now."""
    parts = [_data_part(), f"<span>Encoder: <b>{escape(_encoder(runs))}</b></span>", *_run_parts(runs)]
    if not kept():
        parts.append('<span class="iso-warn">The workspace cannot be written: nothing made here is kept</span>')
    if live:
        parts.append(f"<span>{escape(live)}</span>")
    st.html(f'<div class="iso-source">{"".join(parts)}</div>')


def origin(runs: pd.DataFrame) -> str:
    """ "reference" if every run came with the project, "own" if none did, else "reference and own"."""
    imports = read(list_imports)
    folders = imports[imports["run_id"].isin(list(runs["run_id"]))].groupby("run_id")["folder"].first()
    shipped = [folder == REFERENCE for folder in folders]
    if shipped and all(shipped):
        return "reference"
    return "reference and own" if any(shipped) else "own"


def _data_part() -> str:
    try:
        found = catalog()
    except IsoglossError as error:
        return f'<span class="iso-warn">Data: {escape(error)}</span>'
    if found.kind == "starter":
        return "<span>Data here: <b>starter set</b>, the project's own</span>"
    place = f"folder {found.root.name}" if found.root else "the Hub's cache"
    return f"<span>Data here: <b>real</b>, {escape(place)}</span>"


def _encoder(runs: pd.DataFrame) -> str:
    names = sorted({encoder_title(str(name)) for name in runs["encoder"]}) if len(runs) else []
    return ENCODER_NAME if names in ([], ["embedded"]) else ", ".join(names)


def _run_parts(runs: pd.DataFrame) -> list[str]:
    if runs.empty:
        return ["<span>Runs: <b>none stored</b>; starter data and the untrained encoder are shown</span>"]
    presets = ", ".join(sorted(set(runs["preset"])))
    newest = runs["created"].max().strftime("%d %b %Y").lstrip("0")
    number = plural(len(runs), f"{origin(runs)} run")
    stored = f"<span>Runs: <b>{number}</b>, preset {escape(presets)}, newest {newest}</span>"
    if set(runs["data_kind"]) == {"starter"}:
        warning = "Trained and tested on <b>starter data</b>: not XNLI's numbers"
        return [stored, f'<span class="iso-warn">{warning}</span>']
    if set(runs["data_kind"]) == {"own"}:
        return [stored, "<span>Tested on <b>benchmarks of a study's own</b>, not on XNLI first</span>"]
    return [stored, "<span>Trained and tested on <b>XNLI</b></span>"]
