"""The default settings are the best row of the committed table of the choice."""

from __future__ import annotations

import csv
from pathlib import Path

from core.evaluation import chosen
from core.evaluation.alignment_sets import COST_GRID, EPSILON_GRID, THRESHOLD_GRID
from core.evaluation.word_links import CHOSEN_DEPTH, CHOSEN_LAYER, DECODINGS


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
    assert all(float(row["low"]) <= float(row["aer"]) <= float(row["high"]) for row in rows)
