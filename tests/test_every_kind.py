"""Ten kinds of encoder go all the way: every arm, links, rankings, answers, and the pages that read."""

from __future__ import annotations

import dataclasses
import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from streamlit.testing.v1 import AppTest

from core.cli import main
from core.workspace import Workspace, open_workspace
from tests.support.late import COLLECTING
from tests.support.page_text import words
from tests.support.paths import ROOT
from tests.support.small_encoders import save_encoder, save_sentence_encoder
from tests.support.tiny import configuration

if not COLLECTING:
    import torch

    from core.arms.registry import ARMS
    from core.arms.without_training import APPLIED
    from core.encoder.load import load_encoder
    from core.experiment.run import execute
    from store.results.importer import sync

pytestmark = [pytest.mark.slow, pytest.mark.timeout(900)]

TEN = (
    "bert", "xlm-roberta", "roberta", "distilbert", "modernbert", "albert", "deberta-v2", "mpnet", "electra", "qwen3",
)  # fmt: skip
#: The arms that bring a way of their own to read the encoder: the others combine them.
_SEPARATE = ("transport", "adversarial", "lexical-injection")


def run_config(arm: str, fingerprint: str, warm_start: str | None):
    """Six updates on the starter set; one language is read beside English."""
    few = arm == "few-shot"  # whose labelled items may not be read too
    config = configuration(arm, warm_start=warm_start, **({"items": 12, "an_update": 2} if few else {}))
    evaluation = dataclasses.replace(
        config.evaluation, english_items=6, other_items=0 if few else 3, held_out_pairs=6, plan_pairs=1,
        retrieval_pairs=4, languages=("sw",),
    )  # fmt: skip
    model = dataclasses.replace(config.model, first_layer=1)
    return dataclasses.replace(config, encoder_sha256=fingerprint, model=model, evaluation=evaluation)


@pytest.fixture(scope="module", params=TEN)
def trained(request, tmp_path_factory, starter) -> tuple[Workspace, Path, dict[str, str]]:
    """A workspace with a run of every arm on an encoder of a kind, the encoder's folder, and the runs by arm."""
    root = tmp_path_factory.mktemp(request.param)
    if request.param == "bert":  # one with modules of its own
        folder = save_sentence_encoder(
            root / "encoder", "bert", pooling="cls", dense=16, prompts={"query": "she: ", "document": "he: "}
        )
    else:
        folder = save_encoder(root / "encoder", request.param)
    encoder, workspace = load_encoder(str(folder)), open_workspace(root / "home")
    runs: dict[str, str] = {}
    for arm in ("warm-start", *ARMS, *APPLIED):
        if arm == "translate-test":  # reads XNLI test alone
            continue
        source = None if arm == "warm-start" else APPLIED[arm].starts_from if arm in APPLIED else "warm-start"
        config = run_config(arm, encoder.fingerprint, runs[source] if source else None)
        runs[arm] = execute(config, workspace, starter, encoder).folder.name
    sync(workspace)
    return workspace, folder, runs


def verb(workspace: Workspace, capsys: pytest.CaptureFixture[str], *arguments: str) -> dict:
    assert main([*arguments, "--home", str(workspace.home), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


def test_arms_train_and_verbs_and_pages_read(trained, tmp_path, capsys, monkeypatch) -> None:
    workspace, folder, runs = trained
    monkeypatch.delenv("ISOGLOSS_DATA", raising=False)
    monkeypatch.setenv("ISOGLOSS_HOME", str(workspace.home))
    tables = {arm: pd.read_parquet(workspace.run(run) / "predictions.parquet") for arm, run in runs.items()}
    answers = {arm: table.query("language == 'en'").iloc[:6, -3:].to_numpy() for arm, table in tables.items()}
    for arm in _SEPARATE:
        assert np.isfinite(answers[arm]).all()
        assert np.abs(answers[arm] - answers["english-only"]).max() > 1e-6, f"{arm} changed nothing"

    pair = ("--premise", "The man sat.", "--hypothesis", "The woman sat.")
    asked = verb(workspace, capsys, "predict", *pair, "--run", runs["adversarial"])
    assert sum(asked["probabilities"].values()) == pytest.approx(1, abs=1e-4)

    (tmp_path / "pairs.tsv").write_text("the cat sat\tmtoto na paka\nthe man\tmtu\n", encoding="utf-8")
    for reader in (("--run", runs["transport"]), ("--encoder", str(folder))):
        told = verb(workspace, capsys, "align", str(tmp_path / "pairs.tsv"), *reader, "--out", str(tmp_path / "links"))
        assert told["pairs"] == 2 and (tmp_path / "links").read_text().strip()
        (tmp_path / "links").unlink()
    for reader in (("--run", runs["transport"]), ("--encoder", str(folder))):
        told = verb(workspace, capsys, "retrieve", "--queries", "starter:sw", "--collection", "starter:sw", *reader,
                    "--depth", "10")  # fmt: skip
        assert told["queries"] > 10 and told["metrics"]["recall@10"] > 0

    for page in ("alignment", "retrieval"):
        shown = AppTest.from_file(str(ROOT / "pages" / f"{page}.py"), default_timeout=300).run()
        assert not shown.exception
        text = words(shown)
        assert "cannot be" not in text and "trained on the encoder" not in text, text[:2000]
        assert ("mass travels 0." in text) if page == "alignment" else ("transport" in text)
    torch.set_num_threads(1)
