"""What transport patching did to flipped items of XNLI test, as it was measured and committed.

`patching_test.tsv` is the summary of english-only, seed 0, of the reference runs, the first 150 flipped items of each
low-resource language, made with ISOGLOSS_DATA set by

    python -m core patch --arm english-only --split test --limit 150 --layers 4 8 --summary FILE
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

_TABLE = Path(__file__).with_name("patching_test.tsv")


@dataclass(frozen=True)
class MeasuredPatching:
    """One row, x100: answers right after patching, after patching by a random plan of equal entropy, their difference
    and its 95 % interval over premises; `language` "all" is over the five."""

    language: str
    layer: int
    items: int
    patched: float
    random: float
    difference: float
    low: float
    high: float


def measured_patching() -> list[MeasuredPatching]:
    """The committed table, all languages together first."""
    table = pd.read_csv(_TABLE, sep="\t")[[f.name for f in fields(MeasuredPatching)]]
    return [MeasuredPatching(*row) for row in table.itertuples(index=False)]


def tell_patching() -> str:
    """What was found over all languages, in one sentence."""
    rows = [row for row in measured_patching() if row.language == "all"]
    told = ", ".join(
        f"at layer {row.layer} {row.patched:.1f} of 100 become right, by the random plan {row.random:.1f} "
        f"({row.difference:+.1f}, {row.low:.1f} to {row.high:.1f})"
        for row in rows
    )
    return f"Measured on {rows[0].items:,} flipped items of XNLI test with english-only: {told}."
