"""Alignment error rate, precision, recall and F1 of word links, with a bootstrap interval over sentences."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.data.links import Link, SentenceLinks
from core.errors import BadInput
from core.statistics.bootstrap import resample_in_slices
from core.statistics.intervals import percentile_interval

REPETITIONS = 2000


@dataclass(frozen=True)
class AlignmentScore:
    """All x100. `low` and `high` bound the AER at 95 %; `sentences` counts the pairs scored."""

    aer: float
    precision: float
    recall: float
    f1: float
    low: float
    high: float
    sentences: int


def count_links(gold: SentenceLinks, links: frozenset[Link] | set[Link]) -> tuple[int, int, int, int]:
    """|A|, |S|, |A and P|, |A and S| of one pair, for links A against sure S and possible P (S within P)."""
    return len(links), len(gold.sure), len(links & gold.possible), len(links & gold.sure)


def alignment_error(gold: Sequence[SentenceLinks], links: Sequence[frozenset[Link]]) -> AlignmentScore:
    """Micro-averaged over sentences [Och and Ney 2003, Computational Linguistics 29(1), section 5]:

        precision = |A and P| / |A|    recall = |A and S| / |S|    AER = 1 - (|A and S| + |A and P|) / (|A| + |S|)

    F1 is the harmonic mean of the two. A ratio with nothing below it is 0. The interval is the percentile bootstrap
    over sentences. Raises `BadInput` if there is neither a gold link nor a link.

    >>> gold = SentenceLinks(frozenset({(0, 0), (1, 1)}), frozenset({(0, 0), (1, 1), (2, 1)}))
    >>> alignment_error([gold], [frozenset({(0, 0), (2, 1), (3, 3)})]).aer
    40.0
    """
    counts = [count_links(g, a) for g, a in zip(gold, links, strict=True)]
    return score_counts(np.array(counts, np.int64).reshape(-1, 4))


def score_counts(counts: NDArray[np.int64], seed: int = 0) -> AlignmentScore:
    """The scores of counts [n, 4], one row of `count_links` a sentence. Raises `BadInput` as `alignment_error`."""
    total = counts.sum(0)
    if total[0] + total[1] == 0:
        raise BadInput("There is no link to score: neither the gold file nor the links have one.")
    made, sure, in_possible, in_sure = (int(value) for value in total)
    precision = in_possible / made if made else 0.0
    recall = in_sure / sure if sure else 0.0
    f1 = 2 * precision * recall / (precision + recall) if precision + recall else 0.0
    right = (counts[:, 2] + counts[:, 3]).astype(np.float64)
    links = (counts[:, 0] + counts[:, 1]).astype(np.float64)
    low, high = percentile_interval(1.0 - resample_in_slices(right, links, REPETITIONS, seed))
    aer = error_of(counts)
    scaled = [round(100.0 * float(value), 10) for value in (aer, precision, recall, f1, low, high)]
    return AlignmentScore(scaled[0], scaled[1], scaled[2], scaled[3], scaled[4], scaled[5], len(counts))


def error_of(counts: NDArray[np.int64]) -> float:
    """The AER of counts [n, 4] as a fraction, without an interval; at least one link must be there."""
    made, sure, in_possible, in_sure = (int(value) for value in counts.sum(0))
    return 1.0 - (in_sure + in_possible) / (made + sure)
