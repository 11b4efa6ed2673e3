"""Recompute every printed contrast of this bundle from its predictions, with pandas and numpy alone.

    python recompute.py      exit status 0 if all numbers agree, 1 if one differs beyond the rounding it is printed with

contrasts.json holds what is printed and what each number is of, README.md what the other files hold. Two arms are
paired by seed and item; the variance of their difference is that of a bootstrap over premises plus that of the seeds'
differences over their number, with Satterthwaite's degrees of freedom; for its interval a single run borrows that of
arms with several. p-values are Student's, by Holm (1979) within a family, from three seeds on; else one describes.
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


def balanced() -> pd.DataFrame:
    """Labels after one bias a class on a run's log-probabilities that makes its mean probabilities in a language equal.
    Each class is scaled by what its mean lacks until none does: the logarithm of all that scaling is the bias."""
    wide, given = read("predictions.csv.gz"), np.load(HERE / "probabilities.npz")["probabilities"]
    for run, shares in zip(wide.columns[5:], given, strict=True):  # shares [item, label], NaN where there is no answer
        for rows in wide[np.isfinite(shares).all(1)].groupby("language").groups.values():
            odds, scale = np.maximum(shares[rows].astype(float), HOW["least"]), np.zeros(shares.shape[1])
            while np.abs(scale - 1).max() > 1e-11:
                odds /= odds.sum(1, keepdims=True)
                scale = 1 / (len(scale) * odds.mean(0))
                odds *= scale
            wide.loc[rows, run] = odds.argmax(1)
    return wide


@lru_cache(None)
class Table:
    def __init__(self, name: str) -> None:
        """Predicted labels [run, language, item] and gold labels [language, item]; -1 where there is none."""
        wide, runs = balanced() if name == "balanced" else read(f"{name}.csv.gz"), read("runs.csv")
        wide = wide.set_index(["language", "item_id"])
        self.codes, items = list(wide.index.unique(0)), np.unique(wide.index.get_level_values(1))
        self.runs = runs[runs["run_id"].isin(wide.columns)].reset_index(drop=True)
        cells = wide.reindex(pd.MultiIndex.from_product([self.codes, items]))[["gold", *self.runs["run_id"]]]
        labels = cells.fillna(-1).to_numpy(int).T.reshape(-1, len(self.codes), len(items))
        self.gold, self.predicted, self.seen = labels[0], labels[1:], labels[1:] >= 0
        self.starts = np.flatnonzero(np.diff(items // HOW["items_a_premise"], prepend=-1))
        size, times = len(self.starts), HOW["repetitions"]
        drawn = np.random.default_rng(HOW["seed"]).integers(0, size, (times, size)) + size * np.arange(times)[:, None]
        self.drawn = np.bincount(drawn.ravel(), minlength=times * size).reshape(times, size).astype(float)

    def counted(self, count: str, plus: list[str], minus: list[str]) -> tuple[Any, Any, Any]:
        """Does it hold, and is that known, [run, language, item]; weights: mean over `plus` minus that over `minus`."""
        holds, known = (self.predicted == self.gold) & self.seen, self.seen
        if count == "agreement":  # with the label that the run itself gives to the item in English
            at = [self.codes.index(HOW["source"])]
            known = self.seen & self.seen[:, at]
            holds = (self.predicted == self.predicted[:, at]) & known
        up, down = np.isin(self.codes, plus).astype(float), np.isin(self.codes, minus).astype(float)
        w = up / up.sum() - down / max(down.sum(), 1)
        return holds[:, w != 0], known[:, w != 0], w[w != 0]


def contrast(c: Numbers) -> Numbers:
    """First minus second (an arm alone where there is one), x100, on the items that all their runs have."""
    t = Table(c["table"])
    holds, known, w = t.counted(c["count"], c["plus"], c["minus"])
    runs = [dict(zip(r["seed"], r.index, strict=True)) for r in (t.runs[t.runs["arm"] == arm] for arm in c["arms"])]
    rows = [[side[seed] for seed in sorted(set.intersection(*map(set, runs)))] for side in runs]
    shared = known[sum(rows, [])].all(0)
    counts = np.add.reduceat(shared.astype(float), t.starts, axis=-1)  # by premise
    sums = [np.add.reduceat((holds[part] & shared).astype(float), t.starts, axis=-1) for part in rows]
    each = 100 * (sums[0].mean(0) - (sums[1].mean(0) if len(sums) > 1 else 0))
    top, bottom = np.split(t.drawn @ np.vstack([each, counts]).T, 2, axis=1)
    draws = (top / bottom)[(bottom > 0).all(1)] @ w
    values = [100 * (part.sum(-1) / counts.sum(-1)) @ w for part in sums]
    return {"values": values, "draws": draws, "sampling": draws.var(ddof=1),
            "premises": int((counts > 0).sum(-1).min()), "items": int(counts.sum(-1).min())}  # fmt: skip


def of_scores(c: Numbers) -> Numbers:
    """The same of stored scores, whose intervals give the variance, as if the arms had read different sentences."""
    s = read("scores.csv.gz")
    s = s[s["name"].isin(c["scores"]) & s["language"].isin(c["plus"]) & s["layer"].isin(c["layers"])]
    s = s[s["arm"].isin(c["arms"]) & (s.groupby("seed")["arm"].transform("nunique") >= 2)]
    s = s.assign(variance=((s["high"] - s["low"]) / (2 * 1.96)) ** 2)
    cells = s.pivot_table(index=["arm", "seed"], columns=["name", "language"], values=["value", "variance"])
    sides = [cells.dropna(axis=1).loc[arm] for arm in c["arms"]]
    sampling = sum(side["variance"].to_numpy().mean() / side["variance"].shape[1] for side in sides)
    return {"values": [side["value"].mean(axis=1).to_numpy() for side in sides], "sampling": sampling,
            "premises": int(s["items"].min()), "items": int(s["items"].min())}  # fmt: skip


def borrowed(c: Numbers) -> tuple[float, float] | None:
    """Variance of one seed's difference and its degrees of freedom, for arms with a single seed."""
    if c["borrow"] == "plain":  # under harder inputs: from the same question on plain items
        d = np.subtract(*contrast(c | {"table": "predictions"})["values"])
        return (float(d.var(ddof=1)), len(d) - 1.0) if len(d) > 1 else None
    t = Table(c["table"])
    holds, known, w = t.counted(c["count"], c["pooled_plus"], c["pooled_minus"])
    own = t.runs["arm"].isin(c["pool"]) if c["pool"] else t.runs["arm"].notna()  # the study's arms alone
    rows = np.flatnonzero(t.runs.duplicated("arm", keep=False) & own & known.any(-1).all(-1))  # fitted by arm + seed
    values = 100 * (holds[rows].sum(-1) / known[rows].sum(-1)) @ w
    design = pd.get_dummies(t.runs.loc[rows, ["arm", "seed"]].astype(str)).to_numpy(float)
    degrees = len(rows) - float(np.linalg.matrix_rank(design)) if len(rows) else 0
    rest = values - design @ np.linalg.lstsq(design, values, rcond=None)[0] if degrees else values
    return (2 * float((rest**2).sum()) / degrees, degrees) if degrees else None


