"""XNLI in each form it is published in gives the same items."""

from __future__ import annotations

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.data.catalog import open_catalog
from core.data.records import LABELS
from core.data.xnli import read_all_languages, read_language
from core.errors import BadInput

ROWS = [
    (
        {"en": f"Premise {i // 3}.", "sw": f"Dhana {i // 3}."},
        {"en": f"Hypothesis {i}.", "sw": f"Wazo {i}."},
        i % 3,
    )
    for i in range(6)
]
EXPECTED = {
    code: [(i, premise[code], hypothesis[code], label) for i, (premise, hypothesis, label) in enumerate(ROWS)]
    for code in ("en", "sw")
}


def _plain(items):
    return [(item.id, item.premise, item.hypothesis, item.label) for item in items]


def _official() -> str:
    lines = ["language\tgold_label\tsentence1_binary_parse\tsentence1\tsentence2\tpairID"]
    for code in ("sw", "en"):
        for i, (premise, hypothesis, label) in enumerate(ROWS):
            lines.append(f"{code}\t{LABELS[label]}\t\t{premise[code]}\t{hypothesis[code]}\t{i + 1}")
    return "\n".join(lines) + "\n"


def _parquet(path, rows):
    path.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pylist(rows), path)


def _language_rows(code):
    return [{"premise": p[code], "hypothesis": h[code], "label": c} for p, h, c in ROWS]


def test_official_table(write):
    read = read_all_languages([write("xnli.dev.tsv", _official())])
    assert {code: _plain(items) for code, items in read.items()} == EXPECTED


def test_parquet_of_one_language_in_shards(tmp_path):
    rows = _language_rows("sw")
    paths = [tmp_path / f"test-0000{n}-of-00002.parquet" for n in range(2)]
    _parquet(paths[0], rows[:4])
    _parquet(paths[1], [*rows[4:], {"premise": "x", "hypothesis": "y", "label": -1}])
    read = read_language(paths)
    assert _plain(read.items) == EXPECTED["sw"]
    assert read.unlabelled == 1


@pytest.mark.parametrize("as_lists", [True, False])
def test_parquet_of_all_languages(tmp_path, as_lists):
    def cell(texts):
        return {"language": list(texts), "translation": list(texts.values())} if as_lists else texts

    path = tmp_path / "test.parquet"
    _parquet(path, [{"premise": p, "hypothesis": cell(h), "label": c} for p, h, c in ROWS])
    read = read_all_languages([path])
    assert {code: _plain(items) for code, items in read.items()} == EXPECTED


def test_every_layout_is_found_by_the_catalog(tmp_path, write):
    official = tmp_path / "official"
    for split in ("dev", "test"):
        write(f"official/XNLI-1.0/xnli.{split}.tsv", _official())
    hub = tmp_path / "hub"
    together = tmp_path / "together"
    for split in ("validation", "test"):
        for code in ("en", "sw"):
            _parquet(hub / "xnli" / code / f"{split}-00000-of-00001.parquet", _language_rows(code))
        rows = [{"premise": p, "hypothesis": h, "label": c} for p, h, c in ROWS]
        _parquet(together / "all_languages" / f"{split}-00000-of-00001.parquet", rows)
    for root in (official, hub, together):
        catalog = open_catalog(root)
        for split in ("validation", "test"):
            assert catalog.xnli_languages(split) == ["en", "sw"]
            for code in ("en", "sw"):
                assert _plain(catalog.xnli(split, code).items) == EXPECTED[code]
        (source,) = (source for source in catalog.sources if source.role == "xnli")
        assert source.items_by_language == {"en": 12, "sw": 12}


def test_hub_cache_is_used_and_its_training_part_offered(tmp_path, monkeypatch):
    repository = tmp_path / "cache" / "datasets--facebook--xnli"
    for snapshot in ("old", "new"):
        for split in ("train", "validation", "test"):
            rows = _language_rows("en")
            if split == "train":
                rows = [{"premise": f"Only in {snapshot}.", "hypothesis": "Yes.", "label": 0}, rows[0]]
            _parquet(repository / "snapshots" / snapshot / "en" / f"{split}-00000-of-00001.parquet", rows)
    (repository / "refs").mkdir()
    (repository / "refs" / "main").write_text("old")
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "cache"))
    catalog = open_catalog()
    assert catalog.kind == "real"
    assert _plain(catalog.xnli("test", "en").items) == EXPECTED["en"]
    (training,) = catalog.nli_training()
    assert [item.premise for item in training.items] == ["Only in old."]  # the other premise is XNLI's
    assert catalog.removed[0].reasons["overlap"] == 1


@pytest.mark.parametrize(
    "text,said",
    [
        ("language\tgold_label\tsentence1\nsw\tneutral\tA\n", "line 1: XNLI's columns"),
        (
            "language\tgold_label\tsentence1\tsentence2\nsw\tneutral\tA\n",
            "line 2: 3 columns where the header has 4",
        ),
        ("language\tgold_label\tsentence1\tsentence2\nsw\tperhaps\tA\tB\n", "line 2: the label 'perhaps'"),
        (
            "language\tgold_label\tsentence1\tsentence2\n?\tneutral\tA\tB\n",
            "line 2: '?' is not a language tag",
        ),
    ],
)
def test_broken_official_table(write, text, said):
    with pytest.raises(BadInput) as error:
        read_all_languages([write("xnli.test.tsv", text)])
    assert said in str(error.value)


def test_broken_parquet(tmp_path, write):
    with pytest.raises(BadInput, match="not a readable Parquet file"):
        read_language([write("test-0.parquet", "not parquet")])
    _parquet(tmp_path / "columns.parquet", [{"premise": "A", "label": 0}])
    with pytest.raises(BadInput, match="has no column hypothesis"):
        read_language([tmp_path / "columns.parquet"])
    _parquet(tmp_path / "label.parquet", [{"premise": "A", "hypothesis": "B", "label": 5}])
    with pytest.raises(BadInput, match="row 1: the label '5'"):
        read_language([tmp_path / "label.parquet"])
