"""Encoders to choose from: checked before they are offered, remembered, found in the Hub's cache."""

from __future__ import annotations

from pathlib import Path

import pytest

from core.encoder.known import FILE, cached_names, check_encoder, remember, remembered
from core.errors import BadInput


def test_an_encoder_is_checked_by_reading(small_bert: Path) -> None:
    checked = check_encoder(str(small_bert))
    assert (checked.name, checked.layers, checked.size, checked.max_tokens) == (str(small_bert), 2, 16, 40)


def test_what_cannot_be_used_is_one_sentence(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="no config.json"):
        check_encoder(str(tmp_path))


def test_names_are_remembered_newest_first_and_each_once(tmp_path: Path) -> None:
    assert remembered(tmp_path) == []
    for name in ("a", "b", "a", *(f"n{k}" for k in range(30))):
        remember(tmp_path, name)
    assert remembered(tmp_path)[:2] == ["n29", "n28"] and len(remembered(tmp_path)) == 20
    for damaged in ("{", "{}", '[1, "kept"]'):
        (tmp_path / FILE).write_text(damaged, encoding="utf-8")
        assert remembered(tmp_path) == (["kept"] if "kept" in damaged else [])


def test_the_hubs_cache_is_listed_by_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_CACHE", str(tmp_path))
    for name, files in (("owner--whole", ("config.json", "model.safetensors")), ("owner--pickled", ("config.json",))):
        snapshot = tmp_path / f"models--{name}" / "snapshots" / "abc"
        snapshot.mkdir(parents=True)
        for file in files:
            (snapshot / file).write_text("{}")
    assert cached_names() == ["owner/whole"]
