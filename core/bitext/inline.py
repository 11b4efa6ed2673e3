"""Inline codes of translation tools (line breaks, placeholders, formatting): what is left in the text where one stood.

A code that stands for white space leaves a space. A placeholder leaves one between two letters, which it kept apart; in
scripts that write no spaces it leaves nothing. Formatting leaves nothing: it may stand within a word.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

BREAK, GAP, NOTHING = "break", "gap", ""
#: Codes that stand alone, and those that begin or end formatting.
ALONE = frozenset(("ph", "x", "ut", "it", "cp"))
_BREAKS = (
    r"br|p|div|li|tr|td|th|h[1-6]|ul|ol|dl|dt|dd|table|hr|pre|blockquote|w:br|w:tab|w:p|a:br"
    r"|text:line-break|text:tab|text:s"
)
_STANDS_FOR_SPACE = re.compile(
    rf"<\s*/?\s*(?:{_BREAKS})\b|&lt;\s*/?\s*(?:{_BREAKS})\b|\\[nrt]|[\[{{](?:br|lb|tab)/?[\]}}]|[\r\n\t\x85\u2028\u2029]",
    re.IGNORECASE,
)
_KIND_OF_SPACE = re.compile(r"(?:^|[-:_])(?:lb|pb|br|p|li|div|linebreak|line-break|newline|tab)$", re.IGNORECASE)
_FORMATTING = re.compile(
    r"\s*(?:<|&lt;)\s*/?\s*(?:b|i|u|s|em|strong|span|font|sub|sup|small|big|a|code|tt|kbd|g|ins|del|mark|q|cite|abbr|acronym|var"
    r"|samp|strike|label|bdi|bdo|wbr|cf|csf|field|x|w:r|w:rPr|a:r)\b",
    re.IGNORECASE,
)
_KIND_OF_FORMATTING = re.compile(
    r"(?:^|[-:_])(?:bold|italic|underlined?|ulined|link|font|span|b|i|u|em|strong|a|sup|sub|fmt|struct|shy|wbr)$",
    re.IGNORECASE,
)
#: Scripts without spaces between words: Han, kana, Bopomofo, Thai, Lao, Burmese, Khmer, Tibetan.
_WITHOUT_SPACES = re.compile(
    "[\u0e00-\u0eff\u0f00-\u0fff\u1000-\u109f\u1780-\u17ff\u3040-\u312f\u3400-\u9fff\uf900-\ufaff]"
)
_KINDS = ("ctype", "type", "subType", "ts", "category")
_EQUIVALENTS = ("equiv-text", "equiv", "disp", "displaytext", "val")


def what_is_left(name: str, attributes: Mapping[str, str], content: str = "") -> str:
    """What a code leaves: `BREAK`, `GAP` or `NOTHING`. `content` is the text inside it, the code as the tool had it."""
    kinds = [attributes[key] for key in _KINDS if key in attributes]
    texts = [content, *(attributes[key] for key in _EQUIVALENTS if key in attributes)]
    if any(_KIND_OF_SPACE.search(kind) for kind in kinds) or any(_STANDS_FOR_SPACE.search(text) for text in texts):
        return BREAK
    if any(text and not text.strip() for text in texts):
        return BREAK
    if name not in ALONE:
        return NOTHING
    formatting = any(_KIND_OF_FORMATTING.search(kind) for kind in kinds) or any(_FORMATTING.match(t) for t in texts)
    return NOTHING if formatting else GAP


def joined(before: str, after: str, left: str) -> str:
    """What stands between two pieces of text where a code was: a space, or nothing.

    >>> joined("The", "window", BREAK), joined("file", "name", GAP), joined("un", "real", NOTHING)
    (' ', ' ', '')
    """
    if left == NOTHING or not before or not after or before[-1].isspace() or after[0].isspace():
        return ""
    if left == BREAK:
        return " "
    near = before[-1], after[0]
    apart = all(character.isalnum() for character in near) and not any(map(_WITHOUT_SPACES.match, near))
    return " " if apart else ""
