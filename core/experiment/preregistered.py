"""The first study as it was preregistered: the protocols in its file, and the guard on XNLI test."""

from __future__ import annotations

from functools import lru_cache

from core.config import RunConfig
from core.errors import BadInput
from core.experiment.studies.read import FIRST_STUDY, find_study
from core.experiment.studies.schema import Study


@lru_cache
def reference() -> Study:
    """The study whose protocols are preregistered, as its file says it."""
    return find_study(FIRST_STUDY)


def fixed_protocols() -> frozenset[str]:
    """Hashes (`RunConfig.protocol`) of the configurations that may read XNLI test."""
    return frozenset(reference().protocols)


def check_fixed(config: RunConfig, kind: str, allowed: frozenset[str] = frozenset()) -> None:
    """Raises `BadInput` for a configuration that would read a test split and is neither preregistered nor `allowed`."""
    known = fixed_protocols() | allowed
    if config.reads_test and kind == "real" and config.protocol not in known:
        name = "XNLI" if config.evaluation.main.source == "xnli" else config.evaluation.main.name
        raise BadInput(
            f"{name} test is read only with preregistered settings, and those of {config.arm} seed "
            f"{config.seed} (protocol {config.protocol}) are not in {FIRST_STUDY}.toml or a study's "
            "lock; evaluate on validation instead."
        )
