"""Items with identical texts and different gold labels: at least one of the labels is wrong."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from core.data.records import NLIItem


def by_text(items: Sequence[NLIItem]) -> list[list[NLIItem]]:
    """The items of one language in groups that share premise and hypothesis, blanks apart; in the order of their
    first."""
    groups: dict[tuple[str, str], list[NLIItem]] = defaultdict(list)
    for item in items:
        groups[" ".join(item.premise.split()), " ".join(item.hypothesis.split())].append(item)
    return list(groups.values())


def two_labelled(items: Sequence[NLIItem]) -> list[tuple[int, ...]]:
    """Ids of the items of one language that share their texts and not their label, in the order of `by_text`.

    >>> same = [NLIItem(0, "p", "h", 0), NLIItem(1, "p ", "h", 2), NLIItem(2, "p", "k", 1), NLIItem(3, "p", "k", 1)]
    >>> two_labelled(same)
    [(0, 1)]
    """
    return [tuple(item.id for item in own) for own in by_text(items) if len({item.label for item in own}) > 1]
