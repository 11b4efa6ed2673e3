"""Words that mix scripts by letters of the same look."""

from __future__ import annotations

import re

#: Letters of Cyrillic and Greek that look like Latin ones, and Latin ones that look like those (Unicode's confusables).
_CYRILLIC_LIKE_LATIN = set("аАВеЕЅѕіІјЈКМНоОрРсСТуУхХҮһԁԛԝӏѵ")
_LATIN_LIKE_CYRILLIC = set("aABcCeEHiIjJkKMmoOpPTtxXySsYu3")
_GREEK_LIKE_LATIN = set("ΑΒΕΖΗΙΚΜΝΟΡΤΥΧοιανρτυχκ")
_LATIN_LIKE_GREEK = set("ABEZHIKMNOPTYXoiavptuxk")
_LATIN, _CYRILLIC, _GREEK = "A-Za-zÀ-ɏ", "Ѐ-ԯ", "Ͱ-Ͽ"
_FOREIGN = re.compile(f"[{_CYRILLIC}{_GREEK}]")
_MIXED = re.compile(
    f"[{_LATIN}{_CYRILLIC}]*(?:[{_LATIN}][{_CYRILLIC}]|[{_CYRILLIC}][{_LATIN}])[{_LATIN}{_CYRILLIC}]*|"
    f"[{_LATIN}{_GREEK}]*(?:[{_LATIN}][{_GREEK}]|[{_GREEK}][{_LATIN}])[{_LATIN}{_GREEK}]*"
)
_ANY_LATIN = re.compile(f"[{_LATIN}]")


def has_homoglyphs(text: str) -> bool:
    """Whether a word of three letters or more is written in two scripts, one of them by lookalikes alone.

    `µm`, `Wi-Fi-сеть`, `3D-модель` and `βcarotene` are none.

    >>> has_homoglyphs("Der Рreis"), has_homoglyphs("Цена хлебa")
    (True, True)
    >>> has_homoglyphs("die Wi-Fi-сеть"), has_homoglyphs("βcarotene")
    (False, False)
    """
    if not _FOREIGN.search(text) or not _ANY_LATIN.search(text):
        return False
    return any(len(word := found[0]) >= 3 and _deceives(word) for found in _MIXED.finditer(text))


def _deceives(word: str) -> bool:
    latin = {c for c in word if _ANY_LATIN.match(c)}
    other = set(word) - latin
    greek = any("Ͱ" <= c <= "Ͽ" for c in other)
    like_latin, like_other = (
        (_GREEK_LIKE_LATIN, _LATIN_LIKE_GREEK) if greek else (_CYRILLIC_LIKE_LATIN, _LATIN_LIKE_CYRILLIC)
    )
    return other <= like_latin or latin <= like_other
