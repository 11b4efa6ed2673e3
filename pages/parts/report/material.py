"""The material of a report on a page: gathered once for each state of the store and each choice."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pandas as pd
import streamlit as st

from core.errors import IsoglossError
from core.report.material import Choices, Material
from core.workspace import Workspace
from pages.parts import models, sources
from pages.parts.stored import stamp, workspace
from store.report import material as report_material
from store.user.kept_plans import list_kept


def material(choices: Choices) -> Material:
    """What a report of `choices` says. Raises `BadInput` and `MissingData` as `gather` does."""
    place = workspace()
    with st.spinner("Reading the stored results (some seconds, once)…"):
        return _material(str(place.home), (*stamp(place.results), _user(place)), choices, sources.catalog_named())


@st.cache_resource(show_spinner=False, max_entries=8)
def _material(home: str, stamped: tuple[Any, ...], choices: Choices, named: str) -> Material:
    try:
        catalog = sources.catalog()
    except IsoglossError:
        catalog = None
    return report_material.gather(Workspace(Path(home)), choices, catalog, models.base)


@st.cache_data(show_spinner=False, max_entries=4)
def page_text(_made: Material, home: str, stamped: tuple[Any, ...], choices: Choices) -> str:
    """The report as HTML."""
    from core.report.page import report_page

    return report_page(_made)


def html(made: Material, choices: Choices) -> str:
    """The report as HTML, made once for each state of the store and each choice."""
    place = workspace()
    return page_text(made, str(place.home), (*stamp(place.results), _user(place)), choices)


def slides(made: Material) -> bytes:
    """The report as a PPTX file."""
    from core.report.slides import report_slides

    return report_slides(made)


def kept_plans() -> pd.DataFrame:
    """What is kept under a name, newest first; empty where nothing was ever kept."""
    place = workspace()
    return list_kept(place) if place.user.exists() else pd.DataFrame(columns=["view_id", "name"])


def _user(place: Workspace) -> tuple[int, int]:
    try:
        status = place.user.stat()
    except OSError:
        return 0, 0
    return status.st_mtime_ns, status.st_size
