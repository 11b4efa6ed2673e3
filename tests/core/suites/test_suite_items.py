"""The suites' own text: the same items in every language, whole, distinct, in its script, and no giveaway."""

from __future__ import annotations

import unicodedata
from collections import Counter

import pytest

from core.data.records import LABELS
from core.errors import BadInput
from core.languages import XNLI_CODES, language
from core.suites.items import CATEGORIES, FOLDER, content_hash, load_suite, read_items
from core.suites.summary import constant_passes

SCRIPTS = {
    "Latn": "LATIN", "Cyrl": "CYRILLIC", "Grek": "GREEK", "Arab": "ARABIC", "Deva": "DEVANAGARI", "Thai": "THAI",
    "Hans": "CJK",
}  # fmt: skip
#: Letters that tell a language from another in its script; none may stand in the other's items.
FOREIGN = {"ru": "ъЪ", "bg": "ыэёЫЭЁ", "ar": "ٹڈڑںےگچپیک", "ur": "ةىيكۃ"}


def letters(text: str) -> str:
    return "".join(c for c in text.lower() if unicodedata.category(c)[0] in "LM")


def covered(item, size: int) -> float:
    """The share of the hypothesis' runs of `size` letters that stand in the premise."""
    runs = [
        {text[i : i + size] for i in range(len(text) - size + 1)}
        for text in (letters(item.premise), letters(item.hypothesis))
    ]
    return len(runs[0] & runs[1]) / len(runs[1])


def test_every_language_has_the_same_items():
    assert {path.name for path in FOLDER.iterdir()} == {"items.tsv", *(f"suites_{code}.tsv" for code in XNLI_CODES)}
    english = [(i.id, i.category, i.group, i.form, i.expected) for i in read_items("en")]
    assert len({item[0] for item in english}) == len(english)
    for code in XNLI_CODES:
        assert [(i.id, i.category, i.group, i.form, i.expected) for i in read_items(code)] == english
        counts = Counter(item.category for item in read_items(code))
        assert list(counts) == list(CATEGORIES) and min(counts.values()) >= 12


@pytest.mark.parametrize("code", XNLI_CODES)
def test_texts_are_whole_distinct_and_in_their_script(code):
    items = read_items(code)
    assert len({(item.premise, item.hypothesis) for item in items}) == len(items)
    for item in items:
        assert item.premise != item.hypothesis and item.expected and item.expected < set(range(3))
        for text in (item.premise, item.hypothesis):
            assert text and text == " ".join(text.split()) == unicodedata.normalize("NFC", text)
            letters = [c for c in text if unicodedata.category(c)[0] == "L"]
            own = sum(unicodedata.name(c).startswith(SCRIPTS[language(code).script]) for c in letters)
            latin = sum(c in "Paris" for c in letters)
            assert own == len(letters) or (code == "zh" and own + latin == len(letters)), text
            assert not set(text) & set(FOREIGN.get(code, "")), text
            ends = {"zh": "。", "hi": "।", "ur": "۔", "th": ""}.get(code, ".")
            assert text.endswith(ends) and len(text) <= 120


@pytest.mark.parametrize("code", XNLI_CODES)
def test_no_text_is_another_languages(code):
    own = {text for item in read_items(code) for text in (item.premise, item.hypothesis)}
    for other in XNLI_CODES:
        if other != code:
            assert not own & {text for item in read_items(other) for text in (item.premise, item.hypothesis)}


@pytest.mark.parametrize("code", XNLI_CODES)
def test_overlap_is_what_its_form_says(code):
    size = 1 if code == "zh" else 3
    by_form = {
        form: [covered(item, size) for item in read_items(code) if item.form == form]
        for form in ("same words", "other words")
    }
    assert [len(shares) for shares in by_form.values()] == [6, 6]
    assert min(by_form["same words"]) > 0.6 and max(by_form["other words"]) <= 0.5


@pytest.mark.parametrize("code", XNLI_CODES)
def test_a_swap_moves_words_and_brings_none(code):
    swapped = [item for item in read_items(code) if item.form == "swapped"]
    assert len(swapped) == 12
    for item in swapped:
        first, second = Counter(letters(item.premise)), Counter(letters(item.hypothesis))
        assert (first & second).total() >= 0.85 * second.total(), item


def test_no_single_label_passes_a_category():
    for category in CATEGORIES:
        passes = constant_passes(load_suite(["en"]).of(category, "en"))
        assert set(passes) == set(LABELS) and max(passes.values()) <= 67


def test_what_is_not_there_is_refused():
    with pytest.raises(BadInput, match="no category 'role'; there are roles, negation"):
        load_suite(categories=["role"])
    with pytest.raises(BadInput, match="no items in pt; there are en, ru"):
        load_suite(["pt"])
    chosen = load_suite(["swh", "en", "sw"], ["overlap", "roles"])
    assert chosen.languages == ("en", "sw") and chosen.categories == ("roles", "overlap")
    assert {item.category for item in chosen.items["sw"]} == {"roles", "overlap"}


def test_the_hash_is_of_the_content():
    items = read_items("sw")
    assert content_hash(items) == content_hash(list(items)) != content_hash(items[:-1])
    assert content_hash(items) != content_hash(read_items("en"))
