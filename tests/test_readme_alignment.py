"""README's table of word alignment errors of the arms is what their runs stored."""

from __future__ import annotations

import json

import pandas as pd

from core.evaluation.measured_alignment import measured_alignment
from core.reference.layout import UNDER_WAY
from tests.test_readme import README

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in README.split("| AER, layer 7 |")[1].split("## Retrieval")[0].splitlines()
    if line.startswith("| ")
]
CODES = ["bg", "es", "ru", "da", "et", "hu", "it", "nl", "pt", "sl", "fr", "ro", "zh", "ja"]


def errors(arm):
    """AER by layer and language of the reference run of seed 0."""
    for path in UNDER_WAY.glob("*/run.json"):
        told = json.loads(path.read_text(encoding="utf-8"))
        if (told["arm"], told["seed"]) == (arm, 0):
            scores = pd.read_parquet(path.parent / "scores.parquet")
            own = scores[scores["name"] == "alignment_error"]
            return own.pivot_table(index="layer", columns="language", values="value")
    raise AssertionError(f"no run of {arm}")


def test_the_untrained_row_is_the_committed_table():
    known = {
        next(code for code in row.pair.split("-") if code != "en"): row.aer
        for row in measured_alignment()
        if row.decoding == "transport-threshold"
    }
    assert ROWS[0][:-1] == ["untrained", *(f"{known[code]:.1f}" for code in CODES)]


def test_the_arms_rows_are_their_runs():
    text = " ".join(README.split())
    assert len(ROWS) >= 3
    for name, *cells in ROWS[1:]:
        table = errors(name)
        own = table.loc[7, CODES]
        assert cells == [*(f"{value:.1f}" for value in own), f"{own.mean():.1f}"]
        means = table.mean(axis=1)
        assert f"{name} {means.min():.1f} at layer {means.idxmin()} and {means[12]:.1f} at layer 12" in text
