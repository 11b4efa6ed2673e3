"""Predictions with planted effects: premises, items, languages and seeds move them as they move real ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import pandas as pd
from scipy.stats import norm

LANGUAGES = ("en", "tr", "th", "hi", "ur", "sw")


def planted(
    random: np.random.Generator,
    effects: Mapping[str, float],
    *,
    seeds: int | Mapping[str, int] = 3,
    languages: Sequence[str] = LANGUAGES,
    premises: int = 300,
    seed_sd: float = 0.5,
    own_noise: float = 0.35,
    view: float = 0.25,
    base: float = 65.0,
) -> pd.DataFrame:
    """A table of predictions; `effects` adds points of true accuracy to an arm, in every language but English.

    An item is right where a latent normal value lies under the arm's threshold. Premise (variance .3), item (.3) and
    item by language (the rest) are shared by all runs; noise replaces the share `own_noise` of it. The share `view`
    of that noise is an arm's own view of the premise, the same for its seeds, items and languages; the rest is each
    run's. True accuracy deviates by a normal of `seed_sd` points in each run, and of one point in each seed (the same
    for all arms).
    """
    items, count = 3 * premises, len(languages)
    premise = np.repeat(random.normal(0, 0.3**0.5, premises), 3)
    shared = premise + random.normal(0, 0.3**0.5, items) + random.normal(0, 0.4**0.5, (count, items))
    counts = seeds if isinstance(seeds, Mapping) else dict.fromkeys(effects, seeds)
    lineage = random.normal(0, 1, max(counts.values()))
    gold = np.tile(np.arange(items) % 3, count)
    tables = []
    for arm, effect in effects.items():
        seen = np.repeat(random.normal(0, view**0.5, premises), 3)
        for seed in range(counts[arm]):
            rate = base + lineage[seed] + random.normal(0, seed_sd)
            rates = np.array([rate + (0.0 if code == "en" else effect) for code in languages])
            noise = seen + (1 - view) ** 0.5 * random.normal(size=(count, items))
            latent = (1 - own_noise) ** 0.5 * shared + own_noise**0.5 * noise
            right = (latent < norm.ppf(rates / 100)[:, None]).ravel()
            label = np.where(right, gold, (gold + random.integers(1, 3, len(gold))) % 3)
            probabilities = np.full((len(gold), 3), 0.15)
            probabilities[np.arange(len(gold)), label] = 0.7
            tables.append(
                pd.DataFrame(
                    {
                        "run_id": f"{arm}-{seed}", "arm": arm, "seed": seed,
                        "language": np.repeat(list(languages), items), "item_id": np.tile(np.arange(items), count),
                        "gold": gold, "entailment": probabilities[:, 0], "neutral": probabilities[:, 1],
                        "contradiction": probabilities[:, 2],
                    }
                )
            )  # fmt: skip
    return pd.concat(tables, ignore_index=True)
