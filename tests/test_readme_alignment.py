"""README's table of word alignment errors of the arms is what their runs stored."""

from __future__ import annotations

import pandas as pd
import pytest

from core.alignment.published_error import measured_alignment
from core.reference.unpack import read_reference
from core.shipped import SHIPPED
from tests.support.paths import ROOT
from tests.test_readme import README

ROWS = [
    [cell.strip() for cell in line.strip("|").split("|")]
    for line in README.split("| AER, layer 7 |")[1].split("## Retrieval")[0].splitlines()
    if line.startswith("| ")
]
CODES = ["bg", "es", "ru", "da", "et", "hu", "it", "nl", "pt", "sl", "fr", "ro", "zh", "ja"]


@pytest.fixture(scope="module")
def errors():
    """AER of an arm's shipped run of seed 0, by layer and language."""
    rows = read_reference(SHIPPED).by_arm("scores").query("name == 'alignment_error' and seed == 0")
    return lambda arm: rows[rows["arm"] == arm].pivot_table(index="layer", columns="language", values="value")


def test_the_untrained_row_is_the_committed_table():
    known = {
        next(code for code in row.pair.split("-") if code != "en"): row.aer
        for row in measured_alignment()
        if row.decoding == "transport-threshold"
    }
    assert ROWS[0][:-1] == ["untrained", *(f"{known[code]:.1f}" for code in CODES)]


def test_the_speeds_it_quotes_are_the_medians_of_the_committed_table():
    rows = pd.read_csv(ROOT / "core" / "alignment" / "alignment_test.tsv", sep="\t")
    middle = rows.groupby("decoding")["pairs_a_second"].median()
    told = " ".join(README.split())
    assert f"{middle['simalign, argmax']:.1f} pairs a processor second in the median" in told
    assert f"beside our {middle['transport-grow']:.0f}" in told


def test_the_arms_rows_are_their_runs(errors):
    text = " ".join(README.split())
    assert len(ROWS) >= 3
    for name, *cells in ROWS[1:]:
        table = errors(name)
        own = table.loc[7, CODES]
        assert cells == [*(f"{value:.1f}" for value in own), f"{own.mean():.1f}"]
        means = table.mean(axis=1)
        assert f"{name} {means.min():.1f} at layer {means.idxmin()} and {means[12]:.1f} at layer 12" in text
