"""Sentences are found by their ends and paired in order, also where one is missing or is two."""

from __future__ import annotations

import numpy as np
import pytest

from tests.support.late import COLLECTING

if not COLLECTING:
    from core.alignment.linking import PARAGRAPH_FROM, link_pairs
    from core.alignment.sentence_pairing import pair_sentences, split_sentences
    from core.alignment.word_links import LinkSettings
    from core.encoder.states import TokenStates
    from core.transport.plans import PlanSettings


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("He came . She left !", 2),
        ('He said : " Go . " Then he left .', 2),
        ("He met Mr. Brown at 3. today .", 1),
        ("Prices rose 3.5 percent . why not ?", 1),
        ("no end here", 1),
        ("Really ? ! Yes .", 2),
    ],
)
def test_ends_of_sentences_among_words(text, parts):
    found = split_sentences(text.split())
    assert len(found) == parts and [word for part in found for word in part] == text.split()


def test_ends_of_sentences_in_texts():
    assert split_sentences("یہ کتاب ہے۔ وہ گھر ہے۔") == ["یہ کتاب ہے۔", "وہ گھر ہے۔"]
    assert split_sentences("他来了。她走了。") == ["他来了。", "她走了。"]
    assert split_sentences("Mr. Li came. He left.") == ["Mr. Li came.", "He left."]
    assert split_sentences("   ") == ["   "]


def sentence(random, meaning, tokens=6):
    """States of tokens that lie near their place in a meaning [tokens, d]."""
    states = meaning[:tokens] + 0.1 * random.standard_normal((tokens, meaning.shape[1]))
    names = [str(k) for k in range(tokens)]
    return TokenStates("", names, names, np.arange(tokens), states.astype(np.float32), False)


def test_sentences_are_paired_in_order_with_one_missing_and_one_in_two():
    random = np.random.default_rng(0)
    meanings = random.standard_normal((7, 6, 32))
    sources = [sentence(random, meaning) for meaning in meanings]
    halves = [sentence(random, meanings[4][:3], 3), sentence(random, meanings[4][3:], 3)]
    targets = [sentence(random, meanings[k]) for k in (0, 1, 3)] + halves + [sentence(random, m) for m in meanings[5:]]
    beads = [(list(left), list(right)) for left, right in pair_sentences(sources, targets)]
    assert beads == [([0], [0]), ([1], [1]), ([3], [2]), ([4], [3, 4]), ([5], [5]), ([6], [6])]


def test_sentences_that_are_all_alike_stay_in_step():
    random = np.random.default_rng(1)
    alike = sentence(random, random.standard_normal((6, 32)))
    beads = [(list(left), list(right)) for left, right in pair_sentences([alike] * 20, [alike] * 20)]
    assert beads == [([at], [at]) for at in range(20)]


EN = [
    "The doctor bought two onions at the market and cooked a soup for her neighbours .",
    "We closed the window because it rained all night and the floor was wet .",
    "My brother reads a long book about the history of the old harbour town .",
    "In the morning the children walked to school through the deep white snow .",
    "Nobody knows who painted the small picture that hangs above the kitchen door .",
]
DE = [
    "Die Ärztin kaufte zwei Zwiebeln auf dem Markt und kochte eine Suppe für ihre Nachbarn .",
    "Wir schlossen das Fenster , weil es die ganze Nacht regnete und der Boden nass war .",
    "Mein Bruder liest ein langes Buch über die Geschichte der alten Hafenstadt .",
    "Am Morgen gingen die Kinder durch den tiefen weißen Schnee zur Schule .",
    "Niemand weiß , wer das kleine Bild gemalt hat , das über der Küchentür hängt .",
]


def test_a_paragraph_has_the_links_of_its_sentences(encoder):
    settings = LinkSettings("transport-grow", 7, PlanSettings(epsilon=0.08, cost="euclidean"), 0.25)
    pairs = [(source.split(), target.split()) for source, target in zip(EN, DE, strict=True)]
    expected, i, j = set(), 0, 0
    for one, (source, target) in zip(link_pairs(encoder, pairs, settings), pairs, strict=True):
        expected |= {(a + i, b + j) for a, b in one.links}
        i, j = i + len(source), j + len(target)
    assert max(i, j) >= PARAGRAPH_FROM
    whole = link_pairs(encoder, [(" ".join(EN).split(), " ".join(DE).split())], settings)[0]
    assert set(whole.links) == expected and not whole.truncated and whole.read == (i, j)
    assert len(whole.scores) == len(whole.links) and len(whole.source_words) == i
