"""Which examples each update sees: fixed by the seed before training starts, so that a resumed run repeats it."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

#: Batches that are drawn together and sorted by length: large enough that padding is small, small enough that
#: lengths stay mixed over time.
POOL = 24


def epoch_batches(lengths: Sequence[int], size: int, updates: int, seed: int) -> list[list[int]]:
    """`updates` batches of `size` indices: shuffled passes, lengths alike within a batch.

    Each pass shuffles all indices, sorts pools of `POOL` batches by length, and shuffles the batches of a pool.
    With fewer examples than `size` a batch is all of them.
    """
    random = np.random.default_rng([seed, 1])
    known = np.asarray(lengths)
    size = min(size, len(known))
    batches: list[list[int]] = []
    while len(batches) < updates:
        order = random.permutation(len(known))
        order = order[: len(order) - len(order) % size]
        for start in range(0, len(order), size * POOL):
            pool = order[start : start + size * POOL]
            pool = pool[np.argsort(known[pool], kind="stable")]
            groups = pool.reshape(-1, size)
            batches += [group.tolist() for group in groups[random.permutation(len(groups))]]
    return batches[:updates]


def bitext_batches(lengths: Sequence[Sequence[int]], size: int, updates: int, seed: int) -> list[list[tuple[int, int]]]:
    """`updates` batches of (language, pair) indices, the same number of pairs from every language.

    `lengths[l][i]` is the length of pair i of language l. Every batch takes size // languages pairs of each
    language, of similar length across languages; a pass uses every pair at most once.
    """
    random = np.random.default_rng([seed, 2])
    languages = len(lengths)
    each = max(1, size // languages)
    count = min(len(rows) for rows in lengths)
    each = min(each, count)
    batches: list[list[tuple[int, int]]] = []
    while len(batches) < updates:
        groups = []
        for rows in lengths:
            order = random.permutation(len(rows))[: count - count % each]
            order = order[np.argsort(np.asarray(rows)[order], kind="stable")]
            groups.append(order.reshape(-1, each))
        for index in random.permutation(len(groups[0])):
            batches.append([(code, int(i)) for code in range(languages) for i in groups[code][index]])
    return batches[:updates]


def one_language_batches(
    lengths: Sequence[Sequence[int]], size: int, updates: int, seed: int
) -> list[list[tuple[int, int]]]:
    """`updates` batches of (language, pair) indices, each of `size` pairs of one language.

    Languages take turns in rounds, each round in its own order, so that every language has as many batches as any
    other (one more at most); a language's pairs are shuffled anew for each pass and sorted by length in pools, as in
    `epoch_batches`. Fewer pairs than `size` are all in every batch. A divergence between the sentences of a batch has
    `size` points here where a mixed batch has size // languages.
    """
    random = np.random.default_rng([seed, 3])
    count = -(-updates // len(lengths))
    waiting = [iter(epoch_batches(rows, size, count, int(random.integers(2**31)))) for rows in lengths]
    batches: list[list[tuple[int, int]]] = []
    while len(batches) < updates:
        for code in random.permutation(len(lengths)):
            batches.append([(int(code), index) for index in next(waiting[code])])
    return batches[:updates]


#: The order whose batches are of one language each.
ONE_LANGUAGE = "by-language"
#: The order of a run's bitext, by the name it has in `DataConfig.bitext_order`.
BITEXT_ORDERS = {"mixed": bitext_batches, ONE_LANGUAGE: one_language_batches}
