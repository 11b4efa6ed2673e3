"""Which language a text is in: CLD2 [1] screens every text in 50 microseconds, lingua [2] decides where that doubts.

Neither alone would do: lingua, the more exact, takes milliseconds a text over its 75 languages, and CLD2 takes one
short sentence in twenty for another language. lingua runs in its low-accuracy mode (trigrams alone, about 100 MB).

[1] Sites 2013, Compact Language Detection (github.com/CLD2Owners/cld2).  [2] github.com/pemistahl/lingua-py
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from core.languages import language as language_of

#: A text with fewer letters says too little about its language to be called wrong.
FEWEST_LETTERS = 20
#: How far lingua's best language must be ahead of the next, 0 to 1, before it decides.
DISTANCE = 0.1
_READ = 400
#: Fewer texts than this say too little about the language of a column.
FEWEST_TEXTS = 5
#: What CLD2 refuses: controls, lone surrogates, noncharacters.
_REFUSED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff\ufdd0-\ufdef\ufffe\uffff\U0001fffe-\U0001ffff]"
)
_OLD_CODES = {"iw": "he", "in": "id", "jw": "jv", "no": "nb", "mo": "ro", "zh-Hant": "zh"}

#: Languages whose short texts cannot be held apart well enough to call one wrong.
_NEAR: dict[str, tuple[str, ...]] = {
    "hi": ("mr", "sa", "ne", "bh"), "mr": ("hi",), "nb": ("da", "nn"), "nn": ("nb", "da"), "da": ("nb", "nn"),
    "id": ("ms",), "ms": ("id",), "bs": ("hr", "sr"), "hr": ("bs", "sr"), "sr": ("hr", "bs"), "cs": ("sk",),
    "sk": ("cs",), "bg": ("mk",), "mk": ("bg",), "zu": ("xh",), "xh": ("zu",), "gl": ("pt", "es"),
}  # fmt: skip
#: Languages that short texts are taken for (found on translations of software, 1,500 texts of 20 to 120 letters each:
#: af as nl 2.2 %, mk as sr 2.4, bg as sr or ru 1.5, Serbian in Latin letters as sk, sl or cs 5.5). From `SURE` letters
#: on they are told apart.
_SIMILAR: dict[str, tuple[str, ...]] = {
    "af": ("nl",), "az": ("tr",), "be": ("uk", "ru"), "bg": ("sr", "ru", "uk"), "bs": ("sl",), "ca": ("es", "pt", "fr"),
    "cs": ("sl", "pl"), "es": ("ca", "pt", "it"), "et": ("fi",), "fa": ("ur", "ar"), "fi": ("et",), "hr": ("sl", "cs"),
    "is": ("nn", "nb", "da"), "it": ("es", "pt", "la"), "lt": ("lv",), "lv": ("lt",), "mk": ("sr", "ru"),
    "mn": ("ru", "kk"), "nb": ("sv",), "nl": ("af",), "nn": ("sv",), "pt": ("es", "ca", "it"), "ro": ("it", "la"),
    "ru": ("uk", "be", "bg"), "sk": ("sl", "pl"), "sl": ("hr", "bs", "sr", "sk"), "so": ("xh",),
    "sr": ("mk", "bg", "ru", "sk", "sl", "cs"), "sv": ("da", "nb", "nn"), "tr": ("az",), "uk": ("ru", "be", "mk"),
    "ur": ("fa", "ar"), "xh": ("so",),
}  # fmt: skip
#: Letters from which on similar languages are told apart.
SURE = 60
#: Languages in other letters than Latin: a text that is a fifth in others than Latin ones, names and commands in
#: between, is in none that is written in Latin.
_OTHER_LETTERS = frozenset(
    "am ar be bg bn el fa gu he hi hy ja ka kk km kn ko lo mk ml mn mr my ne or pa ps ru sa si sr ta te th uk ur "
    "zh".split()
)
_IDEOGRAPHIC = re.compile("[\u3040-\u9fff\uac00-\ud7af]")
_NOT_LATIN = re.compile("[\u0370-\u1cff\u1f00-\u1fff\u2c80-\ua63f\ua640-\ua71f\ua800-\uab2f\uabc0-\ufaff\ufb1d-\ufefc]")


def supported(tag: str) -> bool:
    """Whether the language can be recognised at all."""
    return _base(tag) in _codes()


def other_languages(texts: Sequence[str], expected: str, beside: str = "und") -> list[str | None]:
    """The code of the language that a text is in instead of `expected`; None where it is not in another, or is too
    short to tell. `beside` is the language of the other side, which wrong texts are in most often."""
    own = _base(expected)
    passing, similar = {own, *_NEAR.get(own, ())}, _SIMILAR.get(own, ())
    doubted: dict[frozenset[str], list[int]] = {}
    for i, text in enumerate(texts):
        # The first letters mostly are enough; all are counted where it matters.
        if sum(map(str.isalpha, text[:40])) < FEWEST_LETTERS and _letters(text) < FEWEST_LETTERS:
            continue
        guess = _screen(text)
        if not guess or guess in passing:
            continue
        letters = _letters(text)
        if letters >= SURE or guess not in similar:
            if own in _OTHER_LETTERS and guess not in _OTHER_LETTERS and _is_other(text[:120], letters):
                continue
            # Serbian in Latin letters is known to lingua as Croatian: what passes is asked for too.
            asked = {*passing, guess, _base(beside), "en"} & _codes()
            doubted.setdefault(frozenset(asked), []).append(i)
    found: list[str | None] = [None] * len(texts)
    for asked_of, places in doubted.items():
        answers = _detector(asked_of).detect_languages_in_parallel_of([texts[i][:_READ] for i in places])
        for i, answer in zip(places, answers, strict=True):
            code = _code(answer)
            short = code in similar and _letters(texts[i]) < SURE
            found[i] = code if code not in passing and not short else None
    return found


def language_of_sample(texts: Sequence[str]) -> tuple[str | None, float]:
    """The language of most texts of a sample and its share of those that tell; (None, 0.0) if none does, or less
    than five texts are there."""
    if sum(any(map(str.isalpha, text)) for text in texts) < FEWEST_TEXTS:
        return None, 0.0
    answers = _detector(None).detect_languages_in_parallel_of([text[:_READ] for text in texts])
    counted = Counter(code for answer in answers if (code := _code(answer)))
    if not counted:
        return None, 0.0
    code, n = counted.most_common(1)[0]
    return code, n / counted.total()


def _letters(text: str) -> int:
    """Letters among the first 120 characters."""
    return sum(map(str.isalpha, text[:120]))


def _is_other(text: str, letters: int) -> bool:
    """Whether a fifth of the letters is not Latin; one of Chinese, Japanese or Korean says as much as three."""
    other = len(_NOT_LATIN.findall(text))
    return other >= 3 and 5 * (other + 2 * len(_IDEOGRAPHIC.findall(text))) >= letters


def _base(tag: str) -> str:
    base = language_of(tag).code.split("-")[0]
    return _OLD_CODES.get(base, base)


def are_near(one: str, other: str) -> bool:
    """Whether two languages are too near to each other for short texts to tell them apart."""
    left, right = _base(one), _base(other)
    return left == right or right in _NEAR.get(left, ()) or left in _NEAR.get(right, ())


def _screen(text: str) -> str:
    """CLD2's guess, "" where it has none."""
    import pycld2

    text = text[:_READ]
    try:
        found = pycld2.detect(text, bestEffort=True)
    except (pycld2.error, UnicodeEncodeError):
        try:
            found = pycld2.detect(_REFUSED.sub(" ", text), bestEffort=True)
        except (pycld2.error, UnicodeEncodeError):
            return ""
    code = found[2][0][1]
    return "" if code == "un" else _OLD_CODES.get(code, code.split("-")[0])


@lru_cache(maxsize=64)
def _detector(codes: frozenset[str] | None) -> Any:
    from lingua import IsoCode639_1, LanguageDetectorBuilder

    if codes is None:
        builder = LanguageDetectorBuilder.from_all_languages()
    else:
        builder = LanguageDetectorBuilder.from_iso_codes_639_1(
            *(getattr(IsoCode639_1, c.upper()) for c in sorted(codes))
        )
    return builder.with_low_accuracy_mode().with_minimum_relative_distance(DISTANCE).build()


@lru_cache(maxsize=1)
def _codes() -> frozenset[str]:
    from lingua import Language

    return frozenset(language.iso_code_639_1.name.lower() for language in Language.all())


def _code(answer: Any) -> str | None:
    return None if answer is None else str(answer.iso_code_639_1.name.lower())
