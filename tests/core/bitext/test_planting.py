"""What is planted: each kind is what it says, from pairs that can have it alone, the same for the same seed."""

from __future__ import annotations

import pytest

from core.bitext import noise
from core.bitext.noise import KINDS, plant
from core.bitext.planting.negation import negated
from core.bitext.planting.paraphrase import paraphrased
from tests.support.bitext_files import PAIRS

MORE = [*PAIRS, ("The boat was not here in 1987.", "Mashua haikuwa hapa mwaka 1987.")]


def planted(kind, count=5, **more):
    made = plant(MORE, kind, count, 3, languages=("en", "sw"), **more)
    assert made == plant(MORE, kind, count, 3, languages=("en", "sw"), **more)
    return [(MORE[i], pair) for i, pair in zip(made.at, made.pairs, strict=True)]


@pytest.mark.parametrize("kind", [*KINDS, noise.PARAPHRASE])
def test_every_kind_changes_its_pair_and_stays_within_what_is_asked(kind):
    found = planted(kind)
    assert 0 < len(found) <= 5 and all(pair != before for before, pair in found)
    assert len({before for before, _ in found}) == len(found)


def test_each_kind_is_what_it_says():
    targets = [target for _, target in MORE]
    assert all(pair[1] in targets and pair[0] == before[0] for before, pair in planted(noise.RANDOM))
    following = dict(zip(targets, targets[1:], strict=False))
    assert all(pair == (before[0], following[before[1]]) for before, pair in planted(noise.OFF_BY_ONE))
    assert all(pair[1] == f"{before[1]} {following[before[1]]}" for before, pair in planted(noise.JOINED))
    assert all(before[1].startswith(pair[1]) for before, pair in planted(noise.TRUNCATED))
    assert all(sorted(before[1]) == sorted(pair[1]) for before, pair in planted(noise.GARBLED))
    assert all(pair == (before[0], before[0]) for before, pair in planted(noise.LANGUAGE))


def test_only_pairs_with_a_number_get_another_and_it_differs_in_one_digit():
    found = planted(noise.NUMBER, 50)
    assert len(found) == 3
    for before, pair in found:
        changed = [
            (a, b) for one, other in zip(before, pair, strict=True) for a, b in zip(one, other, strict=True) if a != b
        ]
        assert len(changed) == 1 and all(c.isdecimal() for c in changed[0])
    thai = plant([("In 1987.", "ในปี ๑๙๘๗")], noise.NUMBER, 1)
    assert thai.pairs[0][1] != "ในปี ๑๙๘๗" and all("๐" <= c <= "๙" for c in thai.pairs[0][1][-4:])


def test_the_pair_after_in_the_file_is_what_neighbours_are():
    made = plant(MORE, noise.OFF_BY_ONE, 50, following=["next"] * 10 + [None])
    assert made.at == tuple(range(10)) and {target for _, target in made.pairs} == {"next"}
    among = plant(MORE, noise.TRUNCATED, 50, among=[2, 4])
    assert among.at == (2, 4)


@pytest.mark.parametrize(
    ("text", "language", "expected"),
    [
        ("I don't know.", "en", "I know."),
        ("You mustn't go.", "en", "You must go."),
        ("They will come.", "en", "They will not come."),
        ("He is never late.", "en", "He is always late."),
        ("In May 2017 nothing happened.", "en", None),
        ("Je ne sais pas.", "fr", "Je ne sais."),
        ("यह सच नहीं है।", "hi", "यह सच है।"),
        ("Bu doğru değil.", "tr", "Bu doğru."),
        ("これは本当ではない。", "ja", None),
    ],
)
def test_a_negation_is_put_in_or_taken_out(text, language, expected):
    assert negated(text, language) == expected


def test_a_paraphrase_keeps_names_and_numbers():
    told = paraphrased("In 2019, the Kenyan government did not buy many ships.")
    assert told == "The Kenyan administration didn't purchase a lot of ships in 2019."
    assert paraphrased("Nairobi Kenya") is None
