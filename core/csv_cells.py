"""Cells of CSV files that a spreadsheet would run as a formula: one guard for whatever the project writes.

A cell is run that begins with = + - or @, in Excel's full-width forms too, whatever blanks, line ends and invisible
characters stand before it (OWASP, *CSV Injection*). It gets an apostrophe, which a spreadsheet shows as text.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

#: Blanks, controls and characters without width, then what begins a formula; a tab or a line end alone too.
_FORMULA = (
    r"(?:[\s\x00-\x20\u00a0\u200b-\u200f\u2028-\u202f\u2060\u3000\ufeff]*[=+\-@\uff1d\uff0b\uff0d\uff20]|[\t\r\n])"
)
_GUARDED, _GUARD = re.compile(f"'*{_FORMULA}"), re.compile(f"'+{_FORMULA}")
_NUMBER = re.compile(r"[+-]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?%?\Z")


def guarded(cell: str) -> str:
    """A cell that no spreadsheet runs; `unguarded` gives `cell` again.

    >>> guarded("=1+1"), guarded("5 - 3"), guarded("'=x"), guarded(" @x")
    ("'=1+1", '5 - 3', "''=x", "' @x")
    """
    return f"'{cell}" if _GUARDED.match(cell) else cell


def unguarded(cell: str) -> str:
    """The inverse of `guarded`."""
    return cell[1:] if cell[:1] == "'" and _GUARD.match(cell) else cell


def guarded_table(table: pd.DataFrame) -> pd.DataFrame:
    """A copy with every cell of text and every heading guarded; text that is a number stays one.

    >>> import pandas as pd
    >>> guarded_table(pd.DataFrame({"=x": ["-1.5", "-x", 2]})).values.tolist()
    [['-1.5'], ["'-x"], [2]]
    """
    from pandas.api.types import is_datetime64_any_dtype, is_numeric_dtype

    safe = table.copy()
    for place, kind in enumerate(safe.dtypes):
        if not is_numeric_dtype(kind) and not is_datetime64_any_dtype(kind):
            safe.isetitem(place, [_cell(value) for value in safe.iloc[:, place]])
    safe.columns = [_cell(name) for name in safe.columns]
    return safe


def _cell(value: object) -> object:
    return value if not isinstance(value, str) or _NUMBER.match(value) else guarded(value)
