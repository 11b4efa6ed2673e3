"""A set of queries over a collection: indexed once, searched, judged."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.encoder.encoder import Encoder
from core.encoder.identity import encoder_identity
from core.encoder.vectors import sentence_vectors
from core.progress import Progress, silent
from core.retrieval.fields import Entry
from core.retrieval.index import Index, build, identity_of
from core.retrieval.ranked import Ranked
from core.retrieval.removal import Removals
from core.retrieval.vector_cache import cached_vectors

#: Queries that are searched together.
_TOGETHER = 256


class Source(Protocol):
    """Entries by row: a file that was read through, or a list; `languages` are those that they tell."""

    @property
    def sha256(self) -> str: ...

    @property
    def languages(self) -> tuple[str, ...]: ...

    def __len__(self) -> int: ...

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[Entry]: ...

    def at(self, rows: Sequence[int]) -> list[Entry]: ...


@dataclass(frozen=True)
class Listed:
    """Entries that are in memory."""

    rows: list[Entry]

    @property
    def sha256(self) -> str:
        digest = hashlib.sha256()
        for entry in self.rows:
            digest.update(repr((entry.id, entry.text, entry.lang)).encode())
        return digest.hexdigest()

    @property
    def languages(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(entry.lang for entry in self.rows))

    def __len__(self) -> int:
        return len(self.rows)

    def entries(self, start: int = 0, stop: int | None = None) -> Iterator[Entry]:
        return iter(self.rows[start:stop])

    def at(self, rows: Sequence[int]) -> list[Entry]:
        return [self.rows[row] for row in rows]


def indexed(
    cache: Path, collection: Source, encoder: Encoder, progress: Progress = silent, removals: Removals | None = None
) -> Index:
    """The collection's index under `cache`, made or finished if it is not there; with `removals` the index of what they
    leave, made from the other."""
    rows, size = len(collection), encoder.vector_size

    def read(start: int, stop: int) -> NDArray[np.float32]:
        return sentence_vectors(encoder, [entry.text for entry in collection.entries(start, stop)])

    place = cache / "indexes"
    identity = encoder_identity(encoder)
    whole = build(place / identity_of(collection.sha256, identity), rows, size, read, progress)
    if removals is None:
        return whole

    def left(start: int, stop: int) -> NDArray[np.float32]:
        return removals(whole.vectors(range(start, stop)), [entry.lang for entry in collection.entries(start, stop)])

    name = identity_of(collection.sha256, f"{identity} {removals.identity}")
    return build(place / name, rows, size, left, progress)


def query_vectors(
    cache: Path, queries: Source, encoder: Encoder, progress: Progress = silent, removals: Removals | None = None
) -> NDArray[np.float32]:
    """Vectors of all queries, kept by content; with `removals` what they leave."""
    entries = list(queries.entries())
    texts = [entry.text for entry in entries]
    vectors = cached_vectors(cache / "vectors", encoder, texts, progress)
    return vectors if removals is None else removals(vectors, [entry.lang for entry in entries])


@dataclass(frozen=True)
class Hits:
    """For each query, in order: rows of the collection and cosines [q, depth], best first."""

    rows: NDArray[np.int64]
    scores: NDArray[np.float32]

    def ranked(self, queries: Source, collection: Source) -> Ranked:
        """The same by the ids of queries and candidates."""
        unique = np.unique(self.rows)
        names = dict(zip(unique.tolist(), (entry.id for entry in collection.at(unique.tolist())), strict=True))
        return Ranked.of(
            (query.id, [names[row] for row in found], scores)
            for query, found, scores in zip(queries.entries(), self.rows.tolist(), self.scores.tolist(), strict=True)
        )


def search(index: Index, vectors: NDArray[np.float32], depth: int, progress: Progress = silent) -> Hits:
    """The `depth` nearest candidates of each query."""
    rows, scores = [], []
    for start in range(0, len(vectors), _TOGETHER):
        found = index.search(vectors[start : start + _TOGETHER], depth)
        rows.append(found[0])
        scores.append(found[1])
        progress(min(start + _TOGETHER, len(vectors)), len(vectors), "searching")
    return Hits(np.concatenate(rows), np.concatenate(scores))


def hubness(rows: NDArray[np.integer], candidates: int) -> dict[str, float]:
    """How unevenly candidates come up among the hits [q, k]: Radovanovic et al. (JMLR 2010).

    `skewness` of the number of times N_k that each candidate is a hit (0 for evenly spread ones); `never`, the share of
    candidates (x100) that no query finds; `most`, the largest N_k.
    """
    counts = np.bincount(rows.ravel(), minlength=candidates).astype(np.float64)
    spread = counts.std()
    skewness = float(((counts - counts.mean()) ** 3).mean() / spread**3) if spread > 0 else 0.0
    return {"skewness": skewness, "never": 100.0 * float((counts == 0).mean()), "most": float(counts.max())}


def languages_of(collection: Source, ids: Set[str]) -> dict[str, str]:
    """The language of these entries by id; the collection is read through only where it tells more than one."""
    if len(collection.languages) == 1:
        return dict.fromkeys(ids, collection.languages[0])
    return {entry.id: entry.lang for entry in collection.entries() if entry.id in ids}


def own_language_share(queries: Sequence[str], tops: Sequence[str]) -> float:
    """How often (x100) the top hit is in the query's own language; known languages by query and by its top hit."""
    return 100.0 * float(np.mean([a == b for a, b in zip(queries, tops, strict=True)]))


def gains(first: pd.DataFrame, second: pd.DataFrame, measure: str) -> pd.DataFrame:
    """Queries of two `by_query` tables by second minus first of a measure, largest gain first: query, first, second,
    gain."""
    joined = first[["query", measure]].merge(second[["query", measure]], on="query", suffixes=("_first", "_second"))
    table = pd.DataFrame(
        {"query": joined["query"], "first": joined[f"{measure}_first"], "second": joined[f"{measure}_second"]}
    )
    table["gain"] = table["second"] - table["first"]
    return table.sort_values(["gain", "query"], ascending=[False, True], kind="stable", ignore_index=True)
