"""Hard links of one pair against links that people drew: hit, missed, spurious, and the alignment error rate."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from core.data.starter_gold import Gold

Link = tuple[int, int]


@dataclass(frozen=True)
class Judged:
    """`hit`: proposed and at least possible; `missed`: sure and not proposed; `spurious`: proposed, not possible.

    error_rate is AER x100 (Och and Ney, Computational Linguistics 2003): 1 - (|A & S| + |A & P|) / (|A| + |S|).
    """

    hit: frozenset[Link]
    missed: frozenset[Link]
    spurious: frozenset[Link]
    error_rate: float


def judge(links: Iterable[Link], gold: Gold) -> Judged:
    """Compare proposed links with the gold ones of the same pair.

    >>> gold = Gold(("a", "b"), ("x", "y"), frozenset({(0, 0)}), frozenset({(0, 0)}))
    >>> round(judge([(0, 0), (1, 1)], gold).error_rate, 1)
    33.3
    """
    proposed = frozenset(links)
    possible = gold.possible | gold.sure
    sure, allowed = len(proposed & gold.sure), len(proposed & possible)
    total = len(proposed) + len(gold.sure)
    rate = 100.0 * (1.0 - (sure + allowed) / total) if total else 0.0
    return Judged(proposed & possible, gold.sure - proposed, proposed - possible, rate)
