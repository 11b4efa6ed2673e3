"""What a query encoder is asked: LAReQA in English, LAReQA in one pool of languages, Tatoeba; each query one row."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.data.catalog import Catalog
from core.data.questions import AnsweredQuestions
from core.languages import sort_codes

LAREQA_ENGLISH, LAREQA_POOL, TATOEBA = "lareqa-english", "lareqa-pool", "tatoeba"
ENGLISH = "en"
#: One row a query: average precision (0 to 1), the rank of the first right candidate (from 1), and whether the top hit
#: is in the query's own language (null where the candidates have one language).
ROWS = pa.schema(
    [
        ("task", pa.string()), ("language", pa.string()), ("query_id", pa.string()),
        ("average_precision", pa.float32()), ("rank", pa.int32()), ("own_language", pa.bool_()),
    ]
)  # fmt: skip

Vectors = NDArray[np.float32]
#: Vectors of texts of a language: `read(texts, language)`.
Reader = Callable[[list[str], str], Vectors]


@dataclass(frozen=True)
class QueryRow:
    """The outcome of one query."""

    task: str
    language: str
    query_id: str
    average_precision: float
    rank: int
    own_language: bool | None = None


def ranks_of(queries: Vectors, candidates: Vectors, right: NDArray[np.integer], chunk: int = 256) -> NDArray[np.int32]:
    """Ranks (from 1) of the candidates right [q, k] of each query: [q, k]; of equal scores the lower index is first."""
    found = np.empty(right.shape, np.int32)
    index = np.arange(len(candidates))
    for start in range(0, len(queries), chunk):
        rows = slice(start, start + chunk)
        scores = queries[rows] @ candidates.T
        for column in range(right.shape[1]):
            at = right[rows, column]
            own = np.take_along_axis(scores, at[:, None], 1)
            before = (scores > own) | ((scores == own) & (index[None] < at[:, None]))
            found[rows, column] = before.sum(1) + 1
    return found


def average_precision(ranks: NDArray[np.integer]) -> NDArray[np.float64]:
    """Mean over the right candidates of precision at their ranks [q, k]: [q]; LAReQA's MAP is its mean over queries."""
    ordered = np.sort(ranks, 1)
    return np.asarray((np.arange(1, ordered.shape[1] + 1) / ordered).mean(1))


class Tests:
    """The tests' texts, and the frozen encoder's vectors of their candidates."""

    __test__ = False  # not pytest's

    def __init__(self, catalog: Catalog, languages: tuple[str, ...], pool_questions: int, documents: Reader) -> None:
        self.sets = {code: catalog.answered_questions(code) for code in sort_codes(catalog.question_languages())}
        self.tatoeba = {code: catalog.retrieval(code, "Tatoeba (LASER)").pairs for code in languages}
        self.pool_questions = pool_questions
        self.documents = documents
        self.primary = [code for code in self.sets if code in languages]

    def rows(self, queries: Reader) -> list[QueryRow]:
        """Every query's outcome, with query vectors from `queries`."""
        vectors = {code: self._asked(code, one, queries) for code, one in self.sets.items()}
        rows = self._english(vectors) + self._pool(vectors)
        for code, pairs in self.tatoeba.items():
            candidates = self.documents([english for english, _ in pairs], ENGLISH)
            asked = queries([target for _, target in pairs], code)
            ranks = ranks_of(asked, candidates, np.arange(len(pairs))[:, None])
            rows += [QueryRow(TATOEBA, code, str(k), 1.0 / r, int(r)) for k, r in enumerate(ranks[:, 0])]
        return rows

    def _asked(self, code: str, one: AnsweredQuestions, queries: Reader) -> dict[str, Vectors]:
        """Vectors by question id; of languages outside the endpoint only the pool's questions are read."""
        chosen = set(one.ids) if code in (*self.primary, ENGLISH) else self._in_pool()
        kept = [k for k, name in enumerate(one.ids) if name in chosen]
        read = queries([one.questions[k] for k in kept], code)
        return {one.ids[k]: vector for k, vector in zip(kept, read, strict=True)}

    def _in_pool(self) -> set[str]:
        shared = set.intersection(*(set(one.ids) for one in self.sets.values()))
        return set(sorted(shared, key=lambda name: sha256(name.encode()).digest())[: self.pool_questions])

    def _english(self, vectors: dict[str, dict[str, Vectors]]) -> list[QueryRow]:
        english = self.sets[ENGLISH]
        candidates = self.documents(list(english.sentences), ENGLISH)
        answer = dict(zip(english.ids, english.answers, strict=True))
        rows: list[QueryRow] = []
        for code in (*self.primary, ENGLISH):
            names = [name for name in vectors[code] if name in answer]
            right = np.array([answer[name] for name in names])[:, None]
            ranks = ranks_of(np.stack([vectors[code][name] for name in names]), candidates, right)[:, 0]
            rows += [
                QueryRow(LAREQA_ENGLISH, code, name, 1.0 / r, int(r)) for name, r in zip(names, ranks, strict=True)
            ]
        return rows

    def _pool(self, vectors: dict[str, dict[str, Vectors]]) -> list[QueryRow]:
        codes = list(self.sets)
        candidates = np.concatenate([self.documents(list(one.sentences), code) for code, one in self.sets.items()])
        starts = np.cumsum([0, *(len(one.sentences) for one in self.sets.values())])
        answers = [dict(zip(one.ids, one.answers, strict=True)) for one in self.sets.values()]
        names = sorted(self._in_pool())
        right = np.array(
            [[start + own[name] for start, own in zip(starts[:-1], answers, strict=True)] for name in names]
        )
        rows: list[QueryRow] = []
        for number, code in enumerate(codes):
            asked = np.stack([vectors[code][name] for name in names])
            ranks = ranks_of(asked, candidates, right)
            top = (asked @ candidates.T).argmax(1)
            own = (top >= starts[number]) & (top < starts[number + 1])
            rows += [
                QueryRow(LAREQA_POOL, code, name, float(ap), int(first), bool(same))
                for name, ap, first, same in zip(names, average_precision(ranks), ranks.min(1), own, strict=True)
            ]
        return rows


def table(rows: list[QueryRow]) -> pa.Table:
    """The rows as they are stored."""
    return pa.table({field.name: [getattr(row, field.name) for row in rows] for field in ROWS}, ROWS)
