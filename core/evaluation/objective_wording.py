"""How it is put that an arm's own objective improved, in sentences written today and in those of older runs."""

from __future__ import annotations

import re

IMPROVED, NOT_IMPROVED = "Objective improved on held-out bitext", "Objective did not improve"
_OLD_BEGINNINGS = {"Took:": f"{IMPROVED}:", "Did not take:": f"{NOT_IMPROVED}:"}
_OLD_SHARES = re.compile(r"right on ([\d.]+) of 100 held-out sentences after ([\d.]+)\.")


def in_todays_words(sentence: str) -> str:
    """A stored sentence as it would be written now; run.json and the store keep it as it was.

    >>> in_todays_words("Did not take: a fresh probe names it, right on 88.1 of 100 held-out sentences after 98.5.")
    'Objective did not improve: a fresh probe names it, right on 88.1 % of held-out sentences after 98.5 %.'
    """
    for old, new in _OLD_BEGINNINGS.items():
        if sentence.startswith(old):
            return _OLD_SHARES.sub(r"right on \1 % of held-out sentences after \2 %.", new + sentence.removeprefix(old))
    return sentence
