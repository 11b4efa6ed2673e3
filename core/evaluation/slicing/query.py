"""A slice as one line: what its tests ask, as a tree. The parser beside it makes it, `evaluate` answers it."""

from __future__ import annotations

from dataclasses import dataclass, field

#: What the language knows by name; a column of one's own has another.
SIDES = ("premise", "hypothesis")
FLAGS = tuple(f"{side}{name}" for name in ("negation", "number") for side in ("", "premise.", "hypothesis."))
MEASURES = ("overlap", "premise.words", "hypothesis.words", "item")
LISTED = ("gold", "language")
WORDS = ("and", "or", "not", "in", "on", "english")
RESERVED = frozenset((*SIDES, *FLAGS, *MEASURES, *LISTED, *WORDS))

#: Characters of a query and of a regular expression, tests in a query, parentheses and `not` within each other.
LONGEST, LONGEST_PATTERN, MOST_TESTS, DEEPEST = 1000, 200, 64, 24


@dataclass(frozen=True)
class Pattern:
    """Text to find: quoted (whole words, whatever the case) or a regular expression, with `fold` in either case."""

    text: str
    regular: bool = False
    fold: bool = True


@dataclass(frozen=True)
class Text:
    """A side, or a column of one's own, in which the pattern stands; `at` is the character where the test begins."""

    name: str
    pattern: Pattern
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Number:
    """A measure or column beside a number: `operator` is one of < <= > >= = and `in`, which has both ends."""

    name: str
    operator: str
    low: float
    high: float = 0.0
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Listed:
    """Gold label, language or column that is one of `values`."""

    name: str
    values: tuple[str, ...]
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Flag:
    """What holds or does not: a flag of the language, or a column of 1 and 0, yes and no, true and false."""

    name: str
    at: int = field(default=0, compare=False)


@dataclass(frozen=True)
class Not:
    part: Node


@dataclass(frozen=True)
class Both:
    """`all` of the parts hold, else any of them."""

    parts: tuple[Node, ...]
    all: bool


Test = Text | Number | Listed | Flag
Node = Test | Not | Both


@dataclass(frozen=True)
class Query:
    """`root` as written in `text`; `english`: texts are tested on the English parallel of each item."""

    root: Node
    english: bool
    text: str


def tests_of(node: Node) -> list[Test]:
    """The tests of a tree, from left to right."""
    if isinstance(node, Not):
        return tests_of(node.part)
    if isinstance(node, Both):
        return [test for part in node.parts for test in tests_of(part)]
    return [node]
