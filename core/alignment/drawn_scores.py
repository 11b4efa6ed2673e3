"""Arms against links that people drew: one row an arm, the pair at hand and everything kept together."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from core.alignment.alignment_error import alignment_error
from core.data.links import Link, SentenceLinks

COLUMNS = ("arm", "AER", "low", "high", "precision", "recall", "hit", "missed", "spurious", "pairs")


def drawn_scores(gold: Sequence[SentenceLinks], links: Sequence[tuple[str, Sequence[frozenset[Link]]]]) -> pd.DataFrame:
    """`COLUMNS` of each (label, links of every pair), best first; AER, precision and recall x100.

    hit: links that are at least possible; missed: sure ones that are not made; spurious: made and not possible. The
    interval is over pairs, so one pair has none (NaN).
    """
    rows = []
    for label, made in links:
        score = alignment_error(gold, made)
        several = len(gold) > 1
        rows.append((
            label, score.aer, score.low if several else float("nan"), score.high if several else float("nan"),
            score.precision, score.recall,
            sum(len(a & g.possible) for g, a in zip(gold, made, strict=True)),
            sum(len(g.sure - a) for g, a in zip(gold, made, strict=True)),
            sum(len(a - g.possible) for g, a in zip(gold, made, strict=True)), len(gold),
        ))  # fmt: skip
    return pd.DataFrame(rows, columns=list(COLUMNS)).sort_values("AER", kind="stable", ignore_index=True)
