"""The floors and ceiling of a study's benchmark: made, shipped for XNLI test, and what they say in a sentence.

The shipped `floors.json` is no part of the manifest, like the table of collapse; it is written by

    python -m core study floors xnli-first --out store/reference/floors.json

and `verify-reference` makes it again where XNLI and the training sets are at hand.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.data.catalog import Catalog
from core.errors import BadInput, IsoglossError
from core.evaluation.floors import hypothesis_only, label_ceiling
from core.experiment.studies.read import FIRST_STUDY, find_study
from core.experiment.studies.schema import Study
from core.experiment.studies.study_data import (
    benchmark_items,
    benchmark_languages,
    benchmark_readings,
    study_catalog,
)
from core.languages import LOW_RESOURCE
from core.notation import plural, rate
from core.shipped import reference_folder
from core.strict_json import read_json

FILE = "floors.json"


def make_floors(study: Study, name: str, catalog: Catalog) -> dict[str, Any]:
    """Chance, the hypothesis alone and the ceiling by language, as the file holds them; `name` is what the study was
    asked for by. Raises `BadInput` or `MissingData` where the benchmark or training items are not here."""
    catalog, benchmark = study_catalog(study, catalog), study.benchmark()
    benchmark_readings(study, catalog)  # says what of the benchmark is not here
    tests = {code: benchmark_items(benchmark, code, catalog) for code in benchmark_languages(benchmark, catalog)}
    training = catalog.nli_training()
    alone = hypothesis_only(training, study.training_sets, tests, len(benchmark.labels))
    return {
        "study": study.name, "benchmark": benchmark.name, "split": benchmark.split, "data": catalog.kind,
        "command": f"python -m core study floors {name}", "chance": benchmark.chance,
        "training": {one.name: len(one.items) for one in training if study.training_sets.get(one.name, 1)},
        "hypothesis_only": [dataclasses.asdict(one) for one in alone],
        "ceiling": [dataclasses.asdict(label_ceiling(code, items)) for code, items in tests.items()],
    }  # fmt: skip


def read_floors(folder: Path | None, data_kind: str, split: str) -> dict[str, Any] | None:
    """The floors in a reference folder if they are of that data and split ("xnli", "test"), else None; a file that
    cannot be used counts as none, and `check_floors` says so."""
    if folder is None or data_kind != "xnli" or not (folder / FILE).is_file():
        return None
    try:
        content = _read(folder)
    except IsoglossError:
        return None
    return content if content["split"] == split and content["benchmark"] == "xnli" else None


def check_floors(folder: Path, catalog: Catalog | None) -> tuple[str, list[str]]:
    """What a check of a folder's floors found, in a line ("" without the file), and its problems.

    Without `catalog` (XNLI test and the training sets) the file is read and no number made again.
    """
    if not (folder / FILE).is_file():
        return "", []
    try:
        stored = _read(folder)
    except IsoglossError as error:
        return f"floors      {FILE} cannot be used", [str(error)]
    if catalog is None:
        return "floors      not made again: XNLI's test split is not on this machine", []
    try:
        again = make_floors(find_study(FIRST_STUDY), FIRST_STUDY, catalog)
    except IsoglossError as error:
        return f"floors      not made again: {error}", []
    parts = ["chance", "ceiling"]
    if same_sets := stored.get("training") == again["training"]:
        parts.append("hypothesis_only")
    wrong = [part for part in parts if not _holds(stored.get(part), again[part])]
    here = plural(len(again["ceiling"]), "language")
    line = f"floors      {here} made again, {len(wrong)} of {len(parts)} parts differ"
    if not same_sets:
        line += "; not the hypothesis alone, whose training sets are others here"
    return line, [f"{FILE} differs in {', '.join(wrong)} from what its command makes."] if wrong else []


def shipped_floors(data_kind: str, split: str) -> str:
    """`tell_floors` of the reference results in use; "" where they have none of that data and split."""
    floors = read_floors(reference_folder(), data_kind, split)
    return tell_floors(floors) if floors else ""


def tell_floors(floors: Mapping[str, Any]) -> str:
    """Between what the accuracies of XNLI lie, in one sentence."""
    alone = {row["language"]: float(row["accuracy"]) for row in floors["hypothesis_only"]}
    low = [alone[code] for code in LOW_RESOURCE if code in alone]
    parts = [f"chance is {rate(floors['chance'])}"]
    if "en" in alone and low:
        parts.append(
            "a classifier that reads the hypothesis alone, trained on the same English sets, has "
            f"{rate(alone['en'])} in English and {rate(sum(low) / len(low))} in the low-resource languages"
        )
    two = sum(int(row["two_labels"]) for row in floors["ceiling"])
    worst = min((float(row["ceiling"]) for row in floors["ceiling"]), default=100.0)
    parts.append(
        f"{plural(two, 'pair')} of identical texts in {plural(len(floors['ceiling']), 'language')} have two gold "
        f"labels, which leaves {worst:.2f} where they are most (other errors of labels are not in this)"
    )
    return f"Accuracies lie between these: {'; '.join(parts)}."


def _read(folder: Path) -> dict[str, Any]:
    """The file's content. Raises `BadInput` where it is not of the form that `make_floors` gives."""
    content = read_json(folder / FILE, "get the reference results again")
    try:
        tell_floors(content)
        return {**content, "split": str(content["split"]), "benchmark": str(content["benchmark"])}
    except (KeyError, TypeError, ValueError, AttributeError):
        raise BadInput(f"{folder / FILE} does not hold floors; get the reference results again.") from None


def _holds(stored: Any, again: Any) -> bool:
    """Whether what was stored holds what was made again: of rows, those of the languages that are here; numbers to a
    hundredth, which is less than one item."""
    if isinstance(again, list):
        rows = {row["language"]: row for row in stored}
        return all(_holds(rows.get(row["language"]), row) for row in again)
    if isinstance(again, dict):
        return isinstance(stored, dict) and all(_holds(stored.get(key), value) for key, value in again.items())
    if isinstance(again, float):
        return isinstance(stored, int | float) and abs(stored - again) < 0.01
    return bool(stored == again)
