"""run.json: what a run says of itself, checked key by key."""

from __future__ import annotations

import hashlib
import json
import math
import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from core.errors import BadInput
from core.run_folder.files import COPY_AGAIN, FILES, is_list_of_files
from core.strict_json import is_text, read_json

FORMAT = 1
#: Keys that may differ between two trainings of one configuration; the rest is a run's content.
_CIRCUMSTANCES = (
    "created", "seconds", "machine", "versions", FILES, "commit", "reading_started", "study", "sealed", "unsealed",
    "weights_from",
)  # fmt: skip
_RUN_ID = re.compile(r"[0-9a-f]{12}")
#: Years that a run can be from: what pandas can hold as nanoseconds, what came before is no date of a run.
_YEARS = range(1970, 2262)
#: Parts of `config` that pages and reports look into: objects, where they are there.
_CONFIG_PARTS = ("model", "training", "data", "evaluation", "settings")


def _text(value: object) -> bool:
    return is_text(value) and bool(str(value).strip())


def _count(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 2**63


def _run_id(value: object) -> bool:
    return isinstance(value, str) and bool(_RUN_ID.fullmatch(value))


def _time(value: object) -> bool:
    try:
        return isinstance(value, str) and utc(value).year in _YEARS
    except (ValueError, OverflowError):
        return False


def _duration(value: object) -> bool:
    return _count(value) or (isinstance(value, float) and math.isfinite(value) and value >= 0)


def _config(value: object) -> bool:
    return isinstance(value, dict) and all(isinstance(value.get(part, {}), dict) for part in _CONFIG_PARTS)


_CHECKS: dict[str, tuple[Callable[[Any], bool], str]] = {
    "run_id": (_run_id, "12 hexadecimal digits"),
    "arm": (_text, "a name"),
    "seed": (lambda v: _count(v) and v < 2**31, "a whole number from 0"),
    "preset": (_text, "a name"),
    "encoder": (_text, "a name"),
    "encoder_sha256": (_text, "a hash"),
    "data_kind": (lambda v: v in ("xnli", "starter", "own"), '"xnli", "starter" or "own"'),
    "warm_start": (lambda v: v is None or _run_id(v), "a run's identifier or null"),
    "config": (_config, f"an object, and so {', '.join(_CONFIG_PARTS)} in it"),
    "created": (_time, f"an ISO 8601 time from {_YEARS.start} to {_YEARS.stop - 1}"),
    "seconds": (_duration, "a number from 0"),
    "updates": (_count, "a whole number from 0"),
    "tokens_forward": (_count, "a whole number from 0"),
    "tokens_backward": (_count, "a whole number from 0"),
    "nli_pairs": (_count, "a whole number from 0"),
    "bitext_pairs": (_count, "a whole number from 0"),
}
_OPTIONAL: dict[str, tuple[Callable[[Any], bool], str]] = {
    "took": (lambda v: v is None or isinstance(v, bool), "true, false or null"),
    "took_sentence": (lambda v: v is None or is_text(v), "a sentence"),
    "group": (_text, "a text"),
    "versions": (lambda v: v is None or isinstance(v, dict), "an object"),
    "machine": (lambda v: v is None or isinstance(v, dict), "an object"),
    FILES: (lambda v: v is None or is_list_of_files(v), "an object of file names, each with bytes and sha256"),
}


def read_record(path: Path) -> dict[str, Any]:
    """The checked content of `path` (a run.json).

    Raises `BadInput`, naming the file, if it is missing, is not JSON, has an unknown format version, or has a
    key missing or of the wrong kind. Keys that are not known here are kept.
    """
    return check_record(path, read_json(path, COPY_AGAIN))


def check_record(path: Path, record: Any) -> dict[str, Any]:
    """`record` if it is what a run.json holds; raises as `read_record` does, naming `path`."""
    if not isinstance(record, dict):
        raise BadInput(f"{path} holds no JSON object; {COPY_AGAIN}.")
    found = record.get("format")
    if found != FORMAT or isinstance(found, bool):
        raise BadInput(
            f"{path} has format {json.dumps(found)[:40]}, and this Isogloss reads format {FORMAT}; "
            "update Isogloss or train the run again."
        )
    for key, (good, kind) in _CHECKS.items():
        if key not in record:
            raise BadInput(f"{path} has no key {key!r}; it should be {kind}.")
        if not good(record[key]):
            raise BadInput(f"{path}: {key!r} is {json.dumps(record[key])[:60]}, but should be {kind}.")
    for key, (good, kind) in _OPTIONAL.items():
        if key in record and not good(record[key]):
            raise BadInput(f"{path}: {key!r} is {json.dumps(record[key])[:60]}, but should be {kind}.")
    return record


def utc(text: str) -> datetime:
    """An ISO 8601 time as a naive one in UTC, as the store keeps it; a time without zone is UTC."""
    time = datetime.fromisoformat(text)
    return (time if time.tzinfo else time.replace(tzinfo=UTC)).astimezone(UTC).replace(tzinfo=None)


def comparable(record: dict[str, Any]) -> str:
    """Equal for runs that may be compared: the key `group`, or encoder, data and preset without it."""
    return str(record.get("group") or f"{record['encoder_sha256']} {record['data_kind']} {record['preset']}")


def group_id(record: dict[str, Any]) -> str:
    """A short hash of `comparable`: 12 hexadecimal digits."""
    return hashlib.sha256(comparable(record).encode()).hexdigest()[:12]


def record_hash(record: dict[str, Any]) -> str:
    """SHA-256 of what the record says, without when, where and how fast it was trained."""
    content = {key: value for key, value in record.items() if key not in _CIRCUMSTANCES}
    return hashlib.sha256(json.dumps(content, sort_keys=True, ensure_ascii=False).encode()).hexdigest()
