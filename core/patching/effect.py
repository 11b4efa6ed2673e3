"""Does patching recover flipped items more often than its random control does? Measured over the items of a run.

A flipped item is one that the run answers rightly in English and wrongly in the target language. On the command line:

    python -m core patch --arm english-only --languages sw ur --layers 4 8 --out patching.csv
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
import pandas as pd

from core.data.catalog import Catalog
from core.data.records import LABELS, NLIItem
from core.encoder.encoder import Encoder
from core.errors import BadInput
from core.model.nli import NLIModel
from core.patching.patch import Patching, patch_readings, read_pair
from core.progress import Progress, silent
from core.statistics.bootstrap import draw_weights, resample
from core.statistics.intervals import percentile_interval
from core.transport.plans import PlanSettings

#: "flipped": right in English, wrong in the language; "kept": right in both, where patching can only break.
Kind = Literal["flipped", "kept", "any"]
COLUMNS = [
    "language", "item_id", "gold", "layer", "plan_layer", "p_target", "p_english", "p_patched", "p_random",
    "right_target", "right_english", "right_patched", "right_random", "entropy",
]  # fmt: skip
SUMMARY = ["language", "layer", "items", "patched", "random", "difference", "low", "high", "gain", "gain_random"]


@dataclass(frozen=True)
class Translated:
    """One item in a language and in English."""

    language: str
    item_id: int
    gold: int
    target: NLIItem
    english: NLIItem


def item_ids(predictions: pd.DataFrame, split: str, language: str, kind: Kind = "flipped") -> list[int]:
    """Numbers of the run's items of one kind in a language, ascending.

    `predictions` has split, language, item_id, gold and the three probabilities. Raises `BadInput` if it holds none of
    that split in the language and in English.
    """
    table = predictions[predictions["split"] == split]
    right = table.assign(right=table[list(LABELS)].to_numpy().argmax(1) == table["gold"].to_numpy())
    own, english = (right[right["language"] == code].set_index("item_id")["right"] for code in (language, "en"))
    if own.empty or english.empty:
        raise BadInput(f"The run has no predictions on the {split} split in {language} and English to compare.")
    both = pd.DataFrame({"own": own, "english": english}).dropna().sort_index()
    chosen = both if kind == "any" else both[both["english"] & (both["own"] == (kind == "kept"))]
    return [int(number) for number in chosen.index]


def select_items(
    predictions: pd.DataFrame, catalog: Catalog, split: str, language: str, kind: Kind = "flipped", limit: int = 0,
    seed: int = 0,
) -> list[Translated]:  # fmt: skip
    """The run's items of one kind in a language with their texts, by number; `limit` of them (0: all) drawn by `seed`.

    Raises `BadInput` as `item_ids` does, and if the data has another label than the run was tested on.
    """
    table = predictions[(predictions["split"] == split) & (predictions["language"] == language)].set_index("item_id")
    golds: dict[int, int] = dict(zip(table.index, table["gold"], strict=True))
    texts, originals = ({item.id: item for item in catalog.xnli(split, code).items} for code in (language, "en"))
    found = []
    chosen = item_ids(predictions, split, language, kind)
    if limit and limit < len(chosen):
        chosen = sorted(np.random.default_rng(seed).choice(chosen, limit, replace=False).tolist())
    for item_id in chosen:
        gold = int(golds[item_id])
        item, original = texts.get(item_id), originals.get(item_id)
        if item is None or original is None or item.label != gold:
            raise BadInput(f"Item {item_id} in {language} is not the one this run was tested on; use its data set.")
        found.append(Translated(language, item_id, gold, item, original))
    return found


def measure_patching(
    model: NLIModel,
    encoder: Encoder,
    items: Sequence[Translated],
    layers: Sequence[int],
    settings: PlanSettings | None = None,
    *,
    plan_layer: int | None = None,
    draws: int = 10,
    progress: Progress = silent,
) -> pd.DataFrame:
    """One row an item and layer (`COLUMNS`): probabilities of the gold label, and whether the answer is right.

    p_random and right_random are means over the control's draws; entropy is the mean of the two plans' shares.
    """
    rows = []
    for done, item in enumerate(items, start=1):
        here, there = (
            read_pair(model, encoder, (text.premise, text.hypothesis)) for text in (item.target, item.english)
        )
        for layer in layers:
            patching = patch_readings(
                model, here, there, layer, settings,
                plan_layer=plan_layer, draws=draws, seed=item.item_id, tokens=False,
            )  # fmt: skip
            rows.append(
                (item.language, item.item_id, item.gold, layer, patching.plan_layer, *_answers(patching, item.gold))
            )
        progress(done, len(items))
    return pd.DataFrame(rows, columns=COLUMNS)


def summarise(rows: pd.DataFrame, repetitions: int = 2000) -> pd.DataFrame:
    """What `measure_patching` gave, x100 (`SUMMARY`): one row a language and layer, and one over all languages ("all").

    patched and random: how many answers are right afterwards; difference: patched minus random, with a 95 % interval
    from drawing premises again (item id div 3, jointly over languages); gain and gain_random: change in the gold
    label's probability.
    """
    groups = [("all", rows)] if rows["language"].nunique() > 1 else []
    groups += [(str(code), group) for code, group in rows.groupby("language", sort=False)]
    summary = []
    for code, group in groups:
        for layer, items in group.groupby("layer"):
            patched, random = items["right_patched"].astype(float), items["right_random"].astype(float)
            premises = items["item_id"].to_numpy() // 3
            low, high = mean_interval_by_premise((patched - random).to_numpy(), premises, repetitions)
            summary.append(
                {
                    "language": code, "layer": layer, "items": len(items),
                    "patched": 100 * patched.mean(), "random": 100 * random.mean(),
                    "difference": 100 * (patched - random).mean(), "low": low, "high": high,
                    "gain": 100 * (items["p_patched"] - items["p_target"]).mean(),
                    "gain_random": 100 * (items["p_random"] - items["p_target"]).mean(),
                }
            )  # fmt: skip
    return pd.DataFrame(summary, columns=SUMMARY)


def measure_run(
    model: NLIModel,
    encoder: Encoder,
    predictions: pd.DataFrame,
    catalog: Catalog,
    languages: Sequence[str],
    layers: Sequence[int],
    *,
    split: str,
    kind: Kind = "flipped",
    limit: int = 0,
    settings: PlanSettings | None = None,
    plan_layer: int | None = None,
    draws: int = 10,
    seed: int = 0,
    progress: Progress = silent,
) -> pd.DataFrame:
    """`measure_patching` over the items of a run's `predictions` in `languages` (see `select_items`).

    Stored answers may have been made in half precision: an item whose answers, made again in single precision, are no
    longer of the kind asked for is left out. Raises as `select_items` does.
    """
    items = [item for code in languages for item in select_items(predictions, catalog, split, code, kind, limit, seed)]
    rows = measure_patching(
        model, encoder, items, layers, settings, plan_layer=plan_layer, draws=draws, progress=progress
    )
    return still(rows, kind)


def still(rows: pd.DataFrame, kind: Kind) -> pd.DataFrame:
    """The rows whose answers, as made again, are of the kind: "flipped" right in English alone, "kept" in both."""
    if kind == "any":
        return rows
    right = rows["right_target"].astype(bool)
    return rows[rows["right_english"].astype(bool) & (right if kind == "kept" else ~right)].reset_index(drop=True)


def _answers(patching: Patching, gold: int) -> tuple[float | bool, ...]:
    return (
        float(patching.target[gold]),
        float(patching.english[gold]),
        float(patching.patched[gold]),
        float(patching.random[:, gold].mean()),
        bool(patching.target.argmax() == gold),
        bool(patching.english.argmax() == gold),
        bool(patching.patched.argmax() == gold),
        float((patching.random.argmax(1) == gold).mean()),
        float(np.mean([plan.entropy for plan in patching.plans])),
    )


def mean_interval_by_premise(values: np.ndarray, premises: np.ndarray, repetitions: int) -> tuple[float, float]:
    """The 95 % interval x100 of the mean of values [n], premises [n] drawn again."""
    _, cluster = np.unique(premises, return_inverse=True)
    sums, counts = np.bincount(cluster, values).astype(float), np.bincount(cluster).astype(float)
    weights = draw_weights(len(sums), repetitions).astype(np.float64)
    low, high = percentile_interval(100.0 * resample(sums[None], counts[None], np.ones(1), weights))
    return float(low), float(high)
