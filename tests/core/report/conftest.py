"""A store of drawn runs on the starter data, its predictions read back, and the report of it."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from core.report.material import Choices, Material
from core.report.page import report_page
from core.workspace import Workspace, open_workspace
from store.report.material import gather
from store.results.importer import sync
from store.results.predictions import accuracy
from store.results.runs import list_runs
from store.user.kept_plans import KeptPlan, keep
from tests.support.synthetic_runs import ARMS, write_run

PLAN = np.array([[0.4, 0.1], [0.05, 0.45]])


@pytest.fixture(scope="session")
def reported(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    """Four arms on 36 starter items in 15 languages, and one kept plan."""
    workspace = open_workspace(tmp_path_factory.mktemp("report") / "home")
    for arm in ARMS:
        write_run(workspace, arm, items=36)
    sync(workspace)
    half = np.array([0.5, 0.5])
    plan = KeptPlan("transport", "transport", "", 8, ["red", "<b>hen</b>"], ["kuku", "mwekundu"], half, half, PLAN,
                    [(0, 0), (1, 1)], 0.25, 0.5)  # fmt: skip
    keep(workspace, "A hen", {"source_code": "en", "target_code": "sw"}, [plan])
    return workspace


@pytest.fixture(scope="session")
def material(reported: Workspace) -> Material:
    return gather(reported, Choices(title="A <i>title</i> & more", plans=("A hen",)))


@pytest.fixture(scope="session")
def page(material: Material) -> str:
    return report_page(material)


@pytest.fixture(scope="session")
def stored(reported: Workspace) -> pd.DataFrame:
    """run_id, arm, seed, language, items, correct, accuracy, straight from the store."""
    return accuracy(reported, list(list_runs(reported)["run_id"]), "test")
