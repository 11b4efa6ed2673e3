"""Cards sorted into pools: runs that answered the same items of one benchmark, and so may be paired."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.exchange.card_reader import Card
from core.languages import sort_codes
from core.verdict.answers import ABSENT, Answers


@dataclass
class Pool:
    """Runs on one benchmark and split whose items, clusters and gold labels agree in every language they share.

    `benchmark` is the entry of the first card; `runs` maps (arm as shown, seed) to its card. `items` are the sums of
    each language's items, `gold` those of its labels where a card has them.
    """

    benchmark: dict[str, Any]
    runs: dict[tuple[str, int], Card] = field(default_factory=dict)
    items: dict[str, str] = field(default_factory=dict)
    gold: dict[str, str] = field(default_factory=dict)

    @property
    def arms(self) -> list[str]:
        """Arms as they are shown, in the order of the cards."""
        return list(dict.fromkeys(arm for arm, _ in self.runs))

    def differs(self, entry: dict[str, Any]) -> list[str]:
        """The languages in which a card's entry has other items or labels than the pool."""
        return [
            code
            for code, said in entry["items"].items()
            if self.items.get(code, said["sha256"]) != said["sha256"]
            or (said["gold_sha256"] and self.gold.get(code, said["gold_sha256"]) != said["gold_sha256"])
        ]

    def shares(self, entry: dict[str, Any]) -> bool:
        """Whether a card's entry has a language in common with the pool."""
        return bool(self.items.keys() & entry["items"].keys())


def make_pools(cards: Sequence[Card]) -> tuple[list[Pool], list[str]]:
    """The pools, largest first, and a sentence on each card, or pair of cards, that could not be used as it stands."""
    told: list[str] = []
    usable = _each_run_once(cards, told)
    names = _shown_names(usable)
    pools: list[Pool] = []
    for card in sorted(usable, key=lambda one: -sum(_size(entry) for entry in one.content["benchmarks"])):
        for entry in card.content["benchmarks"]:
            _put(pools, card, entry, names[str(card.run["arm_id"])], told)
    return pools, told


def pool_answers(pool: Pool) -> tuple[Answers, NDArray[np.int64]]:
    """The pool's runs as dense answers, gold being 0 and a wrong prediction 1, and the cluster of each item."""
    name = pool.benchmark["name"]
    tables = []
    for (arm, seed), card in pool.runs.items():
        rows = card.predictions[card.predictions["benchmark"] == name]
        tables.append(rows[["language", "item_id", "cluster", "correct"]].assign(arm=arm, seed=seed))
    table = pd.concat(tables, ignore_index=True)
    runs = table[["arm", "seed"]].drop_duplicates().sort_values(["arm", "seed"], ignore_index=True)
    runs.insert(0, "run_id", [str(pool.runs[key].run["run_id"]) for key in runs.itertuples(index=False, name=None)])
    row = pd.MultiIndex.from_frame(runs[["arm", "seed"]]).get_indexer(pd.MultiIndex.from_frame(table[["arm", "seed"]]))
    languages = tuple(sort_codes([str(code) for code in table["language"].unique()]))
    column = pd.Index(languages).get_indexer(pd.Index(table["language"]))
    items, first, place = np.unique(table["item_id"].to_numpy(np.int64), return_index=True, return_inverse=True)
    predicted = np.full((len(runs), len(languages), len(items)), ABSENT, np.int8)
    predicted[row, column, place] = 1 - table["correct"].to_numpy(np.int8)
    gold = np.where((predicted != ABSENT).any(0), 0, ABSENT).astype(np.int8)
    return Answers(runs, languages, items, gold, predicted), table["cluster"].to_numpy(np.int64)[first]


def _each_run_once(cards: Sequence[Card], told: list[str]) -> list[Card]:
    kept: dict[str, Card] = {}
    for card in cards:
        run = str(card.run["run_id"])
        if run not in kept:
            kept[run] = card
        elif kept[run].content["predictions"]["sha256"] != card.content["predictions"]["sha256"]:
            told.append(
                f"{card.path} is of the run {run}, as is {kept[run].path}, with other predictions: the former is left "
                "out. The same run made on two machines can differ in its last places."
            )
        elif card.path != kept[run].path:
            told.append(f"{card.path} is the card {kept[run].path} again.")
    return list(kept.values())


def _shown_names(cards: Sequence[Card]) -> dict[str, str]:
    """Arm identity to the name it is shown under: its own; with its study, or its identity, where two share a name."""
    arms = {str(card.run["arm_id"]): card.run for card in cards}
    names = Counter(run["arm"] for run in arms.values())
    with_study = Counter((run["arm"], run["study"]) for run in arms.values())
    shown = {}
    for identity, run in arms.items():
        name = run["arm"]
        if names[name] > 1:
            same_study = with_study[name, run["study"]] > 1
            name = f"{name} ({run['study']}{f' {identity[:6]}' if same_study else ''})"
        shown[identity] = name
    return shown


def _put(pools: list[Pool], card: Card, entry: dict[str, Any], arm: str, told: list[str]) -> None:
    same = [p for p in pools if (p.benchmark["name"], p.benchmark["split"]) == (entry["name"], entry["split"])]
    pool = next((p for p in same if p.shares(entry) and not p.differs(entry)), None)
    if pool is None:
        for other in (p for p in same if p.shares(entry)):
            codes = ", ".join(other.differs(entry))
            told.append(
                f"{_called(card)} read other items, clusters or labels of {entry['name']} ({entry['split']}) in "
                f"{codes} than {_called(next(iter(other.runs.values())))}: they are not paired."
            )
        pool = Pool(dict(entry))
        pools.append(pool)
    key = (arm, int(card.run["seed"]))
    if key in pool.runs:
        told.append(
            f"{_called(card)} has the arm and seed of {pool.runs[key].path.name}, from another warm start: it is left "
            "out."
        )
        return
    pool.runs[key] = card
    for code, said in entry["items"].items():
        pool.items.setdefault(code, said["sha256"])
        if said["gold_sha256"]:
            pool.gold.setdefault(code, said["gold_sha256"])


def _size(entry: dict[str, Any]) -> int:
    return sum(int(said["count"]) for said in entry["items"].values())


def _called(card: Card) -> str:
    return f"{card.path.name} ({card.run['arm']} seed {card.run['seed']})"
