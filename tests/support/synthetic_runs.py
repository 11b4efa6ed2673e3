"""Drawn runs for tests of pages: the format is training's, the numbers mean nothing.

Gold labels are those of the starter test set, so that the starter text joins. Folders are written by `make_run`.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from core.encoder.packed import SHA256
from core.languages import LOW_RESOURCE, XNLI_CODES
from core.workspace import Workspace
from tests.support import make_run

ARMS = ("english-only", "transport", "adversarial", "mean-matching")
STRENGTH = {"english-only": 0.0, "transport": 0.5, "adversarial": 0.25, "mean-matching": 0.3}
GOLD = (0, 1, 2)


def write_run(
    workspace: Workspace,
    arm: str = "transport",
    seed: int = 0,
    *,
    languages: Sequence[str] = XNLI_CODES,
    items: int = 9,
    split: str = "test",
    tables: Sequence[str] = ("curves", "scores", "predictions"),
    **record: Any,
) -> Path:
    """Write `<workspace>/runs/<run_id>`; `record` replaces keys of run.json. Returns the folder."""
    rng = np.random.default_rng([seed, *arm.encode()])
    drawn = {
        "curves": _curves(rng, arm),
        "scores": _scores(rng, arm),
        "predictions": _predictions(rng, arm, languages, items, split),
        "rankings": _rankings(rng),
    }
    chosen = {name: drawn[name] for name in tables}
    return make_run.write_run(workspace.runs, arm, seed, tables=chosen, **_record(arm, seed) | record)


def write_weights(folder: Path, encoder: Any, noise: float = 0.02, first_layer: int = 4) -> None:
    """Give a run weights: the untrained model with its adapters, from `first_layer` on, moved by noise."""
    import torch

    from core.config import ModelConfig
    from core.model.weights import new_model, save_model

    model = new_model(encoder, ModelConfig(rank=2, alpha=4, first_layer=first_layer), 0)
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for parameter in model.backbone.parameters():
            if parameter.requires_grad:
                parameter.add_(noise * torch.randn(parameter.shape, generator=generator))
    save_model(folder, model, encoder)


def _record(arm: str, seed: int) -> dict[str, Any]:
    """What a run.json says here that `make_run.make_record` says otherwise."""
    return {
        "run_id": make_run.make_run_id(arm, seed, "one"),
        "preset": "quick",
        "group": "one",
        "encoder_sha256": SHA256,
        "data_kind": "starter",
        "config": {"arm": arm},
        "created": "2026-11-20T10:00:00+00:00",
        "seconds": 412.0 + 31 * seed,
        "updates": 60,
        "tokens_forward": 1_204_000,
        "tokens_backward": 803_000,
        "nli_pairs": 1_920,
        "bitext_pairs": 0 if arm == "english-only" else 1_800,
        "took": {"transport": True, "adversarial": False}.get(arm),
        "took_sentence": {
            "transport": "Took: its transport cost on 200 held-out pairs fell, from 0.412 to 0.301.",
            "adversarial": "Did not take: a fresh probe still names the language as often, right on 91.0 "
            "of 100 held-out sentences after 91.5.",
        }.get(arm, "This arm has no objective on bitext of its own."),
        "versions": {},
        "machine": {},
    }


def _predictions(rng: np.random.Generator, arm: str, languages: Sequence[str], items: int, split: str) -> pd.DataFrame:
    parts = []
    for code in languages:
        logits = rng.normal(size=(items, 3))
        gold = np.array([GOLD[i % 3] for i in range(items)])
        poor = code in LOW_RESOURCE
        logits[np.arange(items), gold] += 1.6 - 0.9 * poor + STRENGTH.get(arm, 0.0) * poor
        parts.append(make_run.prediction_table(split, np.repeat(code, items), np.arange(items), gold, logits))
    return pd.concat(parts, ignore_index=True)


def _scores(rng: np.random.Generator, arm: str) -> pd.DataFrame:
    rows = []
    for code in LOW_RESOURCE:
        value = float(rng.uniform(70, 95))
        rows.append(("retrieval_accuracy@1", "retrieval", code, value, value - 4, min(100.0, value + 3), 200))
        rows.append(("bitext_cost_start", "held-out", code, 0.41, np.nan, np.nan, 200))
        rows.append(("bitext_cost", "held-out", code, float(rng.uniform(0.28, 0.41)), np.nan, np.nan, 200))
    rows.append(("language_probe_start", "held-out", "", 91.5, 90.0, 93.0, 1200))
    rows.append(("language_probe", "held-out", "", float(rng.uniform(70, 92)), 69.0, 93.0, 1200))
    table = pd.DataFrame(rows, columns=["name", "split", "language", "value", "low", "high", "items"])
    table.insert(3, "layer", np.int32(-1))
    return table.astype({"layer": "int32", "items": "int32"})


def _rankings(rng: np.random.Generator, sentences: int = 12) -> pd.DataFrame:
    """Ten candidates for each of some starter sentences, both ways; the translation is at a random place or missing."""
    rows = []
    for code in LOW_RESOURCE:
        for query, candidate in ((code, "en"), ("en", code)):
            for sentence in range(sentences):
                others = [k for k in rng.permutation(48) if k != sentence][:10]
                place = int(rng.integers(0, 12))
                listed = [*others[:place], sentence, *others[place:]][:10]
                rows += [
                    ("starter", query, candidate, sentence, k + 1, int(n), 1 - k / 20) for k, n in enumerate(listed)
                ]
    names = ["collection", "query_language", "candidate_language", "query_id", "rank", "candidate_id", "score"]
    return pd.DataFrame(rows, columns=names)


def _curves(rng: np.random.Generator, arm: str) -> pd.DataFrame:
    steps = np.arange(0, 60, 2, dtype=np.int32)
    names = ["task_loss", "train_accuracy"]
    names += {
        "transport": ["transport_token", "plan_entropy"],
        "adversarial": ["discriminator_accuracy"],
    }.get(arm, [])
    values = [np.exp(-steps / 40) + 0.05 * rng.random(len(steps)) for _ in names]
    return pd.DataFrame(
        {
            "step": np.tile(steps, len(names)),
            "name": np.repeat(names, len(steps)),
            "value": np.concatenate(values),
        }
    )
