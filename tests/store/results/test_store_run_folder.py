"""What the importer refuses, and the sentence it says."""

from __future__ import annotations

import json

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import BadInput
from store.results.importer import import_run
from store.results.run_folder import read_run_folder
from store.results.run_record import comparable, group_id
from tests.support.make_run import write_table


def refusal(folder) -> str:
    with pytest.raises(BadInput) as raised:
        read_run_folder(folder)
    sentence = str(raised.value)
    assert "\n" not in sentence and sentence.endswith(".") and str(folder) in sentence
    return sentence


@pytest.mark.parametrize(
    ("key", "value", "says"),
    [
        ("format", 2, "format 2"),
        ("format", "1", 'format "1"'),
        ("format", True, "format true"),
        ("run_id", "../../../etc", "12 hexadecimal"),
        ("run_id", "ABCDEF012345", "12 hexadecimal"),
        ("arm", "", "a name"),
        ("seed", True, "whole number"),
        ("seed", -1, "whole number"),
        ("seed", 2**31, "whole number"),
        ("data_kind", "mnli", "starter"),
        ("warm_start", "x", "identifier"),
        ("config", [], "object"),
        ("created", "yesterday", "ISO 8601"),
        ("seconds", "12", "number"),
        ("seconds", -0.5, "number"),
        ("updates", 1.5, "whole number"),
        ("tokens_forward", 2**63, "whole number"),
        ("took", "yes", "true, false or null"),
        ("group", 7, "a text"),
    ],
)
def test_a_wrong_value_in_run_json(key, value, says, run_folder_factory):
    folder = run_folder_factory()
    record = json.loads((folder / "run.json").read_text())
    (folder / "run.json").write_text(json.dumps(record | {key: value}))
    sentence = refusal(folder)
    assert says in sentence and "run.json" in sentence


@pytest.mark.parametrize("key", ["run_id", "arm", "config", "created", "bitext_pairs"])
def test_a_missing_key_in_run_json(key, run_folder_factory):
    folder = run_folder_factory()
    record = json.loads((folder / "run.json").read_text())
    del record[key]
    (folder / "run.json").write_text(json.dumps(record))
    assert f"no key '{key}'" in refusal(folder)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"{\n\n oops", "line 3"),
        (b"[1, 2]", "no JSON object"),
        (b"\xff\xfe\x00", "cannot be read as JSON"),
        (b'{"format": NaN}', "cannot be read as JSON"),
        (b"[" * 100_000, "cannot be read as JSON"),
        (None, "missing"),
    ],
)
def test_run_json_that_is_not_json(content, says, run_folder_factory):
    folder = run_folder_factory()
    (folder / "run.json").unlink()
    if content is not None:
        (folder / "run.json").write_bytes(content)
    assert says in refusal(folder)


@pytest.mark.parametrize("cut", [0, 3, 700])
@pytest.mark.parametrize("name", ["predictions", "curves"])
def test_a_broken_parquet_file(name, cut, run_folder_factory):
    folder = run_folder_factory()
    path = folder / f"{name}.parquet"
    path.write_bytes(path.read_bytes()[:cut])
    assert f"{name}.parquet is not a readable Parquet file" in refusal(folder)


def changed(folder, name, change):
    table = pq.read_table(folder / f"{name}.parquet").to_pandas()
    write_table(folder, name, change(table))


def at(column, row, value):
    def change(table):
        values = table[column].to_list()
        values[row] = value
        kind = table[column].dtype if value is not None and not isinstance(value, str) else object
        return table.assign(**{column: np.array(values, dtype=kind)})

    return change


