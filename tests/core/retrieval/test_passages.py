"""Long documents in passages: nothing is left unread, the best passage counts, depth is of documents."""

from __future__ import annotations

import numpy as np

from core.retrieval.fields import Entry
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.retrieval.passages import best_passages, room_for_text, split_passages
    from core.retrieval.search import Hits, Listed

SENTENCE = "The market opens at six and closes at noon. "
LAST = "Storks build their nests on warm chimneys."


def test_passages_hold_the_whole_text(encoder):
    documents = Listed(
        [Entry("short", "A door.", "en"), Entry("long", SENTENCE * 9 + LAST, "en"), Entry("thai", "ตลาด" * 40, "th")]
    )
    cut = split_passages(documents, encoder, 24, 6)
    parts = list(cut.entries())
    assert [entry.id for entry in parts][0] == "short" and parts[0].text == "A door."
    of_long = [entry.text for entry in parts if entry.id == "long"]
    assert len(of_long) > 3 and of_long[0].startswith("The market") and of_long[-1].endswith(LAST)
    text = documents.rows[1].text
    assert all(part in text for part in of_long)
    assert {entry.lang for entry in parts if entry.id == "thai"} == {"th"}
    rows = [len(cut) - 1, 0, 2]
    assert cut.at(rows) == [parts[row] for row in rows] and list(cut.entries(1, 3)) == parts[1:3]
    assert cut.sha256 != split_passages(documents, encoder, 24, 7).sha256


def test_room_is_what_the_prefix_and_special_tokens_leave(encoder):
    assert encoder.max_tokens - 12 < room_for_text(encoder) < encoder.max_tokens


def test_the_best_passage_counts_and_depth_is_of_documents(encoder):
    documents = Listed([Entry("a", SENTENCE * 20, ""), Entry("b", "A door.", ""), Entry("c", "A window.", "")])
    cut = split_passages(documents, encoder, 16, 0)
    scores = np.linspace(1, 0, len(cut), dtype=np.float32)
    asked: list[int] = []

    def search(n: int) -> Hits:
        asked.append(n)
        return Hits(np.arange(n)[None], scores[None, :n])

    found = best_passages(search, Listed([Entry("q", "?", "")]), cut, 3)
    assert found.rankings == {"q": ["a", "b", "c"]} and found.scores["q"][0] == 1.0
    assert asked[0] == 12 and asked[-1] == len(cut), "more were asked for, until every document was there"
