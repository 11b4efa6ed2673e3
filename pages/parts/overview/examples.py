"""Five states of the app worth a look, each found in it: links on the overview that say what is to be seen."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlencode

import pandas as pd
import streamlit as st

from core.arms.names import BASELINE, FIRST
from core.data.catalog import Catalog
from core.data.starter_gold import starter_gold
from core.languages import language
from pages.parts import sources
from pages.parts.alignment import pairs as alignment_pairs
from pages.parts.alignment.controls import NONE
from pages.parts.errors.whatif import ANCHOR, STARTER
from pages.parts.groups import run_labels
from pages.parts.pairs import numbered
from pages.parts.text import caption, escape

#: The label of the untrained encoder among the choices of a page.
UNTRAINED_LABEL = "untrained encoder"


@dataclass(frozen=True)
class Example:
    """A link's title, what is to be seen there, its page, its address, the arms that it shows, and where it begins."""

    title: str
    told: str
    page: str
    address: Callable[[dict[str, str]], dict[str, str]]
    arms: tuple[str, ...] = ()
    anchor: str = ""


def _starter_pair(code: str, english: str) -> dict[str, str]:
    """The address of a starter sentence, found by its beginning."""
    data: Catalog = sources.starter()
    sentences = [source for source, _ in data.retrieval(code).pairs]
    line = next(k for k, text in enumerate(sentences) if text.startswith(english))
    return {
        "sentences": alignment_pairs.STARTER, "language": language(code).label, "line": numbered(sentences)[line],
        "left": UNTRAINED_LABEL, "right": NONE,
    }  # fmt: skip


def _typed_pair(source: str, target: str) -> dict[str, str]:
    return {
        "sentences": alignment_pairs.TYPED, "source": source, "target": target, "left": UNTRAINED_LABEL, "right": NONE,
    }  # fmt: skip


def _moved(labels: dict[str, str]) -> dict[str, str]:
    """The word "charge" of the hand-linked pair on interpreters, in the last layer."""
    pairs = [" ".join(pair.source) for pair in starter_gold("sw")]
    line = next(k for k, text in enumerate(pairs) if text.startswith("Anyone who does not understand"))
    word = pairs[line].split().index("charge")
    return {
        "sentences": alignment_pairs.GOLD, "gold-language": language("sw").label, "gold-line": numbered(pairs)[line],
        "left": labels[BASELINE], "right": labels[FIRST], "layer": "12",
        "word": f"{alignment_pairs.FIRST} {word + 1}: charge",
    }  # fmt: skip


def _fixed(labels: dict[str, str]) -> dict[str, str]:
    """The starter item on storks, read in Thai."""
    items = sources.starter().xnli("test", "en").items
    at = next(k for k, item in enumerate(items) if item.hypothesis.startswith("The farmer will mend the roof only"))
    thai = language("th").label
    named = numbered([item.hypothesis for item in items])[at]
    return {"whatif-from": STARTER, "starter-item": named, "whatif-premise": thai, "whatif-hypothesis": thai}


EXAMPLES = (
    Example(
        "A word that moved", "Trained with transport, the encoder's last layer no longer carries “charge” of “free of "
        "charge” to Swahili's interpreter but to its payment.", "alignment", _moved, (BASELINE, FIRST),
    ),
    Example(
        "An idiom", "English buys a pig in a poke, German a cat in a sack: the pig goes to the cat.", "alignment",
        lambda _: _starter_pair("de", "Don't buy a pig"),
    ),
    Example(
        "A crossing", "English begins with “Hold”, Turkish ends with it: its ribbon crosses all others.", "alignment",
        lambda _: _starter_pair("tr", "Hold the ladder"),
    ),
    Example(
        "A false friend", "German's Chef is no chef: the plan takes “chef” to Koch and “boss” to Chef.", "alignment",
        lambda _: _typed_pair("The chef became the boss.", "Der Koch wurde der Chef."),
    ),
    Example(
        "An error that transport fixes", "Read in Thai, the storks' roof is a contradiction to english-only and an "
        "entailment, which it is, to transport.", "errors", _fixed, (BASELINE, FIRST), f"#{ANCHOR}",
    ),
)  # fmt: skip


def links(runs: pd.DataFrame) -> list[tuple[Example, str]]:
    """The examples whose arms are stored, each with its link; those of seed 0, whose states they were found in."""
    names = run_labels(runs) if len(runs) else {}
    first = runs[runs["seed"] == 0] if len(runs) else runs
    labels = {arm: names[run] for run, arm in zip(first["run_id"], first["arm"], strict=True)} if len(runs) else {}
    found = []
    for one in EXAMPLES:
        if not set(one.arms) <= labels.keys():
            continue
        address = one.address(labels)
        if "group" in st.query_params:
            address["group"] = st.query_params["group"]
        found.append((one, f"{one.page}?{urlencode(address, quote_via=quote)}{one.anchor}"))
    return found


def section(runs: pd.DataFrame) -> None:
    """The links, each with what is to be seen there."""
    st.subheader("Five things to look at", anchor=False)
    found = links(runs)
    lines = [
        f'<li><a href="{escape(link)}" target="_self">{escape(one.title)}.</a> {escape(one.told)}</li>'
        for one, link in found
    ]
    st.html(f'<ul class="iso-list">{"".join(lines)}</ul>')
    left = len(EXAMPLES) - len(lines)
    missing = f" {left} more compare {BASELINE} with {FIRST}, which are not stored here." if left else ""
    caption(f"Each is one pair or item: something to see, not evidence.{missing}")
