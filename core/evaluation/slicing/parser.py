"""The language of slices: a line to a tree, or one sentence that says where it goes wrong.

    slice   [on english:] any
    any     each or each ...
    each    test and test ...
    test    not test | ( any )
            premise ~ "word" | hypothesis ~ /regular expression/i
            overlap > 0.5 | premise.words > 20 | hypothesis.words in 3..8 | item in 10..200
            negation | premise.negation | number | hypothesis.number
            gold = neutral | gold in (neutral, contradiction) | language = sw
            NAME = value | NAME > 3 | NAME ~ "word" | NAME      a column of one's own; `NAME` where it has blanks

Nothing of a line is run: it is read by these rules alone.
"""

from __future__ import annotations

from collections.abc import Callable

from core.data.records import LABELS
from core.evaluation.slicing.lexer import Piece, cut, fault
from core.evaluation.slicing.query import (
    DEEPEST,
    FLAGS,
    LISTED,
    MEASURES,
    MOST_TESTS,
    RESERVED,
    SIDES,
    Both,
    Flag,
    Listed,
    Node,
    Not,
    Number,
    Pattern,
    Query,
    Text,
    tests_of,
)  # fmt: skip

_COMPARE = ("<", "<=", ">", ">=", "=", "!=")


def parse(line: str) -> Query:
    """The slice that a line asks for. Raises `BadInput` with the place of the first fault, counted from 1.

    >>> parse("on english: negation and not premise.words > 20").english
    True
    >>> parse("overlap >")
    Traceback (most recent call last):
    core.errors.BadInput: The slice cannot be read at character 10: a number is missing after “>”.
    """
    return _Parser(cut(line)).query(line)


