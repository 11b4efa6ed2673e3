"""A sentence that says the opposite: a negation put in or taken out, in English by rule, elsewhere by its own word."""

from __future__ import annotations

import re

_AUXILIARY = re.compile(
    r"\b(is|are|was|were|am|can|could|will|would|should|must|may|might|does|did|has|have|had)\b(?! not\b|n't|n’t)"
)
_SHORT = re.compile(r"\b(ca|wo|sha|do|does|did|is|are|was|were|could|would|should|must|has|have|had)n['’]t\b", re.I)
_WHOLE = re.compile(r"\b(not|never)\b ?", re.IGNORECASE)
_IRREGULAR = {"ca": "can", "wo": "will", "sha": "shall", "do": "", "does": "", "did": ""}

#: Words that negate by standing alone; taking one out turns the sentence round.
ALONE = {
    "af": ("nie",), "ar": ("لا", "لم", "لن", "ليس", "ليست"), "bg": ("не",), "bs": ("ne", "nije"), "ca": ("no",),
    "cs": ("není", "nikdy"), "da": ("ikke", "aldrig"), "de": ("nicht", "nie", "niemals"), "el": ("δεν", "μην"),
    "eo": ("ne",), "es": ("no", "nunca"), "et": ("ei",), "fa": ("نیست", "نه"), "fi": ("ei", "eivät", "en"),
    "fr": ("pas", "jamais"), "he": ("לא", "אין"), "hi": ("नहीं", "न", "मत"), "hr": ("ne", "nije"),
    "hu": ("nem", "ne", "sem"), "id": ("tidak", "bukan", "jangan"), "it": ("non", "mai"), "lv": ("nav",),
    "mr": ("नाही", "नाहीत"), "ms": ("tidak", "bukan", "jangan"), "nb": ("ikke", "aldri"), "nl": ("niet", "nooit"),
    "nn": ("ikkje", "aldri"), "pl": ("nie",), "pt": ("não", "nunca"), "ro": ("nu",), "ru": ("не", "нет"),
    "sk": ("nie",), "sl": ("ne", "ni"), "sr": ("не", "није", "ne", "nije"), "sv": ("inte", "aldrig"),
    "sw": ("si", "hakuna", "kamwe"), "tl": ("hindi", "huwag"), "tr": ("değil", "yok", "asla"),
    "uk": ("не", "немає"), "ur": ("نہیں", "نہ", "مت"), "vi": ("không", "chưa", "đừng"),
}  # fmt: skip
_SIGNS = ".,!?;:،۔।؟\"'«»"


def negated(text: str, language: str) -> str | None:
    """The sentence with its negation taken out, or in English put in; None where no rule applies.

    >>> negated("She can't swim.", "en"), negated("It is late.", "en"), negated("Es schneit nicht mehr.", "de")
    ('She can swim.', 'It is not late.', 'Es schneit mehr.')
    >>> negated("A red house.", "en") is None
    True
    """
    base = language.split("-")[0]
    if base == "en":
        return _english(text)
    words, negators = text.split(), ALONE.get(base, ())
    at = next((i for i, word in enumerate(words) if word.casefold().strip(_SIGNS) in negators), None)
    if at is None or len(words) < 3:
        return None
    ending = "".join(c for c in words[at] if c in ".,!?;:،۔।؟")
    rest = words[:at] + words[at + 1 :]
    if ending and at:
        rest[at - 1] += ending
    return " ".join(rest)


def _english(text: str) -> str | None:
    if found := _SHORT.search(text):
        stem = _IRREGULAR.get(found[1].lower(), found[1])
        if found[1][0].isupper():
            stem = stem.capitalize()
        changed = f"{text[: found.start()]}{stem}{text[found.end() :]}".replace("  ", " ").strip()
    elif found := _WHOLE.search(text):
        instead = "always " if found[1].lower() == "never" else ""
        changed = f"{text[: found.start()]}{instead}{text[found.end() :]}".strip()
    elif found := _AUXILIARY.search(text):
        changed = f"{text[: found.end()]} not{text[found.end() :]}"
    else:
        return None
    return changed[:1].upper() + changed[1:] if text[:1].isupper() else changed
