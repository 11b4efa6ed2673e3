"""The reasons to leave a pair out: counted exactly, switched without rereading, nothing lost from the sums."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bitext import check as c
from core.bitext.check import BIT, DEFAULT_ON, REASONS, Settings, check, is_untranslated, numbers
from core.bitext.cut import already_noisy, best_cut, detection_metrics, f1_at
from core.bitext.identify import language_of_sample, other_languages
from core.bitext.noise import KINDS, LANGUAGE, SHUFFLED, TRUNCATED, places, plant
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
        ("The ferry leaves at nine.", "Kivuko " * 30, {c.RATIO}),
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


def test_number_mismatch_and_unapproved_only_report_at_first():
    off = {c.NUMBERS, c.UNAPPROVED}
    assert not off & DEFAULT_ON and set(DEFAULT_ON) | off == set(REASONS)


def test_what_a_format_says_of_a_pair_is_a_reason_beside_the_others():
    rows = [Pair(1, "One.", "", ("locked",)), Pair(2, "The ferry leaves.", "Kivuko.", ("fuzzy", "unapproved"))]
    masks = [mask for _, mask in check(rows, Layout("a", "b"), 0.0, Settings())]
    assert masks == [BIT[c.LOCKED] | BIT[c.EMPTY], BIT[c.FUZZY] | BIT[c.UNAPPROVED]]
    assert set(c.applicable((c.FUZZY,))) == set(REASONS) - {c.LOCKED, c.UNAPPROVED}


def test_synthetic_noise_is_what_it_says():
    at = places(len(PAIRS), 0.5, seed=3)
    assert len(at) == 5 == len(set(at))
    for kind in KINDS:
        spoilt = plant(PAIRS, kind, at, seed=3)
        assert spoilt == plant(PAIRS, kind, at, seed=3)
        assert [a for a, _ in spoilt] == [PAIRS[i][0] for i in at]
        assert all(b != PAIRS[i][1] for i, (_, b) in zip(at, spoilt, strict=True)), kind
    assert sorted(b for _, b in plant(PAIRS, SHUFFLED, at)) == sorted(PAIRS[i][1] for i in at)
    assert all(PAIRS[i][1].startswith(b) for i, (_, b) in zip(at, plant(PAIRS, TRUNCATED, at), strict=True))
    assert [b for _, b in plant(PAIRS, LANGUAGE, at)] == [PAIRS[i][0] for i in at]


@given(st.lists(st.integers(0, 8), min_size=1, max_size=25), st.lists(st.integers(0, 8), min_size=1, max_size=25))
def test_the_best_cut_is_the_best_of_all_cuts(clean, noise):
    good, bad = np.array(clean, float), np.array(noise, float)
    tried = [detection_metrics(good, bad, cut - 0.5).f1 for cut in range(0, 10)]
    assert detection_metrics(good, bad, best_cut(good, bad)).f1 == pytest.approx(max(tried))


def test_noise_that_is_there_already_is_estimated_and_found_without_blame():
    drawn = np.random.default_rng(0)
    clean, there, planted = drawn.normal(0, 1, 8000), drawn.normal(3, 1, 2000), drawn.normal(3, 1, 2500)
    observed = np.concatenate([clean, there])
    share = already_noisy(observed, planted)
    assert abs(share - 0.2) < 0.05 and already_noisy(clean, planted) < 0.05
    assert already_noisy(planted, planted) > 0.8 and already_noisy(clean, np.zeros(3)) <= 0.9
    told = best_cut(observed, planted, share)
    every = max(detection_metrics(clean, there, cut).f1 for cut in np.linspace(-1, 5, 121))
    assert detection_metrics(clean, there, told).f1 > every - 1
    # What finding it is worth is told right; counted as errors, the noise that was there would hide a third of it.
    assert f1_at(observed, planted, told, share) == pytest.approx(detection_metrics(clean, there, told).f1, abs=3)
    assert f1_at(observed, planted, told) < detection_metrics(clean, there, told).f1 - 20


def test_the_detection_metrics_of_a_cut():
    found = detection_metrics(np.array([0.1, 0.2, 0.3, 0.9]), np.array([0.8, 0.95]), 0.5)
    assert (found.found, found.planted) == (3, 2)
    assert found.precision == pytest.approx(100 * 2 / 3) and found.recall == 100.0
    assert found.precision_low < found.precision < found.precision_high and found.recall_low < 100.0
    nothing = detection_metrics(np.array([0.1]), np.array([0.2]), 5.0)
    assert np.isnan(nothing.precision) and nothing.recall == 0.0 and nothing.f1 == 0.0
