"""Reference results that somebody else made: damaged or hostile, they are refused in one sentence."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import BadInput
from core.reference.export import export
from core.reference.manifest import read_manifest, sha256_of
from core.reference.stored_verdict import read_verdict
from core.reference.unpack import read_reference
from tests.support.generated_reference import write_reference


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("small")
    write_reference(out / "runs", premises=8, arms=("english-only", "transport"), seeds=1)
    export(out / "runs", out / "reference", partial=True)
    return out / "reference"


@pytest.fixture
def folder(small: Path, tmp_path: Path) -> Path:
    shutil.copytree(small, tmp_path / "reference")
    return tmp_path / "reference"


def seal(folder: Path, name: str) -> None:
    """Write the file's new sum into the manifest: what is wrong is then its content alone."""
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["files"][name] = sha256_of(folder / name)
    (folder / "manifest.json").write_text(json.dumps(manifest))


@pytest.mark.parametrize(
    "content",
    [
        b"", b"[]", b"null", b'{"format": 1}', b'{"format": [1]}', b'{"format": 1e999}', b"[" * 90_000, b"\xff\xfe{",
        b'{"format": 1, "runs": "abc", "files": {}, "complete": true}',
        b'{"format": 1, "runs": [{}], "files": {}, "complete": true}',
        b'{"format": 1, "runs": [], "files": [["a", "b"]], "complete": true}',
        b'{"format": 1, "runs": [], "files": {"a": 5}, "complete": true}',
        b'{"format": 1, "runs": ["\\ud800"], "files": {}, "complete": true}',
        b'{"format": 1, "runs": [], "files": {}, "complete": "yes"}',
    ],
)  # fmt: skip
def test_a_manifest_that_is_none_is_refused(tmp_path, content):
    (tmp_path / "manifest.json").write_bytes(content)
    with pytest.raises(BadInput, match=r"manifest\.json"):
        read_manifest(tmp_path)


@pytest.mark.parametrize("content", ["", "{}", "[5]", "[[]]", '[{"run_id": 5}]', '[{"run_id": "\\ud800"}]', "7"])
@pytest.mark.parametrize("name", ["runs.json", "verdict.json"])
def test_lists_and_sheets_that_are_none_are_refused(folder, name, content):
    (folder / name).write_text(content)
    seal(folder, name)
    with pytest.raises(BadInput, match=name):
        (read_reference if name == "runs.json" else read_verdict)(folder)


def _with(column: str, values: pa.Array):
    def change(table: pa.Table) -> pa.Table:
        return table.set_column(table.column_names.index(column), column, values(table.num_rows))

    return change


@pytest.mark.parametrize(
    ("name", "change"),
    [
        ("predictions", _with("predicted", lambda n: pa.array(np.full(n, 7, np.int8)))),
        ("predictions", _with("predicted", lambda n: pa.array(np.full(n, -1, np.int8)))),
        ("predictions", _with("gold", lambda n: pa.array(np.full(n, 3, np.int8)))),
        ("predictions", _with("gold", lambda n: pa.nulls(n, pa.int8()))),
        ("predictions", _with("item_id", lambda n: pa.array([[1]] * n))),
        ("predictions", _with("language", lambda n: pa.array([5] * n).dictionary_encode())),
        ("robust", _with("entailment", lambda n: pa.array(np.full(n, 255, np.uint8)))),
        ("plan_cells", _with("plan", lambda n: pa.array(np.full(n, -1, np.int32)))),
        ("plan_cells", _with("plan", lambda n: pa.array(np.full(n, 10**6, np.int32)))),
        ("rankings", _with("score", lambda n: pa.array(np.full(n, 0.5)))),
        ("scores", lambda table: table.drop_columns("value")),
        ("curves", lambda table: table.append_column("value", table["value"])),
    ],
)  # fmt: skip
def test_a_packed_table_that_contradicts_itself_is_refused(folder, name, change):
    path = folder / f"{name}.parquet"
    pq.write_table(change(pq.read_table(path)), path)
    seal(folder, path.name)
    with pytest.raises(BadInput):
        read_reference(folder).table(name)


def test_export_refuses_half_a_run_and_ships_no_list_of_its_files(small, tmp_path):
    from core.run_folder.files import FILES, list_files

    runs = tmp_path / "runs"
    for folder in write_reference(runs, premises=8, arms=("english-only",), seeds=1):
        record = json.loads((folder / "run.json").read_text())
        (folder / "run.json").write_text(json.dumps(record | {FILES: list_files(folder)}))
    export(runs, tmp_path / "out", partial=True)
    assert all(FILES not in record for record in read_reference(tmp_path / "out").records)
    lost = next(runs.glob("*/predictions.parquet"))
    lost.unlink()
    with pytest.raises(BadInput, match=r"predictions\.parquet"):
        export(runs, tmp_path / "again", partial=True)
