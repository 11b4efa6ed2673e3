"""Sides that are no sentence: addresses, lists of a page's menu, encoded data, one word over and over."""

from __future__ import annotations

import re

from core.bitext.digits import has_digits

_ADDRESS = re.compile(
    r"(?:https?|ftp)://\S+|www\.\S+|[\w.+-]{1,99}@[\w.-]+\.\w+|[\w.-]+\.(?:com|org|net|edu|gov|info|html?|php)(?:[/:?#]\S*)?",
    re.IGNORECASE,
)
_INNER_DOT = re.compile(r"\.\w")
#: Signs around an address, and characters of a side that could be one.
_AROUND, _LONGEST_ADDRESS = "()[]<>,;:.!?\"'«»", 500
#: What parts the entries of a menu, a breadcrumb or a tag cloud.
_BETWEEN = re.compile(r"\s+[|›»•·>/]\s+|\s*[|›•]\s*")
_MAYBE_A_LIST = re.compile(r"[|›»•·>/…]")
_MAYBE_LEADERS = (".....", ". . . .", "_____")
_LEADERS = re.compile(r"(?:\.{5,}|(?:\. ){4,}\.?|…{2,}|·{4,}|_{5,})\s*\d{0,4}\s*$")
_ENDS = re.compile(r"[.!?。！？।؟።]\s*$")
_ENCODED = re.compile(r"(?<![\w/+.:-])[A-Za-z0-9+/_-]{32,}={0,2}(?![\w/+])")
_HEX = re.compile(r"[0-9a-fA-F-]+")
#: Words of an entry, entries of a list, words of a side that could repeat itself, and letters where no spaces are.
_WORDS, _ENTRIES, _LONG, _LETTERS = 4, 4, 8, 16
_READ = 600
_SIGNS = ".,;:!?…\"'«»“”„()¡¿-–—。、！？،؟۔।"
_AGAIN = re.compile(r"(.{1,12}?)\1{3,}", re.DOTALL)


def is_address(text: str) -> bool:
    """Whether a side is addresses of pages, files or mail, and says nothing else.

    >>> is_address("https://example.org/en/kitchen"), is_address("See example.org for more.")
    (True, False)
    """
    if len(text) > _LONGEST_ADDRESS or not _INNER_DOT.search(text):
        return False
    found = False
    for word in text.split():
        if _ADDRESS.fullmatch(word.strip(_AROUND)):
            found = True
        elif any(map(str.isalpha, word)):
            return False
    return found


def is_list(text: str) -> bool:
    """Whether a side is a menu, a breadcrumb or a line of a table of contents: four short entries or more between the
    same signs, without an end of a sentence; or dots that lead to a page.

    >>> is_list("Home | About us | Products | Contact"), is_list("Table of contents ............... 12")
    (True, True)
    >>> is_list("Either/or, and/or."), is_list("He waited........")
    (False, False)
    """
    if not _MAYBE_A_LIST.search(text) and not any(dots in text for dots in _MAYBE_LEADERS):
        return False
    found = _LEADERS.search(text[-_READ:])
    if found and found[0].rstrip()[-1:].isdigit() and any(map(str.isalpha, text[: -len(found[0])])):
        return True
    entries = [entry for entry in _BETWEEN.split(text[:_READ]) if entry.strip()]
    return len(entries) >= _ENTRIES and not _ENDS.search(text) and all(len(e.split()) <= _WORDS for e in entries)


def has_encoded_data(text: str) -> bool:
    """Whether there is a run of base64 or of hexadecimal digits: 32 or more characters that no word has.

    >>> has_encoded_data("aGVsbG8gd29ybGQgdGhpcyBpcyBhIGxvbmcgYmFzZTY0IHN0cmluZyB0aGF0")
    True
    >>> has_encoded_data("Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft")
    False
    """
    if len(text) < 32 or not has_digits(text) or max(map(len, text.split()), default=0) < 32:
        return False
    for found in _ENCODED.finditer(text):
        run = found[0]
        digits = sum(map(str.isdigit, run))
        if digits and _HEX.fullmatch(run) and any(map(str.isalpha, run)):
            return True
        turns = sum(a.islower() and b.isupper() for a, b in zip(run, run[1:], strict=False))
        if digits and turns >= 3 and "_" not in run and run.count("-") < 2 and run.count("/") < 3:
            return True
    return False


def is_wordless(source: str, target: str) -> bool:
    """Whether one side has ten letters or more and the other none.

    >>> is_wordless("Chapter 12 of the report", "12 3456 789"), is_wordless("5 pm", "17:00"), is_wordless("1", "1")
    (True, False, False)
    """
    if any(map(str.isalpha, source)) == any(map(str.isalpha, target)):
        return False
    return sum(map(str.isalpha, source + target)) >= 10


def is_same_name(source: str, target: str) -> bool:
    """Whether both sides are the same name of two words or more, the same number or the same symbol.

    >>> is_same_name("Windows Server 2019", "Windows Server 2019"), is_same_name("12", "12"), is_same_name("©", "©")
    (True, True, True)
    >>> is_same_name("Save the file", "Save the file"), is_same_name("File", "File")
    (False, False)
    """
    if source[:1] != target[:1] or source[-1:] != target[-1:] or source.split() != target.split():
        return False
    words = [word for word in source.split() if any(map(str.isalpha, word))]
    return len(words) != 1 and all(next(filter(str.isalpha, word)).isupper() for word in words)


def repeats(source: str, target: str) -> bool:
    """Whether one side says the same over and over and the other does not: what translation systems do that fail.

    >>> repeats("The menu shows the same dish again and again", "Menü " * 10), repeats("Ha " * 9, "Ha ha ha!")
    (True, False)
    """
    one, other = _repeated(source), _repeated(target)
    return max(one, other) == 2 and min(one, other) == 0


def _repeated(text: str) -> int:
    """0: a text as others; 1: repeats itself somewhat; 2: is mostly one unit, eight words or sixteen letters of it."""
    text = text[:_READ]
    words = text.split()
    if len(words) >= 3:
        if len(words) >= _LONG and 10 * len(set(words)) > 9 * len(words):
            return 0
        words = [word.strip(_SIGNS) for word in text.casefold().split()]
        kinds = len(set(words))
        if 3 * kinds > 2 * len(words):
            return 0
        if len(words) < _LONG:
            return int(2 * kinds <= len(words))
        return 2 if 10 * kinds <= 3 * len(words) or _run(words) * 2 > len(words) else 1
    if len(text) < 4 or 2 * len(set(text)) > len(text):
        return 0
    longest = max((len(found[0]) for found in _AGAIN.finditer(text) if any(map(str.isalpha, found[1]))), default=0)
    if 2 * longest < len(text):
        return 0
    return 2 if longest >= _LETTERS else 1


def _run(words: list[str]) -> int:
    """Words within the longest run of one unit of one to three words, said four times or more."""
    best = 0
    for size in (1, 2, 3):
        run = size
        for i in range(size, len(words)):
            run = run + 1 if words[i] == words[i - size] else size
            if run >= 4 * size:
                best = max(best, run)
    return best
