"""The controls that a claim from transport patching needs, each a named row with an interval.

That patched answers recover may have other reasons than the plan: any English states may do, any order-keeping map, any
translation, or patching may make right what it makes wrong elsewhere. So beside the plan stand

- *shuffled plan*: the same English states in a random correspondence (`core.patching.patch.shuffled`);
- *monotone map*: the same states along the diagonal, without any plan;
- *another item*: the states of another English item, through a plan to it;
- *another language*: the states of the item's translation into another language than English, through a plan;
- *right before*: items that were right as read, which patching can only break.

A claim is made only where its own control leaves it (`core.patching.recorded.surviving`).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
import torch
from numpy.typing import NDArray

from core.data.catalog import Catalog
from core.data.records import NLIItem
from core.encoder.encoder import Encoder
from core.model.nli import NLIModel
from core.patching.effect import Kind, Translated, item_ids, mean_interval_by_premise, select_items
from core.patching.patch import PartPlan, Reading, part_plan, projected, read_pair, run_upper, shuffled
from core.patching.recorded import (
    CLAIMS,
    MONOTONE,
    OTHER_ITEM,
    OTHER_LANGUAGE,
    PLAN,
    RIGHT_BEFORE,
    SHUFFLED,
    SUMMARY,
)
from core.progress import Progress, silent
from core.statistics.rules import FEWEST_CLUSTERS
from core.transport.plans import PlanSettings

COLUMNS = ["language", "item_id", "gold", "layer", "kind", "condition", "right"]


@dataclass(frozen=True)
class Beside:
    """What the controls of one item need: another English item, and the item in another language than English."""

    other: NLIItem
    elsewhere: NLIItem | None = None


def monotone(plan: PartPlan) -> PartPlan:
    """The diagonal map in the plan's place: token i of n meets the English tokens that lie in [i/n, (i+1)/n] of m.

    Rows and columns have equal mass, as a balanced plan's have.
    """
    n, m = len(plan.rows), len(plan.columns)
    rows, columns = np.arange(n + 1) / n, np.arange(m + 1) / m
    low = np.maximum(rows[:-1, None], columns[None, :-1])
    high = np.minimum(rows[1:, None], columns[None, 1:])
    return PartPlan(plan.part, plan.rows, plan.columns, np.clip(high - low, 0.0, None), plan.entropy)


def beside(
    items: Sequence[Translated], catalog: Catalog, split: str, language: str | None, seed: int = 0
) -> dict[tuple[str, int], Beside]:
    """For each item another English item of another premise, drawn by `seed`, and the item in `language`."""
    random = np.random.default_rng(seed)
    english = [item.english for item in items]
    texts: Mapping[int, NLIItem] = {}
    if language is not None:
        texts = {item.id: item for item in catalog.xnli(split, language).items}
    found = {}
    for item in items:
        pool = [one for one in english if one.id // 3 != item.item_id // 3] or english
        other = pool[int(random.integers(len(pool)))]
        found[item.language, item.item_id] = Beside(other, texts.get(item.item_id))
    return found


def other_language(catalog: Catalog, split: str, own: Sequence[str], asked: str | None = None) -> str | None:
    """The other source language: the one asked for, else French or the first there is that is not patched."""
    there = [code for code in catalog.xnli_languages(split) if code != "en" and code not in own]
    if asked is not None:
        return asked
    return "fr" if "fr" in there else there[0] if there else None


def measure_controls(
    model: NLIModel,
    encoder: Encoder,
    items: Sequence[Translated],
    kind: str,
    others: Mapping[tuple[str, int], Beside],
    layers: Sequence[int],
    settings: PlanSettings | None = None,
    *,
    draws: int = 10,
    seed: int = 0,
    progress: Progress = silent,
) -> pd.DataFrame:
    """`COLUMNS`, a row an item, layer and condition: whether the answer is right (for the shuffled plan the share of
    `draws`). Conditions are "as read", "English, as read" and those above; `kind` is of the items."""
    settings, rows = settings or PlanSettings(), []
    for done, item in enumerate(items, start=1):
        own = _read(model, encoder, item.target)
        near = _read(model, encoder, item.english)
        one = others[item.language, item.item_id]
        far = _read(model, encoder, one.other)
        elsewhere = _read(model, encoder, one.elsewhere) if one.elsewhere is not None else None
        random = np.random.default_rng([seed, item.item_id])
        for layer in layers:
            states = own.states[layer]
            plans = [part_plan(own, near, part, layer, settings) for part in (1, 2)]
            moved = {
                "as read": states,
                PLAN: projected(states, near.states[layer], plans),
                MONOTONE: projected(states, near.states[layer], [monotone(plan) for plan in plans]),
                OTHER_ITEM: _carried(own, far, layer, settings),
            }
            if elsewhere is not None:
                moved[OTHER_LANGUAGE] = _carried(own, elsewhere, layer, settings)
            drawn = [projected(states, near.states[layer], [shuffled(p, random) for p in plans]) for _ in range(draws)]
            answers = run_upper(model, own, torch.stack([*moved.values(), *drawn]), layer).argmax(1) == item.gold
            right = dict(zip(moved, answers[: len(moved)].astype(float), strict=True))
            right[SHUFFLED] = float(answers[len(moved) :].mean())
            right["English, as read"] = float(
                run_upper(model, near, near.states[layer][None], layer)[0].argmax() == item.gold
            )
            rows += [
                (item.language, item.item_id, item.gold, layer, kind, name, value) for name, value in right.items()
            ]
        progress(done, len(items))
    return pd.DataFrame(rows, columns=COLUMNS)


def summarise_controls(rows: pd.DataFrame, repetitions: int = 2000) -> pd.DataFrame:
    """`SUMMARY` x100: a row a language (and "all" together), layer and control.

    patched: answers right after the plan; controlled: after the control; difference: the one minus the other, with a
    95 % interval from drawing premises again, jointly over languages. `survives`: its interval lies above zero, over
    premises enough for one. The row `RIGHT_BEFORE` is of items that were right: patched is how many stay so,
    controlled how many were (all), and it survives where its interval does not lie below zero: patching breaks none
    that could be told.
    """
    flipped, kept = rows[rows["kind"] == "flipped"], rows[rows["kind"] == "kept"]
    codes = list(dict.fromkeys(rows["language"]))
    made = []
    for code in (["all"] if len(codes) > 1 else []) + codes:
        for layer in sorted(set(rows["layer"])):
            wide = _wide(flipped, code, layer)
            for control in CLAIMS:
                if control in wide:
                    made.append((code, layer, control, *_compared(wide, PLAN, control, repetitions)))
            stayed = _wide(kept, code, layer)
            if len(stayed):
                values = _compared(stayed, PLAN, "as read", repetitions)
                made.append((code, layer, RIGHT_BEFORE, *values[:-1], bool(values[5] >= 0)))
    return pd.DataFrame(made, columns=SUMMARY)


def _read(model: NLIModel, encoder: Encoder, item: NLIItem) -> Reading:
    return read_pair(model, encoder, (item.premise, item.hypothesis))


def _carried(own: Reading, source: Reading, layer: int, settings: PlanSettings) -> torch.Tensor:
    plans = [part_plan(own, source, part, layer, settings) for part in (1, 2)]
    return projected(own.states[layer], source.states[layer], plans)


def _wide(rows: pd.DataFrame, code: str, layer: int) -> pd.DataFrame:
    own = rows[rows["layer"] == layer]
    own = own if code == "all" else own[own["language"] == code]
    return own.pivot_table(index=["language", "item_id"], columns="condition", values="right").reset_index()


def _compared(
    wide: pd.DataFrame, first: str, second: str, repetitions: int
) -> tuple[int, float, float, float, float, float, bool]:  # fmt: skip
    """items, both shares, difference, low, high, whether the interval lies above zero."""
    pair = wide.dropna(subset=[first, second])
    change: NDArray[np.float64] = (pair[first] - pair[second]).to_numpy(float)
    low, high = mean_interval_by_premise(change, pair["item_id"].to_numpy() // 3, repetitions)
    enough = (pair["item_id"] // 3).nunique() >= FEWEST_CLUSTERS
    return (
        len(pair), 100 * float(pair[first].mean()), 100 * float(pair[second].mean()), 100 * float(change.mean()), low,
        high, enough and low > 0,
    )  # fmt: skip


def measure_run_controls(
    model: NLIModel, encoder: Encoder, predictions: pd.DataFrame, catalog: Catalog, languages: Sequence[str],
    layers: Sequence[int], *, split: str, limit: int = 0, source: str | None = None,
    settings: PlanSettings | None = None, draws: int = 10, seed: int = 0, progress: Progress = silent,
) -> pd.DataFrame:  # fmt: skip
    """`measure_controls` over a run's flipped items and as many that it has right in both, `limit` a language (0: all
    flipped ones) drawn by `seed`. An item whose answers, made again, are no longer of its kind is left out."""
    code = other_language(catalog, split, languages, source)
    tables = []
    kinds: tuple[Kind, ...] = ("flipped", "kept")
    for kind in kinds:
        items: list[Translated] = []
        for language in languages:
            most = limit or len(item_ids(predictions, split, language, "flipped"))
            items += select_items(predictions, catalog, split, language, kind, most, seed)
        others = beside(items, catalog, split, code, seed)
        rows = measure_controls(
            model, encoder, items, kind, others, layers, settings, draws=draws, seed=seed, progress=progress
        )
        tables.append(_still(rows, kind))
    return pd.concat(tables, ignore_index=True)


def _still(rows: pd.DataFrame, kind: str) -> pd.DataFrame:
    """The items whose answers as made again are of the kind: right in English, and in the language if "kept"."""
    keys = ["language", "item_id"]
    read = rows.pivot_table(index=keys, columns="condition", values="right", aggfunc="first")
    if read.empty:
        return rows
    held = read[(read["English, as read"] == 1) & (read["as read"] == (kind == "kept"))].index
    return rows[pd.MultiIndex.from_frame(rows[keys]).isin(held)].reset_index(drop=True)
