"""What a column's or a file's own name says: that it is the source, the target, or in a language."""

from __future__ import annotations

import re

from core.errors import BadInput
from core.languages import ALIASES, XNLI_CODES, XNLI_LANGUAGES
from core.languages import language as language_of

SOURCE = ("source", "src", "source_text", "sentence1", "original", "msgid", "text1")
TARGET = ("target", "tgt", "trg", "target_text", "sentence2", "translation", "msgstr", "text2")
_BY_NAME = {x.name.casefold(): x.code for x in XNLI_LANGUAGES} | {x.native.casefold(): x.code for x in XNLI_LANGUAGES}
_PARTS = re.compile(r"[\s._:/\\]+")


def language_in(name: str) -> str | None:
    """The language that a name tells, as a BCP-47 tag: `en`, `eng`, `English`, `translation.en`, `text_sw`.

    >>> language_in("translation.en"), language_in("Swahili"), language_in("score")
    ('en', 'sw', None)
    """
    cleaned = name.strip().casefold()
    if cleaned in _BY_NAME:
        return _BY_NAME[cleaned]
    if found := tag(cleaned):
        return found
    parts = [part for part in _PARTS.split(cleaned) if part]
    for part in (parts[-1], parts[0]) if len(parts) > 1 else ():
        if part in _BY_NAME:
            return _BY_NAME[part]
        if found := tag(part):
            return found
    return None


def tag(name: str) -> str | None:
    """The code of a language tag, None for a word that only looks like one."""
    cleaned = name.strip().replace("_", "-")
    base = cleaned.split("-")[0].lower()
    known = base in XNLI_CODES or base in ALIASES
    if not (known or (len(base) == 2 and base.isalpha() and base not in ("id", "no", "to", "is", "or", "as"))):
        if cleaned.lower() not in ("id-id", "nb-no", "no-no"):
            return None
    try:
        return language_of(cleaned).code
    except BadInput:
        return None


def plain_tag(declared: str | None) -> str | None:
    """A tag that a format declares (TMX, XLIFF, PO), made BCP-47; None if it is none."""
    if not declared or not declared.strip():
        return None
    try:
        return language_of(declared.split(".")[0].split("@")[0]).code
    except BadInput:
        return None


def is_header(cells: list[str]) -> bool:
    """Whether a table's first row names its columns: short distinct names, of which one is known."""
    names = [cell.strip().casefold() for cell in cells]
    if len(set(names)) < len(names) or not all(0 < len(name) <= 40 for name in names):
        return False
    return any(name in SOURCE or name in TARGET or language_in(name) is not None for name in names)
