"""CONTRIBUTING's examples, taken out of the file and run as they stand."""

from __future__ import annotations

import io
import re
import sys

import pandas as pd
import pytest

from tests.support.late import COLLECTING
from tests.support.paths import ROOT

if not COLLECTING:
    import torch

TEXT = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
EXAMPLES = dict(re.findall(r"^## An? ([\w ]+)\n.*?^```python\n(.*?)^```", TEXT, flags=re.MULTILINE | re.DOTALL))


def _run(name: str) -> dict:
    space: dict = {"__name__": name.replace(" ", "_")}
    sys.modules[space["__name__"]] = type(sys)(space["__name__"])
    exec(compile(EXAMPLES[name], name, "exec"), space)
    return space


def test_there_is_an_example_of_each_and_each_is_short():
    assert set(EXAMPLES) == {"arm", "data format", "figure", "page", "measure"}
    for name, text in EXAMPLES.items():
        assert len([line for line in text.splitlines() if line.strip()]) < 30, name
        assert (ROOT / text.splitlines()[0].removeprefix("# ")).parent.is_dir()


def test_the_arm_rewards_unsure_answers(encoder):
    from tests.support.controls_setting import make_setting

    kind = _run("arm")["Unsure"]
    setting = make_setting(encoder)
    model = setting.model()
    losses = {}
    for weight in (0.0, 1.0):
        arm = kind(kind.parse_settings({"weight": weight}), None, ("sw",), 0)
        losses[weight] = arm.loss(model, setting.step())
    entropy = losses[1.0].logged["entropy"]
    assert entropy > 0
    assert float(losses[0.0].total.detach() - losses[1.0].total.detach()) == pytest.approx(entropy, abs=1e-4)
    losses[1.0].total.backward()
    assert any(p.grad is not None and torch.any(p.grad != 0) for p in model.parameters())


def test_the_format_reads_what_it_writes_and_says_what_it_cannot_read(tmp_path):
    from core.bitext.opening import open_file

    bars = _run("data format")["BARS"]
    out = io.BytesIO()
    bars.write(out, iter([("a hen", "kuku"), ("a|b", "")]), ("en", "sw"))
    file = tmp_path / "text.bars"
    file.write_bytes(out.getvalue() + b"no bar\n")
    found = list(bars.pairs(open_file(file, file.name), "utf-8", "right", "left"))
    assert [pair[:3] for pair in found[:2]] == [(1, "kuku", "a hen"), (2, "", "a|b")]
    assert found[2].line == 3 and "1 sides" in found[2].reason


def test_the_measure_is_stored_with_the_run_and_read_from_the_store(tiny, starter, tmp_path, monkeypatch):
    from core.experiment.measures.registry import MEASURES
    from core.experiment.run import execute
    from core.workspace import open_workspace
    from store.results.importer import import_run
    from store.results.scores import read_scores
    from tests.support.tiny import configuration

    monkeypatch.setitem(MEASURES, "confidence", _run("measure")["measure"])
    workspace = open_workspace(tmp_path)
    folder = execute(configuration("warm-start", updates=1), workspace, starter, tiny).folder
    import_run(workspace, folder)
    shown = read_scores(workspace, [folder.name], "confidence").set_index("language")["value"]
    answers = pd.read_parquet(folder / "predictions.parquet")
    answers["given"] = 100 * answers[["entailment", "neutral", "contradiction"]].max(axis=1)
    assert shown.to_dict() == pytest.approx(answers.groupby("language")["given"].mean().to_dict(), abs=1e-4)
    assert len(shown) == 15


def test_the_figure_draws_a_mark_a_run():
    table = pd.DataFrame({"arm": ["transport"] * 2 + ["english-only"], "seed": [0, 1, 0], "accuracy": [60.0, 61, 59]})
    made = _run("figure")["by_seed"](table, "Accuracy by seed")
    assert [trace.name for trace in made.data] == ["english-only", "transport"]
    assert list(made.data[1].y) == [60.0, 61.0]


def test_the_page_shows_the_stored_means(tmp_path, monkeypatch):
    from streamlit.testing.v1 import AppTest

    from core.workspace import open_workspace
    from store.results.importer import sync
    from store.results.predictions import accuracy
    from store.results.runs import list_runs
    from tests.support.synthetic_runs import write_run

    workspace = open_workspace(tmp_path / "home")
    for arm in ("english-only", "transport"):
        write_run(workspace, arm)
    sync(workspace)
    monkeypatch.setenv("ISOGLOSS_HOME", str(workspace.home))
    file = tmp_path / "seeds.py"
    file.write_text(EXAMPLES["page"], encoding="utf-8")
    shown = AppTest.from_file(str(file), default_timeout=240).run()
    assert not shown.exception
    stored = accuracy(workspace, list(list_runs(workspace)["run_id"]), "test")
    expected = stored.groupby("arm")["accuracy"].mean()
    assert dict(zip(shown.dataframe[0].value["arm"], shown.dataframe[0].value["accuracy"], strict=True)) == (
        pytest.approx(expected.to_dict())
    )
