"""Plain values of a TOML file as a dataclass, each key and type checked, what is wrong told with its line."""

from __future__ import annotations

import dataclasses
import difflib
import types
import typing
from typing import Any, TypeVar

from core.errors import BadInput
from core.experiment.studies.lines import Path, line_of

T = TypeVar("T")
_NAMES = {str: "text", int: "a whole number", float: "a number", bool: "true or false", dict: "a table"}


@dataclasses.dataclass(frozen=True)
class Where:
    """A place in a file: its name, its keys' lines, and the path of what is being read."""

    file: str
    lines: dict[Path, int]
    path: Path = ()

    def at(self, *keys: str | int) -> Where:
        return dataclasses.replace(self, path=(*self.path, *keys))

    def wrong(self, sentence: str) -> BadInput:
        """The error that says where and what."""
        return BadInput(f"{self.file}, line {line_of(self.lines, self.path)}: {sentence}")


def from_table(kind: type[T], table: Any, where: Where, names: dict[str, str] | None = None) -> T:
    """`kind` from a table; keys are its fields, or those that `names` maps to them. Raises `BadInput`."""
    if not isinstance(table, dict):
        raise where.wrong(f"{_last(where)} must be a table.")
    names = names or {}
    hints = typing.get_type_hints(kind)
    fields = {field.name: field for field in dataclasses.fields(kind)}  # type: ignore[arg-type]
    shown = {**{name: name for name in fields if name not in names.values()}, **names}
    values: dict[str, Any] = {}
    for key, value in table.items():
        if key not in shown:
            raise where.at(key).wrong(f"{key!r} is no key here{_near(key, list(shown))}.")
        values[shown[key]] = convert(hints[shown[key]], value, where.at(key))
    for name, field in fields.items():
        no_default = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        if name not in values and no_default:
            key = next(key for key, target in shown.items() if target == name)
            raise where.wrong(f"{key!r} is missing in {_last(where)}.")
    return kind(**values)


def convert(hint: Any, value: Any, where: Where) -> Any:
    """A value as its field's type says. Raises `BadInput`."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is typing.Literal:
        if value not in arguments:
            allowed = ", ".join(map(repr, arguments))
            raise where.wrong(f"{_last(where)} is {_shown(value)}; it may be {allowed}.")
        return value
    if origin in (typing.Union, types.UnionType):
        if value is None and type(None) in arguments:  # in JSON; TOML has no such value
            return None
        for part in arguments:
            if part is not type(None) and _is(part, value):
                return convert(part, value, where)
        wanted = " or ".join(_named(part) for part in arguments if part is not type(None))
        raise where.wrong(f"{_last(where)} is {_shown(value)}; it must be {wanted}.")
    if origin is tuple:
        if not isinstance(value, list):
            raise where.wrong(f"{_last(where)} must be a list.")
        return tuple(convert(arguments[0], item, where.at(k)) for k, item in enumerate(value))
    if origin is dict:
        if not isinstance(value, dict):
            raise where.wrong(f"{_last(where)} must be a table.")
        return {key: convert(arguments[1], item, where.at(key)) for key, item in value.items()}
    if dataclasses.is_dataclass(hint):
        return from_table(hint, value, where)  # type: ignore[arg-type]
    if hint is Any:
        return value
    if not _is(hint, value):
        raise where.wrong(f"{_last(where)} is {_shown(value)}; it must be {_NAMES[hint]}.")
    return float(value) if hint is float else value


def _named(hint: Any) -> str:
    return _NAMES.get(hint, "a table" if dataclasses.is_dataclass(hint) else "a list")


def _is(hint: Any, value: Any) -> bool:
    if hint is float:
        return isinstance(value, (int, float)) and not isinstance(value, bool) and abs(value) < 1e300
    if hint is int:
        return isinstance(value, int) and not isinstance(value, bool)
    origin = typing.get_origin(hint)
    if dataclasses.is_dataclass(hint):
        return isinstance(value, dict)
    return isinstance(value, list if origin is tuple else origin or hint)


def _near(key: str, known: list[str]) -> str:
    close = difflib.get_close_matches(key, known, 1)
    return f"; did you mean {close[0]!r}?" if close else f"; there are {', '.join(sorted(known))}"


def _last(where: Where) -> str:
    parts = [part for part in where.path if isinstance(part, str)]
    return repr(".".join(parts)) if parts else "the file"


def _shown(value: Any) -> str:
    return repr(value)[:60]
