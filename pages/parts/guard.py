"""The frame of every page: its title, and a guard that turns any failure into one sentence."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st
from streamlit.runtime.pages_manager import PagesManager

from core.errors import IsoglossError
from pages.parts import address
from pages.parts.text import escape, lede, note

_log = logging.getLogger("isogloss.pages")

UNEXPECTED = (
    "Something went wrong here that Isogloss did not expect; the details are in the terminal where the app "
    "runs. Reload the page, and if it happens again run `python -m core doctor`."
)


@contextmanager
def page(title: str, purpose: str, asks: str = "") -> Iterator[None]:
    """Show the title and the purpose, then the body; a failure in the body shows as one sentence.

    `asks` is a question that stands in the title's place.
    """
    _through_the_app()
    if asks:
        st.html(f'<h1 class="iso-question">{escape(asks)}</h1>')
    else:
        st.title(title, anchor=False)
    if purpose:
        lede(purpose)
    with address.checked(title), guarded(title):
        yield


def _through_the_app() -> None:
    """Load the address again through `app.py` where Streamlit ran the page's file by itself.

    A server whose first visitor follows a link to a page takes the folder `pages` for the older kind of app, which has
    no frame, until `app.py` has run once; no setting says otherwise.
    """
    if PagesManager.uses_pages_directory:
        PagesManager.uses_pages_directory = False
        st.html("<script>window.location.reload()</script>", unsafe_allow_javascript=True)
        st.stop()


@contextmanager
def guarded(what: str) -> Iterator[None]:
    """Show an expected failure as its own sentence; log an unexpected one and say that it happened."""
    try:
        yield
    except IsoglossError as error:
        note(str(error))
    except Exception:
        _log.exception("%s: unexpected failure", what)
        note(UNEXPECTED)
