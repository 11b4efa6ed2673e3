"""Harder inputs: what changes, what must not, and that everyone sees the same."""

from __future__ import annotations

import random
import unicodedata

from hypothesis import given
from hypothesis import strategies as st

from core.data.catalog import starter_catalog
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.evaluation.robustness import generalised_items, noisy, noisy_items, switch_words, switched_items


@given(st.text(min_size=1, max_size=60), st.integers(0, 5))
def test_noise_touches_letters_alone_and_repeats_itself(text, seed):
    changed = noisy(text, 0.3, random.Random(seed))
    assert changed == noisy(text, 0.3, random.Random(seed))
    assert noisy(text, 0.0, random.Random(seed)) == text

    def others(value):
        return [c for c in value if unicodedata.category(c)[0] not in "LM"]

    assert others(changed) == others(text)
    assert bool(changed.strip()) == bool(text.strip())


def test_noise_has_its_rate_and_keeps_marks_on_their_letter():
    text = "market river window garden " * 200
    changed = noisy(text, 0.1, random.Random(1))
    words = list(zip(text.split(), changed.split(), strict=True))
    share = sum(a != b for a, b in words) / len(words)
    assert 0.3 < share < 0.6  # 1 - 0.9 ** 5.75 is 0.45
    thai = "น้ำท่วมถนนเมื่อวานนี้"
    for seed in range(20):
        first = noisy(thai, 0.5, random.Random(seed))[:1]
        assert not first or unicodedata.category(first)[0] == "L"


def test_items_keep_id_and_label():
    catalog = starter_catalog()
    english, swahili = catalog.xnli("test", "en").items, catalog.xnli("test", "sw").items
    noise = noisy_items(swahili, "sw", 0.2)
    mixed = generalised_items(english, swahili)
    for made in (noise, mixed):
        assert [(i.id, i.label) for i in made] == [(i.id, i.label) for i in swahili]
    assert sum(a.premise != b.premise for a, b in zip(noise, swahili, strict=True)) > len(swahili) // 2
    assert [i.premise for i in mixed] == [i.premise for i in english]
    assert [i.hypothesis for i in mixed] == [i.hypothesis for i in swahili]


def test_words_are_switched_for_their_partners(encoder):
    texts = ["Das Wasser ist kalt.", "Meine Schwester liest ein Buch."]
    english = ["The water is cold.", "My sister reads a book."]
    assert switch_words(encoder, texts, english, "de", 0.0) == texts
    everything = switch_words(encoder, texts, english, "de", 1.0)
    assert "water" in everything[0] and "Wasser" not in everything[0] and everything[0].endswith(".")
    assert "sister" in everything[1] and "book" in everything[1]
    catalog = starter_catalog()
    items, others = catalog.xnli("test", "th").items[:6], catalog.xnli("test", "en").items[:6]
    made = switched_items(encoder, items, others, "th")
    assert made == switched_items(encoder, items, others, "th")
    assert [(i.id, i.label) for i in made] == [(i.id, i.label) for i in items]
    assert any(c.isascii() and c.isalpha() for i in made for c in i.premise + i.hypothesis)
