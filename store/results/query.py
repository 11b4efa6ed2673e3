"""What the reading functions share: running a query, filters on lists, and the order of languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager

import duckdb
import numpy as np
import pandas as pd

from core.languages import XNLI_CODES
from core.workspace import Workspace
from store.connection import reading
from store.database import results_database
from store.results.reference_import import ensure_reference

_CODES = ", ".join(f"'{code}'" for code in XNLI_CODES)


def in_language_order(column: str) -> str:
    """ORDER BY terms that put languages as the figures do: XNLI's order, then the others by code."""
    return f"coalesce(list_position([{_CODES}], {column}), {len(XNLI_CODES) + 1}), {column}"


def among(column: str, values: Iterable[object] | int | None) -> tuple[str, list[object]]:
    """A condition that `column` is one of `values`, with its parameters. None asks for nothing.

    >>> among("language", ["sw", "ur"])
    ('language IN (?, ?)', ['sw', 'ur'])
    """
    if values is None:
        return "true", []
    if isinstance(values, str | int | np.generic):
        values = [values]
    listed = [plain(value) for value in values]
    if not listed:
        return "false", []
    return f"{column} IN ({', '.join('?' * len(listed))})", listed


def plain(value: object) -> object:
    """A value DuckDB takes as a parameter: numpy's scalars become Python's."""
    return value.item() if isinstance(value, np.generic) else value


def frame(con: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
    """The rows of a query. Text is pandas' `str` and times are UTC, in empty tables too."""
    # Through Arrow: DuckDB's own way to pandas takes three times as long over text.
    table: pd.DataFrame = con.sql(sql, params=list(parameters)).to_arrow_table().to_pandas()
    for name in table.columns[table.dtypes.map(lambda kind: kind.kind == "M")]:
        table[name] = table[name].dt.tz_localize("UTC")
    return table


@contextmanager
def results(workspace: Workspace) -> Iterator[duckdb.DuckDBPyConnection]:
    """A read-only cursor on the workspace's results; on an empty store in memory where there are none.

    A fresh store first takes in the reference results that ship with the project.
    """
    ensure_reference(workspace)
    with reading(results_database(workspace)) as con:
        yield con


def fetch(workspace: Workspace, sql: str, parameters: Sequence[object] = ()) -> pd.DataFrame:
    """The rows of one query on the workspace's results."""
    with results(workspace) as con:
        return frame(con, sql, parameters)


def count(con: duckdb.DuckDBPyConnection, sql: str, parameters: Sequence[object] = ()) -> int:
    """The one number a query gives."""
    return int(con.execute(sql, list(parameters)).fetchall()[0][0])
