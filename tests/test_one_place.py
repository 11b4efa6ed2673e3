"""Each decision is taken in one place: what once stood in several is defined once, and the rest reads it there."""

from __future__ import annotations

import re

import pytest

from tests.support.paths import ROOT

SOURCES = {
    path.relative_to(ROOT).as_posix(): path.read_text(encoding="utf-8")
    for top in ("core", "store", "pages")
    for path in sorted((ROOT / top).rglob("*.py"))
}
#: What a decision looks like in code, and the one file that may take it.
PLACES = {
    "names of arms": (r"^(UNTRAINED|WARM_START|BASELINE|MAIN_ARMS|METHODS)\b.*=", "core/arms/names.py"),
    "order of arms": (r"^def (sort_arms|main_arms)\b", "core/arms/names.py"),
    "which runs may be compared": (
        r"^def (find_group|list_groups|comparable_runs|arm_runs)\b",
        "store/results/groups.py",
    ),
    "which split is judged": (r"^SPLITS = \(|^def order_splits\b", "store/results/benchmarks.py"),
    "how a run's model is loaded": (r"^def load_run\b", "core/reference/weights.py"),
    "the small cache of what was computed": (r"^class Recent\b", "core/recent.py"),
    "the tables of a run folder": (r"^class RunTable\b|^TABLES\b", "core/run_folder/tables.py"),
    "the sentence of a verdict": (r"^def (headline|lead)\b", "core/verdict/sentences.py"),
    "the cluster bootstrap": (r"^def draw_weights\b", "core/statistics/bootstrap.py"),
    "a finished run": (r"^class Finished\b", "core/experiment/finished.py"),
    "the training loop": (r"^def train\(", "core/training/loop.py"),
    "the language discriminator": (r"^class \w*Discriminator\b", "core/arms/discriminator.py"),
    "the plan of a sentence pair": (r"^class PairPlan\b", "core/alignment/pair_plan.py"),
    "what is measured of a run": (r"^MEASURES: dict\[str, MeasureOfRun\]", "core/experiment/measures/registry.py"),
    "a file written whole": (r"^def atomic_write\b", "core/files.py"),
    "an encoder's identity": (r"^def encoder_identity\b", "core/encoder/identity.py"),
    "a study's file": (r"^class Study\b", "core/experiment/studies/schema.py"),
}


@pytest.mark.parametrize("decision", PLACES)
def test_a_decision_is_taken_in_one_place(decision):
    pattern, place = PLACES[decision]
    found = {name for name, text in SOURCES.items() if re.search(pattern, text, re.MULTILINE)}
    assert found == {place}
