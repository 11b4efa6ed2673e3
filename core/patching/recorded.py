"""What transport patching did to flipped items of XNLI test beside its controls, as measured and committed.

`patching_controls_test.tsv` is of english-only, seed 0, of the reference runs, flipped items and as many that were
right before in each low-resource language, drawn by seed 0, made with ISOGLOSS_DATA set by

    python -m core patch --arm english-only --split test --limit 30 --layers 4 8 --seed 0 --controls FILE
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pandas as pd

#: What stands beside the plan, by name (`core.patching.controls`).
PLAN, SHUFFLED, MONOTONE = "plan", "shuffled plan", "monotone map"
OTHER_ITEM, OTHER_LANGUAGE, RIGHT_BEFORE = "another item", "another language", "right before"
#: Controls of flipped items, in the order of tables, and what a difference from each would show.
CLAIMS: dict[str, str] = {
    OTHER_ITEM: "the states of the item's own translation matter, not any English ones",
    SHUFFLED: "which token gets which state matters",
    MONOTONE: "the plan carries over more than the order of the words does",
    OTHER_LANGUAGE: "English states matter, not any translation's",
}
SUMMARY = ["language", "layer", "control", "items", "patched", "controlled", "difference", "low", "high", "survives"]
_CONTROLS = Path(__file__).with_name("patching_controls_test.tsv")


def measured_controls() -> pd.DataFrame:
    """The committed table of controls, with the columns of `SUMMARY`."""
    return pd.read_csv(_CONTROLS, sep="\t")


def surviving(summary: pd.DataFrame, layer: int, language: str = "all") -> list[str]:
    """What may be claimed at a layer: the claims whose own control leaves them."""
    rows = summary[(summary["layer"] == layer) & (summary["language"] == language)]
    return [CLAIMS[name] for name in rows.loc[rows["survives"].astype(bool), "control"] if name in CLAIMS]


def tell_claims(layer: int, claims: Sequence[str]) -> str:
    """What may be claimed at a layer, after its controls."""
    if not claims:
        return f"At layer {layer} no claim survives its control."
    return f"At layer {layer} these claims survive their controls: {'; '.join(claims)}."


def tell_patching() -> str:
    """What was found over all languages beside each control, and what may be claimed, in a few sentences."""
    table = measured_controls()
    table = table[table["language"] == "all"]
    told = []
    for layer, rows in table.groupby("layer", sort=True):
        parts = [
            f"{row.control} {row.controlled:.1f} ({row.difference:+.1f}, {row.low:.1f} to {row.high:.1f})"
            for row in rows.itertuples()
            if row.control != RIGHT_BEFORE
        ]
        plan = rows[rows["control"] != RIGHT_BEFORE].iloc[0]
        told.append(f"at layer {layer} {plan['patched']:.1f} of 100 become right by the plan; by {', '.join(parts)}")
        kept = rows[rows["control"] == RIGHT_BEFORE]
        if len(kept):
            told[-1] += f"; of items right before {100 - float(kept['patched'].iloc[0]):.1f} of 100 become wrong"
    items = int(table.loc[table["control"] != RIGHT_BEFORE, "items"].max())
    return f"Measured on {items:,} flipped items of XNLI test with english-only: {'; '.join(told)}."
