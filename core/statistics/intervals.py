"""Intervals of a proportion."""

from __future__ import annotations


def wilson(correct: int, items: int, confidence: float = 0.95) -> tuple[float, float]:
    """Wilson score interval of correct / items, x100; (0, 100) where there are no items.

    >>> [round(x, 1) for x in wilson(60, 100)]
    [50.2, 69.1]
    """
    if items <= 0:
        return 0.0, 100.0
    from statsmodels.stats.proportion import proportion_confint

    low, high = proportion_confint(correct, items, alpha=1 - confidence, method="wilson")
    return 100.0 * float(low), 100.0 * float(high)
