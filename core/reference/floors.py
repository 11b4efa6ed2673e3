"""The shipped floors and ceiling of XNLI test, and what they say in a sentence.

`floors.json` was made by the command that it names; like the table of collapse it is no part of the manifest.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from core.errors import IsoglossError
from core.languages import LOW_RESOURCE
from core.notation import plural, rate
from core.strict_json import read_json

FILE = "floors.json"


def read_floors(folder: Path | None, data_kind: str, split: str) -> dict[str, Any] | None:
    """The floors in a reference folder if they are of that data and split ("xnli", "test"), else None."""
    if folder is None or data_kind != "xnli" or not (folder / FILE).is_file():
        return None
    try:
        content = read_json(folder / FILE, "get the reference results again")
    except IsoglossError:
        return None
    if not isinstance(content, dict) or content.get("split") != split or content.get("benchmark") != "xnli":
        return None
    return content


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
