"""Recompute every printed contrast of this bundle from its predictions, with pandas and numpy alone.

    python recompute.py      exit status 0 if all numbers agree, 1 if one differs beyond the rounding it is printed with

contrasts.json holds what is printed and what each number is of; README.md says what the other files hold. The method:
y[s, p] is what cluster p (a premise) says of the difference of two arms at seed s, x100. Seeds and premises are both
random: the variance of the mean of k seeds and P premises is A + B, A that of the seeds' means over k and B the
premises' variance component over P. Intervals and p-values take Cochran and Cox's quantile, the t quantiles of k - 1
and P - 1 degrees of freedom weighted by A and B; p-values are corrected by Holm (1979) within a family. With fewer than
three seeds a difference is described and not tested.
"""

from __future__ import annotations

import hashlib
import json
import math
import sys
from functools import lru_cache
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
PRINTED = json.loads((HERE / "contrasts.json").read_text(encoding="utf-8"))
HOW = PRINTED["settings"]
Numbers = dict[str, Any]


def read(name: str) -> pd.DataFrame:
    return pd.read_csv(HERE / name, keep_default_na=False, na_values=[""], dtype={"run_id": str})


ITEMS = read("predictions.csv.gz")  # a row an item: benchmark, language, item_id, cluster, gold, the label of each run
RUNS = read("runs.csv")


def labels_of(run: str, corrected: bool) -> Any:
    """The run's label of each row, -1 where it has none; `corrected`: after correction of its label prior."""
    return balanced(run) if corrected else ITEMS[run].fillna(-1).to_numpy(int)


@lru_cache(None)
def probabilities() -> Any:
    with np.load(HERE / "probabilities.npz") as stored:
        return stored["probabilities"]


@lru_cache(None)
def balanced(run: str) -> Any:
    """Labels after one bias a class on the log-probabilities that makes all mean probabilities in a language equal.

    The bias is found by proportional fitting: each class is scaled by what its mean lacks, until nothing does.
    """
    given = probabilities()[list(ITEMS.columns[5:]).index(run)].astype(float)
    labels = np.full(len(ITEMS), -1)
    for part in ITEMS.groupby(["benchmark", "language"]).indices.values():
        rows = part[np.isfinite(given[part]).all(1)]
        odds = np.maximum(given[rows, : HOW["labels"][ITEMS["benchmark"][part[0]]]], HOW["least"])
        for _ in range(2000 if len(rows) else 0):
            shares = odds / odds.sum(1, keepdims=True)
            scale = 1 / (shares.shape[1] * shares.mean(0))
            odds = shares * scale
            if np.abs(scale - 1).max() < 1e-11:
                break
        labels[rows] = odds.argmax(1)
    return labels


def paired(c: Numbers, corrected: bool) -> Numbers:
    """Values y [languages, seeds, premises] of first minus second on the items that all their runs have."""
    on, arms = ITEMS["benchmark"] == c["benchmark"], (c["first"], c["second"])
    read_on = RUNS[[ITEMS[run][on].notna().any() for run in RUNS["run_id"]]]
    runs = [read_on[read_on["arm"] == arm].set_index("seed")["run_id"] for arm in arms]
    seeds = sorted(set(runs[0].index) & set(runs[1].index))
    labels = np.array([[labels_of(side[seed], corrected) for seed in seeds] for side in runs])
    use = (labels >= 0).all((0, 1)) & on & ITEMS["language"].isin(c["languages"])
    premises, place = np.unique(ITEMS["cluster"][use], return_inverse=True)
    right = (labels == ITEMS["gold"].to_numpy())[:, :, use].astype(float)
    accuracy, values, items = [], [], []
    for code in c["languages"]:
        rows = (ITEMS["language"] == code).to_numpy()[use]
        count = np.bincount(place[rows], minlength=len(premises))
        sides = right[:, :, rows].mean(-1) * 100
        gap = 100 * (right[0] - right[1])[:, rows]
        sums = np.array([np.bincount(place[rows], one, len(premises)) for one in gap])
        mean = (sides[0] - sides[1])[:, None]
        values.append(mean + len(premises) * (sums - mean * count) / count.sum())  # a linearised ratio
        accuracy.append(sides)
        items.append(int(count.sum()))
    return {"each": np.array(values), "y": np.mean(values, axis=0), "seeds": seeds, "items": min(items),
            "first_value": np.mean(accuracy, (0, 2))[0], "second_value": np.mean(accuracy, (0, 2))[1]}  # fmt: skip


@lru_cache(None)
def student(degrees: int) -> tuple[Any, Any]:
    """t, and minus the log of Student's upper tail at t, by integrating the density over u with t = sinh(u)."""
    u = np.linspace(0, 25, 40001)
    log = math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2) - math.log(degrees * math.pi) / 2
    density = np.exp(log - (degrees + 1) / 2 * np.log1p(np.sinh(u) ** 2 / degrees)) * np.cosh(u)
    area = (density[1:] + density[:-1]) / 2 * (u[1] - u[0])
    return u, -np.log(np.maximum(np.append(np.cumsum(area[::-1])[::-1], 0), 1e-300))


def quantiles(a: float, b: float, seeds: int, premises: int, upper: Any) -> Any:
    """Cochran and Cox's quantiles at the upper tail probabilities `upper` (at most one half)."""
    u, minus_log = student(premises - 1)
    of_premises = np.sinh(np.interp(-np.log(upper), minus_log, u))
    if seeds < 2 or a == 0:
        return of_premises
    u, minus_log = student(seeds - 1)
    return (a * np.sinh(np.interp(-np.log(upper), minus_log, u)) + b * of_premises) / (a + b)


