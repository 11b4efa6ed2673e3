"""Report: choose what goes in, see it, and take it away as one HTML file or as slides."""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from core.report import words
from pages.parts import groups, show, sources
from pages.parts.guard import page
from pages.parts.report import choices as report_choices
from pages.parts.report import material as reported
from pages.parts.report.preview import preview
from pages.parts.stored import read
from pages.parts.text import caption, escape, finding, note
from store.results import predictions
from store.results.groups import compare_runs

PURPOSE = (
    "What should others see? Choose what goes in; the report holds verdict, figures, tables, examples, method, limits "
    "and where everything comes from, and opens without Isogloss and without a network."
)


def body() -> None:
    show.picture_format()
    stored = groups.chosen_runs()
    sources.banner(stored)
    if stored.empty:
        note(f"No run is stored yet, so there is nothing to report. Train the quick set with {sources.HOW_TO_RUN}.")
        return
    compared = read(compare_runs, stored)
    runs = compared.runs
    coverage = read(predictions.coverage, list(runs["run_id"]))
    there = coverage[coverage["split"] == compared.split]
    choices = report_choices.chosen(runs, sorted(set(there["language"])))
    made = reported.material(choices)
    answer = words.recommended(made)
    finding(answer.sentence if answer else words.verdict(made))
    if beside := " ".join(text for text in (words.verdict(made) if answer else "", words.beside(made)) if text):
        note(beside)
    for sentence in made.missing:
        note(sentence)
    text = reported.html(made, choices)
    with show.side_by_side("report"):
        st.download_button(
            "HTML", text, "isogloss-report.html", "text/html", on_click="ignore", icon=":material/download:",
        )  # fmt: skip
        st.download_button(
            "Slides", lambda: reported.slides(made), "isogloss-report.pptx", on_click="ignore",
            icon=":material/slideshow:",
            mime="application/vnd.openxmlformats-officedocument.presentationml.presentation",
        )  # fmt: skip
        address = f"present?{urlencode(_link(), doseq=True)}"
        st.html(f'<a class="iso-present-link" href="{escape(address)}" target="_self">Present this</a>')
    caption(
        f"{len(text.encode()) / 1e6:.1f} MB, most of it the library that draws the figures. Choosing arms or languages "
        "changes what is shown, never what is tested. The same on the command line: `python -m core report --out FILE`."
    )
    st.subheader("Preview", anchor=False)
    preview(text)


def _link() -> dict[str, list[str]]:
    """The choices as the address holds them: the presentation reads the same."""
    return {key: st.query_params.get_all(key) for key in report_choices.KEYS if key in st.query_params}


with page("Report", PURPOSE):
    body()
