"""Long documents read in passages: windows of an encoder's own tokens that overlap; the best passage counts."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from core.encoder.encoder import Encoder
from core.encoder.tokens import TOKENISER_LOCK, clean, tokenise, window_starts
from core.encoder.words import Span
from core.progress import Progress, silent
from core.retrieval.fields import Entry
from core.retrieval.ranked import Ranked
from core.retrieval.search import Hits, Source

_BLOCK = 256
#: Passages that are searched for each candidate wanted.
PASSAGES_A_CANDIDATE = 4


@dataclass(frozen=True)
class Passages:
    """A collection as passages: the row of the document that each is of, and its characters' span.

    A `Source` like the collection itself; a passage has its document's id.
    """

    collection: Source
    documents: NDArray[np.int64]
    spans: NDArray[np.int64]
    name: str

    @property
    def sha256(self) -> str:
        return hashlib.sha256(f"{self.collection.sha256} {self.name}".encode()).hexdigest()

    @property
    def languages(self) -> tuple[str, ...]:
        return self.collection.languages

    def __len__(self) -> int:
        return len(self.documents)

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[Entry]:
        """Passages start to stop; the documents that they are of are read in one go."""
        end = len(self) if stop is None else min(stop, len(self))
        if start >= end:
            return
        first = int(self.documents[start])
        texts = self.collection.entries(first, int(self.documents[end - 1]) + 1)
        at, entry = first, next(texts)
        for row in range(start, end):
            while at < self.documents[row]:
                at, entry = at + 1, next(texts)
            yield self._passage(row, entry)

    def at(self, rows: Sequence[int]) -> list[Entry]:
        entries = self.collection.at([int(self.documents[row]) for row in rows])
        return [self._passage(row, entry) for row, entry in zip(rows, entries, strict=True)]

    def _passage(self, row: int, entry: Entry) -> Entry:
        begin, end = self.spans[row]
        return Entry(entry.id, entry.text[begin:end], entry.lang)


def split_passages(
    collection: Source, encoder: Encoder, size: int, overlap: int, progress: Progress = silent
) -> Passages:
    """The collection in passages of at most `size` tokens (special ones not counted) with `overlap` in common."""
    documents: list[int] = []
    spans: list[Span] = []
    for start in range(0, len(collection), _BLOCK):
        entries = list(collection.entries(start, start + _BLOCK))
        for row, (entry, offsets) in enumerate(
            zip(entries, _offsets(encoder, [e.text for e in entries]), strict=True), start
        ):
            for first in window_starts(len(offsets), size, size - overlap):
                last = min(first + size, len(offsets))
                documents.append(row)
                whole = last == len(offsets)
                spans.append((offsets[first][0] if first else 0, len(entry.text) if whole else offsets[last - 1][1]))
        progress(min(start + _BLOCK, len(collection)), len(collection), "cutting documents into passages")
    return Passages(
        collection,
        np.array(documents, np.int64),
        np.array(spans, np.int64).reshape(-1, 2),
        f"passages {size} {overlap}",
    )


def room_for_text(encoder: Encoder) -> int:
    """Tokens of a text that the encoder reads at once, beside its special ones and its prefix."""
    return max(1, encoder.max_tokens - len(tokenise(encoder, [""], prefix=True)[0].ids))


def _offsets(encoder: Encoder, texts: Sequence[str]) -> list[list[Span]]:
    if not texts:
        return []
    with TOKENISER_LOCK:
        encoded = encoder.tokenizer(
            [clean(text) for text in texts], padding=False, truncation=False, add_special_tokens=False,
            return_offsets_mapping=True, return_attention_mask=False, return_token_type_ids=False,
            split_special_tokens=True,
        )  # fmt: skip
    return [[(int(a), int(b)) for a, b in one] for one in encoded["offset_mapping"]]


def best_passages(search: Callable[[int], Hits], queries: Source, passages: Passages, depth: int) -> Ranked:
    """Each query's `depth` best documents by their best passage; `search(n)` gives the n nearest passages.

    More passages are asked for until every query has `depth` documents, or there are no more.
    """
    documents = len(passages.collection)
    wanted = min(depth, documents)
    asked = min(len(passages), wanted * PASSAGES_A_CANDIDATE)
    while True:
        hits = search(asked)
        found = [
            _first_of_each(passages.documents[rows], scores, wanted)
            for rows, scores in zip(hits.rows, hits.scores, strict=True)
        ]
        if asked >= len(passages) or all(len(rows) >= wanted for rows, _ in found):
            break
        asked = min(len(passages), asked * 4)
    unique = sorted({int(row) for rows, _ in found for row in rows})
    names = dict(zip(unique, (entry.id for entry in passages.collection.at(unique)), strict=True))
    return Ranked.of(
        (query.id, [names[int(row)] for row in rows], scores.tolist())
        for query, (rows, scores) in zip(queries.entries(), found, strict=True)
    )


def _first_of_each(
    rows: NDArray[np.int64], scores: NDArray[np.float32], wanted: int
) -> tuple[NDArray[np.int64], NDArray[np.float32]]:
    _, first = np.unique(rows, return_index=True)
    order = np.sort(first)[:wanted]
    return rows[order], scores[order]
