"""Code-switched items are made once a workspace and encoder, an encoder being all that decides its links."""

from __future__ import annotations

import dataclasses

from core.data.records import NLIItem
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.experiment.measures import robustness_scores

ITEMS = {"en": [NLIItem(0, "A cat sleeps.", "It rests.", 0)], "sw": [NLIItem(0, "Paka analala.", "Anapumzika.", 0)]}


def test_encoders_of_the_same_weights_that_read_otherwise_have_each_their_items(tmp_path, tiny, monkeypatch):
    read = []

    def switched(encoder, items, others, code):
        read.append(encoder.max_tokens)
        return [dataclasses.replace(item, premise=f"read up to {encoder.max_tokens}") for item in items]

    monkeypatch.setattr(robustness_scores, "switched_items", switched)
    for most in (tiny.max_tokens, 8, 8, tiny.max_tokens):
        encoder = dataclasses.replace(tiny, max_tokens=most)
        items = robustness_scores._switched(encoder, ITEMS, "en", "test", tmp_path)
        assert items[0].premise == f"read up to {most}" and items[0].hypothesis == "It rests."
    assert read == [tiny.max_tokens, 8], "each once"