@lru_cache(None)
def student(degrees: float) -> tuple[Any, Any]:
    """u, and minus the log of Student's upper tail at t = sinh(u), by integrating the density."""
    u = np.linspace(0, 25, 40001)
    log = math.lgamma((degrees + 1) / 2) - math.lgamma(degrees / 2) - math.log(degrees * math.pi) / 2
    density = np.exp(log - (degrees + 1) / 2 * np.log1p(np.sinh(u) ** 2 / degrees)) * np.cosh(u)
    area = (density[1:] + density[:-1]) / 2 * (u[1] - u[0])
    return u, -np.log(np.maximum(np.append(np.cumsum(area[::-1])[::-1], 0), 1e-300))


def tail(t: float, degrees: float) -> float:
    upper = math.exp(-np.interp(math.asinh(abs(t)), *student(degrees)))
    return upper if t >= 0 else 1 - upper


def quantile(share: float, degrees: float) -> float:
    return math.sinh(np.interp(-math.log(1 - share), *student(degrees)[::-1]))


def estimate(c: Numbers) -> Numbers:
    """The contrast with its interval and p-values, before any correction."""
    got = of_scores(c) if c["count"] == "scores" else contrast(c)
    first, second = got["values"][0], got["values"][-1] if len(c["arms"]) > 1 else 0 * got["values"][0]
    by_seed, d, margin, k = first - second, float((first - second).mean()), HOW["margin"], len(first)
    tested = len(c["arms"]) > 1 and k >= HOW["fewest_seeds"] and got["premises"] >= HOW["fewest_premises"]
    got |= {"first_value": first.mean(), "second_value": second.mean(), "difference": d, "seeds": k, "tested": tested}
    if len(c["arms"]) == 1:
        low, high = np.quantile(got["draws"], [HOW["level"] / 2, 1 - HOW["level"] / 2])
        return got | {"low": min(low, d), "high": max(high, d), "p": 1.0, "p_equivalent": 1.0}
    own = (float(by_seed.var(ddof=1)), k - 1.0) if k > 1 else borrowed(c) if c["borrow"] in ("plain", "arms") else None
    parts = [(float(got["sampling"]), max(got["premises"] - 1.0, 1.0)), *([(own[0] / k, own[1])] if own else [])]
    error = math.sqrt(sum(part for part, _ in parts))
    free = error**4 / sum(part**2 / degrees for part, degrees in parts) if error else 1.0
    p = 2 * tail(abs(d) / error, free) if error else float(d == 0)
    same = tail((margin - abs(d)) / error, free) if error else float(abs(d) >= margin)
    reach = error * quantile(1 - HOW["level"] / 2, free)
    return got | {"low": d - reach, "high": d + reach, "p": p if tested else 1.0,
                  "p_equivalent": same if tested else 1.0, "error": error, "free": free,
                  "seed_variance": "unknown" if own is None else "own" if k > 1 else "pooled"}  # fmt: skip


