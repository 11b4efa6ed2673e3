"""Where a sentence pair comes from: starter sentences, hand-linked pairs, XNLI, a bitext, or two boxes to type in."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import streamlit as st

from core.data.detect import detect_language
from core.data.starter_gold import Gold, gold_languages, starter_gold
from core.errors import BadInput, IsoglossError
from core.languages import language
from pages.parts import look, sources
from pages.parts.bitext import catalogue as bitext_catalogue
from pages.parts.pairs import checked, language_box, sentence_box
from pages.parts.text import caption, direction

STARTER, GOLD, XNLI, BITEXT, TYPED = (
    "Pick a starter pair", "With gold links", "XNLI premise", "Bitext", "Type a pair",
)  # fmt: skip
#: How a link names a word's sentence.
FIRST, SECOND = "first", "second"
#: Characters of a typed sentence or paragraph; a plan over more words than this holds cannot be read.
LIMIT = 2400
Text = str | tuple[str, ...]
_RETRIEVAL = "retrieval"


@dataclass(frozen=True)
class SentencePair:
    """Two sentences, as text, or as words where gold links count words; the code of a language not recognised is ""."""

    source: Text
    target: Text
    source_code: str = ""
    target_code: str = ""
    gold: Gold | None = None

    @property
    def texts(self) -> tuple[str, str]:
        return _joined(self.source), _joined(self.target)

    @property
    def rtl(self) -> tuple[bool, bool]:
        """Which sides read from the right: by language where it is known, else by the first letter."""
        sides = zip(self.texts, (self.source_code, self.target_code), strict=True)
        told = [(language(code).direction if code else direction(text)) == "rtl" for text, code in sides]
        return told[0], told[1]


def choose() -> SentencePair:
    """Draw the controls and return the pair. Raises `BadInput` if a typed side is empty or too long."""
    offered = {name: pick for name, (pick, there) in PAIRS.items() if there()}
    mode = st.segmented_control(
        "Sentences",
        list(offered),
        default=STARTER,
        required=True,
        key="sentences",
        bind="query-params",
        label_visibility="collapsed",
        wrap=True,
    )
    return offered[str(mode)]()


def _starter() -> SentencePair:
    data = sources.starter()
    left, right = look.columns("pair", [1, 3], "narrow")
    with left:
        code = language_box(data.retrieval_languages())
    pairs = data.retrieval(code).pairs
    with right:
        line = sentence_box([english for english, _ in pairs], "English sentence")
    return SentencePair(*pairs[line], "en", code)


def _gold() -> SentencePair:
    left, right = look.columns("pair", [1, 3], "narrow")
    with left:
        code = language_box(gold_languages(), key="gold-language")
    linked = starter_gold(code)
    with right:
        line = sentence_box([" ".join(pair.source) for pair in linked], "English sentence", key="gold-line")
    found = linked[line]
    return SentencePair(found.source, found.target, "en", code, found)


def _xnli() -> SentencePair:
    data = sources.catalog()
    codes = data.xnli_languages("validation")
    first, second, third = look.columns("pair", 3, "narrow")
    with first:
        one = language_box(codes, "First language", key="first-language", start="en")
    with second:
        other = language_box(codes, "Second language", key="language")
    items = {code: data.xnli("validation", code).items for code in (one, other)}
    premises = min(len(own) for own in items.values()) // 3
    with third:
        number = _number("Premise", premises, "premise")
    at = 3 * number  # three items share a premise
    return SentencePair(items[one][at].premise, items[other][at].premise, one, other)


def _bitext() -> SentencePair:
    stored = bitext_catalogue.listing()
    names = {str(row.bitext_id): bitext_catalogue.collection(row) for row in stored.itertuples()}
    if _has_bitext():
        data = sources.catalog()
        codes = data.retrieval_languages()
        names = {_RETRIEVAL: data.retrieval(codes[0]).name} | names
    first, second, third = look.columns("pair", 3, "narrow")
    with first:
        chosen = st.selectbox("Bitext", list(names), format_func=lambda k: names[k], key="bitext", bind="query-params")
    if chosen == _RETRIEVAL:
        with second:
            code = language_box(codes)
        found = data.retrieval(code)
        with third:
            number = _number(f"Pair of {found.name}", len(found.pairs), "number")
        return SentencePair(*found.pairs[number], "en", code)
    row = stored[stored["bitext_id"] == chosen].iloc[0]
    linked = bitext_catalogue.linked_numbers(chosen)
    with second:
        only = bool(linked) and st.toggle(
            f"Only the {len(linked):,} with gold links", False, key="linked", bind="query-params"
        )
    with third:
        number = _number("Pair", len(linked) if only else int(row["pairs"]), "number")
    source, target, gold = bitext_catalogue.pair(chosen, linked[number] if only else number)
    sides: tuple[Text, Text] = (gold.source, gold.target) if gold else (source, target)
    declared = (str(row["source_language"]), str(row["target_language"]))
    left, right = ("" if code == "und" else code for code in declared)
    return SentencePair(*sides, left, right, gold)


def _typed() -> SentencePair:
    left, right = look.columns("typed", 2)
    with left:
        source = st.text_area(
            "First sentence or paragraph", key="source", bind="query-params", placeholder="The cat sleeps.", height=90
        )
    with right:
        target = st.text_area(
            "Second sentence or paragraph", key="target", bind="query-params", placeholder="Paka analala.", height=90
        )
    if not (source or "").strip() and not (target or "").strip():
        raise BadInput("Type two sentences that mean the same, one in each box, in any languages.")
    texts = checked(source, "first sentence", LIMIT), checked(target, "second sentence", LIMIT)
    codes = [detect_language(text) for text in texts]
    known = [language(code).name if code else "not recognised" for code in codes]
    caption(f"Languages, as far as the letters tell: {known[0]}; {known[1]}.")
    return SentencePair(*texts, codes[0], codes[1])


def _number(label: str, count: int, key: str) -> int:
    """A number from 1 to `count`, as an index from 0."""
    if (st.session_state.get(key) or 1) > count:
        st.session_state[key] = count
    return int(st.number_input(f"{label}, 1 to {count:,}", 1, max(count, 1), 1, key=key, bind="query-params")) - 1


def _real() -> bool:
    try:
        return sources.catalog().kind == "real"
    except IsoglossError:
        return False


def _has_xnli() -> bool:
    return _real() and any(found.declared.role == "xnli" for found in sources.catalog().found)


def _has_bitext() -> bool:
    return _real() and bool(sources.catalog().retrieval_languages())


def _has_any_bitext() -> bool:
    return _has_bitext() or len(bitext_catalogue.listing()) > 0


def _always() -> bool:
    return True


def _joined(text: Text) -> str:
    return text if isinstance(text, str) else " ".join(text)


#: Every place a pair may come from, and whether it is there on this machine.
PAIRS: dict[str, tuple[Callable[[], SentencePair], Callable[[], bool]]] = {
    STARTER: (_starter, _always),
    GOLD: (_gold, _always),
    XNLI: (_xnli, _has_xnli),
    BITEXT: (_bitext, _has_any_bitext),
    TYPED: (_typed, _always),
}
