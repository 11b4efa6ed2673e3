"""Measures of an item's text against the tokeniser and by hand."""

from __future__ import annotations

import dataclasses
import math

import pandas as pd
import pytest

from core.data.catalog import starter_catalog
from core.data.records import NLIItem
from core.encoder.words import word_spans
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.evaluation.text_features import kept_features, text_features, training_subwords
    from core.model.bitext_batch import short_pairs

ITEMS = {
    "en": (NLIItem(0, "The cat sleeps.", "It sleeps.", 0), NLIItem(7, "", "unbelievably", 1)),
    "th": (NLIItem(0, "แมวนอนหลับ", "มันนอนหลับ", 0),),
}


def ids(encoder, text):
    return encoder.tokenizer(text, add_special_tokens=False)["input_ids"]


def test_length_subwords_per_word_and_overlap(encoder):
    seen = {"en": set(ids(encoder, "The cat sleeps."))}
    table = text_features(encoder, ITEMS, seen).set_index(["language", "item_id"])
    first = table.loc[("en", 0)]
    premise, hypothesis = ids(encoder, "The cat sleeps."), ids(encoder, "It sleeps.")
    assert first["length"] == len(premise) + len(hypothesis)
    assert first["fertility"] == pytest.approx(first["length"] / (4 + 3)), "words and full stops"
    kinds = set(premise) | set(hypothesis)
    assert first["overlap"] == pytest.approx(100 * len(kinds & seen["en"]) / len(kinds)) and 0 < first["overlap"] < 100
    alone = table.loc[("en", 7)]
    assert alone["fertility"] == len(ids(encoder, "unbelievably")) > 1
    thai = table.loc[("th", 0)]
    assert 1 <= thai["fertility"] < 1.3 and math.isnan(thai["overlap"])


def test_words_are_those_of_the_alignment_page(encoder):
    item = NLIItem(3, "Don't go, 3.5 km!", "x", 0)
    table = text_features(encoder, {"en": (item,)}, {})
    pieces = len(ids(encoder, item.premise)) + len(ids(encoder, item.hypothesis))
    assert table["fertility"].iloc[0] == pytest.approx(pieces / (len(word_spans(item.premise)) + 1))


def test_what_training_had_is_what_a_run_reads(encoder):
    data = starter_catalog()
    seen = training_subwords(encoder, data, ["sw", "xx"], 5, 64)
    rows = short_pairs(encoder, data.training_bitext("sw"), 5, 64)
    assert set(seen) == {"en", "sw"} and len(rows) == 5
    assert seen["sw"] == {int(i) for _, target in rows for i in target.ids[target.own]}
    assert encoder.tokenizer.eos_token_id not in seen["en"]


def test_the_kept_file_is_made_once_and_named_by_its_content(encoder, tmp_path):
    first = kept_features(tmp_path / "texts", encoder, ITEMS, {"en": {5, 6}})
    stamp = first.stat().st_mtime_ns
    assert kept_features(tmp_path / "texts", encoder, ITEMS, {"en": {6, 5}}) == first
    assert first.stat().st_mtime_ns == stamp and len(pd.read_parquet(first)) == 3
    assert kept_features(tmp_path / "texts", encoder, ITEMS, {"en": {5}}) != first
    changed = ITEMS | {"th": (NLIItem(0, "แมว", "มันนอนหลับ", 0),)}
    assert kept_features(tmp_path / "texts", encoder, changed, {"en": {5, 6}}) != first
    short = dataclasses.replace(encoder, max_tokens=4)
    cut = kept_features(tmp_path / "texts", short, ITEMS, {"en": {5, 6}})
    assert cut != first and pd.read_parquet(cut)["length"].sum() < pd.read_parquet(first)["length"].sum()
