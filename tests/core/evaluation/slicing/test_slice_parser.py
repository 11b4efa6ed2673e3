"""The language of slices: what lines mean, and that a fault is one sentence with its place."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from core.evaluation.slicing.parser import parse
from core.evaluation.slicing.query import Both, Flag, Listed, Not, Number, Pattern, Text
from core.evaluation.slicing.query import tests_of as read_tests

MEANINGS = {
    'premise ~ "word"': Text("premise", Pattern("word")),
    "hypothesis ~ /a\\/b+/i": Text("hypothesis", Pattern("a/b+", True, True)),
    "hypothesis ~ /x/": Text("hypothesis", Pattern("x", True, False)),
    'premise ~ "say \\"no\\""': Text("premise", Pattern('say "no"')),
    "overlap > 0.5": Number("overlap", ">", 0.5),
    "premise.words in 3..8": Number("premise.words", "in", 3, 8),
    "Hypothesis.Words != 4": Not(Number("hypothesis.words", "=", 4)),
    "item in 10..200": Number("item", "in", 10, 200),
    "NEGATION": Flag("negation"),
    "premise.number": Flag("premise.number"),
    "gold = Neutral": Listed("gold", ("neutral",)),
    "gold in (neutral, contradiction)": Listed("gold", ("neutral", "contradiction")),
    "language != pt-BR": Not(Listed("language", ("pt-BR",))),
    "genre = fiction": Listed("genre", ("fiction",)),
    "`my genre` ~ /f/": Text("my genre", Pattern("f", True, False)),
    "`gold` = 1": Number("gold", "=", 1),
    "hard": Flag("hard"),
    "score <= -1.5": Number("score", "<=", -1.5),
    "not a or b and c": Both((Not(Flag("a")), Both((Flag("b"), Flag("c")), True)), False),
    "not (a or b) and c": Both((Not(Both((Flag("a"), Flag("b")), False)), Flag("c")), True),
    "not not a": Not(Not(Flag("a"))),
}


@pytest.mark.parametrize("line", MEANINGS)
def test_a_line_means_what_it_says(line):
    assert parse(line).root == MEANINGS[line] and not parse(line).english
    assert parse(f" On English : {line} ").root == MEANINGS[line] and parse(f"on english: {line}").english


FAULTS = {
    "": (1, "a test is missing"),
    "on english negation": (12, "followed by a colon"),
    "overlap >": (10, "a number is missing after “>”"),
    "overlap = high": (11, "a number is missing"),
    "premise": (8, "followed by ~"),
    'premise ~ "open': (11, "the quoted text is not closed"),
    "premise ~ /open": (11, "not closed by another /"),
    'premise ~ ""': (11, "nothing between the signs"),
    "premise ~ word": (11, "a text between quotes"),
    "item in 9..3": (10, "ends at 3 and begins at 9"),
    "item in 9": (10, "two numbers with .. between them"),
    "(negation or number": (20, "the parenthesis of character 1 is not closed"),
    "negation number": (10, "“number” stands where and, or, or the end is expected"),
    "negation and": (13, "a test is expected and the end is there"),
    "gold = maybe": (8, "“maybe” is no label; the labels are entailment, neutral, contradiction"),
    "premise.length > 3": (1, "“premise.length” is not known"),
    "negation; import os": (9, "';' means nothing here"),
    "__import__('os')": (12, "means nothing here"),
    "(" * 40 + "negation" + ")" * 40: (25, "more than 24 parentheses"),
    " or ".join(["number"] * 65): (1, "at most 64 tests"),
    f"premise ~ /{'a' * 201}/": (11, "at most 200 characters"),
}


@pytest.mark.parametrize("line", FAULTS)
def test_a_fault_is_one_sentence_with_its_place(line):
    place, said = FAULTS[line]
    with pytest.raises(BadInput) as fault:
        parse(line)
    assert f"at character {place}:" in str(fault.value) and said in str(fault.value)
    assert str(fault.value).endswith(".") and "\n" not in str(fault.value)


def test_a_line_that_is_too_long_is_not_read():
    with pytest.raises(BadInput, match="1,001 characters; 1,000 are read"):
        parse("a" * 1001)


@given(st.text(alphabet=' ()~/"`.,:<>=!andortgl019_ei\\', max_size=40))
def test_whatever_is_typed_is_read_or_refused(line):
    try:
        assert 1 <= len(read_tests(parse(line).root)) <= 64
    except BadInput as fault:
        assert "character" in str(fault)
