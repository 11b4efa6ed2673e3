"""The answer sheet that ships with the reference results, and whether they still give it."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.errors import BadInput
from core.experiment.studies.read import FIRST_STUDY, find_study
from core.experiment.studies.sheet import study_sheet, study_sheet_key
from core.files import atomic_write
from core.reference.layout import VERDICT, table_file
from core.reference.manifest import check_sums, content_of, sha256_of
from core.reference.select import SPLIT
from core.reference.unpack import Reference, read_reference
from core.shipped import MANIFEST
from core.strict_json import read_json

#: What questions were called in sheets before the third.
FORMER_NAMES = {
    "accuracy in languages alignment never saw": "accuracy in languages without bitext",
    "low-resource accuracy on words of two languages": "low-resource accuracy under code-switching",
}
#: Sums over thousands of items may differ in the last places between processors.
TOLERANCE = 0.005


def make_verdict(reference: Reference) -> dict[str, Any]:
    """The sheet of the packed predictions on the test split, computed now by the first study's rule."""
    return study_sheet(
        find_study(FIRST_STUDY), reference.predictions(SPLIT), reference.by_arm("robust"), reference.by_arm("scores")
    )


def verdict_key(reference: Reference) -> str:
    """The key of the sheet of these predictions: equal to that of the same runs read back from the store."""
    sum_ = reference.manifest.files[table_file("predictions")]
    return study_sheet_key(
        find_study(FIRST_STUDY), {run: content_of(run, sum_) for run in sorted(_tested(reference))}, SPLIT
    )


def write_verdict(reference: Reference) -> None:
    """Compute the sheet and write it into the reference folder."""
    (reference.folder / VERDICT).write_text(verdict_text(reference), encoding="utf-8")


def verdict_text(reference: Reference) -> str:
    """The sheet and its key as the file holds them."""
    content = {"key": verdict_key(reference), "sheet": make_verdict(reference)}
    return json.dumps(content, indent=1, ensure_ascii=False, sort_keys=True) + "\n"


def remake_verdict(folder: Path) -> int:
    """Make the sheet of a reference folder again from its packed predictions, and put it and its sum in place.

    Nothing else changes: where the analysis says more than it did, so does the sheet. Returns its bytes. Raises
    `BadInput` if a packed file is not the one of the manifest.
    """
    problems = [text for text in check_sums(folder) if VERDICT not in text]
    if problems:
        raise BadInput(problems[0])
    reference = read_reference(folder)
    text = verdict_text(reference)
    atomic_write(folder / VERDICT, text)
    files = dict(reference.manifest.files) | {VERDICT: sha256_of(folder / VERDICT)}
    manifest = dataclasses.replace(reference.manifest, files=files).as_dict()
    atomic_write(folder / MANIFEST, json.dumps(manifest, indent=1, ensure_ascii=False, sort_keys=True) + "\n")
    return len(text.encode())


def read_verdict(folder: Path) -> tuple[str, dict[str, Any]]:
    """The shipped sheet and its key. Raises `BadInput` if it is not the one of the manifest."""
    problems = check_sums(folder, [VERDICT])
    if problems:
        raise BadInput(problems[0])
    content = read_json(folder / VERDICT, "get the reference results again")
    if not isinstance(content, dict) or not isinstance(content.get("sheet"), dict) or "key" not in content:
        raise BadInput(f"{folder / VERDICT} holds no key and sheet; get the reference results again.")
    return str(content["key"]), content["sheet"]


@dataclass(frozen=True)
class Compared:
    """Stored and recomputed sheet: how many numbers, the largest difference, and where they disagree."""

    numbers: int
    worst: float
    disagree: tuple[str, ...]


def compare_verdict(reference: Reference) -> Compared:
    """Recompute the sheet from the packed predictions and compare it, number by number, with the stored one.

    Texts must be equal, numbers within `TOLERANCE` (sentences are made from the numbers and are not compared).
    """
    _, stored = read_verdict(reference.folder)
    now = dict(_leaves(json.loads(json.dumps(make_verdict(reference)))))
    before = dict(_leaves(stored))
    differ = sorted(before.keys() ^ now.keys())
    worst, numbers = 0.0, 0
    for name in before.keys() & now.keys():
        a, b = before[name], now[name]
        a = FORMER_NAMES.get(a, a) if isinstance(a, str) else a
        if isinstance(a, float | int) and isinstance(b, float | int) and not isinstance(a, bool):
            numbers += 1
            worst = max(worst, abs(a - b))
            if abs(a - b) > TOLERANCE:
                differ.append(name)
        elif a != b:
            differ.append(name)
    return Compared(numbers, worst, tuple(sorted(differ)))


def _tested(reference: Reference) -> set[str]:
    table = reference.packed("predictions").select(["run", "split"]).to_pandas().drop_duplicates()
    return set(table.loc[table["split"] == SPLIT, "run"].astype(str))


def _leaves(value: Any, path: str = "") -> Iterator[tuple[str, Any]]:
    if isinstance(value, dict):
        for key, part in value.items():
            if key != "sentence":
                yield from _leaves(part, f"{path}/{key}")
    elif isinstance(value, list):
        for i, part in enumerate(value):
            yield from _leaves(part, f"{path}/{i}")
    else:
        yield path, value
