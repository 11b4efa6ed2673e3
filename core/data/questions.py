"""Question-retrieval sets in the shape of SQuAD, as XQuAD-R of LAReQA (Roy et al. 2020) comes."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

from core.data.text import read_text
from core.errors import BadInput


@dataclass(frozen=True)
class Questions:
    """The questions of one language and the sentences among which their answers are looked for."""

    questions: tuple[str, ...]
    sentences: tuple[str, ...]


def read_questions(path: Path) -> Questions:
    """Read a SQuAD-shaped JSON file; paragraphs may carry `sentences`. Raises `BadInput`."""
    try:
        data = json.loads(read_text(path))
        paragraphs = [paragraph for article in data["data"] for paragraph in article["paragraphs"]]
        asked = tuple(str(qa["question"]) for paragraph in paragraphs for qa in paragraph["qas"])
        sentences = tuple(str(text) for paragraph in paragraphs for text in paragraph.get("sentences", ()))
    except json.JSONDecodeError as error:
        raise BadInput(f"{path}, line {error.lineno}: the file is not JSON.") from error
    except (AttributeError, KeyError, TypeError, RecursionError) as error:
        raise BadInput(f"{path} is not shaped as SQuAD: data, paragraphs, qas, question.") from error
    return Questions(asked, sentences)
