"""Whatever stands in a run folder, reading it raises `BadInput` alone, and keeps no other run out."""

from __future__ import annotations

import json
import math
import shutil

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.errors import BadInput
from core.run_folder.tables import TABLES
from store.results.importer import import_run, sync
from store.results.run_folder import read_run_folder
from store.results.runs import get_run, list_runs
from tests.support.make_run import make_record, make_tables, write_run, write_table

KEYS = (*make_record(), "files", "source_run", "protocol")
SURROGATES = st.text(st.characters(exclude_categories=()), max_size=12)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | SURROGATES
    | st.sampled_from([10**400, -(2**63), 2**63, math.nan, math.inf, "0001-01-01T00:00:00+05:00", "9999-12-31T23:59:59",
                       "0001-01-01", "2026-11-01T10:00:00", "\x00", "a\nb", "2026-13-01T00:00:00Z"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(SURROGATES, inner, max_size=3),
    max_leaves=6,
)  # fmt: skip
FUZZED = settings(max_examples=120, suppress_health_check=[HealthCheck.function_scoped_fixture])


@FUZZED
@given(key=st.sampled_from(KEYS), value=VALUES)
def test_any_value_in_run_json_is_stored_or_refused(tmp_path_factory, monkeypatch, key, value):
    folder = write_run(tmp_path_factory.mktemp("runs"), tables={})
    record = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(record | {key: value}))
    try:
        run = read_run_folder(folder)
    except BadInput as error:
        assert str(folder) in str(error) and "\n" not in str(error)
    else:
        json.dumps(run.record, ensure_ascii=False, allow_nan=False).encode()


@pytest.mark.slow
@settings(FUZZED, max_examples=25)
@given(key=st.sampled_from(KEYS), value=VALUES)
def test_what_is_read_can_be_stored_and_listed(tmp_path_factory, key, value):
    from core.workspace import open_workspace

    workspace = open_workspace(tmp_path_factory.mktemp("home"))
    good = write_run(workspace.runs, "adversarial", 5, tables={})
    folder = write_run(workspace.runs, tables={})
    record = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(record | {key: value}))
    told: list[str] = []
    new = sync(workspace, on_problem=told.append)
    assert good.name in new and len(new) + len(told) == 2
    runs = list_runs(workspace)
    assert len(runs) == len(new) and all(get_run(workspace, run)["arm"] for run in runs["run_id"])
    assert [f"{created:%Y}" for created in runs["created"]]


RUN_JSON = {
    "empty": b"",
    "a lone surrogate in a value": b'"took_sentence": "\\ud800"',
    "a lone surrogate in a key": b'"config": {"\\udfff": 1}',
    "a lone surrogate deep in": b'"machine": {"a": [{"b": "\\ud800"}]}',
    "a date of year 1": b'"created": "0001-01-01T00:00:00+05:00"',
    "a date of year 1 without zone": b'"created": "0001-01-01T00:00:00"',
    "a date of year 9999": b'"created": "9999-12-31T23:59:59-05:00"',
    "a number without end": b'"seconds": 1e999',
    "a key twice": b'"arm": "hybrid", "arm": "transport"',
    "a part of config that is none": b'"config": {"training": 3}',
    "a folder": None,
}


@pytest.mark.parametrize("what", RUN_JSON)
def test_one_hostile_run_json_keeps_no_other_run_out(workspace, what):
    good = [write_run(workspace.runs, "transport", seed).name for seed in (1, 2)]
    bad = write_run(workspace.runs, "transport", 0)
    path, content = bad / "run.json", RUN_JSON[what]
    if content is None:
        path.unlink()
        path.mkdir()
    else:
        text = json.dumps({k: v for k, v in make_record(seed=0).items() if f'"{k}"' not in content.decode()})
        path.write_bytes(text[:-1].encode() + b", " + content + b"}" if content else b"")
    told: list[str] = []
    assert sorted(sync(workspace, on_problem=told.append)) == sorted(good)
    assert len(told) == 1 and str(path) in told[0] and "\n" not in told[0]
    with pytest.raises(BadInput, match="run.json"):
        sync(workspace)


def test_every_folder_that_is_left_out_is_named(workspace):
    bad = [write_run(workspace.runs, "transport", seed) for seed in range(3)]
    for folder in bad:
        (folder / "run.json").write_text("{")
    with pytest.raises(BadInput) as raised:
        sync(workspace)
    assert all(str(folder) in str(raised.value) for folder in bad)


def test_a_folder_that_fails_in_no_foreseen_way_keeps_no_other_out(workspace, monkeypatch):
    good, bad = (write_run(workspace.runs, "transport", seed) for seed in (0, 1))
    real = read_run_folder

    def failing(folder):
        if folder == bad:
            raise ZeroDivisionError
        return real(folder)

    monkeypatch.setattr("store.results.importer.read_run_folder", failing)
    told: list[str] = []
    assert sync(workspace, on_problem=told.append) == [good.name]
    assert len(told) == 1 and str(bad) in told[0] and "ZeroDivisionError" in told[0]


def _nested(table: pa.Table, column: str, values: pa.Array) -> pa.Table:
    return table.set_column(table.column_names.index(column), column, values)


