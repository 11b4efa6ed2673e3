"""Does patching recover flipped items more often than its random control does? Measured over the items of a run.

A flipped item is one that the run answers rightly in English and wrongly in the target language. As a script:

    python -m core.patching.effect RUN_FOLDER --languages sw ur --layers 4 8 --out patching.csv
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

from core.data.catalog import Catalog, open_catalog
from core.data.records import LABELS, NLIItem
from core.encoder.encoder import Encoder
from core.errors import BadInput, IsoglossError
from core.model.nli import NLIModel
from core.patching.patch import Patching, patch_readings, read_pair
from core.progress import Progress, bar, silent
from core.statistics.bootstrap import draw_weights, resample
from core.statistics.intervals import percentile_interval
from core.transport.plans import PlanSettings

#: "flipped": right in English, wrong in the language; "kept": right in both, where patching can only break.
Kind = Literal["flipped", "kept", "any"]
COLUMNS = [
    "language", "item_id", "gold", "layer", "plan_layer", "p_target", "p_english", "p_patched", "p_random",
    "right_target", "right_english", "right_patched", "right_random", "entropy",
]  # fmt: skip


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
    predictions: pd.DataFrame, catalog: Catalog, split: str, language: str, kind: Kind = "flipped", limit: int = 0
) -> list[Translated]:
    """The run's items of one kind in a language, by number, the first `limit` (0: all), with their texts.

    Raises `BadInput` as `item_ids` does, and if the data has another label than the run was tested on.
    """
    table = predictions[(predictions["split"] == split) & (predictions["language"] == language)].set_index("item_id")
    golds: dict[int, int] = dict(zip(table.index, table["gold"], strict=True))
    texts, originals = ({item.id: item for item in catalog.xnli(split, code).items} for code in (language, "en"))
    found = []
    for item_id in item_ids(predictions, split, language, kind):
        gold = int(golds[item_id])
        item, original = texts.get(item_id), originals.get(item_id)
        if item is None or original is None or item.label != gold:
            raise BadInput(f"Item {item_id} in {language} is not the one this run was tested on; use its data set.")
        found.append(Translated(language, item_id, gold, item, original))
    return found[:limit] if limit else found


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
            told = patch_readings(
                model, here, there, layer, settings,
                plan_layer=plan_layer, draws=draws, seed=item.item_id, tokens=False,
            )  # fmt: skip
            rows.append((item.language, item.item_id, item.gold, layer, told.plan_layer, *_answers(told, item.gold)))
        progress(done, len(items))
    return pd.DataFrame(rows, columns=COLUMNS)


def summarise(rows: pd.DataFrame, repetitions: int = 2000) -> pd.DataFrame:
    """One row a language and layer, and one over all languages ("all"): what `measure_patching` found, x100.

    patched and random: how many answers are right afterwards; difference: patched minus random, with a 95 % interval
    from drawing premises again (item id div 3, jointly over languages); gain and gain_random: change in the gold
    label's probability.
    """
    groups = [("all", own) for own in ([rows] if rows["language"].nunique() > 1 else [])]
    groups += [(str(code), own) for code, own in rows.groupby("language", sort=False)]
    told = []
    for code, group in groups:
        for layer, own in group.groupby("layer"):
            patched, random = own["right_patched"].astype(float), own["right_random"].astype(float)
            low, high = _interval((patched - random).to_numpy(), own["item_id"].to_numpy() // 3, repetitions)
            told.append(
                {
                    "language": code, "layer": layer, "items": len(own),
                    "patched": 100 * patched.mean(), "random": 100 * random.mean(),
                    "difference": 100 * (patched - random).mean(), "low": low, "high": high,
                    "gain": 100 * (own["p_patched"] - own["p_target"]).mean(),
                    "gain_random": 100 * (own["p_random"] - own["p_target"]).mean(),
                }
            )  # fmt: skip
    return pd.DataFrame(told)


def measure_run(
    folder: Path,
    encoder: Encoder,
    catalog: Catalog,
    languages: Sequence[str],
    layers: Sequence[int],
    *,
    split: str = "validation",
    kind: Kind = "flipped",
    limit: int = 0,
    settings: PlanSettings | None = None,
    plan_layer: int | None = None,
    draws: int = 10,
    progress: Progress = silent,
) -> pd.DataFrame:
    """`measure_patching` over the items of a finished run's folder (see `select_items`).

    Stored answers may have been made in half precision: an item whose answers, made again in single precision, are no
    longer of the kind asked for is left out.
    """
    from core.model.weights import load_arm

    try:
        predictions = pd.read_parquet(folder / "predictions.parquet")
    except OSError as error:
        raise BadInput(f"{folder} has no predictions.parquet; name the folder of a finished run.") from error
    model = load_arm(folder, encoder)
    items = [item for code in languages for item in select_items(predictions, catalog, split, code, kind, limit)]
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


def _answers(told: Patching, gold: int) -> tuple[float | bool, ...]:
    return (
        float(told.target[gold]),
        float(told.english[gold]),
        float(told.patched[gold]),
        float(told.random[:, gold].mean()),
        bool(told.target.argmax() == gold),
        bool(told.english.argmax() == gold),
        bool(told.patched.argmax() == gold),
        float((told.random.argmax(1) == gold).mean()),
        float(np.mean([plan.entropy for plan in told.plans])),
    )


def _interval(values: np.ndarray, premises: np.ndarray, repetitions: int) -> tuple[float, float]:
    _, cluster = np.unique(premises, return_inverse=True)
    sums, counts = np.bincount(cluster, values).astype(float), np.bincount(cluster).astype(float)
    weights = draw_weights(len(sums), repetitions).astype(np.float64)
    low, high = percentile_interval(100.0 * resample(sums[None], counts[None], np.ones(1), weights))
    return float(low), float(high)


def main(arguments: Sequence[str] | None = None) -> int:
    """The script: writes one row an item and layer as CSV and prints the summary."""
    from core.encoder.load import load_encoder

    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path, help="folder of a finished run")
    parser.add_argument("--data", default=None, help="folder with data sets (default: ISOGLOSS_DATA)")
    parser.add_argument("--languages", nargs="+", default=["sw", "ur", "hi", "th", "tr"])
    parser.add_argument("--layers", nargs="+", type=int, default=[4, 6, 8, 10])
    parser.add_argument("--plan-layer", type=int, default=None, help="layer of the plan (default: the patched one)")
    parser.add_argument("--split", default="validation", choices=["validation", "test"])
    parser.add_argument("--kind", default="flipped", choices=["flipped", "kept"])
    parser.add_argument("--limit", type=int, default=0, help="items a language (0: all)")
    parser.add_argument("--draws", type=int, default=10, help="random plans an item")
    parser.add_argument("--epsilon", type=float, default=0.05, help="as a fraction of the median cost")
    parser.add_argument("--out", type=Path, default=None, help="CSV of the items")
    parser.add_argument("--summary", type=Path, default=None, help="TSV of what is printed")
    given = parser.parse_args(arguments)
    try:
        rows = measure_run(
            given.folder, load_encoder(), open_catalog(given.data), given.languages, given.layers, split=given.split,
            kind=given.kind, limit=given.limit, settings=PlanSettings(epsilon=given.epsilon),
            plan_layer=given.plan_layer, draws=given.draws,
            progress=bar("items"),
        )  # fmt: skip
    except IsoglossError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    if given.out:
        rows.to_csv(given.out, index=False)
    if given.summary:
        summarise(rows).round(2).to_csv(given.summary, sep="\t", index=False)
    print(summarise(rows).to_string(index=False, float_format=lambda x: f"{x:.1f}") if len(rows) else "No such items.")
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
