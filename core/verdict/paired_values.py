"""Two arms as a table of values: what each cluster of items says of their difference at each seed.

The difference of a seed is the mean over languages of the mean over items of (first right) - (second right), x100.
Its share that falls to cluster p, times the number of clusters P, is y[s, p]: the mean over p is the seed's difference,
and `core.statistics.crossed` takes y as it is. Where languages lack items of a cluster the ratio is linearised, as a
cluster bootstrap would treat it (Davison and Hinkley 1997, section 2.7).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.verdict.answers import ABSENT, Answers, Clusters


@dataclass(frozen=True)
class PairedValues:
    """`values` [k, P] of the whole contrast and `by_language` [L, k, P], x100; accuracies x100 of both sides, [k, L].

    `same` is True where both sides gave the same answer to every item: they are the same predictions.
    """

    values: NDArray[np.float64]
    by_language: NDArray[np.float64]
    first: NDArray[np.float64]
    second: NDArray[np.float64]
    seeds: tuple[int, ...]
    languages: tuple[str, ...]
    items: int
    same: bool


def consecutive(size: int) -> Clusters:
    """Clusters of so many consecutive item ids: XNLI's three items a premise."""
    return lambda items: items // size


def linked(groups: Iterable[Sequence[int]]) -> Clusters:
    """Clusters of item ids that belong together in any of `groups`, groups that share an item being one; an id of none
    is a cluster of its own.

    >>> linked([[4, 7], [7, 9], [5]])(np.array([4, 5, 9, 11])).tolist()
    [4, 5, 4, 11]
    """
    parent: dict[int, int] = {}

    def root(item: int) -> int:
        while parent.setdefault(item, item) != item:
            parent[item] = parent[parent[item]]
            item = parent[item]
        return item

    for group in groups:
        for item in group[1:]:
            first, other = sorted((root(group[0]), root(item)))
            parent[other] = first
    return lambda items: np.array([root(int(item)) if int(item) in parent else int(item) for item in items], np.int64)


def paired_values(
    answers: Answers, first: str, second: str, languages: Sequence[str], clusters: Clusters
) -> PairedValues | None:
    """The values of `first` minus `second` over `languages`, on the items that all their runs have.

    None where the arms have no seed in common or a language is not read by all their runs. `clusters` gives each item
    id the number of its cluster.
    """
    rows = [answers.seeds(arm) if arm in answers.arms else {} for arm in (first, second)]
    seeds = tuple(sorted(rows[0].keys() & rows[1].keys()))
    if not seeds or not languages or not set(languages) <= set(answers.languages):
        return None
    columns = [answers.languages.index(code) for code in languages]
    parts = [answers.predicted[[by_seed[seed] for seed in seeds]][:, columns] for by_seed in rows]
    shared = (parts[0] != ABSENT).all(0) & (parts[1] != ABSENT).all(0)
    if not shared.any(-1).all():
        return None
    gold = answers.gold[columns]
    right = [(part == gold) & shared for part in parts]
    numbers, place = np.unique(clusters(answers.items), return_inverse=True)
    counts = _sums(shared.astype(float), place, len(numbers))
    used = counts.sum(0) > 0
    counts = counts[:, used]
    totals = counts.sum(-1)
    sides = [_sums(part.astype(float), place, len(numbers))[..., used] for part in right]
    accuracy = [100.0 * side.sum(-1) / totals for side in sides]
    difference = accuracy[0] - accuracy[1]
    size = int(used.sum())
    # Linearised ratio: the language's difference, plus the cluster's surplus over it.
    surplus = 100.0 * (sides[0] - sides[1]) - difference[..., None] * counts
    by_language = difference[..., None] + size * surplus / totals[:, None]
    return PairedValues(
        by_language.mean(1), by_language.transpose(1, 0, 2), accuracy[0], accuracy[1], seeds, tuple(languages),
        int(totals.min()), bool((parts[0] == parts[1])[:, shared].all()),
    )  # fmt: skip


def _sums(values: NDArray[np.float64], place: NDArray[np.int64], size: int) -> NDArray[np.float64]:
    """Sums over the items of each cluster: [..., I] to [..., size]."""
    flat = values.reshape(-1, values.shape[-1])
    summed = np.stack([np.bincount(place, row, size) for row in flat]).astype(np.float64)
    return summed.reshape(*values.shape[:-1], size)
