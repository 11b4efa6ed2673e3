"""The token plans of a report: those kept under a name, or one that runs stored over a starter sentence pair."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from core.data.catalog import starter_catalog
from core.encoder.words import word_spans, words_of_pieces
from core.errors import BadInput
from core.experiment.run_encoder import EMBEDDED, run_encoder
from core.figures.drawn_plan import DrawnPlan
from core.figures.ribbons import Words
from core.languages import LOW_RESOURCE, language
from core.report.material import ReportedPlan
from core.transport.links import gather_words, mutual_argmax
from core.workspace import Workspace
from store.results.plans import StoredPlan, list_plans, read_plan
from store.user.kept_plans import KeptPlan, list_kept, read_kept

#: Where words align best, and where the transport arm moves them.
LAYER = 8
_ORIGIN = re.compile(r"starter/sentences/test/(\d+)")


def kept(workspace: Workspace, named: str) -> list[ReportedPlan]:
    """The plans kept under an identifier or a name. Raises `BadInput` if there are none."""
    table = list_kept(workspace)
    matching = table[(table["view_id"] == named) | (table["name"] == named)]
    if matching.empty:
        known = ", ".join(f"“{name}”" for name in table["name"][:8]) or "none"
        raise BadInput(f"No plan is kept under {named[:80]!r}; kept: {known}.")
    view = read_kept(workspace, str(matching["view_id"].iloc[0]))
    codes = (str(view.settings.get("source_code", "")), str(view.settings.get("target_code", "")))
    return [_of_kept(plan, view.name, codes) for plan in view.plans]


def stored(
    workspace: Workspace, runs: pd.DataFrame, codes: Sequence[str], load: Callable[[], Any] | None
) -> tuple[ReportedPlan, ...]:
    """One starter pair as each of `runs` (run_id, arm) aligned it, both over words.

    It is the pair, from English into a low-resource language among `codes`, whose transport cost falls most from the
    first run to the last, in the layer nearest to `LAYER`; empty where they kept no plan in common. `load` gives the
    embedded encoder, whose tokeniser cut the text.
    """
    ids = [str(run_id) for run_id in runs["run_id"]]
    plans = [list_plans(workspace, run_id).set_index("plan_id") for run_id in ids]
    shared = plans[-1]
    for other in plans[:-1]:
        shared = shared[shared.index.isin(other.index)]
    of_languages = shared["target_language"].isin([code for code in codes if code in LOW_RESOURCE])
    mine = shared[(shared["source_language"] == "en") & of_languages & shared["origin"].str.fullmatch(_ORIGIN.pattern)]
    if mine.empty:
        return ()
    mine = mine[mine["layer"] == min(sorted(set(mine["layer"])), key=lambda layer: abs(layer - LAYER))]
    fall = plans[0]["cost"].reindex(mine.index) - mine["cost"]
    plan_id = str((fall if len(ids) > 1 else -mine["cost"]).sort_values(ascending=False, kind="stable").index[0])
    why = "whose transport cost fell most" if len(ids) > 1 else "with the lowest transport cost"
    names = {run_encoder(run) for run in runs.to_dict("records")}
    if len(names) > 1:
        raise BadInput("the runs are of several encoders, whose words differ.")
    encoder = _load(names.pop(), load)
    return tuple(
        _of_stored(read_plan(workspace, run_id, plan_id), str(arm), encoder, f"of {len(mine)} stored the one {why}")
        for run_id, arm in zip(ids, runs["arm"], strict=True)
    )


def _load(name: str, load: Callable[[], Any] | None) -> Any:
    """The encoder of that name; the embedded one from `load` where that is given."""
    from core.encoder.load import load_encoder

    return load() if load is not None and name == EMBEDDED else load_encoder(name)


def _of_stored(plan: StoredPlan, arm: str, encoder: Any, chosen: str) -> ReportedPlan:
    from core.encoder.tokens import tokenise

    number = int(_ORIGIN.fullmatch(plan.origin)[1])  # type: ignore[index]
    pairs = starter_catalog().retrieval(plan.target_language).pairs
    if number >= len(pairs):
        raise BadInput(f"the starter set has no sentence {number} any more.")
    english, other = pairs[number]
    sides, words_of = [], []
    dense = plan.matrix().astype(np.float64)
    masses = (dense.sum(1), dense.sum(0))
    for text, code, tokens, mass in zip(
        (english, other), (plan.source_language, plan.target_language), dense.shape, masses, strict=True
    ):
        offsets = tokenise(encoder, [text])[0].offsets
        if len(offsets) != tokens:
            raise BadInput(f"the stored plan has {tokens} tokens where the sentence has {len(offsets)} now.")
        spans = word_spans(text, offsets)
        word_of = words_of_pieces(spans, offsets)
        word_of = np.maximum.accumulate(np.maximum(word_of, 0))
        total = np.bincount(word_of, weights=mass, minlength=len(spans))
        known = language(code)
        sides.append(Words([text[a:b] for a, b in spans], total / total.sum(), known.direction == "rtl", code))
        words_of.append(word_of)
    over_words = gather_words(dense, words_of[0], words_of[1])
    note = (
        f"{arm}, layer {plan.layer}, English to {language(plan.target_language).name}, starter sentence {number + 1}, "
        f"{chosen}. Cells of mass above {plan.threshold:g} were stored."
    )
    drawn = DrawnPlan(
        arm, arm, plan.layer, sides[0], sides[1], over_words, mutual_argmax(over_words), plan.cost, plan.entropy
    )
    return ReportedPlan("A token plan", note, drawn)


def _of_kept(plan: KeptPlan, name: str, codes: tuple[str, str]) -> ReportedPlan:
    sides = [
        Words(words, np.asarray(mass), bool(code) and language(code).direction == "rtl", code)
        for words, mass, code in (
            (plan.source_words, plan.source_mass, codes[0]),
            (plan.target_words, plan.target_mass, codes[1]),
        )
    ]
    note = f"{plan.label}, layer {plan.layer}; kept as “{name}”."
    drawn = DrawnPlan(
        plan.label, plan.arm, plan.layer, sides[0], sides[1], np.asarray(plan.plan, float), plan.links, plan.cost,
        plan.entropy,
    )  # fmt: skip
    return ReportedPlan("A token plan", note, drawn)
