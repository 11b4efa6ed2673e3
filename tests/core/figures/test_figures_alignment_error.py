"""The table of gold sets and the arms' error by layer: every number is one that was measured."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.alignment.published_error import PUBLISHED, measured_alignment
from core.figures.alignment_error import FIRST, RULES, by_layer, gold_table, layer_figure, peer_column


@pytest.fixture
def stored():
    drawn = np.random.default_rng(0)
    rows = [
        (arm, code, layer, value := drawn.uniform(10, 30), value - 2, value + 2)
        for arm in ("transport", "english-only")
        for code in ("ru", "zh", "fr")
        for layer in (4, 7, 12)
    ]
    return pd.DataFrame(rows, columns=["arm", "language", "layer", "value", "low", "high"])


def test_the_table_holds_what_was_measured_stored_and_published(stored):
    table = gold_table(measured_alignment(), stored, PUBLISHED, 7).set_index("pair")
    assert len(table) == len({one.pair for one in measured_alignment()}) == 14
    for one in measured_alignment():
        assert table.loc[one.pair, peer_column(one.decoding) or RULES.get(one.decoding, "untrained")] == one.aer
    assert {"untrained", FIRST, "eflomal", "eflomal, more bitext", "fast_align", "simalign, argmax"} <= set(table)
    assert (table["simalign, argmax"] == table["argmax (SimAlign's rule)"]).all()
    assert (table["simalign, itermax"] == table["itermax (SimAlign's rule)"]).all()
    at = stored[(stored["arm"] == "transport") & (stored["layer"] == 7)].set_index("language")["value"]
    assert table.loc["zh-en", "transport"] == at["zh"] and table.loc["en-ru", "transport"] == at["ru"]
    assert np.isnan(table.loc["en-bg", "transport"]) and np.isnan(table.loc["en-bg", "SimAlign, published"])
    assert table.loc["en-fr", "awesome-align, published"] == PUBLISHED["awesome-align"]["en-fr"]
    bare = gold_table(measured_alignment(), stored.iloc[:0], PUBLISHED, 7)
    assert "transport" not in bare and len(bare) == 14


def test_the_mean_over_sets_and_its_interval(stored):
    table = by_layer(stored).set_index(["arm", "layer"])
    own = stored[(stored["arm"] == "english-only") & (stored["layer"] == 12)]
    row = table.loc[("english-only", 12)]
    assert row["value"] == pytest.approx(own["value"].mean()) and row["sets"] == 3
    assert row["high"] - row["value"] == pytest.approx(2 / np.sqrt(3))
    figure = layer_figure(table.reset_index(), 4)
    lines = {trace.name: trace for trace in figure.data}
    assert set(lines) == {"transport", "english-only"}
    assert list(lines["english-only"].y)[-1] == row["value"]
    assert "layers up to 4 are frozen" in figure.layout.title.subtitle.text
