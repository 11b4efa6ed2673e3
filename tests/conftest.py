"""Fixtures that many tests share: where real data is, and the embedded encoder, built once a session."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

from tests.support.late import bring_in

_BESIDE = Path(__file__).resolve().parents[2] / "shared" / "data"
if "ISOGLOSS_DATA" not in os.environ and _BESIDE.is_dir():
    os.environ["ISOGLOSS_DATA"] = str(_BESIDE)
os.environ.setdefault("HF_HUB_OFFLINE", "1")
os.environ.setdefault("ISOGLOSS_REFERENCE", "off")  # tests that want the shipped results name their folder
os.environ.setdefault("OMP_NUM_THREADS", "1")  # faster than two when tests share a machine; torch reads it

# A busy machine is slow; slowness is not an error.
settings.register_profile("isogloss", deadline=None)
settings.load_profile("isogloss")


def pytest_xdist_auto_num_workers(config: pytest.Config) -> int:
    """All the default tests run in as many processes as there are cores, at most four; a part of them, or a family
    that shares a browser or measures time, in this one."""
    whole = config.args == config.getini("testpaths") and "not benchmark" in config.option.markexpr
    return min(4, len(os.sched_getaffinity(0))) if whole else 0


@pytest.hookimpl(tryfirst=True)
def pytest_runtest_setup(item: pytest.Item) -> None:
    """Bring in what the test's file keeps out of collection, torch above all."""
    if isinstance(item, pytest.Function):
        bring_in(item.module.__name__)


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real data; the test is skipped where there is none."""
    folder = os.environ.get("ISOGLOSS_DATA", "")
    if not folder or not Path(folder).is_dir():
        pytest.skip("ISOGLOSS_DATA names no folder of real data")
    return Path(folder)


@pytest.fixture(scope="session")
def encoder():  # type: ignore[no-untyped-def]
    """The embedded encoder. Tests must not change it: adapt a copy."""
    from core.encoder.load import load_encoder

    return load_encoder("embedded")


@pytest.fixture(scope="session")
def tiny(encoder):  # type: ignore[no-untyped-def]
    """The embedded encoder with a two-layer random model."""
    from tests.support.tiny import tiny_encoder

    return tiny_encoder(encoder)


@pytest.fixture(scope="session")
def starter():  # type: ignore[no-untyped-def]
    """The catalogue of the project's own data alone."""
    from core.data.catalog import starter_catalog

    return starter_catalog()