def answers() -> list[tuple[Numbers, Numbers]]:
    found = {c["id"]: (c, estimate(c) | {"family": 1}) for c in PRINTED["contrasts"]}
    for family in {c["family"] for c, _ in found.values()} - {""}:
        members = [one for c, one in found.values() if c["family"] == family and one["tested"]]
        for key in ("p", "p_equivalent"):  # Holm: the smallest by how many there are, the next by one fewer, ...
            raised = 0.0
            for before, one in enumerate(sorted(members, key=lambda one: float(one[key]))):
                raised = min(max(raised, one[key] * (len(members) - before)), 1.0)
                one |= {key: raised, "family": len(members)}
    for c, one in found.values():
        one["within_margin"], ahead = one["p_equivalent"] < HOW["level"], one["p"] < HOW["level"]
        one["outcome"] = "ahead" if ahead else "equivalent" if one["within_margin"] else "undecided"
        one["outcome"] = one["outcome"] if one["tested"] else "described"
        one["ahead"] = c["arms"][(one["difference"] > 0) == c["lower_is_better"]] if ahead else None
        if "error" in one:  # the difference that is found with the power of the settings, after Holm's first step
            shares = (1 - HOW["level"] / one["family"] / 2, HOW["power"])
            one["smallest"] = one["error"] * sum(quantile(share, one["free"]) for share in shares)
        one["p"] = found[c["p_of"]][1]["p"] if c["p_of"] else one["p"]  # that of the question on the same contrast
    return list(found.values())


def main() -> None:
    sums = json.loads((HERE / "manifest.json").read_text(encoding="utf-8"))["files"]
    now = {name: hashlib.sha256((HERE / name).read_bytes()).hexdigest() for name in sums}
    wrong = [f"{name} is not the file that the manifest names" for name in sums if now[name] != sums[name]]
    numbers = [(c, key, printed, one[c["names"].get(key, key)])
               for c, one in answers() for key, printed in c["printed"].items()]  # fmt: skip
    for c, key, printed, again in numbers:
        digits = HOW["digits_p" if key in ("p", "p_equivalent") else "digits"]
        near = isinstance(printed, float) and abs(again - printed) <= 0.5 * 10.0**-digits + HOW["slack"]
        wrong += [] if near or again == printed else [f"{c['id']}: {key} printed {printed}, recomputed {again}"]
    print("\n".join(wrong) or f"All {len(numbers):,} numbers of {len(PRINTED['contrasts'])} printed contrasts agree.")
    sys.exit(1 if wrong else 0)


if __name__ == "__main__":
    main()