class _Parser:
    def __init__(self, pieces: list[Piece]) -> None:
        self.pieces, self.place, self.depth = pieces, 0, 0

    def query(self, line: str) -> Query:
        english = self._english()
        if self.now.kind == "end":
            raise fault(self.now.at, "a test is missing, such as negation or premise.words > 20")
        root = self._any()
        if self.now.kind != "end":
            raise fault(self.now.at, f"“{_short(self.now)}” stands where and, or, or the end is expected")
        if len(tests_of(root)) > MOST_TESTS:
            raise fault(0, f"a slice has at most {MOST_TESTS} tests")
        return Query(root, english, line.strip())

    @property
    def now(self) -> Piece:
        return self.pieces[self.place]

    def _take(self) -> Piece:
        piece = self.now
        self.place += piece.kind != "end"
        return piece

    def _is(self, text: str, ahead: int = 0) -> bool:
        piece = self.pieces[min(self.place + ahead, len(self.pieces) - 1)]
        return piece.kind in ("name", "sign") and not piece.quoted and piece.text.lower() == text

    def _english(self) -> bool:
        if not (self._is("on") and self._is("english", 1)):
            return False
        self.place += 2
        if not self._is(":"):
            raise fault(self.now.at, "“on english” is followed by a colon")
        self._take()
        return True

    def _any(self) -> Node:
        return self._joined("or", lambda: self._joined("and", self._each, True), False)

    def _joined(self, word: str, part: Callable[[], Node], every: bool) -> Node:
        parts = [part()]
        while self._is(word):
            self._take()
            parts.append(part())
        return parts[0] if len(parts) == 1 else Both(tuple(parts), every)

    def _each(self) -> Node:
        self.depth += 1
        if self.depth > DEEPEST:
            raise fault(self.now.at, f"more than {DEEPEST} parentheses or nots stand within each other")
        try:
            if self._is("not"):
                self._take()
                return Not(self._each())
            if self._is("("):
                opened = self._take()
                inner = self._any()
                if not self._is(")"):
                    raise fault(self.now.at, f"the parenthesis of character {opened.at + 1} is not closed")
                self._take()
                return inner
            return self._test()
        finally:
            self.depth -= 1

    def _test(self) -> Node:
        piece = self._take()
        if piece.kind != "name":
            where = "the end" if piece.kind == "end" else f"“{_short(piece)}”"
            raise fault(piece.at, f"a test is expected and {where} is there")
        name = piece.text if piece.quoted else _known(piece.text)
        own = piece.quoted or name not in RESERVED
        if not own and name in FLAGS:
            return Flag(name, piece.at)
        if not own and name in SIDES:
            return Text(name, self._pattern(name), piece.at)
        if not own and name in MEASURES:
            return self._number(name, piece.at)
        if not own and name in LISTED:
            return self._listed(name, piece.at)
        if not own:
            raise fault(piece.at, f"“{name}” stands where a test is expected")
        if not piece.quoted and "." in name:
            known = ", ".join(one for one in (*FLAGS, *MEASURES) if "." in one)
            raise fault(piece.at, f"“{_short(piece)}” is not known; with a point there are {known}")
        return self._own(name, piece.at)

    def _own(self, name: str, at: int) -> Node:
        """A test of a person's column: which kind, its sign and its value say."""
        if self._is("~"):
            return Text(name, self._pattern(name), at)
        ranged = self._is("in") and not self._is("(", 1)
        number = self.pieces[min(self.place + 1, len(self.pieces) - 1)].kind == "number"
        ordered = self.now.kind == "sign" and self.now.text in ("<", "<=", ">", ">=")
        if ranged or ordered or (number and self.now.text in _COMPARE):
            return self._number(name, at)
        return self._listed(name, at) if self.now.text in ("=", "!=") or self._is("in") else Flag(name, at)

    def _pattern(self, name: str) -> Pattern:
        if not self._is("~"):
            raise fault(self.now.at, f"“{name}” is followed by ~ and a text, or by .words, .negation or .number")
        self._take()
        piece = self._take()
        if piece.kind == "text":
            return Pattern(piece.text.strip())
        if piece.kind == "pattern":
            return Pattern(piece.text, True, piece.fold)
        raise fault(piece.at, "after ~ stands a text between quotes, or a /regular expression/")

    def _number(self, name: str, at: int) -> Node:
        sign = self._take()
        if sign.kind == "name" and sign.text.lower() == "in":
            low = self._value(sign)
            if not self._is(".."):
                raise fault(self.now.at, "a range is two numbers with .. between them, such as 10..200")
            dots = self._take()
            high = self._value(dots)
            if high < low:
                raise fault(dots.at, f"the range ends at {high:g} and begins at {low:g}; turn it round")
            return Number(name, "in", low, high, at)
        if sign.text not in _COMPARE:
            raise fault(sign.at, f"“{name}” is followed by <, <=, >, >=, =, != or in")
        found = Number(name, "=" if sign.text == "!=" else sign.text, self._value(sign), at=at)
        return Not(found) if sign.text == "!=" else found

    def _value(self, after: Piece) -> float:
        piece = self._take()
        if piece.kind != "number":
            raise fault(piece.at, f"a number is missing after “{after.text}”")
        return float(piece.text)

    def _listed(self, name: str, at: int) -> Node:
        sign = self._take()
        if sign.text in ("=", "!="):
            found = Listed(name, (self._word(name),), at)
            return Not(found) if sign.text == "!=" else found
        if sign.kind == "name" and sign.text.lower() == "in" and self._is("("):
            opened = self._take()
            values = [self._word(name)]
            while self._is(","):
                self._take()
                values.append(self._word(name))
            if not self._is(")"):
                raise fault(self.now.at, f"the parenthesis of character {opened.at + 1} is not closed")
            self._take()
            return Listed(name, tuple(values), at)
        raise fault(sign.at, f"“{name}” is followed by =, != or in (…)")

    def _word(self, name: str) -> str:
        piece = self._take()
        if piece.kind not in ("name", "text", "number"):
            raise fault(piece.at, f"a value of “{name}” is missing")
        if name == "gold" and piece.text.lower() not in LABELS:
            raise fault(piece.at, f"“{_short(piece)}” is no label; the labels are {', '.join(LABELS)}")
        return piece.text.lower() if name == "gold" else piece.text


def _known(name: str) -> str:
    """A name of the language in small letters, a column's as it is."""
    return name.lower() if name.lower() in RESERVED else name


def _short(piece: Piece) -> str:
    return piece.text if len(piece.text) <= 40 else f"{piece.text[:39]}…"
