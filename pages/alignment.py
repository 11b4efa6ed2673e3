"""Alignment: the transport plan between the words of two sentences, for two arms beside each other."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.figures.plan import PlanNumbers, compare_plans, link_table, plan_caption, plan_heat_map
from pages.parts import groups, live, look, models, show, sources
from pages.parts.guard import guarded, page
from pages.parts.pairs import Pair, choose_pair
from pages.parts.text import caption, finding, note, passage

PURPOSE = (
    "How does optimal transport match the words of a sentence with those of its translation, and does an arm's "
    "training make that match sharper and cheaper?"
)
EPSILONS = (0.01, 0.02, 0.05, 0.1, 0.2, 0.5)
LAYERS = 12
#: Words a side that a heat map can show legibly.
WORDS = 60
NONE = "none"


def body() -> None:
    saved_as = show.picture_format()
    runs = groups.chosen_runs()
    sources.banner(runs, "Plans: computed now, from the sentences below")
    labels = models.choices(runs)
    if len(labels) == 1:
        note(
            "No run is stored with its weights here, so only the untrained encoder's plan is shown, on the "
            f"project's own starter sentences or on yours. Train arms to compare with {sources.HOW_TO_RUN}."
        )
    pair = choose_pair()
    chosen, layer, epsilon = _settings(labels)
    st.html(
        f'<div class="iso-query">{passage(pair.source, pair.source_code)}{passage(pair.target, pair.target_code)}</div>'
    )
    found = st.container()
    columns = look.columns("plans", len(chosen), "wide", "medium")
    told: list[PlanNumbers] = []
    for place, (column, choice) in enumerate(zip(columns, chosen, strict=True)):
        with column, guarded("alignment"):
            told.append(_one(choice, place, pair, layer, epsilon, runs, labels, saved_as))
    if len(told) == 2 and chosen[0] != chosen[1]:
        with found:
            _compare(told, layer)


def _settings(labels: dict[str, str]) -> tuple[list[str], int, float]:
    first, second, third, fourth = look.columns("settings", [2, 2, 3, 3], "narrow")
    keys = list(labels)
    with first:
        a = st.selectbox("Left", keys, format_func=lambda k: labels[k], key="left", bind="query-params")
    with second:
        others = [*keys[1:], keys[0], NONE] if len(keys) > 1 else [NONE]
        b = st.selectbox(
            "Right",
            others,
            format_func=lambda k: labels.get(k, NONE),
            key="right",
            bind="query-params",
            disabled=len(keys) == 1,
        )
    with third:
        layer = st.slider(
            "Layer",
            0,
            LAYERS,
            6,
            key="layer",
            bind="query-params",
            help="0 is what the embeddings give, 12 the last. Middle layers align words best.",
        )
    with fourth:
        epsilon = st.select_slider(
            "ε",
            EPSILONS,
            0.05,
            key="epsilon",
            bind="query-params",
            help="Entropic regularisation, as a fraction of the pair's median cost (Cuturi 2013): "
            "larger spreads the plan.",
        )
    return [a] if b == NONE else [a, b], int(layer), float(epsilon)


def _one(
    choice: str,
    place: int,
    pair: Pair,
    layer: int,
    epsilon: float,
    runs: pd.DataFrame,
    labels: dict[str, str],
    saved_as: str,
) -> PlanNumbers:
    """One arm's plan: heat map, what it says, its links."""
    found = live.plan(choice, pair.source, pair.target, layer, epsilon)
    arm = models.arm_of(choice, runs)
    source, target = found.source_words[:WORDS], found.target_words[:WORDS]
    mass = found.plan[:WORDS, :WORDS]
    links = [(i, j) for i, j in found.links if i < WORDS and j < WORDS]
    name = f"plan-{'ab'[place]}"

    def clicked(cell: list[int]) -> None:
        st.session_state[f"cell-{place}"] = (pair, tuple(cell))

    made = plan_heat_map(mass, source, target, arm, links, pair.target_rtl, labels[choice])
    alt = f"Heat map of the transport plan between words, {labels[choice]}, layer {layer}"
    show.figure(made, name, saved_as, on_click=clicked, alt=alt)
    tokens = (len(found.source_tokens), len(found.target_tokens))
    caption(plan_caption(found.cost, found.entropy, len(found.links), epsilon, tokens))
    if {pair.source_code, pair.target_code} & {"th", "zh"}:
        caption("Thai and Chinese are written without spaces between words: each piece is one subword.")
    if found.truncated:
        note("A sentence was longer than the encoder reads; its end was left out.")
    if len(found.source_words) > WORDS or len(found.target_words) > WORDS:
        note(f"Only the first {WORDS} words of each sentence are drawn; cost and entropy are of all of them.")
    marked = st.session_state.get(f"cell-{place}")
    if marked and marked[0] == pair and max(marked[1]) < WORDS:
        i, j = marked[1]
        own = max(float(found.plan[i].sum()), 1e-12)
        caption(
            f"Clicked: “{source[i]}” sends {100 * found.plan[i, j] / own:.1f} of 100 parts of its mass to "
            f"“{target[j]}”, {100 * found.plan[i, j]:.2f} of 100 parts of all mass."
        )
    numbers = {name: show.number(f"{name} ×100") for name in ("mass", "share of source word")}
    show.table(link_table(mass, source, target, links), f"links-{'ab'[place]}", numbers, height=250)
    return PlanNumbers(labels[choice], found.cost, found.entropy)


def _compare(told: list[PlanNumbers], layer: int) -> None:
    finding(compare_plans(*told, layer))
    caption(
        "One pair is an example, not evidence. A cost can also fall because an arm moved all words closer together; "
        "the entropy is free of that, since ε is relative to the pair's median cost."
    )


with page("Alignment", PURPOSE):
    body()
