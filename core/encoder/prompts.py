"""What stands before a text: one prompt for texts that are compared, one for queries, one for what is searched."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from core.encoder.encoder import Encoder
from core.errors import BadInput

Role = Literal["text", "query", "document"]
#: multilingual-e5 and e5: "query: " and "passage: ", which their cards ask for and no file of theirs holds.
_E5 = re.compile(r"(^|[-_/\\])e5-(small|base|large)(?![\w-]*instruct)", re.IGNORECASE)
#: bge-*-en and bge-*-zh ask for a sentence before queries alone.
_BGE = re.compile(r"(^|[-_/\\])bge-(small|base|large)-(en|zh)", re.IGNORECASE)
_BGE_QUERY = {
    "en": "Represent this sentence for searching relevant passages: ",
    "zh": "为这个句子生成表示以用于检索相关文章：",  # noqa: RUF001
}
#: What sentence-transformers calls the prompt of a text that is searched, first to last.
_DOCUMENT_NAMES = ("document", "passage", "corpus")
_LONGEST = 2_000


@dataclass(frozen=True)
class Prompts:
    """`text` for texts that are compared with each other, as translations are; `query` and `document` for a search."""

    text: str = ""
    query: str = ""
    document: str = ""


def saved_prompts(prompts: Mapping[str, str], default: str | None, name: str) -> Prompts:
    """What a folder's prompts by name, and the name of its default one, mean for each role.

    Texts that are compared: the default prompt, else the `query` prompt. Queries: the `query` prompt. Documents: the
    first that is not empty of `document`, `passage` and `corpus`. As `encode_query` and `encode_document` have it,
    neither falls back on the default one. Where a folder has no prompt, those that the cards of E5 and BGE ask for, by
    the encoder's name.
    """
    plain = (prompts.get(default) or "") if default else ""
    query = prompts.get("query") or ""
    document = next((prompts[key] for key in _DOCUMENT_NAMES if prompts.get(key)), "")
    if plain or query or document:
        return Prompts(plain or query, query, document)
    if _E5.search(name):
        return Prompts("query: ", "query: ", "passage: ")
    if bge := _BGE.search(name):
        return Prompts("", _BGE_QUERY[bge[3].lower()], "")
    return Prompts()


def in_role(encoder: Encoder, role: Role, prompt: str | None = None) -> Encoder:
    """`encoder` with the prefix of a role, or with `prompt` in its place (`""`: none).

    Raises `BadInput` for a prompt that leaves no room for a text.
    """
    own = {"text": None, "query": encoder.query_prefix, "document": encoder.document_prefix}[role]
    chosen = prompt if prompt is not None else own
    if chosen is None or chosen == encoder.prefix:
        return encoder
    check_prompt(encoder, chosen)
    return dataclasses.replace(encoder, prefix=chosen)


def check_prompt(encoder: Encoder, prompt: str) -> None:
    """Raises `BadInput` for a prompt that cannot be read as it is meant."""
    from core.encoder.tokens import prompt_tokens

    if len(prompt) > _LONGEST:
        raise BadInput(f"A prompt of {len(prompt):,} characters is too long; give one of at most {_LONGEST:,}.")
    if special := next((token for token in encoder.tokenizer.all_special_tokens if token in prompt), None):
        raise BadInput(
            f"The prompt of {encoder.name} has the special token {special}, which is read as text here: "
            "give another prompt, or none."
        )
    if prompt_tokens(encoder, prompt) >= encoder.max_tokens - 2:
        raise BadInput(
            f"The prompt {prompt[:60]!r} leaves no room for a text: {encoder.name} reads {encoder.max_tokens} subwords."
        )
