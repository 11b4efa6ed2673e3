"""Transport patching of one NLI item: would the answer recover with the English tokens' states?"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
import streamlit as st

from core.arms.names import UNTRAINED
from core.data.records import LABELS, NLIItem
from core.errors import MissingData
from core.figures.patching import answers, token_gains
from core.languages import language, sort_codes
from core.notation import signed
from core.patching.recorded import measured_controls, surviving, tell_claims, tell_patching
from pages.parts import look, models, show
from pages.parts.items import Texts
from pages.parts.live import recent
from pages.parts.pairs import language_box
from pages.parts.stored import read
from pages.parts.text import caption, finding, foreign, note
from store.results import predictions
from store.results.benchmarks import SPLITS

if TYPE_CHECKING:
    from core.patching.patch import Patching
    from core.transport.plans import PlanSettings

#: Parameters of an address that ask for this section.
ASKED_BY = ("patching", "patching-controls", "patch-run", "patch-language", "patch-items", "patch-item", "patch-layer")
DRAWS, TOKEN_DRAWS = 20, 3
FLIPPED, ANY = "flipped items", "any item"
#: Above the last layer nothing runs again; with pooling by the mean its control could not differ.
LAST = 11
WHAT = (
    "Transport patching replaces the target-language tokens' states at one layer by what the plan carries over from "
    "the English translation, and runs the layers above again. That an answer recovers shows little by itself: what "
    "may be claimed is what the controls leave."
)


def panel(runs: pd.DataFrame, settings: PlanSettings, saved_as: str) -> None:
    """The panel, behind a switch, because it takes a second or two."""
    st.subheader("Transport patching", anchor=False)
    caption(f"{WHAT} {tell_patching()}")
    _controls()
    labels = {key: name for key, name in models.choices(runs).items() if key != UNTRAINED}
    if not labels:
        note("Patching asks a trained classifier, and no run is stored here with its weights.")
        return
    if not st.toggle("Patch an item", key="patching", bind="query-params"):
        return
    first, second, third, fourth, fifth = look.columns("patch", [2, 2, 2, 1.4, 2.6], "narrow")
    with first:
        run_id = st.selectbox(
            "Run", list(labels), format_func=lambda k: labels[k], key="patch-run", bind="query-params"
        )
    split, codes = _read_in(run_id)
    with second:
        code = language_box(codes, "Language of the item", key="patch-language")
    with third:
        which = st.segmented_control(
            "Items", (FLIPPED, ANY), default=FLIPPED, required=True, key="patch-items", bind="query-params", wrap=True,
            help="Flipped: right in English and wrong in the language.",
        )  # fmt: skip
    answered = read(predictions.read, [run_id], split, ["en", code]).assign(split=split)
    with fourth:
        item_id = _item(answered, split, code, which == FLIPPED)
    with fifth:
        layer = st.slider("Layer patched", 0, LAST, 6, key="patch-layer", bind="query-params")
    if item_id is None:
        note(f"This run flips no item in {language(code).name}: every item it has right in English is right there too.")
        return
    _one(runs, run_id, labels[run_id], split, code, item_id, int(layer), answered, settings, saved_as)


def _controls() -> None:
    """The measured controls as a table, and what survives them."""
    table = measured_controls()
    whole = table[table["language"] == "all"]
    for layer in sorted(set(whole["layer"])):
        caption(tell_claims(int(layer), surviving(table, int(layer))))
    with st.expander("Patching beside its controls"):
        names = ("patched", "controlled", "difference", "low", "high")
        show.table(table, "patching-controls", {name: show.number(name) for name in names})
        caption(
            "×100, of flipped items: right after the plan, after the control, their difference and its 95 % interval "
            "over premises. “Right before”: of items that were right, how many stay so. Items are drawn by seed."
        )


def _read_in(run_id: str) -> tuple[str, list[str]]:
    """The split that the run was read on in English and other languages, and the codes of those others.

    Raises `MissingData` if there is none.
    """
    covered = read(predictions.coverage, [run_id])
    for split in SPLITS:
        codes = set(covered.loc[covered["split"] == split, "language"])
        if "en" in codes and len(codes) > 1:
            return split, sort_codes(sorted(codes - {"en"}))
    raise MissingData("This run has no predictions in English and another language to compare; choose another run.")


def _item(answered: pd.DataFrame, split: str, code: str, flipped: bool) -> int | None:
    from core.patching.effect import item_ids

    offered = item_ids(answered, split, code, "flipped" if flipped else "any")
    if not offered:
        return None
    chosen: int = st.selectbox("Item", offered, key="patch-item", bind="query-params")
    return chosen


def _one(
    runs: pd.DataFrame, run_id: str, label: str, split: str, code: str, item_id: int, layer: int,
    answered: pd.DataFrame, settings: PlanSettings, saved_as: str,
) -> None:  # fmt: skip
    row = answered[(answered["language"] == code) & (answered["item_id"] == item_id)].iloc[0]
    gold = int(row["gold"])
    texts = Texts(str(runs.loc[runs["run_id"] == run_id, "data_kind"].iloc[0]), split)
    item, original = texts.get(code, item_id, gold), texts.get("en", item_id, gold)
    if item is None or original is None:
        note(texts.problem or f"The text of item {item_id} is not on this machine.")
        return
    told = _patched(run_id, code, item, original, layer, settings)
    name = language(code).name
    left, right = look.columns("patched", [5, 6], "wide")
    with left:
        st.html(
            f'<div class="iso-query">{foreign(item.premise, code)}{foreign(item.hypothesis, code)}'
            f"{foreign(original.premise, 'en')}{foreign(original.hypothesis, 'en')}</div>"
        )
        rows = [
            (f"{name}, as read", told.target),
            ("English, as read", told.english),
            (f"{name}, patched", told.patched),
            (f"control, mean of {len(told.random)}", told.random.mean(0)),
        ]
        title = f"Item {item_id}: every token patched at layer {layer}"
        show.figure(answers(rows, gold, title), "patched", saved_as, alt=title)
    with right:
        gains = told.by_token[:, gold] - told.target[gold]
        control = told.random_by_token[:, :, gold] - told.target[gold]
        made = token_gains(told.tokens, list(told.part), gains, control, LABELS[gold])
        show.figure(made, "patched-tokens", saved_as, alt=f"Gain of each token of item {item_id} patched alone")
    with left:
        _tell(told, gold, label, name)
        if int(row[list(LABELS)].to_numpy(float).argmax()) != int(told.target.argmax()):
            caption(
                "The stored answer to this item was another; a run may make its predictions in half precision, "
                "this page does not."
            )
        table = pd.DataFrame(
            {
                "token": [token.replace("\u2581", " ").strip() for token in told.tokens],
                "part": ["premise" if part == 1 else "hypothesis" for part in told.part],
                "gain": 100 * gains,
                "control": 100 * control.mean(0),
            }
        )
        show.download(table, "patched-tokens")


def _tell(told: Patching, gold: int, label: str, name: str) -> None:
    recovered = int((told.random.argmax(1) == gold).sum())
    before, after = told.target, told.patched
    said = "stays wrong" if after.argmax() != gold else "stays right" if before.argmax() == gold else "recovers"
    change = 100 * float(after[gold] - before[gold])
    random = 100 * float(told.random[:, gold].mean() - before[gold])
    finding(
        f"Patched at layer {told.layer}, the answer of {label} in {name} {said}: {LABELS[gold]} {signed(change)} "
        f"points; with random plans {signed(random)} on average, right in {recovered} of {len(told.random)} draws."
    )
    best = int(np.argmax(told.by_token[:, gold]))
    word = told.tokens[best].replace("\u2581", " ").strip()
    gain = 100 * float(told.by_token[best, gold] - before[gold])
    entropy = " and ".join(f"{100 * plan.entropy:.0f}" for plan in told.plans)
    caption(
        f"Alone, “{word}” gains most, {signed(gain)} points. The control shuffles the plan's columns: as sharp a "
        "mixture of the same English states, in a random correspondence (plan entropy of premise and hypothesis "
        f"{entropy} % of the maximum). The nearer to the last layer, the less the two can differ, since the model "
        "pools by the mean."
    )


def _patched(run_id: str, code: str, item: NLIItem, original: NLIItem, layer: int, settings: PlanSettings) -> Patching:
    def compute() -> Patching:
        from core.patching.patch import patch_item

        encoder, model = models.load_base(models.encoder_name(run_id)), models.classifier(run_id)
        with st.spinner("Running the upper layers…"), models.one_at_a_time():
            return patch_item(
                model, encoder, (item.premise, item.hypothesis), (original.premise, original.hypothesis), layer,
                settings, draws=DRAWS, token_draws=TOKEN_DRAWS,
            )  # fmt: skip

    found: Patching = recent("patchings", 60).get((run_id, code, item, layer, settings), compute)
    return found
