"""The reasons to leave a pair out: counted exactly, switched without rereading, nothing lost from the sums."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bitext import check as c
from core.bitext.check import BIT, DEFAULT_ON, REASONS, Settings, check, is_untranslated
from core.bitext.digits import numbers
from core.bitext.identify import language_of_sample, other_languages
from core.bitext.records import Layout, Pair, Unreadable
from core.bitext.report import Report, mask_of
from tests.support.bitext_files import PAIRS

EN_SW = Layout("en", "sw", "en", "sw")


def reasons(source, target, layout=EN_SW, before=()):
    rows = [*(Pair(i, *pair) for i, pair in enumerate(before)), Pair(99, source, target)]
    mask = list(check(rows, layout, 0.0, Settings()))[-1][1]
    return {reason for reason in REASONS if mask & BIT[reason]}


@pytest.mark.parametrize(
    ("source", "target", "expected"),
    [
        ("The ferry leaves at nine.", "Kivuko kinaondoka saa tatu.", set()),
        ("The ferry leaves at nine.", " ", {c.EMPTY}),
        ("...", "—", {c.EMPTY}),
        ("Addis  Ababa", "addis ababa", {c.IDENTICAL}),
        ("The ferry leaves the old harbour.", "The ferry leaves the old port.", {c.UNTRANSLATED, c.LANGUAGE}),
        ("The ferry leaves the harbour at nine today.", "It never rains in the hills in summer.", {c.LANGUAGE}),
        ("The ferry leaves at nine.", "Kivuko " * 30, {c.RATIO, "repetition"}),
        ("In 1987 there were 1,250 boats.", "Mwaka 1987 kulikuwa na mashua 1250.", set()),
        ("In 1987 there were many boats.", "Mwaka 1978 kulikuwa na mashua nyingi.", {c.NUMBERS}),
        ("The word " * 200, "Neno hili " * 200, {c.LONG}),
    ],
)
def test_each_reason(source, target, expected):
    assert reasons(source, target) == expected


def test_duplicates_are_found_however_they_are_spaced():
    first = ("The ferry leaves at nine.", "Kivuko kinaondoka saa tatu.")
    assert reasons("the  ferry LEAVES at nine.", "Kivuko kinaondoka saa tatu. ", before=[first]) == {c.DUPLICATE}
    assert reasons("The ferry leaves at nine.", "Kivuko kinaondoka saa nne.", before=[first]) == set()


def test_a_language_that_is_not_known_is_not_judged():
    assert reasons("The ferry leaves the harbour.", "Der Kahn verlässt den Hafen.", Layout("a", "b")) == set()
    assert (
        reasons("The ferry leaves the harbour.", "Der Kahn verlässt den Hafen.", Layout("a", "b", "en", "yue")) == set()
    )


def test_numbers_in_any_digits_are_the_same():
    assert (
        numbers("1,250")
        == numbers("١٢٥٠")
        == numbers("๑๒๕๐")
        == numbers("१२५०")
        == numbers("1 250".replace(" ", "\u202f"))
    )
    assert numbers("only 7") == numbers("no number")


def test_untranslated_needs_several_words():
    assert not is_untranslated("barack obama", "barack obama")
    assert is_untranslated("one two three four five", "four three two one")


def test_languages_in_their_own_scripts():
    thai = "เรือข้ามฟากออกจากท่าเรือตอนเก้าโมงเช้าทุกวัน"
    english = "The ferry leaves the harbour at nine in the morning."
    assert other_languages([thai, english, "ok", "\x00\ud800 control"], "th", "en") == [None, "en", None, None]
    assert other_languages([thai, english], "en", "th") == ["th", None]
    assert language_of_sample([b for _, b in PAIRS])[0] == "sw"
    assert language_of_sample([]) == (None, 0.0)


@given(st.lists(st.tuples(st.sampled_from(["a b c", "x", "", "12 y"]), st.sampled_from(["a b c", "X", "z", "13 y"]))),
       st.sets(st.sampled_from(REASONS)))  # fmt: skip
def test_nothing_is_lost_from_the_sums(pairs, switched):
    report = Report()
    rows = [Pair(i, *pair) for i, pair in enumerate(pairs)] + [Unreadable(1, "x")]
    passed = list(report.tally(check(rows, Layout("a", "b"), 0.0, Settings())))
    document = report.document(switched)
    assert document["read"] == len(pairs) == document["kept"] + sum(document["dropped"].values())
    assert document["kept"] == sum(not mask & mask_of(switched) for _, mask in passed)
    assert document["unreadable"] == 1 and document["errors"] == [{"line": 1, "reason": "x"}]
    assert all(document["found"][reason] >= n for reason, n in document["dropped"].items())


def test_what_only_reports_at_first():
    off = {c.NUMBERS, c.UNAPPROVED, "markup", "same name", "repeated target"}
    assert not off & DEFAULT_ON and set(DEFAULT_ON) | off == set(REASONS)


def test_what_a_format_says_of_a_pair_is_a_reason_beside_the_others():
    rows = [Pair(1, "One.", "", ("locked",)), Pair(2, "The ferry leaves.", "Kivuko.", ("fuzzy", "unapproved"))]
    masks = [mask for _, mask in check(rows, Layout("a", "b"), 0.0, Settings())]
    assert masks == [BIT[c.LOCKED] | BIT[c.EMPTY], BIT[c.FUZZY] | BIT[c.UNAPPROVED]]
    assert set(c.applicable((c.FUZZY,))) == set(REASONS) - {c.LOCKED, c.UNAPPROVED}
