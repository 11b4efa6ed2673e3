"""Alignment: the transport plan between the words of two sentences, for two arms beside each other."""

from __future__ import annotations

import pandas as pd
import streamlit as st

from core.alignment.gold_links import judge
from core.errors import IsoglossError
from core.figures.difference import moved_mass
from core.figures.drawn_plan import DrawnPlan
from core.figures.layer_strip import Strip, layer_strip
from core.figures.plan import compare_plans, plan_caption, plan_numbers
from core.figures.ribbons import Words
from pages.parts import collapsed, encoders, groups, look, models, sections, show, sources
from pages.parts.alignment import drawing as alignment_drawing
from pages.parts.alignment import gold as alignment_gold
from pages.parts.alignment import kept as alignment_kept
from pages.parts.alignment import live as alignment_live
from pages.parts.alignment import pairs as alignment_pairs
from pages.parts.alignment import patching as alignment_patching
from pages.parts.alignment import word as alignment_word
from pages.parts.alignment.controls import Controls, controls, view
from pages.parts.alignment.pairs import SentencePair
from pages.parts.alignment.plan_comparison import compared, numbers_table
from pages.parts.alignment.views import WORDS, draw, pharaoh, plan_rows
from pages.parts.alignment.word import Arm, chosen_word, explain, picked
from pages.parts.guard import guarded, page
from pages.parts.sections import Section
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
    encoders.picker(runs)
    labels = models.choices(runs)
    if len(labels) == 1:
        note(
            "No run is stored with its weights here, so only the untrained encoder's plan is shown, on the "
            f"project's own starter sentences or on yours. Train arms to compare with {sources.HOW_TO_RUN}."
        )
    pair = alignment_pairs.choose()
    left, right = look.columns("lab", [1, 4], "narrow")
    with left, st.container(key="controls"):
        asked = controls(labels, models.first_pair(labels, runs), models.layers_of)
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
    cost = asked.settings.plan.cost
    kept_from = [arm[0] for arm in arms], (pair.source_code, pair.target_code)
    sections.set_by_click("word", "")
    sections.tabs(
        [
            Section("Layers", lambda: _strip(arms, pair, asked.layer, runs, saved_as)),
            Section(
                alignment_word.TAB, lambda: explain(pair, arms, asked.layer, saved_as, cost), alignment_word.ASKED_BY
            ),
            Section("Gold links", lambda: alignment_gold.panel(runs, saved_as)),
            Section(
                "Draw links", lambda: alignment_drawing.panel(pair, arms, asked.layer, asked.settings, labels),
                alignment_drawing.ASKED_BY,
            ),
            Section(
                "Patching", lambda: alignment_patching.panel(runs, asked.settings.plan, saved_as),
                alignment_patching.ASKED_BY,
            ),
            Section("Kept plans", lambda: alignment_kept.panel(plans, *kept_from)),
        ]
    )  # fmt: skip


def _arms(
    asked: Controls, pair: SentencePair, runs: pd.DataFrame, labels: dict[str, str]
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


def _drawn(arm: Arm, pair: SentencePair, layer: int) -> DrawnPlan:
    choice, label, name, plans = arm
    plan = plans[layer]
    source, target = alignment_live.states(choice, pair)
    rtl = pair.rtl
    judged = judge(plan.links, pair.gold) if pair.gold else None
    return DrawnPlan(
        label,
        name,
        layer,
        Words(source.words, plan.source_mass, rtl[0], pair.source_code),
        Words(target.words, plan.target_mass, rtl[1], pair.target_code),
        plan.plan,
        plan.links,
        plan.distance,
        plan.entropy,
        judged,
    )


def _say(arms: list[Arm], plans: list[DrawnPlan], pair: SentencePair, asked: Controls) -> None:
    """What was found, and the sentences themselves."""
    sentences = zip(pair.texts, (pair.source_code, pair.target_code), strict=True)
    st.html(f'<div class="iso-query">{"".join(passage(text, code) for text, code in sentences)}</div>')
    broken = collapsed.warn([arm[0] for arm in arms], {arm[0]: arm[1] for arm in arms}, asked.layer)
    if len(arms) == 2:
        elsewhere = 100 * moved_mass(plans[0].plan, plans[1].plan)
        sentence = compare_plans(plans[0], plans[1], broken)
        finding(sentence)
        caption(f"{plan_numbers(plans[0], plans[1])} {elsewhere:.1f} % of the mass lie elsewhere.")
    truncated = any(side.truncated for side in alignment_live.states(arms[0][0], pair))
    if truncated:
        note("A sentence was longer than the encoder reads; its end was left out.")
    if max(plans[0].plan.shape) > WORDS:
        note(f"Only the first {WORDS} words of each sentence are drawn; cost and entropy are of all of them.")


def _numbers(arms: list[Arm], plans: list[DrawnPlan], pair: SentencePair, asked: Controls) -> None:
    """Captions, the numbers before and after, and what can be saved."""
    plan = arms[0][3][asked.layer]
    tokens = (plan.plan_tokens.shape[0], plan.plan_tokens.shape[1])
    if len(arms) == 1:
        kind = asked.settings.plan.cost
        caption(plan_caption(plan.distance, plan.entropy, len(plan.links), _epsilon(asked), tokens, kind))
    st.html(numbers_table(compared([(arm[1], arm[2], arm[3][asked.layer]) for arm in arms], plans)))
    if pair.gold:
        caption(
            "Green: link that people drew too. Orange: link that they did not. Dashed: sure link that is missing. AER: "
            "alignment error rate over this one pair (Och and Ney 2003); lower is better."
        )
    if len(arms) == 2:
        for _, label, _, by_layer in arms:
            if by_layer[asked.layer].entropy > 0.95:
                caption(f"The plan of {label} is nearly uniform: its links mean little.")
        caption(
            "One pair is an example, not evidence. A cost can also fall because an arm moved all words closer; "
            "the entropy is free of that, since ε is relative to the pair's median cost."
        )
    if {pair.source_code, pair.target_code} & {"th", "zh"} and not pair.gold:
        caption("Thai and Chinese are written without spaces between words: each piece is one subword.")
    with show.side_by_side("plans"):
        for arm, one in zip(arms, plans, strict=True):
            show.save(f"Links of {arm[1]} (Pharaoh)", pharaoh(arm[3][asked.layer].links), f"links-{arm[1]}.txt")
            show.save(f"Plan of {arm[1]} (CSV)", show.csv(plan_rows(one)), f"plan-{arm[1]}.csv")


def _epsilon(asked: Controls) -> float:
    """The regularisation that counts; exact and partial plans have none."""
    return asked.settings.plan.epsilon if asked.settings.plan.kind in ("balanced", "unbalanced") else 0.0


def _strip(arms: list[Arm], pair: SentencePair, layer: int, runs: pd.DataFrame, saved_as: str) -> None:
    strips = [
        Strip(
            label,
            name,
            [plan.distance for plan in plans],
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
    caption(" ".join(f"{plan.label}: cost {plan.cost:.3f}, entropy {100 * plan.entropy:.1f} %." for plan in plans))
    return True


with page("Alignment", PURPOSE):
    body()
