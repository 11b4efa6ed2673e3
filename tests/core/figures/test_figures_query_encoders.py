"""The retrieval experiment's questions: what is described has an interval and no p."""

from __future__ import annotations

from core.figures.query_encoders import questions_table
from core.query_encoders.results import experiment_runs, query_table
from core.query_encoders.verdict import verdict
from core.shipped import SHIPPED
from core.workspace import open_workspace


def test_what_is_described_carries_no_p(tmp_path, monkeypatch):
    monkeypatch.setenv("ISOGLOSS_REFERENCE", str(SHIPPED))
    asked = verdict(query_table(experiment_runs(open_workspace(tmp_path))), repetitions=50)
    table = questions_table(asked)
    tested = [question.tested for question in asked]
    assert any(tested) and not all(tested)
    assert table["p"].notna().tolist() == tested
    assert table.loc[table["p"].isna(), "outcome"].str.contains("descriptive").all()
