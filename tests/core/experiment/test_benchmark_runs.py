"""A run reads every benchmark of its study: of real data, XNLI's test, a part of its validation, and AmericasNLI."""

from __future__ import annotations

import pandas as pd
import pytest

from core.experiment.studies.read import parse_study
from core.workspace import open_workspace
from tests.support.late import COLLECTING
from tests.support.small_study import SMALL

if not COLLECTING:
    from core.data.catalog import open_catalog
    from core.experiment.run import execute
    from core.experiment.studies.plan import plan_study
    from core.experiment.studies.study_data import study_catalog
    from core.experiment.studies.verdict import clusters_of

STUDY = (
    """name = "three"
seeds = [0]

"""
    + SMALL
    + """
[train]
updates = 2
batch_pairs = 4

[bitext]
languages = ["sw"]

[readings]
english_items = 30
other_items = 30
held_out_pairs = 20
retrieval_pairs = 6
plan_pairs = 1

[[benchmark]]
name = "xnli"
source = "xnli"
languages = ["en", "sw", "ur"]

[[benchmark]]
name = "unread"
source = "xnli"
split = "validation"
languages = ["sw"]
ids = [1494, 2489]

[[benchmark]]
name = "americasnli"
files = "americasnli/{split}/{lang}.tsv"
cluster = "premise"
source_language = ""
licence = "CC BY-SA 4.0"

[[arm]]
name = "english-only"
role = "baseline"
"""
)


@pytest.mark.data
def test_xnli_a_part_of_its_validation_and_americasnli_in_one_run(data_dir, tmp_path, tiny):
    study = parse_study(STUDY)
    catalog = study_catalog(study, open_catalog(data_dir))
    runs = plan_study(study, catalog, tiny.fingerprint)
    assert runs[-1].evaluation.benchmarks[2].content and not runs[-1].evaluation.benchmarks[0].content
    workspace = open_workspace(tmp_path)
    allowed = frozenset(run.protocol for run in runs)
    done = [execute(run, workspace, catalog, tiny, allowed=allowed) for run in runs]
    table = pd.read_parquet(done[-1].folder / "predictions.parquet")
    read = {split: set(part["language"]) for split, part in table.groupby("split")}
    assert read["test"] == {"en", "sw", "ur"} and read["validation"] == {"sw"}
    assert len(read["americasnli.test"]) == 10 and "quy" in read["americasnli.test"]
    assert table.loc[table["split"] == "validation", "item_id"].min() == 1494
    assert set(table.groupby(["split", "language"]).size()) == {30}
    assert set(table.loc[table["split"] == "americasnli.test", "gold"]) == {0, 1, 2}
    ids = table.loc[(table["split"] == "americasnli.test") & (table["language"] == "quy"), "item_id"].to_numpy()
    clusters = clusters_of(study.benchmarks[2], study, catalog)(ids)
    assert 1 < len(set(clusters)) < len(ids), "items of one premise belong together"
