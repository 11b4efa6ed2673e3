"""Choosing a sentence pair or a query: from the starter sentences, or typed; the choice is in the link."""

from __future__ import annotations

from dataclasses import dataclass

import streamlit as st

from core.errors import BadInput
from core.languages import language
from pages.parts import look, sources
from pages.parts.text import direction

PICK, TYPE = "pick", "type"
MODES = {PICK: "Pick a starter pair", TYPE: "Type a pair"}
#: Characters of a typed sentence; a plan over more words than this holds cannot be read.
LIMIT = 240
DEFAULT_LANGUAGE = "sw"


@dataclass(frozen=True)
class Pair:
    """Two sentences; a typed one has no language code."""

    source: str
    target: str
    source_code: str = ""
    target_code: str = ""

    @property
    def target_rtl(self) -> bool:
        return direction(self.target) == "rtl"


def choose_pair() -> Pair:
    """Draw the controls and return the pair. Raises `BadInput` if a typed side is empty or too long."""
    mode = st.segmented_control(
        "Sentences",
        list(MODES.values()),
        default=MODES[PICK],
        required=True,
        key="sentences",
        bind="query-params",
        label_visibility="collapsed",
    )
    if mode == MODES[TYPE]:
        return _typed()
    data = sources.starter()
    left, right = look.columns("pair", [1, 3], "narrow")
    with left:
        code = language_box(data.retrieval_languages())
    pairs = data.retrieval(code).pairs
    with right:
        line = sentence_box([english for english, _ in pairs], "English sentence")
    return Pair(*pairs[line], "en", code)


def language_box(codes: list[str], label: str = "Language", key: str = "language") -> str:
    """A selector of languages by name; its choice is in the link."""
    start = codes.index(DEFAULT_LANGUAGE) if DEFAULT_LANGUAGE in codes else 0
    chosen: str = st.selectbox(
        label, codes, index=start, format_func=lambda c: language(c).label, key=key, bind="query-params"
    )
    return chosen


def sentence_box(sentences: list[str], label: str, key: str = "line") -> int:
    """A selector of numbered sentences; returns the index, from 0."""
    names = [f"{i}. {text if len(text) <= 90 else text[:89] + '…'}" for i, text in enumerate(sentences, start=1)]
    chosen: int = st.selectbox(
        label, range(len(sentences)), format_func=lambda i: names[i], key=key, bind="query-params"
    )
    return chosen


def checked(text: str | None, name: str) -> str:
    """A typed sentence, trimmed. Raises `BadInput` if it is empty or longer than `LIMIT`."""
    given = " ".join((text or "").split())
    if not given:
        raise BadInput(f"The {name} is empty; type a sentence.")
    if len(given) > LIMIT:
        raise BadInput(f"The {name} has {len(given):,} characters; give at most {LIMIT}.")
    return given


def _typed() -> Pair:
    left, right = look.columns("typed", 2)
    with left:
        source = st.text_input("First sentence", key="source", bind="query-params", placeholder="The cat sleeps.")
    with right:
        target = st.text_input("Second sentence", key="target", bind="query-params", placeholder="Paka analala.")
    if not (source or "").strip() and not (target or "").strip():
        raise BadInput("Type two sentences that mean the same, one in each box, in any languages.")
    return Pair(checked(source, "first sentence"), checked(target, "second sentence"))
