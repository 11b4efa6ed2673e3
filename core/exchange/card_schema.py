"""What a run's card holds: the keys of its JSON file and the columns of its Parquet file, version by version.

`docs/run-card.md` describes the same for people. A card is read back against this and nothing else.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import pyarrow as pa

from core.verdict.answers import PROBABILITIES

SCHEMA, VERSION = "isogloss-run-card", 1
#: What the Parquet file says of an item. "labels": gold, predicted and probabilities. "correct": only whether the run
#: was right, where the benchmark's licence lets no label go along.
CONTENTS = ("labels", "correct")
COLUMNS = pa.schema(
    [
        ("benchmark", pa.string()), ("language", pa.string()), ("item_id", pa.int32()), ("cluster", pa.int64()),
        ("gold", pa.int8()), ("predicted", pa.int8()), *((name, pa.float32()) for name in PROBABILITIES),
        ("correct", pa.int8()),
    ]
)  # fmt: skip
#: Characters of a text, and members of a list or of an object that is free in its keys.
_TEXT, _MANY = 500, 5_000
_NAME = re.compile(r"[\w.@:+-]{1,100}")
#: Names that people give, and that are shown.
_SHOWN = re.compile(r"\w[\w .@:+()-]{0,99}")
_SUM = re.compile(r"[0-9a-f]{64}")

Check = Callable[[Any], bool]


@dataclass(frozen=True)
class Optional:
    """A value that may be null."""

    kind: Any


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and abs(value) < 2**53


def _text(value: Any) -> bool:
    return isinstance(value, str) and len(value) <= _TEXT and (not value or value.isprintable())


def _shown(value: Any) -> bool:
    return isinstance(value, str) and _SHOWN.fullmatch(value) is not None


def _name(value: Any) -> bool:
    return isinstance(value, str) and _NAME.fullmatch(value) is not None


def _sum(value: Any) -> bool:
    return isinstance(value, str) and _SUM.fullmatch(value) is not None


def _truth(value: Any) -> bool:
    return isinstance(value, bool)


def _content(value: Any) -> bool:
    return value in CONTENTS


def _free(value: Any) -> bool:
    """An object of names to texts, numbers, truths, null, and lists of these."""
    scalars = (str, int, float, bool, type(None))
    return (
        isinstance(value, dict) and len(value) <= _MANY and all(len(key) <= _TEXT for key in value)
        and all(isinstance(one, scalars) or (isinstance(one, list) and all(isinstance(x, scalars) for x in one))
                for one in value.values())
    )  # fmt: skip


_ITEMS = {"count": _whole, "sha256": _sum, "gold_sha256": Optional(_sum)}
_BENCHMARK: dict[str, Any] = {
    "name": _name, "title": _text, "split": _name, "labels": [_text], "chance": _number, "licence": _text,
    "source_language": _text, "aligned": [_name], "items": {"*": _ITEMS},
}  # fmt: skip
_SCORE: dict[str, Any] = {
    "name": _name, "split": _text, "language": _text, "layer": _whole, "value": _number, "low": Optional(_number),
    "high": Optional(_number), "items": _whole,
}  # fmt: skip
#: Every key of a card. A list of one kind holds any number of it; "*" stands for any name.
KEYS: dict[str, Any] = {
    "schema": _name,
    "version": _whole,
    "run": {
        "run_id": _name, "study": _shown, "arm": _shown, "arm_id": _name, "method": _text, "role": _text,
        "seed": _whole, "recipe": Optional(_whole), "protocol": Optional(_name), "warm_start": Optional(_name),
        "created": _text, "updates": Optional(_whole), "seconds": Optional(_number), "settings": _free,
    },
    "encoder": {"name": _text, "sha256": _sum},
    "data": {
        "kind": _text, "fingerprint": _text, "training_pairs": Optional(_whole), "bitext_languages": [_name],
        "bitext_pairs": Optional(_whole),
    },
    "benchmarks": [_BENCHMARK],
    "reading": {
        "decoding": _text, "precision": _text, "backend": _text, "versions": _free, "machine": _free,
    },
    "scores": [_SCORE],
    "collapse": {"collapsed": Optional(_truth)},
    "predictions": {"content": _content, "rows": _whole, "sha256": _sum},
}  # fmt: skip


def problem(value: Any, kind: Any = None, where: str = "") -> str:
    """What is wrong with a card's content, as a clause that names the key; "" if nothing is."""
    kind = KEYS if kind is None else kind
    if isinstance(kind, Optional):
        return "" if value is None else problem(value, kind.kind, where)
    if isinstance(kind, list):
        if not isinstance(value, list) or len(value) > _MANY:
            return f"{where} should be a list of at most {_MANY:,}"
        return next((text for i, one in enumerate(value) if (text := problem(one, kind[0], f"{where}[{i}]"))), "")
    if isinstance(kind, Mapping):
        return _object_problem(value, kind, where)
    return "" if kind(value) else f"{where} is {ascii(value)[:40]}"


def _object_problem(value: Any, kinds: Mapping[str, Any], where: str) -> str:
    if not isinstance(value, dict) or len(value) > _MANY:
        return f"{where or 'the whole'} should be an object"
    if "*" in kinds:
        kinds = dict.fromkeys(value, kinds["*"])
        odd = next((key for key in value if not _name(key)), None)
        if odd is not None:
            return f"{where} has the key {ascii(odd)[:40]}"
    dot = f"{where}." if where else ""
    lacking = [key for key in kinds if key not in value]
    unknown = [key for key in value if key not in kinds]
    if lacking or unknown:
        return f"{dot}{lacking[0]} is missing" if lacking else f"{dot}{unknown[0][:40]} is no key of version {VERSION}"
    return next((text for key in kinds if (text := problem(value[key], kinds[key], f"{dot}{key}"))), "")
