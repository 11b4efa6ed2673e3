"""`rankings`: run files measured, compared and fused."""

from __future__ import annotations

import json

import pytest

from core.cli import main

FIRST = "q1 Q0 a 1 0.9 x\nq1 Q0 b 2 0.8 x\nq2 Q0 a 1 0.7 x\n"
SECOND = "q1 Q0 b 1 0.9 y\nq1 Q0 a 2 0.8 y\nq2 Q0 c 1 0.7 y\n"


@pytest.fixture
def files(tmp_path):
    (tmp_path / "first").write_text(FIRST)
    (tmp_path / "second").write_text(SECOND)
    (tmp_path / "qrels").write_text("q1 0 a 1\nq2 0 c 1\nq3 0 z 1\n")
    return tmp_path


def test_a_run_is_measured_as_it_stands(files, capsys):
    assert main(["rankings", "measure", str(files / "first"), "--qrels", str(files / "qrels"), "--json"]) == 0
    captured = capsys.readouterr()
    told = json.loads(captured.out)
    assert told["judged"] == 3 and told["missing"] == {"first": 1}
    assert told["runs"][0]["metrics"]["accuracy@1"][0] == pytest.approx(100 / 3)
    assert set(told["not_measured"]) == {"mrr@10", "recall@10", "recall@100", "ndcg@10"}
    assert "first ranks nothing for 1 judged query; they count as 0." in captured.err


def test_two_runs_are_compared_query_by_query(files, capsys):
    command = ["rankings", "measure", str(files / "first"), "--qrels", str(files / "qrels")]
    assert main([*command, "--against", str(files / "second"), "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    value, low, high = told["differences"]["map"]
    assert value == pytest.approx((100 - 50 + 0 - 100) / 3) and low <= value <= high
    assert main([*command, "--against", str(files / "first")]) == 0
    assert "0.0 (0.0 to 0.0)" in capsys.readouterr().out


def test_runs_are_fused(files, capsys):
    out = files / "fused"
    assert main(["rankings", "fuse", str(files / "first"), str(files / "second"), "--out", str(out)]) == 0
    assert capsys.readouterr().out.strip() == "2 queries of 2 runs fused in fused."
    assert out.read_text().splitlines()[0].split()[:3] == ["q1", "Q0", "b"]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["measure", "first", "--qrels", "none"], "cannot be read"),
        (["measure", "none", "--qrels", "qrels"], "cannot be read"),
        (["measure", "qrels", "--qrels", "qrels"], "a run has 6 columns"),
        (["measure", "first", "--qrels", "other"], "ranks none of the queries of other"),
        (["fuse", "first", "--out", "x"], "nothing to be fused with"),
    ],
)
def test_one_sentence(files, capsys, monkeypatch, arguments, told):
    monkeypatch.chdir(files)
    (files / "other").write_text("z 0 a 1\n")
    assert main(["rankings", *arguments]) == 2
    error = capsys.readouterr().err
    assert told in error and "Traceback" not in error
