"""What a query encoder is asked: LAReQA in English, LAReQA in one pool of languages, Tatoeba; each query one row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from hashlib import sha256

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray

from core.data.catalog import Catalog
from core.languages import sort_codes
from core.retrieval.named import LAREQA, reading, tatoeba
from core.retrieval.retrieval_set import RetrievalSet, answers

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
        read, codes = reading(catalog), sort_codes(catalog.question_languages())
        self.primary = [code for code in codes if code in languages]
        #: LAReQA's questions by their language, over the English sentences and over those of all languages.
        self.english = {code: answers(LAREQA, read, code, [ENGLISH]) for code in (*self.primary, ENGLISH)}
        self.pool = {code: answers(LAREQA, read, code, codes) for code in codes}
        self.tatoeba = {code: tatoeba(catalog, code) for code in languages}
        self.pool_questions = pool_questions
        self.documents = documents

    def rows(self, queries: Reader) -> list[QueryRow]:
        """Every query's outcome, with query vectors from `queries`."""
        vectors = {code: self._asked(code, questions, queries) for code, questions in self.pool.items()}
        rows = self._english(vectors) + self._pool(vectors)
        for code, pairs in self.tatoeba.items():
            candidates = self.documents(list(pairs.candidates), ENGLISH)
            asked = queries(list(pairs.queries), code)
            ranks = ranks_of(asked, candidates, _right(pairs.right))[:, 0]
            rows += _single(TATOEBA, code, pairs.query_ids, ranks)
        return rows

    def _asked(self, code: str, questions: RetrievalSet, queries: Reader) -> dict[str, Vectors]:
        """Vectors by question id; of languages outside the endpoint only the pool's questions are read."""
        chosen = set(questions.query_ids) if code in self.english else self._in_pool()
        kept = [k for k, name in enumerate(questions.query_ids) if name in chosen]
        read = queries([questions.queries[k] for k in kept], code)
        return {questions.query_ids[k]: vector for k, vector in zip(kept, read, strict=True)}

    def _in_pool(self) -> set[str]:
        shared = set.intersection(*(set(questions.query_ids) for questions in self.pool.values()))
        return set(sorted(shared, key=lambda name: sha256(name.encode()).digest())[: self.pool_questions])

    def _english(self, vectors: dict[str, dict[str, Vectors]]) -> list[QueryRow]:
        candidates = self.documents(list(self.english[ENGLISH].candidates), ENGLISH)
        rows: list[QueryRow] = []
        for code, questions in self.english.items():
            asked = np.stack([vectors[code][name] for name in questions.query_ids])
            ranks = ranks_of(asked, candidates, _right(questions.right))[:, 0]
            rows += _single(LAREQA_ENGLISH, code, questions.query_ids, ranks)
        return rows

    def _pool(self, vectors: dict[str, dict[str, Vectors]]) -> list[QueryRow]:
        first = next(iter(self.pool.values()))
        languages = np.array(first.languages)
        texts = {code: [first.candidates[k] for k in np.nonzero(languages == code)[0]] for code in self.pool}
        candidates = np.concatenate([self.documents(sentences, code) for code, sentences in texts.items()])
        names = sorted(self._in_pool())
        rows: list[QueryRow] = []
        for code, questions in self.pool.items():
            right_of = dict(zip(questions.query_ids, questions.right, strict=True))
            asked = np.stack([vectors[code][name] for name in names])
            ranks = ranks_of(asked, candidates, _right([right_of[name] for name in names]))
            own_language = languages[(asked @ candidates.T).argmax(1)] == code
            rows += [
                QueryRow(LAREQA_POOL, code, name, float(precision), int(rank), bool(same))
                for name, precision, rank, same in zip(
                    names, average_precision(ranks), ranks.min(1), own_language, strict=True
                )
            ]
        return rows


def _right(right: Sequence[frozenset[int]]) -> NDArray[np.int64]:
    """Rows of the right candidates [q, k], of which every query has as many."""
    return np.array([sorted(rows) for rows in right], np.int64)


def _single(task: str, code: str, names: Sequence[str], ranks: NDArray[np.integer]) -> list[QueryRow]:
    """Rows of queries with one right candidate, whose average precision is that of its rank alone."""
    return [QueryRow(task, code, name, 1.0 / rank, int(rank)) for name, rank in zip(names, ranks, strict=True)]


def table(rows: list[QueryRow]) -> pa.Table:
    """The rows as they are stored."""
    return pa.table({field.name: [getattr(row, field.name) for row in rows] for field in ROWS}, ROWS)
