"""What the columns of a file of pairs or links are called where the first line names them."""

from __future__ import annotations

from collections.abc import Sequence

#: Names that tables of sentence pairs carry. Words that begin a sentence as likely as they name a column are not here.
NAMES = frozenset({
    "source", "target", "src", "tgt", "trg", "sentence1", "sentence2", "source_sentence", "target_sentence",
    "source_text", "target_text", "sentence_1", "sentence_2", "translation", "links", "alignment", "alignments",
    "gold", "id", "sentence_id", "sent_id", "line",
})  # fmt: skip


def looks_like_header(cells: Sequence[str]) -> bool:
    """Whether every cell that holds something is the name of a column, and two at least do.

    >>> looks_like_header(["Source", "Target"]), looks_like_header(["the source", "la source"])
    (True, False)
    """
    named = [cell.strip().lower() for cell in cells if cell.strip()]
    return len(named) >= 2 and all(name in NAMES for name in named)
