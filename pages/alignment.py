"""Alignment: the transport plan between the words of two sentences, for two arms beside each other."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.alignment.gold_links import judge
from core.errors import IsoglossError
from core.figures.difference import moved_mass
from core.figures.layer_strip import Strip, layer_strip
from core.figures.plan import PlanNumbers, compare_plans, plan_caption
from core.figures.ribbons import Words
from pages.parts import groups, look, models, show, sources
from pages.parts.alignment import gold as alignment_gold
from pages.parts.alignment import kept as alignment_kept
from pages.parts.alignment import live as alignment_live
from pages.parts.alignment import pairs as alignment_pairs
from pages.parts.alignment import patching as alignment_patching
from pages.parts.alignment.controls import Controls, controls, view
from pages.parts.alignment.pairs import Chosen
from pages.parts.alignment.summary import compared, numbers_table
from pages.parts.alignment.views import WORDS, Drawn, draw, pharaoh, plan_rows
from pages.parts.alignment.word import Arm, chosen_word, explain, picked
from pages.parts.guard import guarded, page
from pages.parts.text import caption, finding, note, passage

PURPOSE = (
    "How does optimal transport match the words of a sentence with those of its translation, and does an arm's "
    "training make that match sharper and cheaper?"
)


def body() -> None:
    saved_as = show.picture_format()
    runs = groups.chosen_runs()
    sources.banner(runs, "Plans: computed now, from the sentences below")
    with guarded("kept plan"):
        if _kept(saved_as):
            return
    labels = models.choices(runs)
    if len(labels) == 1:
        note(
            "No run is stored with its weights here, so only the untrained encoder's plan is shown, on the "
            f"project's own starter sentences or on yours. Train arms to compare with {sources.HOW_TO_RUN}."
        )
    pair = alignment_pairs.choose()
    left, right = look.columns("lab", [1, 4], "narrow")
    with left, st.container(key="controls"):
        asked = controls(labels, models.first_pair(labels, runs))
    with right:
        said = st.container()
        shown = view()
        arms, problems = _arms(asked, pair, runs, labels)
        for problem in problems:
            note(problem)
        if not arms:
            return
        plans = [_drawn(arm, pair, asked.layer) for arm in arms]
        words = alignment_live.states(arms[0][0], pair)
        draw(shown, plans, saved_as, chosen_word(words[0].words, words[1].words), picked)
        with said:
            _say(arms, plans, pair, asked)
        _numbers(arms, plans, pair, asked)
        _strip(arms, pair, asked.layer, runs, saved_as)
    with guarded("word"):
        explain(pair, arms, asked.layer, saved_as, asked.settings.plan.cost)
    with guarded("gold sets"):
        alignment_gold.panel(runs, saved_as)
    with guarded("patching"):
        alignment_patching.panel(runs, asked.settings.plan, saved_as)
    with guarded("kept plans"):
        at = [(arm[3][asked.layer].cost, arm[3][asked.layer].entropy, arm[0]) for arm in arms]
        alignment_kept.panel(plans, at, (pair.source_code, pair.target_code))


def _arms(
    asked: Controls, pair: Chosen, runs: pd.DataFrame, labels: dict[str, str]
) -> tuple[list[Arm], list[str]]:  # fmt: skip
    """The plans of every arm that can be computed, and a sentence for each that cannot."""
    arms: list[Arm] = []
    problems: list[str] = []
    for choice in dict.fromkeys(asked.arms):
        try:
            plans = alignment_live.plans(choice, pair, asked.settings)
            arms.append((choice, labels[choice], models.arm_of(choice, runs), plans))
        except IsoglossError as error:
            problems.append(str(error))
    return arms, list(dict.fromkeys(problems))


def _drawn(arm: Arm, pair: Chosen, layer: int) -> Drawn:
    choice, label, name, plans = arm
    plan = plans[layer]
    source, target = alignment_live.states(choice, pair)
    rtl = pair.rtl
    judged = judge(plan.links, pair.gold) if pair.gold else None
    return Drawn(
        label,
        name,
        layer,
        Words(source.words, plan.source_mass, rtl[0], pair.source_code),
        Words(target.words, plan.target_mass, rtl[1], pair.target_code),
        plan.plan,
        plan.links,
        judged,
    )


def _say(arms: list[Arm], plans: list[Drawn], pair: Chosen, asked: Controls) -> None:
    """What was found, and the sentences themselves."""
    sentences = zip(pair.texts, (pair.source_code, pair.target_code), strict=True)
    st.html(f'<div class="iso-query">{"".join(passage(text, code) for text, code in sentences)}</div>')
    if len(arms) == 2:
        at = [arm[3][asked.layer] for arm in arms]
        left, right = (PlanNumbers(arm[1], plan.cost, plan.entropy) for arm, plan in zip(arms, at, strict=True))
        elsewhere = 100 * moved_mass(plans[0].plan, plans[1].plan)
        finding(f"{compare_plans(left, right, asked.layer)} {elsewhere:.1f} % of the mass lie elsewhere.")
    truncated = any(side.truncated for side in alignment_live.states(arms[0][0], pair))
    if truncated:
        note("A sentence was longer than the encoder reads; its end was left out.")
    if max(plans[0].plan.shape) > WORDS:
        note(f"Only the first {WORDS} words of each sentence are drawn; cost and entropy are of all of them.")


def _numbers(arms: list[Arm], plans: list[Drawn], pair: Chosen, asked: Controls) -> None:
    """Captions, the numbers before and after, and what can be saved."""
    own = arms[0][3][asked.layer]
    tokens = (own.plan_tokens.shape[0], own.plan_tokens.shape[1])
    if len(arms) == 1:
        caption(plan_caption(own.cost, own.entropy, len(own.links), _epsilon(asked), tokens, asked.settings.plan.cost))
    st.html(numbers_table(compared([(arm[1], arm[2], arm[3][asked.layer]) for arm in arms], plans)))
    if pair.gold:
        caption(
            "Green: link that people drew too. Orange: link that they did not. Dashed: sure link that is missing. AER: "
            "alignment error rate over this one pair (Och and Ney 2003); lower is better."
        )
    if len(arms) == 2:
        for _, label, _, found in arms:
            if found[asked.layer].entropy > 0.95:
                caption(f"The plan of {label} is nearly uniform: its links mean little.")
        caption(
            "One pair is an example, not evidence. A cost can also fall because an arm moved all words closer; "
            "the entropy is free of that, since ε is relative to the pair's median cost."
        )
    if {pair.source_code, pair.target_code} & {"th", "zh"} and not pair.gold:
        caption("Thai and Chinese are written without spaces between words: each piece is one subword.")
    for column, (arm, one) in zip(st.columns(2), zip(arms, plans, strict=True), strict=False):
        with column, st.container(horizontal=True):
            show.save(f"Links of {arm[1]} (Pharaoh)", pharaoh(arm[3][asked.layer].links), f"links-{arm[1]}.txt")
            show.save(f"Plan of {arm[1]} (CSV)", show.csv(plan_rows(one)), f"plan-{arm[1]}.csv")


def _epsilon(asked: Controls) -> float:
    """The regularisation that counts; exact and partial plans have none."""
    return asked.settings.plan.epsilon if asked.settings.plan.kind in ("balanced", "unbalanced") else 0.0


def _strip(arms: list[Arm], pair: Chosen, layer: int, runs: pd.DataFrame, saved_as: str) -> None:
    strips = [
        Strip(
            label,
            name,
            [plan.cost for plan in plans],
            [plan.entropy for plan in plans],
            [judge(plan.links, pair.gold).error_rate for plan in plans] if pair.gold else None,
            alignment_live.frozen_layers(choice, runs),
        )
        for choice, label, name, plans in arms
    ]

    def clicked(mark: list[int]) -> None:
        st.session_state["layer"] = int(mark[0])

    show.figure(
        layer_strip(strips, layer), "layers", saved_as, on_click=clicked, alt="Cost and entropy of the pair by layer"
    )


def _kept(saved_as: str) -> bool:
    """Show the kept plan that the link names, if it names one."""
    kept = alignment_kept.opened()
    if kept is None:
        return False
    plans = alignment_kept.drawn(kept)
    finding(f"Kept on {kept.kept:%d %b %Y} under “{kept.name}”, layer {plans[0].layer}.")
    alignment_kept.close()
    draw(view(), plans, saved_as, None, lambda what: None)
    shown = zip(plans, kept.plans, strict=True)
    caption(" ".join(f"{one.label}: cost {own.cost:.3f}, entropy {100 * own.entropy:.1f} %." for one, own in shown))
    return True


with page("Alignment", PURPOSE):
    body()
