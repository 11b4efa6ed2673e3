"""The default settings are the best row of the committed table of the choice."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from core.alignment.default_layer import CHOSEN_DEPTH, CHOSEN_LAYER
from core.alignment.published_error import PUBLISHED, measured_alignment
from core.data.catalog import open_catalog
from core.data.gold_alignment import gold_sets
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.alignment import defaults as chosen
    from core.alignment.alignment_sets import COST_GRID, EPSILON_GRID, THRESHOLD_GRID, measure_sets
    from core.alignment.word_links import DECODINGS


def test_the_defaults_are_the_tables_best_row():
    with Path(chosen.__file__).with_suffix(".tsv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file, delimiter="\t"))
    errors = [float(row["aer"]) for row in rows]
    assert errors == sorted(errors) and {row["decoding"] for row in rows} == set(DECODINGS)
    best, settings = rows[0], chosen.CHOSEN
    assert best["decoding"] == settings.decoding and int(best["layer"]) == CHOSEN_LAYER <= CHOSEN_DEPTH == 12
    assert best["cost"] == settings.plan.cost in COST_GRID
    assert float(best["epsilon"]) == settings.plan.epsilon in EPSILON_GRID
    assert float(best["threshold"]) == settings.threshold in THRESHOLD_GRID
    for decoding in (one for one in DECODINGS if one.startswith("transport")):
        row = next(row for row in rows if row["decoding"] == decoding)
        plan = chosen.chosen_settings(decoding).plan
        assert (row["cost"], float(row["epsilon"]), int(row["layer"])) == (plan.cost, plan.epsilon, CHOSEN_LAYER)
    assert all(float(row["low"]) <= float(row["aer"]) <= float(row["high"]) for row in rows)


def test_the_committed_errors_are_of_the_default_settings_and_the_baselines():
    rows = measured_alignment()
    sets = {(row.name, row.pair) for row in rows}
    assert len(sets) == 14 and len(rows) == 5 * len(sets)
    assert {row.decoding for row in rows} == {chosen.CHOSEN.decoding, "argmax", "itermax", "match", "softmax"}
    assert all(0 < row.low <= row.aer <= row.high < 100 for row in rows)
    assert all(set(published) <= {pair for _, pair in sets} for published in PUBLISHED.values())


@pytest.mark.data
def test_a_row_of_the_committed_errors_is_measured_again(encoder, data_dir):
    gold = next(one for one in gold_sets(open_catalog(data_dir)) if one.label == "en-ru")
    again = next(measure_sets(encoder, [gold], [chosen.CHOSEN]))
    told = next(row for row in measured_alignment() if row.pair == "en-ru" and row.decoding == chosen.CHOSEN.decoding)
    # Kernels of another machine may turn a link that is on the edge.
    assert again.score.aer == pytest.approx(told.aer, abs=0.1) and again.score.sentences == told.sentences
