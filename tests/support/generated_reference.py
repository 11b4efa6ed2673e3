"""A workspace of the reference experiment as training would leave it: the right files, drawn numbers with effects."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.experiment.run_tables import PREDICTIONS
from core.languages import LOW_RESOURCE, XNLI_CODES
from core.reference.select import CONTROLS, MAIN_ARMS, WITHOUT_WEIGHTS
from tests.support.make_run import make_tables, write_run
from tests.support.planted import planted

EFFECTS = {
    "english-only": 0.0, "transport": 3.0, "adversarial": 0.5, "transport-token": 2.0, "transport-posterior": 1.0,
    "adversarial-language": 0.3, "adversarial-perturbation": 0.2, "mean-matching": 2.5, "transport-shuffled": -1.0,
    "centring": 0.4, "translate-test": 6.0,
}  # fmt: skip
FEW = ("en", *LOW_RESOURCE)


def write_reference(
    runs: Path,
    premises: int = 60,
    seed: int = 0,
    arms: Sequence[str] = tuple(EFFECTS),
    seeds: int = 3,
    parameters: int = 64,
) -> list[Path]:
    """Write warm starts and runs of the reference preset under `runs`; main arms in 15 languages, controls in six."""
    random = np.random.default_rng(seed)
    effects = {arm: EFFECTS[arm] for arm in arms}
    counts = {arm: seeds if arm in MAIN_ARMS else 1 for arm in arms}
    table = planted(random, effects, seeds=counts, languages=XNLI_CODES, premises=premises, base=58.0)
    table = _soft(random, table)
    starts = []
    for number in range(seeds):
        starts.append(_write(runs, "warm-start", number, {}, None, random, parameters, split="validation"))
    folders = list(starts)
    for (arm, number), own in table.groupby(["arm", "seed"], sort=False):
        codes = XNLI_CODES if arm in MAIN_ARMS else ("en", "sw", "ur") if arm == "translate-test" else FEW
        own = own[own["language"].isin(codes)]
        tables = make_tables(arm, number, codes, 6, plans=4)
        tables["predictions"] = pa.Table.from_pandas(
            own.assign(split="test")[[f.name for f in PREDICTIONS]], schema=PREDICTIONS, preserve_index=False
        )
        if arm in MAIN_ARMS and number == 0:
            tables["robust"], tables["scores"] = _robust(tables["predictions"], tables["scores"])
        folders.append(_write(runs, arm, number, tables, starts[number].name, random, parameters))
    return folders


def _robust(predictions: pa.Table, scores: pd.DataFrame) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Predictions under two harder inputs, and the scores with theirs added."""
    own = predictions.to_pandas()
    noise = own[own["language"].isin(FEW) & (own["item_id"] < 30)].assign(split="noise")
    mixed = own[own["language"].isin(["sw", "ur"])].assign(
        split="generalised", language=lambda t: "en-" + t["language"]
    )
    robust = pd.concat([noise, mixed], ignore_index=True)
    right = robust[["entailment", "neutral", "contradiction"]].to_numpy().argmax(1) == robust["gold"]
    grouped = right.groupby([robust["split"], robust["language"]])
    rows = [(f"accuracy_{name}", "test", code, -1, 100 * float(own.mean()), np.nan, np.nan, len(own))
            for (name, code), own in grouped]  # fmt: skip
    added = pd.DataFrame(rows, columns=scores.columns).astype(scores.dtypes.to_dict())
    return robust, pd.concat([scores, added], ignore_index=True)


def _soft(random: np.random.Generator, table: pd.DataFrame) -> pd.DataFrame:
    """The same predicted labels from probabilities that take many values, rounding ties and exact thirds among them."""
    names = ["entailment", "neutral", "contradiction"]
    label = table[names].to_numpy().argmax(1)
    drawn = np.sort(random.dirichlet([0.8] * 3, len(table)), axis=1)[:, ::-1].astype(np.float32)
    drawn[::97] = (0.5, 0.5, 0.0)
    drawn[::89] = 1 / 3
    order = np.stack([label, (label + 1) % 3, (label + 2) % 3], axis=1)
    probabilities = np.empty_like(drawn)
    np.put_along_axis(probabilities, order, drawn, axis=1)
    # Of equal probabilities the first is predicted: keep the planted label where that changes nothing else.
    return table.assign(**{name: probabilities[:, k] for k, name in enumerate(names)})


def _write(
    runs: Path, arm: str, seed: int, tables: dict[str, pd.DataFrame], start: str | None, random: np.random.Generator,
    parameters: int, split: str = "test",
) -> Path:  # fmt: skip
    config = {
        "arm": arm, "seed": seed, "settings": {}, "data": {"fingerprint": "f"},
        "training": {"max_tokens": 128}, "evaluation": {"split": split, "precision": "float32"},
    }  # fmt: skip
    folder = write_run(
        runs, arm, seed, tables=tables, group=f"reference {split}", preset="reference", warm_start=start, config=config,
        training_seconds=600.0, recipe=3,
    )  # fmt: skip
    if arm not in WITHOUT_WEIGHTS:
        write_weights(folder, random, parameters)
    return folder


def write_weights(folder: Path, random: np.random.Generator, parameters: int) -> None:
    from safetensors.numpy import save_file

    save_file({"heads.weight": random.normal(size=parameters).astype(np.float16)}, folder / "adapter.safetensors")
    (folder / "model.json").write_text(json.dumps({"model": {}, "encoder": "embedded", "encoder_sha256": "ab" * 32}))


def read_table(folder: Path, name: str) -> pd.DataFrame:
    """A packed table, with pandas alone."""
    table = pd.read_parquet(folder / f"{name}.parquet")
    return table.astype({c: "str" for c in table.columns if str(table[c].dtype) == "category"})


__all__ = ["CONTROLS", "EFFECTS", "FEW", "pq", "read_table", "write_reference", "write_weights"]