@pytest.mark.parametrize(
    ("name", "change", "says"),
    [
        ("predictions", lambda t: t.drop(columns="gold"), "no column 'gold'"),
        ("predictions", lambda t: t.assign(gold=t["gold"].astype(str)), "column 'gold' is"),
        ("predictions", lambda t: t.assign(gold=t["gold"].astype(float)), "should be int8"),
        ("predictions", lambda t: t.assign(language=1), "should be string"),
        (
            "predictions",
            lambda t: t.assign(item_id=t["item_id"].astype("int64") + 2**31),
            "does not fit int32",
        ),
        ("predictions", at("gold", 4, 3), "item_id 4, gold 3: gold should be 0, 1 or 2"),
        ("predictions", at("gold", 4, -1), "gold should be 0, 1 or 2"),
        ("predictions", at("neutral", 7, 0.99), "item_id 7: the three probabilities do not sum to 1"),
        ("predictions", at("neutral", 7, -0.2), "not between 0 and 1"),
        ("predictions", at("neutral", 7, np.nan), "row 8: 'neutral' is empty or not a finite number"),
        ("predictions", at("language", 2, None), "row 3: 'language' is empty"),
        ("predictions", at("language", 2, "no language"), "not a language tag"),
        ("predictions", at("language", 2, ""), "not a language tag"),
        ("predictions", at("item_id", 2, 1), "row 3: a second row for split test, language en, item_id 1"),
        ("curves", at("value", 0, np.inf), "row 1: 'value'"),
        ("scores", at("value", 0, np.nan), "row 1: 'value'"),
        ("plans", at("plan_id", 1, "plan-0"), "second row for plan_id plan-0"),
        ("plans", at("tokens_source", 1, 0), "a token on either side"),
        ("plan_cells", at("plan_id", 0, "plan-9"), "no such plan"),
        ("plan_cells", at("i", 0, 99), "outside its plan"),
        ("plan_cells", at("mass", 0, -0.5), "mass is negative"),
        ("rankings", at("rank", 0, -1), "rank is not negative"),
    ],
)
def test_a_wrong_table(name, change, says, run_folder_factory, workspace):
    folder = run_folder_factory()
    changed(folder, name, change)
    sentence = refusal(folder)
    assert says in sentence and f"{name}.parquet" in sentence
    with pytest.raises(BadInput):
        import_run(workspace, folder)
    assert not workspace.results.exists(), "nothing is opened for a folder that is refused"


def test_cells_without_plans(run_folder_factory):
    folder = run_folder_factory()
    (folder / "plans.parquet").unlink()
    assert "plans.parquet is missing" in refusal(folder)


def test_rounding_of_probabilities_is_forgiven(run_folder_factory):
    folder = run_folder_factory()
    changed(folder, "predictions", lambda t: t.assign(neutral=(t["neutral"] * 1.0005).clip(0, 1)))
    assert read_run_folder(folder).tables["predictions"].num_rows == 120


def test_dictionary_columns_and_further_columns_are_read(run_folder_factory):
    folder = run_folder_factory()
    before = read_run_folder(folder)
    changed(folder, "predictions", lambda t: t.astype({"language": "category"}).assign(note="new"))
    assert pa.types.is_dictionary(pq.read_table(folder / "predictions.parquet").schema.field("language").type)
    assert read_run_folder(folder).hashes == before.hashes


def test_not_a_folder(workspace):
    with pytest.raises(BadInput, match="is not a folder"):
        import_run(workspace, workspace.home / "nothing")


def test_the_first_of_equal_labels_is_predicted(run_folder_factory):
    folder = run_folder_factory()
    changed(folder, "predictions", lambda t: t.assign(entailment=0.2, neutral=0.4, contradiction=0.4))
    assert set(read_run_folder(folder).tables["predictions"]["predicted"].to_pylist()) == {1}


def test_groups():
    record = {"encoder_sha256": "e", "data_kind": "xnli", "preset": "p"}
    assert comparable(record | {"group": "g"}) == "g"
    assert group_id(record | {"group": "g"}) == group_id({"group": "g"})
    others = [
        record,
        record | {"data_kind": "starter"},
        record | {"preset": "q"},
        record | {"encoder_sha256": "f"},
    ]
    assert len({group_id(other) for other in others}) == 4
