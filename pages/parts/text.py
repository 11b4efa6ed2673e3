"""Text on a page: untrusted text is escaped, foreign text gets its language, direction and face."""

from __future__ import annotations

import html
import re
import unicodedata

import streamlit as st

from core.languages import language
from core.notation import unbroken

_CODE = re.compile(r"`([^`]+)`")


def escape(value: object) -> str:
    """Text safe inside HTML, attributes included."""
    return html.escape(str(value), quote=True)


def sentence(text: str) -> str:
    """A sentence as HTML: escaped, with `commands` between backticks set as code."""
    return _CODE.sub(r"<code>\1</code>", escape(unbroken(text)))


def foreign(text: str, code: str) -> str:
    """A passage in the language `code` as an HTML paragraph in its own direction."""
    known = language(code)
    return f'<p class="iso-text" lang="{escape(known.code)}" dir="{known.direction}">{escape(text)}</p>'


def direction(text: str) -> str:
    """ "rtl" if the first letter with a direction reads from the right, else "ltr"."""
    for character in text:
        kind = unicodedata.bidirectional(character)
        if kind in ("L", "R", "AL"):
            return "ltr" if kind == "L" else "rtl"
    return "ltr"


def passage(text: str, code: str = "") -> str:
    """`foreign` where the language is known; else the direction that the letters tell."""
    if code:
        return foreign(text, code)
    return f'<p class="iso-text" dir="{direction(text)}">{escape(text)}</p>'


def lede(text: str) -> None:
    """The sentence on what a page is for."""
    st.html(f'<p class="iso-lede">{sentence(text)}</p>')


def finding(text: str) -> None:
    """The sentence on what a page found."""
    st.html(f'<p class="iso-finding">{sentence(text)}</p>')


def note(text: str) -> None:
    """A calm box: what is missing or shown instead, and what to do."""
    st.html(f'<div class="iso-note" role="note">{sentence(text)}</div>')


def caption(text: str) -> None:
    """Small print under a figure or a table."""
    st.html(f'<p class="iso-caption">{sentence(text)}</p>')
