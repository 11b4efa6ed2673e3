"""JSON that somebody else wrote: read whole and checked, so that nothing later stumbles over it."""

from __future__ import annotations

import json
import math
from pathlib import Path
from typing import Any, NoReturn

from core.errors import BadInput

#: Bytes of the largest file that is read, and how deep objects and lists may lie in each other.
LARGEST, DEEPEST = 32_000_000, 60


def read_json(path: Path, remedy: str) -> Any:
    """The content of the JSON file `path`, UTF-8 with or without a mark.

    Raises `BadInput`, naming the file and ending in `remedy` ("copy the run folder again"), if it is missing, is no
    file, cannot be read, or is not JSON as the standard has it: a key twice in one object, NaN or an infinite number,
    half a surrogate pair in a text, more than `DEEPEST` levels.
    """
    try:
        if not path.is_file():
            what = "is not a file" if path.exists() else "is missing"
            raise BadInput(f"{path} {what}; {remedy}.")
        if path.stat().st_size > LARGEST:
            raise BadInput(f"{path} cannot be read as JSON: it is larger than {LARGEST // 1_000_000} MB; {remedy}.")
        text = path.read_bytes().decode("utf-8-sig")
        content = json.loads(
            text, parse_constant=_not_json, parse_float=_finite, object_pairs_hook=_each_key_once
        )  # fmt: skip
    except json.JSONDecodeError as error:
        raise BadInput(f"{path}, line {error.lineno}: not valid JSON ({error.msg}); {remedy}.") from error
    except UnicodeDecodeError as error:
        raise BadInput(f"{path} cannot be read as JSON: it is not UTF-8; {remedy}.") from error
    except RecursionError as error:
        raise BadInput(f"{path} cannot be read as JSON: it is nested too deeply; {remedy}.") from error
    except ValueError as error:
        raise BadInput(f"{path} cannot be read as JSON ({str(error)[:100]}); {remedy}.") from error
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror or 'no reason given'}); {remedy}.") from error
    problem = _problem(content)
    if problem:
        raise BadInput(f"{path} cannot be read as JSON: {problem}; {remedy}.")
    return content


def is_text(value: object) -> bool:
    """Whether `value` is a text that can be written as UTF-8.

    >>> is_text("Kiswahili"), is_text("\\ud800"), is_text(7)
    (True, False, False)
    """
    if not isinstance(value, str):
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True


def _problem(content: Any) -> str:
    """What is wrong with a content that Python took for JSON; "" if nothing is."""
    level = [content]
    for _ in range(DEEPEST + 1):
        below: list[Any] = []
        for value in level:
            if isinstance(value, str) and not is_text(value):
                return "a text in it holds half a surrogate pair"
            if isinstance(value, dict):
                below += [*value.keys(), *value.values()]
            elif isinstance(value, list):
                below += value
        if not below:
            return ""
        level = below
    return "it is nested too deeply"


def _not_json(name: str) -> NoReturn:
    raise ValueError(f"{name} is not JSON")


def _finite(digits: str) -> float:
    number = float(digits)
    if not math.isfinite(number):
        raise ValueError(f"{digits[:20]} is too large a number")
    return number


def _each_key_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        keys = [key for key, _ in pairs]
        repeated = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {ascii(repeated)[:40]} stands there twice")
    return content
