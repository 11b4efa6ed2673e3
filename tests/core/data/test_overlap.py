"""When two sentences count as the same one."""

from __future__ import annotations

import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.data.overlap import is_held_out, key, keys, normalise


@pytest.mark.parametrize(
    "first,second",
    [
        ("He said: “Go!”", 'he said "go"'),
        ("ＦＵＬＬ width", "full width"),
        ("STRASSE", "straße"),
        ("Où\u00a0est-il ?", "Ou\u0300 est il"),
        ("ร้อน มาก", "ร้อนมาก"),
        ("क्या? नहीं।", "क्या नहीं"),
        ("zero\u200bwidth", "zerowidth"),
    ],
)
def test_same_sentence(first, second):
    assert normalise(first) == normalise(second)
    assert key(first) == key(second)


@pytest.mark.parametrize("first,second", [("Go.", "Going."), ("क्या", "क्यो"), ("2 boats", "3 boats"), ("ou", "où")])
def test_other_sentence(first, second):
    assert key(first) != key(second)


def test_a_sentence_without_a_letter_has_no_key():
    assert key("... — !") == 0
    assert keys(["?", "a", "A!"]) == {key("a")}


@given(st.text())
def test_normalising_twice_changes_nothing(text):
    assert normalise(normalise(text)) == normalise(text)


@given(st.text(st.characters(exclude_categories=["Cs", "M"]), max_size=30))
def test_dressing_does_not_move_a_pair_across_the_split(text):
    assert is_held_out(text) == is_held_out(f" « {text} »…")


def test_about_a_tenth_is_held_out():
    share = sum(is_held_out(f"sentence number {i}") for i in range(5000)) / 5000
    assert 0.08 < share < 0.12


def test_keys_are_the_same_in_another_process():
    code = "from core.data.overlap import key; print(key('The ferry leaves.'))"
    printed = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout
    assert int(printed) == key("The ferry leaves.")