def crossed(y: Any, margin: float = 1.0) -> Numbers:
    """Mean of y [seeds, premises] with its interval, p and the p of equivalence within the margin, uncorrected."""
    k, size = y.shape
    d, by_premise = float(y.mean()), y.mean(0)
    rest = ((y - y.mean(1)[:, None] - by_premise + d) ** 2).sum() / ((k - 1) * (size - 1)) if k > 1 else 0.0
    a = float(y.mean(1).var(ddof=1)) / k if k > 1 else 0.0
    b = max(float(by_premise.var(ddof=1)) - rest / k, 0.0) / size
    error = math.sqrt(a + b)
    tails = np.exp(-np.linspace(math.log(2), math.log(1e12), 60001))
    grid = quantiles(a, b, k, size, tails) * error

    def tail(distance: float) -> float:
        upper = float(np.exp(np.interp(abs(distance), grid, np.log(tails))))
        return upper if distance >= 0 else 1 - upper

    reach = float(quantiles(a, b, k, size, np.array([HOW["level"] / 2]))[0]) * error
    one = {"difference": d, "low": d - reach, "high": d + reach, "p": 1.0, "p_equivalent": 1.0}
    if k >= HOW["fewest_seeds"]:
        one["p"] = min(1.0, 2 * tail(abs(d))) if error else float(d == 0)
        one["p_equivalent"] = tail(margin - abs(d)) if error else float(abs(d) >= margin)
    return one


def holm(p: list[float]) -> list[float]:
    order = np.argsort(p, kind="stable")
    raised = np.minimum(np.maximum.accumulate(np.array(p)[order] * np.arange(len(p), 0, -1)), 1)
    return [float(value) for value in raised[np.argsort(order, kind="stable")]]


def answer(c: Numbers, corrected: bool) -> Numbers:
    pair = paired(c, corrected)
    one = pair | crossed(pair["y"], c["margin"]) | {"premises": pair["y"].shape[1], "by_seed": list(pair["y"].mean(1))}
    one["tested"] = len(pair["seeds"]) >= HOW["fewest_seeds"] and one["premises"] >= HOW["fewest_premises"]
    away = [crossed(y - pair["y"])["p"] for y in pair["each"]]
    away = holm(away) if len(away) > 1 else [1.0]
    languages = zip(c["languages"], pair["each"], away, strict=True)
    one["by_language"] = {code: crossed(y) | {"p_deviation": p} for code, y, p in languages}
    one |= {"family_size": 1, "ahead": None, "one_effect_p": min(away) if one["tested"] else 1.0}
    return one | (
        {"outcome": "undecided"} if one["tested"] else {"outcome": "described", "p": 1.0, "p_equivalent": 1.0}
    )


def answers(corrected: bool) -> list[tuple[Numbers, Numbers]]:
    """Every printed contrast with what is recomputed of it, Holm over the tested ones of its family."""
    asked = [c for c in PRINTED["contrasts"] if not corrected or "prior_corrected" in c["printed"]]
    found = [(c, answer(c, corrected)) for c in asked]
    for family in {c["family"] for c, _ in found}:
        members = [(c, one) for c, one in found if c["family"] == family and one["tested"]]
        p, same = (holm([one[key] for _, one in members]) for key in ("p", "p_equivalent"))
        for (c, one), p_one, p_same in zip(members, p, same, strict=True):
            ahead, within = p_one < HOW["level"], p_same < HOW["level"]
            one |= {"p": p_one, "p_equivalent": p_same, "family_size": len(members)}
            words = ("undecided", "equivalent", "ahead", "ahead within the margin")
            one["outcome"] = words[2 * ahead + within]
            one["ahead"] = (c["first"] if one["difference"] > 0 else c["second"]) if ahead else None
    return found


def differing(where: str, printed: Any, again: Any, wrong: list[str]) -> int:
    """How many numbers and words were compared; those that differ are added to `wrong`."""
    if isinstance(printed, dict):
        return sum(differing(f"{where} {key}", printed[key], again[key], wrong) for key in printed)
    if isinstance(printed, list):
        return sum(differing(where, one, now, wrong) for one, now in zip(printed, again, strict=True))
    digits = HOW["digits_p" if where.split()[-1] in ("p", "p_equivalent", "p_deviation", "one_effect_p") else "digits"]
    near = isinstance(printed, float) and abs(again - printed) <= 0.5 * 10.0**-digits + HOW["slack"]
    wrong += [] if near or again == printed else [f"{where} is printed as {printed} and recomputed as {again}"]
    return 1


def main() -> int:
    sums = json.loads((HERE / "manifest.json").read_text(encoding="utf-8"))["files"]
    now = {name: hashlib.sha256((HERE / name).read_bytes()).hexdigest() for name in sums}
    wrong = [f"{name} is not the file that the manifest names" for name in sums if now[name] != sums[name]]
    plain, corrected = answers(False), {c["id"]: one for c, one in answers(True)}
    again = [(c, one | {"prior_corrected": corrected.get(c["id"])}) for c, one in plain]
    numbers = sum(differing(c["id"], c["printed"], one, wrong) for c, one in again)
    print("\n".join(wrong) or f"All {numbers:,} numbers of {len(plain)} printed contrasts agree.")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
