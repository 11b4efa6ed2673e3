"""HTML tags and entities: what both sides carry alike belongs to the text, what stands on one side alone does not."""

from __future__ import annotations

import re

#: Elements of a page's frame, never of a sentence.
_BLOCK = (
    "p|div|table|tbody|thead|tr|td|th|ul|ol|li|dl|dt|dd|h[1-6]|html|head|body|script|style|form|input|iframe|nav|header|"
    "footer|section|article|blockquote|meta|link|center|hr|option|select|button|figure|figcaption|object|embed|param"
)
_INLINE = "a|b|i|u|s|em|strong|br|span|font|sub|sup|small|big|code|kbd|tt|img|q|abbr|cite|del|ins|mark|strike|label"
_TAG = re.compile(rf"<(/?)({_BLOCK}|{_INLINE})(\s[^<>]{{0,500}})?\s*/?>", re.IGNORECASE)
_BLOCKS = re.compile(rf"(?:{_BLOCK})", re.IGNORECASE)
_ENTITY = re.compile(
    r"&(?:amp;)?(#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos|nbsp|[lr][ds]?quo|[mn]dash|hellip|laquo|raquo|copy|"
    r"reg|trade|bull|middot|shy|euro|eacute|egrave|agrave|ccedil|[aouAOU]uml|szlig);"
)
_READ = 10_000
_TWICE = re.compile(r"&amp;(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|amp|lt|gt|quot|apos|nbsp);")


def is_html(source: str, target: str) -> bool:
    """Whether a tag of a page's frame is in it, or a tag that the other side has not.

    >>> is_html("<p>The river</p>", "<p>Der Fluss</p>"), is_html("the <b>river</b>", "der Fluss")
    (True, True)
    >>> is_html("the <b>river</b>", "der <b>Fluss</b>"), is_html("a < b and b > c", "a < b")
    (False, False)
    """
    if "<" not in source and "<" not in target:
        return False
    one, other = _tags(source), _tags(target)
    return one != other or any(_BLOCKS.fullmatch(name) for _, name in one)


def has_entities(source: str, target: str) -> bool:
    """Whether a character reference of HTML stands there unread on one side alone, or was escaped twice.

    >>> has_entities("Tea &amp; coffee", "Tee & Kaffee"), has_entities("Tea &amp;amp; coffee", "Tee &amp;amp; Kaffee")
    (True, True)
    >>> has_entities("Tea &amp; coffee", "Tee &amp; Kaffee"), has_entities("R&D; sales", "F&E; Verkauf")
    (False, False)
    """
    if "&" not in source and "&" not in target:
        return False
    one, other = sorted(_ENTITY.findall(source)), sorted(_ENTITY.findall(target))
    return one != other or _TWICE.search(source + target) is not None


def has_markup(source: str, target: str) -> bool:
    """Whether both sides carry the same inline tags or character references, as software's and pages' segments do.

    >>> has_markup("the <b>river</b>", "der <b>Fluss</b>"), has_markup("the river", "der Fluss")
    (True, False)
    """
    if "<" in source and _tags(source) and not is_html(source, target):
        return True
    return "&" in source and _ENTITY.search(source) is not None and not has_entities(source, target)


def _tags(text: str) -> list[tuple[str, str]]:
    """(slash, name) of the tags, sorted: languages order them differently."""
    return sorted((slash, name.lower()) for slash, name, _ in _TAG.findall(text[:_READ])) if "<" in text else []