COLUMNS = {
    "a list": lambda n: pa.array([[1.0]] * n),
    "a struct": lambda n: pa.array([{"x": 1}] * n),
    "a map": lambda n: pa.array([[("k", 1)]] * n, pa.map_(pa.string(), pa.int32())),
    "nothing": lambda n: pa.nulls(n),
    "bytes": lambda n: pa.array([b"en"] * n, pa.binary()),
    "a time": lambda n: pa.array([0] * n, pa.timestamp("ns")),
    "a decimal": lambda n: pa.array([1] * n, pa.decimal128(5)),
    "numbers in a dictionary": lambda n: pa.array([1] * n).dictionary_encode(),
    "true and false": lambda n: pa.array([True] * n),
}


@pytest.mark.parametrize("kind", COLUMNS)
@pytest.mark.parametrize("table", TABLES, ids=lambda table: table.name)
def test_a_column_of_a_wrong_type_is_refused(tmp_path, table, kind):
    tables = make_tables()
    tables["robust"] = tables["predictions"]
    folder = write_run(tmp_path, tables=tables)
    written = pq.read_table(folder / table.file)
    for column, wanted in table.columns:
        values = COLUMNS[kind](written.num_rows)
        if kind == "numbers in a dictionary" and pa.types.is_integer(wanted):
            continue
        write_table(folder, table.name, _nested(written, column, values))
        with pytest.raises(BadInput, match=table.file):
            read_run_folder(folder)


def test_text_that_is_not_utf8_is_refused(tmp_path):
    folder = write_run(tmp_path)
    table = pq.read_table(folder / "curves.parquet")
    broken = pa.array([b"\xed\xa0\x80"] * table.num_rows, pa.binary()).view(pa.string())
    write_table(folder, "curves", _nested(table, "name", broken))
    with pytest.raises(BadInput, match=r"curves.parquet: column 'name' holds values that cannot be read"):
        read_run_folder(folder)


def test_a_column_twice_and_infinite_bounds_are_refused(tmp_path):
    folder = write_run(tmp_path)
    table = pq.read_table(folder / "scores.parquet")
    write_table(folder, "scores", _nested(table, "high", pa.array([np.inf] * table.num_rows)))
    with pytest.raises(BadInput, match="'high' is empty or not a finite number"):
        read_run_folder(folder)
    write_table(folder, "scores", table.append_column("value", table["value"]))
    with pytest.raises(BadInput, match="the column 'value' twice"):
        read_run_folder(folder)


def test_more_rows_than_any_run_has_are_not_read(tmp_path, monkeypatch):
    folder = write_run(tmp_path)
    monkeypatch.setattr("store.results.tables.MOST_ROWS", 5)
    with pytest.raises(BadInput, match="claims 8 rows"):
        read_run_folder(folder)


@pytest.mark.parametrize("kind", ["a folder", "a link to nowhere"])
def test_what_is_no_file_in_the_place_of_a_table_is_refused(tmp_path, kind):
    folder = write_run(tmp_path)
    (folder / "scores.parquet").unlink()
    if kind == "a folder":
        (folder / "scores.parquet").mkdir()
    else:
        (folder / "scores.parquet").symlink_to(folder / "nowhere")
    with pytest.raises(BadInput, match=r"scores.parquet is not a file"):
        read_run_folder(folder)


def test_flipped_bytes_are_read_or_refused(tmp_path):
    """A Parquet file with bytes changed at random, which its own checks do not all notice."""
    folder = write_run(tmp_path, tables={"curves": make_tables()["curves"]})
    whole = (folder / "curves.parquet").read_bytes()
    rng = np.random.default_rng(0)
    refused = 0
    for _ in range(150):
        content = bytearray(whole)
        for place in rng.integers(4, len(whole), 3):
            content[place] = rng.integers(256)
        (folder / "curves.parquet").write_bytes(bytes(content))
        try:
            read_run_folder(folder)
        except BadInput:
            refused += 1
    assert refused


def test_a_nul_in_a_text_is_stored_as_it_is_or_refused(workspace):
    folder = write_run(workspace.runs, took_sentence="a\x00b")
    try:
        import_run(workspace, folder)
    except BadInput:
        assert list_runs(workspace).empty
    else:
        assert get_run(workspace, folder.name)["took_sentence"] == "a\x00b"
    shutil.rmtree(folder)


def test_a_pair_of_languages_stands_where_inputs_are_pairs_and_nowhere_else(tmp_path):
    tables = make_tables()
    pair = tables["predictions"].query("language == 'sw'").assign(language="es-quy", split="generalised")
    tables["robust"] = pair
    assert read_run_folder(write_run(tmp_path, tables=tables)).tables["robust"].num_rows == len(pair)
    tables["robust"] = pair.assign(language="es-quy-")
    with pytest.raises(BadInput, match="robust.*'es-quy-' is not a language tag"):
        read_run_folder(write_run(tmp_path / "wrong", tables=tables))
    tables = make_tables()
    tables["predictions"] = tables["predictions"].replace({"language": {"sw": "es-quy"}})
    with pytest.raises(BadInput, match="predictions.*'es-quy' is not a language tag"):
        read_run_folder(write_run(tmp_path / "pair", tables=tables))
