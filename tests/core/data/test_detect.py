"""The language of a typed sentence: right on sentences it has not seen, silent where it cannot know."""

from __future__ import annotations

import pytest

from core.data.catalog import STARTER_FOLDER
from core.data.detect import detect_language
from core.data.text import read_lines
from core.languages import XNLI_CODES


def test_unseen_sentences_are_recognised():
    told = {
        code: [detect_language(line) for line in read_lines(STARTER_FOLDER / "sentences" / f"test.{code}")]
        for code in XNLI_CODES
    }
    answered = sum(bool(found) for own in told.values() for found in own)
    right = sum(found == code for code, own in told.items() for found in own)
    everything = sum(len(own) for own in told.values())
    assert answered > 0.85 * everything and right > 0.97 * answered
    for code, own in told.items():
        assert own.count(code) > 0.6 * len(own), code


@pytest.mark.parametrize("text", ["", "42!", "🙂🙂", "\x00", "שלום עולם", "x", "zzqx qqzz xxqz"])
def test_what_cannot_be_known_is_not_guessed(text):
    assert detect_language(text) == ""
