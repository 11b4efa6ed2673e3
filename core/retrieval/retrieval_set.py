"""Queries of one language, candidates in one language or several, and which candidate is right for which query."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from core.data.questions import AnsweredQuestions
from core.data.records import Bitext
from core.retrieval.fields import Entry


@dataclass(frozen=True)
class RetrievalSet:
    """`right[i]` are the rows of the right candidates of query i; `itself[i]` is the row of the candidate that is the
    query itself, which is never a hit (-1: none is). `languages[k]` is the code of candidate k. `is_search`: queries
    ask for candidates, so that each side is read after its own prompt; else they are compared, as translations are."""

    name: str
    queries: tuple[str, ...]
    query_ids: tuple[str, ...]
    query_language: str
    candidates: tuple[str, ...]
    languages: tuple[str, ...]
    right: tuple[frozenset[int], ...]
    itself: tuple[int, ...]
    is_search: bool = False

    def query_entries(self) -> list[Entry]:
        """The queries with their ids and language."""
        return [Entry(name, text, self.query_language) for name, text in zip(self.query_ids, self.queries, strict=True)]

    def candidate_entries(self) -> list[Entry]:
        """The candidates; their ids are `LANG-number`, counted from 0 in each language."""
        counted: Counter[str] = Counter()
        entries = []
        for text, code in zip(self.candidates, self.languages, strict=True):
            entries.append(Entry(f"{code}-{counted[code]}", text, code))
            counted[code] += 1
        return entries

    def judgements(self) -> dict[str, dict[str, int]]:
        """The right candidates' ids by query id, each judged 1."""
        ids = [entry.id for entry in self.candidate_entries()]
        return {
            name: {ids[row]: 1 for row in sorted(rows)} for name, rows in zip(self.query_ids, self.right, strict=True)
        }


def translations(name: str, bitext: Bitext, into_source: bool = True) -> RetrievalSet:
    """The sentences of one side of a bitext search those of the other: a sentence's translation is right.

    `into_source`: targets are the queries and sources the candidates; English is the source wherever it is a side.
    """
    sides = tuple(source for source, _ in bitext.pairs), tuple(target for _, target in bitext.pairs)
    codes = bitext.source_language, bitext.target_language
    queries, candidates = (1, 0) if into_source else (0, 1)
    count = len(bitext.pairs)
    return RetrievalSet(
        name, sides[queries], tuple(map(str, range(count))), codes[queries], sides[candidates],
        (codes[candidates],) * count, tuple(frozenset([row]) for row in range(count)), (-1,) * count,
    )  # fmt: skip


def any_translation(name: str, bitexts: Sequence[Bitext], code: str) -> RetrievalSet:
    """The sentences in `code` search all languages of bitexts whose English sides are the same.

    Every translation is right, and the sentence itself is no hit.
    """
    english = tuple(source for source, _ in bitexts[0].pairs)
    texts = {bitexts[0].source_language: english}
    texts |= {bitext.target_language: tuple(target for _, target in bitext.pairs) for bitext in bitexts}
    count, codes = len(english), list(texts)
    first = codes.index(code) * count
    return RetrievalSet(
        name, texts[code], tuple(map(str, range(count))), code,
        tuple(text for sentences in texts.values() for text in sentences),
        tuple(other for other in codes for _ in range(count)),
        tuple(frozenset(k + count * n for n, other in enumerate(codes) if other != code) for k in range(count)),
        tuple(range(first, first + count)),
    )  # fmt: skip


def answers(
    name: str, read: Callable[[str], AnsweredQuestions], asked: str, answered: Sequence[str]
) -> RetrievalSet:  # fmt: skip
    """The questions in `asked` search the sentences of all languages `answered`: the sentence that answers is right.

    `read` gives the questions and sentences of a language. Questions that none of the languages answers are left out.
    """
    questions = read(asked)
    texts: list[str] = []
    languages: list[str] = []
    right: dict[str, set[int]] = {}
    for code in answered:
        of_language = read(code)
        for question, answer in zip(of_language.ids, of_language.answers, strict=True):
            right.setdefault(question, set()).add(len(texts) + answer)
        texts += of_language.sentences
        languages += [code] * len(of_language.sentences)
    kept = [k for k, question in enumerate(questions.ids) if question in right]
    ids = tuple(questions.ids[k] for k in kept)
    return RetrievalSet(
        name, tuple(questions.questions[k] for k in kept), ids, questions.language, tuple(texts), tuple(languages),
        tuple(frozenset(right[question]) for question in ids), (-1,) * len(kept), is_search=True,
    )  # fmt: skip
