"""A search by vectors, each candidate read whole or in passages, with what it took and what is told of it."""

from __future__ import annotations

import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from core.encoder.encoder import Encoder
from core.encoder.identity import encoder_identity
from core.encoder.tokens import count_cut
from core.errors import BadInput
from core.files import MAKE_ROOM, atomic_write
from core.progress import Progress, silent
from core.retrieval.index import identity_of
from core.retrieval.passages import best_passages, room_for_text, split_passages
from core.retrieval.ranked import Ranked
from core.retrieval.removal import Removals
from core.retrieval.search import Source, hubness, indexed, query_vectors, search

#: Tokens that are left free in a passage: cut out of its document, a text may have one token more at each end.
_SPARE = 2


@dataclass(frozen=True)
class Windows:
    """Passages of at most `tokens` of the encoder's tokens, `overlap` of them in common."""

    tokens: int
    overlap: int


@dataclass(frozen=True)
class Found:
    """Rankings, the seconds of each part, and what a document of results holds: hubness or passages."""

    ranked: Ranked
    seconds: dict[str, float]
    told: dict[str, Any] = field(default_factory=dict)


def cut_candidates(cache: Path, candidates: Source, documents: Encoder) -> int:
    """How many candidates are longer than `documents` reads; counted once for a collection and a reader."""
    path = cache / "cut" / f"{identity_of(candidates.sha256, encoder_identity(documents))}.txt"
    with suppress(OSError, ValueError):
        return int(path.read_text(encoding="ascii"))
    found = count_cut(documents, (entry.text for entry in candidates.entries()), prefix=True)
    path.parent.mkdir(parents=True, exist_ok=True)
    atomic_write(path, str(found), durable=False, what=f"The cache {path.parent}", advice=MAKE_ROOM)
    return found


def dense_search(
    cache: Path, asked: Source, candidates: Source, asking: Encoder, documents: Encoder, depth: int,
    windows: Windows | None = None, removals: tuple[Removals | None, Removals | None] = (None, None),
    progress: Progress = silent,
) -> Found:  # fmt: skip
    """The `depth` nearest candidates of each query; `removals` are of queries and candidates.

    `asking` reads queries, `documents` candidates; with `windows` a candidate counts by its best passage. Raises
    `BadInput` if the windows' overlap is as long as they are.
    """
    seconds: dict[str, float] = {}
    told: dict[str, Any] = {}
    began = time.monotonic()
    cut = None
    if windows is not None:
        size = min(windows.tokens, max(1, room_for_text(documents) - _SPARE))
        if windows.overlap >= size:
            raise BadInput(
                f"Passages of {size} tokens cannot have {windows.overlap} in common; give a smaller --overlap."
            )
        cut = split_passages(candidates, documents, size, windows.overlap, progress)
        told["passages"] = {"count": len(cut), "tokens": size, "overlap": windows.overlap}
    index = indexed(cache, candidates if cut is None else cut, documents, progress, removals[1])
    seconds["indexing"] = time.monotonic() - began
    vectors = query_vectors(cache, asked, asking, progress, removals[0])
    began = time.monotonic()
    if cut is None:
        hits = search(index, vectors, depth, progress)
        ranked = hits.ranked(asked, candidates)
        told["hubness"] = hubness(hits.rows[:, :10], len(candidates))
    else:
        ranked = best_passages(lambda many: search(index, vectors, many, progress), asked, cut, depth)
    seconds["a_query"] = (time.monotonic() - began) / len(asked)
    return Found(ranked, seconds, told)
