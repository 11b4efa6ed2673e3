"""The reference experiment as it was preregistered: `reference.toml`, and the guard on XNLI test."""

from __future__ import annotations

import tomllib
from functools import lru_cache
from pathlib import Path
from typing import Any

from core.config import RunConfig
from core.errors import BadInput

PATH = Path(__file__).with_name("reference.toml")


@lru_cache
def reference() -> dict[str, Any]:
    """The content of `reference.toml`."""
    with PATH.open("rb") as file:
        return tomllib.load(file)


def fixed_protocols() -> frozenset[str]:
    """Hashes (`RunConfig.protocol`) of the configurations that may read XNLI test."""
    return frozenset(reference().get("fixed", {}).get("protocols", []))


def check_fixed(config: RunConfig, kind: str, allowed: frozenset[str] = frozenset()) -> None:
    """Raises `BadInput` for a configuration that would read a test split and is neither preregistered nor `allowed`."""
    known = fixed_protocols() | allowed
    if config.reads_test and kind == "real" and config.protocol not in known:
        name = "XNLI" if config.evaluation.main.source == "xnli" else config.evaluation.main.name
        raise BadInput(
            f"{name} test is read only with preregistered settings, and those of {config.arm} seed "
            f"{config.seed} (protocol {config.protocol}) are not in {PATH.name} or a study's "
            "lock; evaluate on validation instead."
        )
