"""In which number format an encoder is read, and by which engine: the part of its identity that says how."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal, get_args

from core.errors import BadInput

Format = Literal["float32", "bfloat16", "int8"]
Backend = Literal["torch", "packed"]
FORMATS: tuple[str, ...] = get_args(Format)
BACKENDS: tuple[str, ...] = get_args(Backend)
AUTO = "auto"


@dataclass(frozen=True)
class Reading:
    """`precision` is the format of the matrix products, `backend` who computes them.

    torch: the library's own layers, as every shipped figure was made. packed: the same layers over the tokens alone,
    their maps packed beforehand for oneDNN (`core.reading.packed`).
    """

    precision: Format = "float32"
    backend: Backend = "torch"

    def as_dict(self) -> dict[str, Any]:
        """As a record names it."""
        return {"precision": self.precision, "backend": self.backend}

    def __str__(self) -> str:
        return f"{self.precision}, {self.backend}"


def check_format(name: str) -> Format:
    """`name` if it is a known format; raises `BadInput` naming the formats."""
    if name not in FORMATS:
        raise BadInput(f"The precision is {', '.join(FORMATS[:-1])} or {FORMATS[-1]}, not {name[:40]!r}.")
    return name  # type: ignore[return-value]


def check_backend(name: str) -> Backend:
    """`name` if it is a known engine; raises `BadInput` naming the engines."""
    if name not in BACKENDS:
        raise BadInput(f"The backend is {', '.join(BACKENDS[:-1])} or {BACKENDS[-1]}, not {name[:40]!r}.")
    return name  # type: ignore[return-value]
