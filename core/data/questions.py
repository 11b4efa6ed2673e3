"""Question-retrieval sets in the shape of SQuAD, as XQuAD-R of LAReQA (Roy et al. 2020) comes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from core.data.text import read_text
from core.errors import BadInput

_SHAPE = (AttributeError, KeyError, TypeError, ValueError, IndexError, RecursionError)


@dataclass(frozen=True)
class Questions:
    """The questions of one language and the sentences among which their answers are looked for."""

    questions: tuple[str, ...]
    sentences: tuple[str, ...]


@dataclass(frozen=True)
class AnsweredQuestions:
    """Questions of one language with the sentence that answers each, an index into `sentences`.

    `ids` are the same in every language of a parallel set. Equal sentences are one candidate.
    """

    language: str
    ids: tuple[str, ...]
    questions: tuple[str, ...]
    sentences: tuple[str, ...]
    answers: tuple[int, ...]


def read_questions(path: Path) -> Questions:
    """Read a SQuAD-shaped JSON file; paragraphs may carry `sentences`. Raises `BadInput`."""
    try:
        paragraphs = _paragraphs(path)
        asked = tuple(str(qa["question"]) for paragraph in paragraphs for qa in paragraph["qas"])
        sentences = tuple(str(text) for paragraph in paragraphs for text in paragraph.get("sentences", ()))
    except _SHAPE as error:
        raise BadInput(f"{path} is not shaped as SQuAD: data, paragraphs, qas, question.") from error
    return Questions(asked, sentences)


def read_answered(path: Path, language: str) -> AnsweredQuestions:
    """Read XQuAD-R: the candidates are all sentences of all paragraphs, the right one holds the answer's first letter.

    So LAReQA cuts its paragraphs (`sentence_breaks` are spans of letters, ends excluded). An answer that goes over the
    end of its sentence (about 1 of 100) counts where it begins. Raises `BadInput`.
    """
    ids: list[str] = []
    questions: list[str] = []
    answers: list[int] = []
    index: dict[str, int] = {}
    try:
        for paragraph in _paragraphs(path):
            own = [index.setdefault(str(text), len(index)) for text in paragraph["sentences"]]
            ends = [int(end) for _, end in paragraph["sentence_breaks"]]
            for qa in paragraph["qas"]:
                start = int(qa["answers"][0]["answer_start"])
                ids.append(str(qa["id"]))
                questions.append(str(qa["question"]))
                answers.append(own[next(k for k, end in enumerate(ends) if start < end)])
    except (*_SHAPE, StopIteration) as error:
        raise BadInput(
            f"{path} is not shaped as XQuAD-R: paragraphs with qas, answers, sentences and sentence_breaks."
        ) from error
    return AnsweredQuestions(language, tuple(ids), tuple(questions), tuple(index), tuple(answers))


def _paragraphs(path: Path) -> list[Any]:
    try:
        data = json.loads(read_text(path))
    except json.JSONDecodeError as error:
        raise BadInput(f"{path}, line {error.lineno}: the file is not JSON.") from error
    return [paragraph for article in data["data"] for paragraph in article["paragraphs"]]
