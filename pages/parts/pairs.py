"""Choosing a language and a sentence, and checking a typed one; the choice is in the link."""

from __future__ import annotations

import streamlit as st

from core.errors import BadInput
from core.languages import language

#: Characters of a typed sentence; a plan over more words than this holds cannot be read.
LIMIT = 240
DEFAULT_LANGUAGE = "sw"


def language_box(
    codes: list[str], label: str = "Language", key: str = "language", start: str = DEFAULT_LANGUAGE
) -> str:
    """A selector of languages by name, `start` first chosen; its choice is in the link."""
    first = codes.index(start) if start in codes else 0
    chosen: str = st.selectbox(
        label, codes, index=first, format_func=lambda c: language(c).label, key=key, bind="query-params"
    )
    return chosen


def numbered(sentences: list[str]) -> list[str]:
    """The names under which a selector shows sentences: with their number, from 1, and not too long."""
    return [f"{i}. {text if len(text) <= 90 else text[:89] + '…'}" for i, text in enumerate(sentences, start=1)]


def sentence_box(sentences: list[str], label: str, key: str = "line") -> int:
    """A selector of numbered sentences; returns the index, from 0."""
    names = numbered(sentences)
    chosen: int = st.selectbox(
        label, range(len(sentences)), format_func=lambda i: names[i], key=key, bind="query-params"
    )
    return chosen


def checked(text: str | None, name: str, limit: int = LIMIT) -> str:
    """A typed sentence, trimmed. Raises `BadInput` if it is empty or has more than `limit` characters."""
    given = " ".join((text or "").split())
    if not given:
        raise BadInput(f"The {name} is empty; type a sentence.")
    if len(given) > limit:
        raise BadInput(f"The {name} has {len(given):,} characters; give at most {limit}.")
    return given
