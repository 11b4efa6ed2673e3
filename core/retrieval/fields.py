"""Which fields of a record are a text's identity, text and language, in the names that public collections give them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any, Literal

#: Whether a record is read as a document or as a query: one that has both sides is read on the side that is asked for.
Role = Literal["document", "query"]
#: In order of preference: ours, BEIR's, WikiCLIR's, Mr. TyDi's.
ID_KEYS = ("id", "_id", "docid", "doc_id", "pid", "query_id", "qid")
DOCUMENT_KEYS = (
    "text", "contents", "content", "passage", "sentence", "passage_text", "segment", "body", "document", "context",
    "abstract", "query", "question",
)  # fmt: skip
QUERY_KEYS = ("query", "question", "question_lang", "text", "contents", "content", "sentence")
LANGUAGE_KEYS = ("lang", "language")
TITLE_KEY = "title"
#: The code of a language that is given and not known.
UNKNOWN = "und"
#: Longest identity and field name that are told in a sentence.
SHOWN = 60


@dataclass(frozen=True)
class Entry:
    """One text: id, text ("" where there is none), and its language's code ("" if the file does not tell, "und" if it
    tells what is no known language)."""

    id: str
    text: str
    lang: str


def text_keys(role: Role) -> tuple[str, ...]:
    """The fields that may hold the text, in order of preference."""
    return QUERY_KEYS if role == "query" else DOCUMENT_KEYS


def identity_in(record: Mapping[str, Any]) -> str:
    """The record's identity; "" if it has none, or one that is neither text nor a whole number."""
    found = next((record[key] for key in ID_KEYS if record.get(key) not in (None, "")), None)
    return str(found).strip() if isinstance(found, str | int) and not isinstance(found, bool) else ""


def text_in(record: Mapping[str, Any], role: Role) -> tuple[str, tuple[str, ...]]:
    """The text, a document's title in front of it as in BEIR, and the fields of the record that are not read."""
    key = next((key for key in text_keys(role) if isinstance(record.get(key), str) and record[key].strip()), "")
    text = str(record[key]).strip() if key else ""
    title = record.get(TITLE_KEY)
    if role == "document" and isinstance(title, str) and title.strip():
        text = f"{title.strip()} {text}".strip()
    read = {*ID_KEYS, *LANGUAGE_KEYS, key, TITLE_KEY if role == "document" else key}
    return text, tuple(name for name, value in record.items() if name not in read and not _blank(value))


def _blank(value: Any) -> bool:
    return value in (None, "", [], {}) or (isinstance(value, str) and not value.strip())


def language_in_record(record: Mapping[str, Any], otherwise: str) -> str:
    """The code of the language that a record names by code or name, else that of `otherwise`; see `Entry`."""
    given = next((record[key] for key in LANGUAGE_KEYS if isinstance(record.get(key), str)), otherwise)
    return code_of(given)


@lru_cache(maxsize=4096)
def code_of(given: str) -> str:
    """The code of a language given by a code, with a script or without, or by its name.

    >>> code_of("eng-Latn"), code_of("English"), code_of("unknown"), code_of(" ")
    ('en', 'en', 'und', '')
    """
    from core.bitext.names import called

    return (called(given) or UNKNOWN) if given.strip() else ""
