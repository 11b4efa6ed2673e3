"""Words that negate, by language: what the test `negation` looks for.

Whole words in any case; in Chinese and Thai the characters wherever they stand, save in words that only look so.
Negation inside a word (Turkish -me-, Swahili ha-) is not seen, so that rates of two languages do not compare.
"""

from __future__ import annotations

from collections.abc import Sequence

from core.bitext.planting.negation import ALONE

_FULLER: dict[str, str] = {
    "en": "not no never none nobody nothing nowhere neither nor cannot without",
    "ru": "не нет ни никогда никто никого никому ничего ничто нигде никуда нельзя никакой никакого никаких",
    "de": "nicht nie niemals nichts niemand niemanden niemandem nirgends weder kein keine keinen keinem keiner keines",
    "es": "no nunca jamás nadie nada ningún ninguno ninguna tampoco ni sin",
    "fr": "ne n pas jamais rien aucun aucune ni nul nulle sans",
    "vi": "không chẳng chưa đừng chả",
    "ar": "لا لم لن ليس ليست ليسوا لست لسنا غير بدون ولا ولم ولن وليس",
    "tr": "değil değildi değildir yok yoktu yoktur asla hiç hiçbir",
    "el": "δεν δε μην όχι ποτέ κανείς κανένας καμία κανένα τίποτα ούτε χωρίς",
    "bg": "не няма нямаше нито никога никой никого нищо никъде никакъв никаква никакво никакви",
    "hi": "नहीं न ना मत बिना",
    "ur": "نہیں نہ نا مت بغیر",
    "sw": "si sio siyo hakuna hapana kamwe hakuwa hana bila wala",
}  # fmt: skip
#: Found inside a text without spaces.
INSIDE = {"zh": ("不", "没", "沒", "无", "無", "未", "别", "勿"), "th": ("ไม่", "มิได้", "ไร้", "อย่า")}
#: Words that hold such characters and do not negate.
_NO_NEGATION = {"zh": ("不过", "特别", "别人", "别的", "区别", "分别", "个别", "级别", "未来"), "th": ("อย่าง",)}
NEGATIONS: dict[str, frozenset[str]] = {code: frozenset(words) for code, words in ALONE.items()} | {
    code: frozenset(words.split()) for code, words in _FULLER.items()
}


def has_list(language: str) -> bool:
    """Whether the language (a tag) has a list."""
    base = language.split("-")[0]
    return base in NEGATIONS or base in INSIDE


def negates(text: str, words: Sequence[str], language: str) -> bool:
    """Whether a word of negation stands in a text, whose `words` are in small letters.

    >>> negates("She can't swim.", ["she", "can't", "swim"], "en"), negates("Es nistet hier", ["es", "nistet"], "de")
    (True, False)
    >>> negates("เป็นอย่างดี", (), "th"), negates("อย่าไป", (), "th")
    (False, True)
    """
    base = language.split("-")[0]
    if base in INSIDE:
        for word in _NO_NEGATION.get(base, ()):
            text = text.replace(word, " ")
        return any(sign in text for sign in INSIDE[base])
    listed = NEGATIONS.get(base, frozenset())
    for word in words:
        straight = word.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
        if word in listed or (base == "en" and straight.endswith("n't")):
            return True
        if base == "fr" and straight.startswith("n'"):
            return True
    return False
