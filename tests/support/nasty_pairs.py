"""Two hundred pairs that exports trip over: spaces, marks, quotes, formulas, markup, delimiters, line ends."""

from __future__ import annotations

import random

Pair = tuple[str, str]
#: From `l1` of real exports: what must come back as it was.
SPACES = [
    ("Are you there?", "Êtes-vous là\u202f?"),
    ("It costs 12 000 euros.", "Cela coûte 12\u00a0000\u00a0euros."),
    ("Two  spaces", "Deux  espaces"),
    ("Wide", "全角\u3000空白の文"),
    ("ZWNJ here", "می\u200cخواهم بروم"),
    ("RTL mark", "שלום\u200f!"),
    ("soft", "Donau\u00addampf"),
    ("'=formula", "'-tiret"),
]
LINES = [
    ("line\nbreak in text", "saut\nde ligne"),
    ("a tab\there", "une\ttabulation"),
    ('"a line\nin quotes"', "« deux\n\nlignes »"),
    (" indented\n  further".strip(), "retrait\n   encore"),
]
_PIECES = [
    "\u00a0", "\u202f", "\u3000", "\u2009", "  ", "   ", "\u200b", "\u200c", "\u200d", "\u200e", "\u200f",
    "\u2066x\u2069", "\u00ad", "\u2028", "\u2029", "\u0085", "\ufeff", "\u2060", '"', '""', "'", "“”",
    "«\u00a0»", ",", ";", "|", "||", "|||", "\\", "\\n", "\\t", '\\"', "\\\\", "&", "&amp;", "&#10;",
    "&nbsp;", "<b>", "</seg>", "<![CDATA[x]]>", "]]>", "<!-- -->", "=1+1", "+49", "-5", "@x", "#", "%s",
    "%1$s", "{0}", "msgid", "_", "é", "e\u0301", "नमस्ते", "ไทย", "😀", "👩\u200d👩\u200d👧", "𠀀", "İ", "ß",
]  # fmt: skip


def nasty_pairs(count: int = 200, lines: bool = True) -> list[Pair]:
    """The same each time, all different; with `lines`, a tenth hold tabs or line ends."""
    drawn = random.Random(4)
    made = dict.fromkeys(SPACES + (LINES if lines else []))
    for piece in _PIECES:  # at the start, inside and at the end of a text
        made[f"{piece} begins".lstrip(" \t"), f"finit {piece}".rstrip(" \t")] = None
    while len(made) < count:
        pieces = drawn.sample(_PIECES, 3)
        if lines and drawn.random() < 0.1:
            pieces.insert(1, drawn.choice(["\n", "\t", "\n\n", " \n "]))
        number = len(made)
        made[
            f"text {number} {''.join(pieces)} here", f"texte{drawn.choice(pieces[:1])}{number} {'x'.join(pieces)} ici"
        ] = None
    return list(made)[:count]
