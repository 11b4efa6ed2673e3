"""BM25 over a collection (through bm25s), with tokens that fit scripts without spaces between words.

Scores are Lucene's form of BM25 (Robertson et al., TREC-3; Kamphuis et al. 2020), k1 = .9 and b = .4 as Anserini and
BEIR set them. Words are case-folded and not stemmed; where a script has no spaces (Thai, Lao, Khmer, Myanmar, Han,
Kana) tokens are pairs of neighbouring characters, as Lucene's CJK analyser takes them.
"""

from __future__ import annotations

import unicodedata
from typing import Any

import numpy as np
from numpy.typing import NDArray

from core.encoder.words import letter_runs
from core.progress import Progress, silent
from core.retrieval.ranked import Ranked
from core.retrieval.search import Source

K1, B = 0.9, 0.4
_BLOCK = 2048


def tokens(text: str) -> list[str]:
    """The tokens of a text.

    >>> tokens("The ferries' 2 Häfen"), tokens("渡し船が")
    (['the', 'ferries', '2', 'häfen'], ['渡し', 'し船', '船が'])
    """
    folded = unicodedata.normalize("NFKC", text).casefold()
    found: list[str] = []
    for run, spaced in letter_runs(folded):
        found += [run] if spaced or len(run) == 1 else [run[at : at + 2] for at in range(len(run) - 1)]
    return found


class Bm25:
    """An index of a collection's tokens, in memory: it is made anew for every `Bm25`."""

    def __init__(self, collection: Source, progress: Progress = silent) -> None:
        import bm25s

        self._collection = collection
        read: list[list[str]] = []
        for start in range(0, len(collection), _BLOCK):
            read += [tokens(entry.text) for entry in collection.entries(start, start + _BLOCK)]
            progress(len(read), len(collection), "reading words")
        self._index: Any = None
        if any(read):  # bm25s indexes no collection without a word
            self._index = bm25s.BM25(k1=K1, b=B, method="lucene", dtype="float32")
            self._index.index(read, show_progress=False)

    def search(self, queries: Source, depth: int, progress: Progress = silent) -> Ranked:
        """The `depth` best candidates of each query that share a token with it; of equal scores the earlier first."""
        entries = list(queries.entries())
        best = []
        for number, entry in enumerate(entries, 1):
            best.append(self._best(tokens(entry.text), depth))
            progress(number, len(entries), "searching words")
        unique = np.unique(np.concatenate([rows for rows, _ in best])).tolist()
        names = dict(zip(unique, (entry.id for entry in self._collection.at(unique)), strict=True))
        return Ranked.of(
            (entry.id, [names[row] for row in rows.tolist()], scores.tolist())
            for entry, (rows, scores) in zip(entries, best, strict=True)
        )

    def _best(self, asked: list[str], depth: int) -> tuple[NDArray[np.int64], NDArray[np.float64]]:
        if not asked or self._index is None:
            return np.zeros(0, np.int64), np.zeros(0)
        scores = np.asarray(self._index.get_scores(asked), np.float64)
        rows = np.flatnonzero(scores > 0)
        rows = rows[np.lexsort((rows, -scores[rows]))][:depth]
        return rows, scores[rows]
