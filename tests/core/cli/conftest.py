"""Fixtures of the verbs' tests."""

from __future__ import annotations

import pytest


@pytest.fixture
def no_data(monkeypatch, tmp_path):  # type: ignore[no-untyped-def]
    """No data on this machine but the project's own."""
    monkeypatch.delenv("ISOGLOSS_DATA", raising=False)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "no-hub"))


@pytest.fixture
def small_encoder(no_data, tiny, monkeypatch):  # type: ignore[no-untyped-def]
    """Studies run on a random encoder of two layers and on starter data."""
    monkeypatch.setattr("core.encoder.load.load_encoder", lambda spec, device="cpu": tiny)
    monkeypatch.setattr("core.cli.run.encoder_sha256", lambda spec: tiny.fingerprint)
