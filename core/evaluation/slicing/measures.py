"""What slices ask of an item's text, measured once for a benchmark: words, shared words, negation, numbers."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import pandas as pd

from core.bitext.digits import has_digits
from core.data.records import NLIItem
from core.encoder.encoder import Encoder
from core.encoder.packed import SHA256
from core.encoder.tokens import clean, tokenise
from core.encoder.words import count_unspaced, word_spans
from core.evaluation.slicing.negations import negates
from core.files import MAKE_ROOM, atomic_draft
from core.progress import Progress, silent

COLUMNS = (
    "language", "item_id", "premise.words", "hypothesis.words", "overlap", "premise.negation", "hypothesis.negation",
    "premise.number", "hypothesis.number",
)  # fmt: skip
#: Raise when the same text would no longer give the same numbers.
RECIPE = 1
_CHUNK = 2000

Words = tuple[str, ...]


def words_of(encoder: Encoder | None, texts: Sequence[str]) -> list[Words]:
    """The words of each text in small letters, signs left out (`core.encoder.words.word_spans`).

    In scripts without spaces each subword of `encoder` is a word; None where no text has such a script.
    """
    found: list[Words] = []
    for start in range(0, len(texts), _CHUNK):
        part = [clean(text) for text in texts[start : start + _CHUNK]]
        cut = {n: text for n, text in enumerate(part) if any(count_unspaced(text))}
        pieces = tokenise(encoder, list(cut.values())) if cut and encoder is not None else []
        offsets = {n: tokens.offsets for n, tokens in zip(cut, pieces, strict=bool(pieces))}
        for n, text in enumerate(part):
            spans = word_spans(text, offsets.get(n, ()))
            words = (text[a:b].strip().casefold() for a, b in spans)
            found.append(tuple(word for word in words if any(sign.isalnum() for sign in word)))
    return found


def measure(
    items: Mapping[str, Sequence[NLIItem]], load: Callable[[], Encoder], progress: Progress = silent
) -> pd.DataFrame:
    """`COLUMNS`, a row for each language and item. overlap is the share (0 to 1) of the hypothesis' words that stand in
    the premise, NaN without a word. `load` gives the encoder whose subwords are words in scripts without spaces."""
    total = sum(len(own) for own in items.values())
    rows: list[tuple[object, ...]] = []
    for code, own in items.items():
        texts = list(dict.fromkeys(text for item in own for text in (item.premise, item.hypothesis)))
        encoder = load() if any(any(count_unspaced(text)) for text in texts) else None
        measured = {
            text: (words, negates(text, words, code), has_digits(text))
            for text, words in zip(texts, words_of(encoder, texts), strict=True)
        }
        for item in own:
            (premise, no, digits), (words, also_no, also_digits) = measured[item.premise], measured[item.hypothesis]
            there = set(premise)
            overlap = sum(word in there for word in words) / len(words) if words else math.nan
            rows.append((code, item.id, len(premise), len(words), overlap, no, also_no, digits, also_digits))
        progress(len(rows), total, code)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.astype({"item_id": "int32", "premise.words": "int32", "hypothesis.words": "int32"})


def kept_measures(
    folder: Path, items: Mapping[str, Sequence[NLIItem]], load: Callable[[], Encoder], progress: Progress = silent
) -> tuple[pd.DataFrame, str]:
    """`measure`, from its Parquet file in `folder` or made and kept there, and the name that tells its content."""
    name = content_name(items)
    path = folder / f"slices-{name}.parquet"
    if path.exists():
        return pd.read_parquet(path), name
    folder.mkdir(parents=True, exist_ok=True)
    table = measure(items, load, progress)
    with atomic_draft(path, what=f"The cache {folder}", advice=MAKE_ROOM) as draft:
        table.to_parquet(draft, index=False)
    return table, name


def content_name(items: Mapping[str, Sequence[NLIItem]]) -> str:
    """Sixteen hexadecimal digits of the items' texts, of what splits them and of the recipe."""
    digest = hashlib.sha256(f"{RECIPE} {SHA256}".encode())
    for code, own in items.items():
        for item in own:
            digest.update(f"\n{code} {item.id}\0{item.premise}\0{item.hypothesis}".encode(errors="replace"))
    return digest.hexdigest()[:16]
