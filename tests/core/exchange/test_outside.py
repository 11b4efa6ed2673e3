"""A file of another model's predictions: every form, and every way of being odd, read and told."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.data.records import LABELS
from core.errors import BadInput
from core.exchange.outside import rows
from core.exchange.outside.fitting import Mend, fit_predictions, join_gold, mended, read_relabel
from core.exchange.outside.folder import safe_name
from core.exchange.outside.reading import NO_PROBABILITIES, read_predictions
from tests.support.outside_files import FORMS, drawn, write


@pytest.fixture
def gold() -> pd.DataFrame:
    rng = np.random.default_rng(3)
    labels = rng.integers(0, 3, 120)
    parts = [pd.DataFrame({"language": code, "item_id": range(120), "gold": labels}) for code in ("en", "sw")]
    return pd.concat(parts, ignore_index=True)


@pytest.mark.parametrize("form", FORMS)
def test_every_form_says_the_same(form, gold, tmp_path):
    table = drawn(gold)
    found = read_predictions(write(tmp_path, form, table), "en" if form == "harness" else "")
    expected = table[table["language"] == "en"] if form == "harness" else table
    assert list(found.table["language"]) == list(expected["language"])
    assert list(found.table["item_id"]) == list(expected["item_id"])
    assert np.allclose(found.table[list(LABELS)], expected[list(LABELS)], atol=1e-9)
    assert not found.certain


def test_labels_alone_are_certain_and_it_is_told(tmp_path):
    path = tmp_path / "f"
    path.write_text("id,lang,prediction\n0,en,e\n1,en,2\n2,swh,ENTAILMENT\n3,en,perhaps\nx,en,0\n4,?,0\n")
    found = read_predictions(path)
    assert found.certain and NO_PROBABILITIES in found.told
    assert found.table[list(LABELS)].to_numpy().argmax(1).tolist() == [0, 2, 0]
    assert list(found.table["language"]) == ["en", "en", "sw"]
    told = " ".join(found.told)
    assert "'perhaps'" in told and "no whole number" in told and "no language" in told


def test_columns_of_logits_and_a_list_go_through_a_softmax(tmp_path):
    path = tmp_path / "f"
    path.write_text("index\tlogit_2\tlogit_0\tlogit_1\n0\t3\t-1\t0\n")
    found = read_predictions(path, "sw")
    assert found.table[list(LABELS)].to_numpy().argmax() == 2 and "softmax" in " ".join(found.told)
    path.write_text('{"id": 0, "probs": [0.1, 0.2, 0.7]}\n{"id": 1, "probs": [0.1, null, 0.7]}\nnot json\n')
    found = read_predictions(path, "sw")
    assert np.allclose(found.table[list(LABELS)], [[0.1, 0.2, 0.7]])
    assert "1 line could not be read" in " ".join(found.told) and "1 row left out" in " ".join(found.told)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"id,prediction\n0,e\n", "names no language"),
        (b"prediction,lang\ne,en\n", "No column names the items"),
        (b"id,lang\n0,en\n", "No column holds predictions"),
        (b"", "no columns"),
        (b"\x1f\x8b\x08\x00", "compressed"),
        (b"PAR1 and no more", "Parquet"),
        (b"\xff\xfe\x00", "UTF-8"),
        (b"[1]", "one JSON list"),
        (b"id,id\n0,1\n", "twice"),
        (b"id,lang,label\n0,en,perhaps\n", "No row"),
    ],
)
def test_what_cannot_be_read_is_one_sentence(content, says, tmp_path):
    path = tmp_path / "f"
    path.write_bytes(content)
    with pytest.raises(BadInput, match=says):
        read_predictions(path)


def test_bytes_and_rows_are_bounded(tmp_path, monkeypatch, gold):
    files = [write(tmp_path, form, drawn(gold)) for form in ("csv", "jsonl", "parquet")]
    monkeypatch.setattr(rows, "MAX_ROWS", 100)
    for path in files:
        with pytest.raises(BadInput, match="more than 100 rows"):
            read_predictions(path)
    monkeypatch.setattr(rows, "MAX_BYTES", 10)
    with pytest.raises(BadInput, match="MB"):
        read_predictions(files[0])


@pytest.mark.parametrize(
    "done", [Mend((2, 1, 0)), Mend(shift=-1), Mend((1, 2, 0), 1)], ids=["reversed", "from 1", "both"]
)
def test_another_reading_is_told_and_mends_only_on_request(done, gold):
    table = drawn(gold)
    undone = Mend(tuple(done.relabel.index(k) for k in range(3)), -done.shift)
    spoilt = mended(table, undone)
    fit = fit_predictions(spoilt, gold)
    assert fit.better == done and fit.fitted > 70 > fit.agreement
    assert done.options in " ".join(fit.told) and done.sentence in " ".join(fit.told)
    after = fit_predictions(spoilt, gold, done)
    assert after.better is None and after.agreement > 70
    assert mended(spoilt, done)[list(LABELS)].equals(table[list(LABELS)])


def test_a_good_or_a_guessing_file_is_not_taken_for_another_reading(gold):
    assert fit_predictions(drawn(gold), gold).better is None
    guessing = fit_predictions(drawn(gold, 1 / 3), gold)
    assert guessing.better is None and "guessing" in " ".join(guessing.told)


def test_what_is_strange_doubled_or_missing_is_counted(gold):
    table = drawn(gold)
    extra = table.iloc[:3].assign(language="tr")
    unknown = table.iloc[:2].assign(item_id=9999)
    joined, told = join_gold(pd.concat([table.iloc[10:], table.iloc[10:14], extra, unknown]), gold)
    said = " ".join(told)
    assert len(joined) == len(gold) - 10
    for words in ("3 rows of languages", ": tr", "2 rows of items", "4 rows of an item", "en 10 of 120"):
        assert words in said
    with pytest.raises(BadInput, match="No row is of an item"):
        join_gold(unknown, gold)


def test_names_and_orders():
    assert safe_name("<b>my/model</b>\n") == "b my/model /b (another model)"
    with pytest.raises(BadInput, match="needs a name"):
        safe_name("<>")
    assert read_relabel("c, n, e") == (2, 1, 0)
    for wrong in ("0,1", "0,0,1", "0,1,2,0", "x"):
        with pytest.raises(BadInput, match="order of the labels"):
            read_relabel(wrong)
