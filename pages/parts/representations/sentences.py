"""Which sentences a map shows: starter sentences, items of XNLI, a stored bitext, or a person's own."""

from __future__ import annotations

from typing import TYPE_CHECKING

import streamlit as st

from core.errors import BadInput, IsoglossError
from core.evaluation.sentence_map import sample
from core.figures.sentence_map import Sentence
from core.languages import language, sort_codes
from pages.parts import sources
from pages.parts.bitext import catalogue as bitext_catalogue
from pages.parts.text import note

STARTER, ITEMS, XNLI, TYPED = "starter sentences", "starter items", "XNLI test", "typed here"
if TYPE_CHECKING:
    from streamlit.delta_generator import DeltaGenerator

    from core.data.catalog import Catalog

#: Sentences of a map, lines that may be typed, and characters of one.
LIMIT, LINES, LENGTH = 2000, 200, 240
#: Languages of a map at first: English, and some with much and with little text on the web.
FIRST = ("en", "de", "zh", "ar", "th", "hi", "ur", "sw")


def chosen_sentences(place: DeltaGenerator) -> list[Sentence]:
    """The controls and what they choose, at most `LIMIT` sentences. Raises `BadInput` for what cannot be drawn."""
    bitexts = bitext_catalogue.collections()
    real = _real()
    names = [STARTER, ITEMS, *([XNLI] if real is not None else []), *bitexts, TYPED]
    with place:
        name = str(st.selectbox("Sentences", names, key="sentences", bind="query-params"))
    if name == TYPED:
        return _typed()
    if name in bitexts:
        bitext = bitexts[name]
        (code,) = bitext.retrieval_languages()
        return _whole([("en", 1), (code, 0)], {code: list(bitext.retrieval(code).pairs)})
    data = sources.starter() if name != XNLI else real
    assert data is not None
    codes = sort_codes(["en", *data.retrieval_languages()] if name == STARTER else data.xnli_languages("test"))
    shown = _languages(codes)
    if name == STARTER:
        pairs = {code: list(data.retrieval(code).pairs) for code in shown if code != "en"}
        if not pairs:
            raise BadInput("English alone has no translations to lie beside; choose another language too.")
        return _whole([(code, 0) for code in shown if code != "en"] + [("en", 1)] * ("en" in shown), pairs)
    each = LIMIT // max(len(shown), 1)
    return [
        Sentence(item.hypothesis, code, item.id, item.label)
        for code in shown
        for item in data.xnli("test", code).items[:each]
    ]


def _whole(sides: list[tuple[str, int]], pairs: dict[str, list[tuple[str, str]]]) -> list[Sentence]:
    """Sentences of pairs (English first), translations in one group; English, side 1, once."""
    found = []
    for code, english in sides:
        own = pairs[next(iter(pairs))] if english else pairs[code]
        found += [Sentence(pair[0 if english else 1], code, k) for k, pair in enumerate(own)]
    return [found[i] for i in sample([one.group for one in found], LIMIT)]


def _languages(codes: list[str]) -> list[str]:
    """The languages shown; those of `FIRST` at first, all where none is left chosen."""
    start = [code for code in FIRST if code in codes]
    chosen = st.multiselect(
        "Languages", codes, start, format_func=lambda code: language(code).label, key="languages", bind="query-params"
    )
    return sort_codes(list(chosen) or codes)


def _typed() -> list[Sentence]:
    text = st.text_area(
        "Sentences, one a line, in any languages", key="lines", height=140,
        help=f"At most {LINES} lines of {LENGTH} characters. They stay on this machine and are kept on no disk.",
    )  # fmt: skip
    lines = [" ".join(line.split()) for line in text.splitlines() if line.strip()]
    if len(lines) > LINES:
        raise BadInput(f"There are {len(lines):,} lines; a map takes at most {LINES}.")
    if long := next((line for line in lines if len(line) > LENGTH), ""):
        raise BadInput(f"The line {long[:40]!r} has {len(long):,} characters; give at most {LENGTH}.")
    if len(lines) < 3:
        raise BadInput("A map takes at least three sentences; type one a line.")
    return [Sentence(line, "", k) for k, line in enumerate(lines)]


def _real() -> Catalog | None:
    """The real data where it is, and has XNLI."""
    try:
        found = sources.catalog()
        if found.kind == "real" and found.xnli_languages("test"):
            return found
    except IsoglossError as error:
        note(str(error))
    return None
