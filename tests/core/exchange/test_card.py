"""A card is read back as it was written, and nothing that is no card is."""

from __future__ import annotations

import copy
import hashlib
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.errors import BadInput
from tests.support.late import COLLECTING
from tests.support.paths import ROOT

if not COLLECTING:
    from core.exchange.card import write_card
    from core.exchange.card_reader import find_cards, read_card
    from core.exchange.card_schema import COLUMNS, KEYS, Optional, problem
    from tests.support.study_results import small_results


@pytest.fixture(scope="module")
def results():
    return small_results(items=30)


@pytest.fixture
def path(results, tmp_path):
    return write_card(results, results.records[0], tmp_path)


def test_a_card_is_read_back_as_it_was_written(results, path):
    card = read_card(path)
    record = results.records[0]
    assert card.run["run_id"] == path.stem == record["run_id"] and card.run["study"] == "small"
    assert card.run["role"] == "baseline" and card.content["reading"]["precision"] == "float32"
    own = results.benchmarks[0].of_run(record["run_id"])
    rows = card.predictions.merge(own, on=["benchmark", "language", "item_id"], suffixes=("", "_own"))
    assert len(rows) == len(own) == len(card.predictions)
    assert (rows["gold"] == rows["gold_own"]).all() and (rows["cluster"] == rows["item_id"] // 3).all()
    assert np.array_equal(rows["neutral"], rows["neutral_own"])
    assert [one["name"] for one in card.content["scores"]].count("retrieval_accuracy@1") == 2
    assert write_card(results, record, path.parent).read_bytes() == path.read_bytes(), "the same run, the same bytes"


def test_a_run_that_was_not_measured_is_not_called_healthy(results, tmp_path):
    collapsed = {
        record["arm"]: read_card(write_card(results, record, tmp_path)).content["collapse"]["collapsed"]
        for record in results.records
    }
    assert collapsed["adversarial"] is True and collapsed["transport"] is None


@pytest.mark.parametrize(
    "change, says",
    [
        (lambda card: card.update(schema="other"), "its schema is not"),
        (lambda card: card.update(version=2), "version 2, and this Isogloss reads 1"),
        (lambda card: card.update(more=1), "more is no key of version 1"),
        (lambda card: card["run"].pop("seed"), "run.seed is missing"),
        (lambda card: card["run"].update(seed=True), "run.seed is True"),
        (lambda card: card["run"].update(arm="=1+1"), "run.arm is"),
        (lambda card: card["run"].update(arm="a\x1b[31m"), "run.arm is"),
        (lambda card: card["run"].update(run_id="../../other"), "run.run_id is"),
        (lambda card: card["reading"].update(versions={"a": {"b": {}}}), "reading.versions is"),
        (lambda card: card["scores"][0].update(value="high"), r"scores\[0\].value is 'high'"),
        (lambda card: card.update(scores=[card["scores"][0]] * 5001), "scores should be a list of at most 5,000"),
        (lambda card: card["predictions"].update(rows=1), "120 rows where its card says 1"),
        (lambda card: card["predictions"].update(sha256="0" * 64), "not the file that its card names"),
        (lambda card: card["benchmarks"][0]["items"].pop("sw"), "rows in sw that it does not name"),
        (lambda card: card["benchmarks"][0]["items"]["sw"].update(sha256="0" * 64), "other items in sw"),
        (lambda card: card["benchmarks"][0]["items"]["sw"].update(gold_sha256="0" * 64), "other items in sw"),
    ],
)
def test_a_json_file_that_is_no_card_is_refused(path, change, says):
    card = json.loads(path.read_text())
    change(card)
    path.write_text(json.dumps(card))
    with pytest.raises(BadInput, match=says) as refused:
        read_card(path)
    assert "\n" not in str(refused.value) and "\x1b" not in str(refused.value)


def _put(path, table: pa.Table) -> None:
    """Another table under a card, with the sum that it then has."""
    pq.write_table(table, path.with_suffix(".parquet"))
    card = json.loads(path.read_text())
    content = path.with_suffix(".parquet").read_bytes()
    card["predictions"] |= {"sha256": hashlib.sha256(content).hexdigest(), "rows": len(table)}
    path.write_text(json.dumps(card))


@pytest.mark.parametrize(
    "change, says",
    [
        (lambda rows: rows.assign(gold=np.int8(5)), "'gold' holds something other than 0 to 2"),
        (lambda rows: rows.assign(correct=(1 - rows["correct"]).astype("int8")), "not what gold and predicted"),
        (lambda rows: rows.assign(predicted=((rows["predicted"] + 1) % 3).astype("int8")), "not the most probable one"),
        (lambda rows: rows.assign(neutral=np.float32(np.nan)), "'neutral' has empty cells|probability is none"),
        (lambda rows: pd.concat([rows, rows.iloc[:1]]), "holds an item twice"),
        (lambda rows: rows.iloc[:-1], "that its rows lack"),
        (lambda rows: rows.iloc[:0], "0 rows"),
        (lambda rows: rows.assign(cluster=rows["cluster"] + 1), "other items"),
    ],
)
def test_a_table_that_is_no_cards_is_refused(path, change, says):
    rows = change(pq.ParquetFile(path.with_suffix(".parquet")).read().to_pandas())
    _put(path, pa.Table.from_pandas(rows, COLUMNS, preserve_index=False))
    with pytest.raises(BadInput, match=says):
        read_card(path)


def test_other_columns_and_other_files_are_refused(path, tmp_path):
    table = pq.ParquetFile(path.with_suffix(".parquet")).read()
    _put(path, table.append_column("text", pa.array(["a sentence"] * len(table))))
    with pytest.raises(BadInput, match="other columns"):
        read_card(path)
    path.with_suffix(".parquet").write_bytes(b"no Parquet")
    with pytest.raises(BadInput, match="not the file that its card names"):
        read_card(path)
    path.with_suffix(".parquet").unlink()
    with pytest.raises(BadInput, match="lie side by side"):
        read_card(path)
    with pytest.raises(BadInput, match="There is no card in"):
        find_cards([tmp_path])


def test_one_bad_card_in_a_folder_keeps_no_other_out(results, tmp_path):
    for record in results.records[:2]:
        write_card(results, record, tmp_path)
    (tmp_path / "notes.json").write_text("{}")
    cards, told = find_cards([tmp_path])
    assert len(cards) == 2 and len(told) == 1 and "notes.json" in told[0]
    with pytest.raises(BadInput, match=r"notes\.json is no card"):
        find_cards([tmp_path / "notes.json"])


def test_what_a_card_cannot_say_is_not_written(results, tmp_path):
    record = copy.deepcopy(dict(results.records[0]))
    record["encoder_sha256"] = "not a sum"
    with pytest.raises(BadInput, match=r"encoder\.sha256 is 'not a sum'"):
        write_card(results, record, tmp_path)
    assert not list(tmp_path.iterdir())


def test_the_page_on_cards_names_every_key_and_column():
    text = (ROOT / "docs" / "run-card.md").read_text(encoding="utf-8")

    def keys(kinds):
        kinds = kinds.kind if isinstance(kinds, Optional) else kinds[0] if isinstance(kinds, list) else kinds
        if isinstance(kinds, dict):
            for key, kind in kinds.items():
                yield from [key] if key != "*" else []
                yield from keys(kind)

    assert {key for key in keys(KEYS) if f"`{key}`" not in text} == set()
    assert {name for name in COLUMNS.names if f"`{name}`" not in text} == set()
    assert problem({}) == "schema is missing"
