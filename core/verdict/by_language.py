"""Two arms language by language: the sign-flip test by premise on seed means, corrected over the languages."""

from __future__ import annotations

import numpy as np
import pandas as pd

from core.statistics.bootstrap import REPETITIONS, draw_weights, resample, resampling_variance
from core.statistics.significance import estimate, holm, sign_flip
from core.verdict.answers import Answers
from core.verdict.measures import ENGLISH, correct, premise_sums

COLUMNS = (
    "first", "second", "language", "difference", "low", "high", "p", "p_corrected", "seeds", "items", "premises",
)  # fmt: skip


def compare_languages(
    answers: Answers, first: str, second: str, flips: int = 10_000, repetitions: int = REPETITIONS, seed: int = 0
) -> pd.DataFrame:
    """`COLUMNS`, a row for each language that all runs of both arms have; first minus second, x100.

    Holm's correction is over the languages other than English (14 on XNLI); English stands beside them with its
    own p uncorrected. The test and the interval (cluster bootstrap) speak of these runs: seeds are averaged, not
    drawn again. Empty where the arms have no seed in common.
    """
    rows = [answers.seeds(arm) for arm in (first, second)]
    seeds = sorted(rows[0].keys() & rows[1].keys())
    indicator = correct(answers)
    arm_rows = [[by_seed[s] for s in seeds] for by_seed in rows]
    shared = indicator.shared(arm_rows[0] + arm_rows[1])
    kept = np.flatnonzero(shared.any(-1))
    if not seeds or not len(kept):
        return pd.DataFrame(columns=list(COLUMNS))
    shared, codes = shared[kept], [indicator.units[i] for i in kept]
    counts = premise_sums(indicator, shared)
    means = [premise_sums(indicator, (indicator.value[part][:, kept] & shared).mean(axis=0)) for part in arm_rows]
    difference = 100.0 * (means[0] - means[1])
    p = sign_flip(difference, flips, seed)
    others = [i for i, code in enumerate(codes) if code != ENGLISH]
    corrected = p.copy()
    corrected[others] = holm(p[others].tolist())
    weights = draw_weights(counts.shape[-1], repetitions, seed)
    table = []
    for i, code in enumerate(codes):
        drawn = resample(difference[[i]], counts[[i]], np.ones(1), weights)
        premises = int((counts[i] > 0).sum())
        interval = estimate(
            float(difference[i].sum() / counts[i].sum()), resampling_variance(drawn), premises, len(seeds), None
        )
        table.append(
            (
                first, second, code, interval.difference, interval.low, interval.high, float(p[i]), float(corrected[i]),
                len(seeds), int(counts[i].sum()), premises,
            )
        )  # fmt: skip
    return pd.DataFrame(table, columns=list(COLUMNS))
