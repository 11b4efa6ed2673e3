"""No cell or heading that the project writes to CSV is run by a spreadsheet, and none is changed otherwise."""

from __future__ import annotations

import io

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.csv_cells import guarded, guarded_table, unguarded
from pages.parts.show import csv

BAD = [
    "=1+1", "+cmd|' /C calc'!A0", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", " =1", "\u00a0=1", "\u3000@x",
    "\uff1d1", "\uff0b1", "\uff0dx", "\uff20x", "\ufeff=1", "\u200b=1", "\x00=1", "\x0b=1", "\tplain", "'=1", "''@x",
]  # fmt: skip
GOOD = ["plain", "5 - 3", "'quoted'", "x=1", "", " plain", "\u2212 0.6", "a\n=1"]


@pytest.mark.parametrize("cell", BAD)
def test_what_a_spreadsheet_runs_is_text(cell):
    assert guarded(cell) == f"'{cell}" and unguarded(guarded(cell)) == cell


@pytest.mark.parametrize("cell", GOOD)
def test_other_text_is_left_alone(cell):
    assert guarded(cell) == cell == unguarded(cell)


@given(st.text(alphabet="'=+-@ \t\r\n\u3000\uff1d\ufeffab1", max_size=8))
def test_the_guard_can_always_be_taken_away(cell):
    assert unguarded(guarded(cell)) == cell


def test_numbers_stay_numbers_and_headings_are_guarded_too():
    table = pd.DataFrame(
        {"=HYPERLINK(1)": ["-0.6", "+3", "1e-3", "-x"], "n": [-1, 2, 3, 4], "@a": [None, "=1", 2.5, "b"]}
    )
    table["kind"] = pd.Categorical(["=1", "b", "b", "=1"])
    safe = guarded_table(table)
    assert list(safe) == ["'=HYPERLINK(1)", "n", "'@a", "kind"]
    assert list(safe.iloc[:, 0]) == ["-0.6", "+3", "1e-3", "'-x"] and list(safe["n"]) == [-1, 2, 3, 4]
    assert list(safe["'@a"])[1:] == ["'=1", 2.5, "b"] and list(safe["kind"]) == ["'=1", "b", "b", "'=1"]
    assert list(table)[0] == "=HYPERLINK(1)"


@pytest.mark.parametrize("cell", BAD)
def test_what_a_page_saves_is_guarded(cell):
    read = pd.read_csv(io.BytesIO(csv(pd.DataFrame({cell: [cell, "plain"]}))), dtype=str, keep_default_na=False)
    for found in (read.columns[0], read.iloc[0, 0]):
        assert found.startswith("'")
