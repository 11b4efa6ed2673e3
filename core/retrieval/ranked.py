"""Rankings by query with their scores, as a TREC run file has them: from a search, from a file, or fused of several."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.errors import BadInput
from core.retrieval.fields import SHOWN

#: Reciprocal-rank fusion's constant (Cormack, Clarke and Büttcher, SIGIR 2009).
FUSION = 60


@dataclass(frozen=True)
class Ranked:
    """By query: candidate ids, best first, and the score of each with six decimals, as a run file has it."""

    rankings: Mapping[str, Sequence[str]]
    scores: Mapping[str, Sequence[float]]

    @classmethod
    def of(cls, found: Iterable[tuple[str, Sequence[str], Sequence[float]]]) -> Ranked:
        """Of (query, candidates, scores), scores as they were computed."""
        rankings, scores = {}, {}
        for query, names, values in found:
            rankings[query] = list(names)
            scores[query] = [float(f"{value:.6f}") for value in values]
        return cls(rankings, scores)

    @property
    def depth(self) -> int:
        """The candidates of the longest ranking."""
        return max((len(names) for names in self.rankings.values()), default=0)

    def in_order(self) -> Iterator[tuple[str, list[tuple[str, float]]]]:
        """Each query with its candidates as trec_eval ranks them (`in_order`)."""
        for query, names in self.rankings.items():
            yield query, in_order(dict(zip(names, self.scores[query], strict=True)))


def in_order(scored: Mapping[str, float]) -> list[tuple[str, float]]:
    """Candidates as trec_eval ranks them: by score in single precision, of equal ones the id that sorts last first."""
    return sorted(scored.items(), key=lambda one: (np.float32(one[1]), one[0].encode("utf-8", "replace")), reverse=True)


def run_lines(ranked: Ranked, name: str) -> Iterator[str]:
    """Lines of a TREC run file: query Q0 candidate rank score name.

    Raises `BadInput` for an id with a space (`check_ids` says so before the work).
    """
    for query, found in ranked.rankings.items():
        check_ids([query, *found])
        for rank, (candidate, score) in enumerate(zip(found, ranked.scores[query], strict=True), 1):
            yield f"{query} Q0 {candidate} {rank} {score:.6f} {name}"


def check_ids(ids: Iterable[str]) -> None:
    """Raises `BadInput` for an id with a space in it: a TREC run has none."""
    spaced = next((one for one in ids if len(one.split()) != 1), None)
    if spaced is not None:
        raise BadInput(
            f"The id {spaced[:SHOWN]!r} holds a space, and a TREC run file is cut at spaces: leave out --out, or name "
            "queries and candidates otherwise."
        )


def read_run(path: Path) -> Ranked:
    """A TREC run file, ranked as trec_eval ranks it: by score, whatever the ranks it prints.

    Raises `BadInput` with the line for one that has not six columns, for a score that is no finite number, and for a
    candidate that comes twice for a query.
    """
    scored: dict[str, dict[str, float]] = {}
    try:
        with path.open(encoding="utf-8-sig") as file:
            for number, line in enumerate(file, 1):
                cells = line.split()
                if not cells:
                    continue
                if len(cells) != 6:
                    raise BadInput(
                        f"{path.name}, line {number}: a run has 6 columns: query, Q0, candidate, rank, score, name."
                    )
                try:
                    score = float(cells[4])
                except ValueError:
                    score = math.nan
                if not math.isfinite(score):
                    raise BadInput(f"{path.name}, line {number}: the score {cells[4][:20]!r} is no number.")
                own = scored.setdefault(cells[0], {})
                if cells[2] in own:
                    raise BadInput(
                        f"{path.name}, line {number}: {cells[2][:SHOWN]!r} comes twice for {cells[0][:SHOWN]!r}."
                    )
                own[cells[2]] = score
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput(f"The run {path} cannot be read as UTF-8 text.") from error
    if not scored:
        raise BadInput(f"The run {path.name} holds no ranking.")
    ordered = {query: in_order(own) for query, own in scored.items()}
    return Ranked(
        {query: [name for name, _ in own] for query, own in ordered.items()},
        {query: [score for _, score in own] for query, own in ordered.items()},
    )


def fuse(several: Sequence[Ranked], depth: int) -> Ranked:
    """Reciprocal-rank fusion: a candidate's score is the sum of 1 / (60 + its rank) over the rankings that have it; the
    `depth` best of each query."""
    sums: dict[str, dict[str, float]] = {}
    for ranked in several:
        for query, found in ranked.in_order():
            own = sums.setdefault(query, {})
            for rank, (candidate, _) in enumerate(found, 1):
                own[candidate] = own.get(candidate, 0.0) + 1.0 / (FUSION + rank)
    return Ranked.of((query, *_columns(in_order(own)[:depth])) for query, own in sums.items())


def without_own(ranked: Ranked, depth: int) -> Ranked:
    """The rankings without the candidate that has the query's own id (as in ArguAna and Quora), `depth` of each."""
    return Ranked.of(
        (query, *_columns([one for one in zip(names, ranked.scores[query], strict=True) if one[0] != query][:depth]))
        for query, names in ranked.rankings.items()
    )


def _columns(pairs: Sequence[tuple[str, float]]) -> tuple[list[str], list[float]]:
    return [name for name, _ in pairs], [score for _, score in pairs]
