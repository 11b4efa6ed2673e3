"""An English sentence said otherwise and meaning the same: contractions, plain synonyms, and an adverbial moved."""

from __future__ import annotations

import re

#: Written either way; each stands for the other. Forms that could be read in two ways ("'s", "'d") are left out.
_CONTRACTED = {
    "do not": "don't", "does not": "doesn't", "did not": "didn't", "is not": "isn't", "are not": "aren't",
    "was not": "wasn't", "were not": "weren't", "cannot": "can't", "could not": "couldn't", "will not": "won't",
    "would not": "wouldn't", "should not": "shouldn't", "has not": "hasn't", "have not": "haven't",
    "had not": "hadn't", "I am": "I'm", "you are": "you're", "we are": "we're", "they are": "they're",
    "I have": "I've", "I will": "I'll", "he will": "he'll", "she will": "she'll", "they will": "they'll",
}  # fmt: skip
#: Near enough in nearly every sentence; word forms stand out, so that no grammar is needed.
_SYNONYMS = {
    "begin": "start", "began": "started", "beginning": "start", "buy": "purchase", "bought": "purchased",
    "big": "large", "bigger": "larger", "quickly": "fast", "near": "close to", "also": "too", "many": "a lot of",
    "often": "frequently", "maybe": "perhaps", "although": "though", "however": "but", "because": "since",
    "children": "kids", "child": "kid", "say": "state", "says": "states",
    "said": "stated", "show": "demonstrate", "showed": "demonstrated", "shows": "demonstrates", "help": "assist",
    "helped": "assisted", "need": "require", "needs": "requires", "needed": "required", "people": "persons",
    "very": "really", "almost": "nearly", "enough": "sufficient", "important": "significant",
    "difficult": "hard", "easy": "simple", "job": "work", "sick": "ill",
    "give": "provide", "gave": "provided", "given": "provided",
    "whole": "entire", "city": "town",
    "road": "street", "happen": "occur", "happened": "occurred", "happy": "glad",
    "must": "have to", "allow": "permit", "allowed": "permitted", "try": "attempt",
    "tried": "attempted", "government": "administration", "country": "nation",
    "countries": "nations", "police": "officers", "company": "firm", "companies": "firms",
    "against": "opposed to", "among": "amid", "within": "inside", "after": "following",
    "during": "in the course of", "according to": "as stated by", "such as": "like",
    "reported": "announced", "infected": "contaminated", "illness": "disease", "disease": "illness",
}  # fmt: skip
_LAST = re.compile(
    r"^(?P<rest>[A-Z][^.,;:!?]{12,}) (?P<when>yesterday|today|tomorrow|now|again|every day|this year|last year|"
    r"last week|on (?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day|in \d{4})(?P<end>[.!])$"
)
_FIRST = re.compile(r"^(?P<when>[A-Z][^,.;:!?]{3,40}), (?P<rest>[^.;:!?]{12,})(?P<end>[.!])$")
_INSTEAD = _SYNONYMS | _CONTRACTED | {short: full for full, short in _CONTRACTED.items()}
_LONGEST_FIRST = "|".join(re.escape(words) for words in sorted(_INSTEAD, key=len, reverse=True))
_TOGETHER = re.compile(rf"(?<![\w'’])({_LONGEST_FIRST})(?![\w'’])")
#: Words that begin small inside a sentence.
_SMALL = frozenset(
    "The A An This That These We He She They It You My Our In On At After Before When There His Her Their All Some "
    "Many Most".split()
)


def paraphrased(text: str) -> str | None:
    """The sentence in other words; None where fewer than two things can be changed and it is long, or none at all.

    >>> paraphrased("The children did not buy many books yesterday.")
    "Yesterday, the kids didn't purchase a lot of books."
    >>> paraphrased("A red door.") is None
    True
    """
    changed, count = _TOGETHER.subn(lambda found: _INSTEAD[found[1]], text.replace("’", "'"))
    if found := _LAST.match(changed):
        when = found["when"]
        changed, count = f"{when[0].upper()}{when[1:]}, {_lowered(found['rest'])}{found['end']}", count + 1
    elif (found := _FIRST.match(changed)) and found["when"].split()[0] in ("In", "On", "At", "After", "Before", "When"):
        rest = found["rest"]
        changed, count = f"{rest[0].upper()}{rest[1:]} {_lowered(found['when'])}{found['end']}", count + 1
    return changed if count >= (2 if len(text.split()) > 8 else 1) else None


def _lowered(text: str) -> str:
    """With a small first letter where the word is one that begins small inside a sentence."""
    return text[0].lower() + text[1:] if text.split()[0] in _SMALL else text
