"""Figures and tables on a page, each with its way out: PNG or SVG, and CSV."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pandas as pd
import plotly.graph_objects as go
import streamlit as st

from core.csv_cells import guarded_table
from core.figures.frame import picture

FORMATS = ("PNG", "SVG")
#: Streamlit's placeholder for the text colour: the browser puts that of the theme, light or dark, in its place.
_TEXT = "#000037"
#: Pixels that the longest arm's name takes in a table.
_ARM = 170


def picture_format() -> str:
    """The chosen format of pictures, kept while the session lasts; the control stands in the sidebar."""
    chosen = st.sidebar.segmented_control(
        "Save pictures as",
        FORMATS,
        default="PNG",
        required=True,
        key="picture",
        persist_state="session",
        help="The camera above each figure saves it in this format.",
    )
    return str(chosen or "PNG").lower()


def figure(
    made: go.Figure, name: str, saved_as: str, on_click: Callable[[Any], None] | None = None, alt: str = ""
) -> None:
    """Draw `made`; the camera saves it as `name`. `on_click` gets the customdata of the mark clicked."""
    config = picture(f"isogloss-{name}", saved_as)
    _legible(made)
    # The format is part of the key: plotly reads its configuration only when a chart is made.
    key = f"figure-{name}-{saved_as}"
    if on_click is None:
        st.plotly_chart(made, key=key, config=config, alt=alt or None)
        return

    def clicked() -> None:
        points = [p for p in st.session_state[key].selection.points if "customdata" in p]
        if points:
            on_click(points[0]["customdata"])

    st.plotly_chart(made, key=key, config=config, alt=alt or None, on_select=clicked, selection_mode="points")


def selection(made: go.Figure, name: str, saved_as: str, on_select: Callable[[list[int]], None], alt: str) -> None:
    """Draw `made`, whose marks carry a number each; `on_select` gets those that a click or a box chose."""
    config = picture(f"isogloss-{name}", saved_as)
    kept = ("select2d", "lasso2d", "zoom2d", "pan2d", "resetScale2d")
    config["modeBarButtonsToRemove"] = [button for button in config["modeBarButtonsToRemove"] if button not in kept]  # type: ignore[attr-defined]
    _legible(made)
    key = f"figure-{name}-{saved_as}"

    def chosen() -> None:
        points = [p["customdata"][0] for p in st.session_state[key].selection.points if "customdata" in p]
        if points:
            on_select(sorted({int(point) for point in points}))

    st.plotly_chart(made, key=key, config=config, alt=alt, on_select=chosen, selection_mode=("points", "box", "lasso"))


def _legible(made: go.Figure) -> None:
    """Write in the theme's full text colour; Streamlit's own for ticks and small print is too faint to present."""
    axes = [name for name in made.layout if name.startswith(("xaxis", "yaxis"))]
    axis = {"tickfont": {"color": _TEXT}, "title": {"font": {"color": _TEXT}}}
    # In one call: plotly checks a whole layout in the time of a few single settings.
    made.layout.update(
        {"font": {"color": _TEXT}, "title": {"subtitle": {"font": {"color": _TEXT}}}, **dict.fromkeys(axes, axis)}
    )
    made.for_each_annotation(lambda note: note.update(font_color=note.font.color or _TEXT))


def table(rows: pd.DataFrame, name: str, columns: dict[str, Any] | None = None, **options: Any) -> Any:
    """Show a table with its CSV under it; `columns` is Streamlit's column configuration."""
    shown = dataframe(rows, columns, **options)
    download(rows, name)
    return shown


def dataframe(rows: pd.DataFrame, columns: dict[str, Any] | None = None, **options: Any) -> Any:
    """Show a table: no index, a dash where nothing was measured, and an arm's whole name."""
    arms = {name: st.column_config.TextColumn(name, width=_ARM) for name in ("arm", "first") if name in rows}
    return st.dataframe(rows, hide_index=True, column_config=arms | (columns or {}), placeholder="–", **options)


def download(rows: pd.DataFrame | Callable[[], pd.DataFrame], name: str, label: str = "CSV") -> None:
    """The button that saves `rows` as CSV, which is made when it is asked for."""
    st.download_button(
        label,
        lambda: csv(rows() if callable(rows) else rows),
        file_name=f"isogloss-{name}.csv",
        mime="text/csv",
        key=f"csv-{name}",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
    )


def latex(text: str, name: str) -> None:
    """The button that saves a table as LaTeX."""
    st.download_button(
        "LaTeX",
        text,
        file_name=f"isogloss-{name}.tex",
        mime="application/x-tex",
        key=f"latex-{name}",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
    )


@contextmanager
def side_by_side(key: str) -> Iterator[None]:
    """Small things in one line: the buttons under a table."""
    with st.container(key=f"line-{key}", horizontal=True, gap="small"):
        yield


def csv(rows: pd.DataFrame) -> bytes:
    """RFC 4180 in UTF-8 with a mark that spreadsheets know; what they would run as a formula, headings too, gets an
    apostrophe. Lines end in CR LF, so that a text with either in it is quoted."""
    return guarded_table(rows).to_csv(index=False, lineterminator="\r\n").encode("utf-8-sig")


def number(label: str, help: str | None = None, digits: int = 1) -> Any:
    """A column of numbers with a fixed number of decimals."""
    return st.column_config.NumberColumn(label, format=f"%.{digits}f", help=help)


def difference(label: str, help: str | None = None) -> Any:
    """A column of differences in points, with their sign."""
    return st.column_config.NumberColumn(label, format="%+.1f", help=help)


def save(label: str, content: str | bytes, name: str) -> None:
    """A button that saves `content` as a file."""
    st.download_button(
        label,
        content,
        file_name=f"isogloss-{name}",
        key=f"save-{name}",
        on_click="ignore",
        icon=":material/download:",
        type="tertiary",
    )
