"""Settings that came later: they belong to an identity only where they are not at their default.

An identity is a hash of every setting with its value. A new field would change all of them, those of runs made before
it existed too; so a field added since is declared with `later`, and left out while it has its default.
"""

from __future__ import annotations

import dataclasses
from typing import Any

_LATER = "later"


def later(default: Any) -> Any:
    """A dataclass field added since the first runs, which behaves as before while it has its `default`."""
    return dataclasses.field(default=default, metadata={_LATER: True})


def identifying(settings: Any) -> dict[str, Any]:
    """`dataclasses.asdict` without the later fields that have their default; nested dataclasses alike, those
    in lists too.

    >>> @dataclasses.dataclass
    ... class Settings:
    ...     weight: float = 1.0
    ...     steps: int = later(0)
    >>> identifying(Settings()), identifying(Settings(steps=2))
    ({'weight': 1.0}, {'weight': 1.0, 'steps': 2})
    """
    content = dataclasses.asdict(settings)
    for field in dataclasses.fields(settings):
        value = getattr(settings, field.name)
        if field.metadata.get(_LATER) and value == field.default:
            del content[field.name]
        elif dataclasses.is_dataclass(value):
            content[field.name] = identifying(value)
        elif isinstance(value, tuple | list):
            plain = content[field.name]
            content[field.name] = type(value)(
                identifying(part) if dataclasses.is_dataclass(part) else copied
                for part, copied in zip(value, plain, strict=True)
            )
    return content
