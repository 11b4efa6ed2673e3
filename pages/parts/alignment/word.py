"""Why did this word move? One word through the layers, under each arm beside each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from core.figures.word_flow import tell_word, word_flow, word_table
from pages.parts import look, sections, show
from pages.parts.alignment import live as alignment_live
from pages.parts.alignment.pairs import FIRST, SECOND, SentencePair
from pages.parts.alignment.views import WORDS
from pages.parts.text import caption, finding

if TYPE_CHECKING:
    from core.alignment.pair_plan import PairPlan

#: The tab's title, and the parameters of an address that ask for it.
TAB, ASKED_BY = "One word", ("word", "word-numbers")
#: (choice, label, arm, its plans by layer)
Arm = tuple[str, str, str, "list[PairPlan]"]


def picked(what: str) -> None:
    """A click on a word (`s3`, `t0`) or a ribbon (`s3t0`) chooses the word below, for a ribbon the source's."""
    st.session_state["word"] = what.partition("t")[0] or what
    sections.open_tab(TAB)


def chosen_word(source: list[str], target: list[str]) -> tuple[int, int] | None:
    """The word that is chosen at the moment, as (side, index), if the pair has it."""
    name = st.session_state.get("word") or _linked(st.query_params.get("word", ""))
    if name[:1] not in ("s", "t") or not name[1:].isdecimal():
        return None
    side, index = int(name[0] == "t"), int(name[1:])
    return (side, index) if index < len((source, target)[side]) else None


def _linked(label: str) -> str:
    """The word that a fresh link names (`second 3: …`), before its widget is there to say so."""
    side, _, rest = label.partition(" ")
    number = rest.partition(":")[0]
    if side not in (FIRST, SECOND) or not number.isdecimal() or number == "0":
        return ""
    return f"{'t' if side == SECOND else 's'}{int(number) - 1}"


def explain(pair: SentencePair, arms: list[Arm], layer: int, saved_as: str, cost: str) -> None:
    """The panel: choose a word, and see its neighbours, its mass and its cost at every layer."""
    st.subheader("Why did this word move?", anchor=False)
    sides = alignment_live.states(arms[0][0], pair)
    source, target = (one.words[:WORDS] for one in sides)
    options = [f"s{k}" for k in range(len(source))] + [f"t{k}" for k in range(len(target))]
    labels = [f"{FIRST} {k + 1}: {word}" for k, word in enumerate(source)]
    labels += [f"{SECOND} {k + 1}: {word}" for k, word in enumerate(target)]
    named = dict(zip(options, labels, strict=True))
    if st.session_state.get("word") not in named:
        st.session_state.pop("word", None)
    name = st.selectbox(
        "Word",
        options,
        format_func=lambda key: named.get(key, ""),
        key="word",
        bind="query-params",
        width=320,
        help="Or click a word, a ribbon or a cell above.",
    )
    side, index = int(name[0] == "t"), int(name[1:])
    from core.alignment.word_by_layer import word_at_layers

    word = (source, target)[side][index]
    others = sides[1 - side].words
    told = [
        (label, word_at_layers(plans, *alignment_live.states(choice, pair), side, index))
        for choice, label, _, plans in arms
    ]
    finding(tell_word(word, others, [(label, layers[layer]) for label, layers in told]))
    for column, (_, label, arm, plans) in zip(look.columns("flow", len(arms), "wide"), arms, strict=True):
        with column:
            mass = np.stack([(plan.plan if side == 0 else plan.plan.T)[index] for plan in plans], axis=1)[:WORDS]
            shares = mass / np.maximum(mass.sum(0, keepdims=True), 1e-12)
            made = word_flow(shares, word, others[:WORDS], arm, label, layer)
            show.figure(made, f"word-{label}", saved_as, alt=f"Where the mass of {word} goes, by layer, {label}")
    caption(
        f"Nearest: {cost} distance between the two nearest subwords of both words. A word that pays more of the cost "
        "than it has of the mass is hard to place; where arms share a frozen layer, they cannot differ."
    )

    def numbers() -> None:
        table = word_table(told, others)
        show.table(table, "word", {name: show.number(name) for name in table.columns if "×100" in name}, height=320)

    sections.folded("The same as numbers", "word-numbers", numbers)
