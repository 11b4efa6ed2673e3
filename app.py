"""The app's frame: navigation and look. Run it with `streamlit run app.py`."""

from __future__ import annotations

import streamlit as st

from pages.parts import look
from pages.parts.tour import tour


def _home() -> None:
    """The overview's address is the root; who types its name is led there."""
    st.switch_page(overview, query_params=st.query_params.to_dict())


look.apply()
overview = st.Page("pages/overview.py", title="Overview", icon=":material/insights:", url_path="home", default=True)
chosen = st.navigation(
    [
        overview,
        st.Page("pages/errors.py", title="Errors", icon=":material/rule:"),
        st.Page("pages/alignment.py", title="Alignment", icon=":material/grid_on:"),
        st.Page("pages/representations.py", title="Representations", icon=":material/scatter_plot:"),
        st.Page("pages/retrieval.py", title="Retrieval", icon=":material/search:"),
        st.Page("pages/bitext.py", title="Bitext", icon=":material/upload_file:"),
        st.Page("pages/report.py", title="Report", icon=":material/article:"),
        st.Page("pages/present.py", title="Presentation", visibility="hidden"),
        st.Page(_home, title="Overview", url_path="overview", visibility="hidden"),
    ]
)
if chosen.url_path != "present":
    tour(chosen.url_path)
chosen.run()
