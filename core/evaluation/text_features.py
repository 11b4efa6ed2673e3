"""What an item's text is like to the encoder: its length, how finely its words are cut, and what training had of it."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from pathlib import Path

import pandas as pd

from core.data.catalog import Catalog
from core.data.records import NLIItem
from core.encoder.encoder import Encoder
from core.encoder.identity import encoder_identity
from core.encoder.tokens import clean, tokenise
from core.encoder.words import word_spans
from core.files import MAKE_ROOM, atomic_draft
from core.model.bitext_batch import short_pairs
from core.progress import Progress, silent

COLUMNS = ("language", "item_id", "length", "fertility", "overlap")
#: Raise when the same text would no longer give the same numbers.
RECIPE = 1
_CHUNK = 2000


def text_features(
    encoder: Encoder, items: Mapping[str, Sequence[NLIItem]], seen: Mapping[str, AbstractSet[int]],
    progress: Progress = silent,
) -> pd.DataFrame:  # fmt: skip
    """`COLUMNS`, one row a language and item.

    length counts the subwords of premise and hypothesis; fertility is subwords per word (after `word_spans`: in
    Thai and Chinese each subword begins a word, so it is near 1); overlap is the share x100 of the item's distinct
    subwords that `seen` holds for its language (see `training_subwords`), NaN for a language without it.
    """
    total = sum(len(its_items) for its_items in items.values())
    rows: list[tuple[str, int, int, float, float]] = []
    for code, its_items in items.items():
        texts = list(dict.fromkeys(text for item in its_items for text in (item.premise, item.hypothesis)))
        measured = dict(zip(texts, _measure(encoder, texts), strict=True))
        known = seen.get(code)
        for item in its_items:
            (a, words_a), (b, words_b) = measured[item.premise], measured[item.hypothesis]
            kinds = set(a) | set(b)
            overlap = 100.0 * len(kinds & known) / len(kinds) if known is not None and kinds else math.nan
            length = len(a) + len(b)
            rows.append((code, item.id, length, length / max(words_a + words_b, 1), overlap))
        progress(len(rows), total, code)
    table = pd.DataFrame(rows, columns=list(COLUMNS))
    return table.astype({"item_id": "int32", "length": "int32"})


def training_subwords(
    encoder: Encoder, catalog: Catalog, languages: Sequence[str], pairs: int, max_tokens: int
) -> dict[str, set[int]]:
    """By language the subwords of the bitext that a run with these settings read (`core.config.DataConfig`); English
    has those of all its English sides. Languages without bitext here are left out."""
    subwords: dict[str, set[int]] = {}
    available = catalog.bitext_languages()
    for code in languages:
        if code not in available:
            continue
        for english, target in short_pairs(encoder, catalog.training_bitext(code), pairs, max_tokens):
            subwords.setdefault("en", set()).update(english.ids[english.own].tolist())
            subwords.setdefault(code, set()).update(target.ids[target.own].tolist())
    return subwords


def kept_features(
    folder: Path, encoder: Encoder, items: Mapping[str, Sequence[NLIItem]], seen: Mapping[str, AbstractSet[int]],
    progress: Progress = silent,
) -> Path:  # fmt: skip
    """The Parquet file in `folder` with the `text_features`, made if it is not there; its name tells its content."""
    path = folder / f"texts-{_name(encoder, items, seen)}.parquet"
    if not path.exists():
        folder.mkdir(parents=True, exist_ok=True)
        features = text_features(encoder, items, seen, progress)
        with atomic_draft(path, what=f"The cache {folder}", advice=MAKE_ROOM) as draft:
            features.to_parquet(draft, index=False)
    return path


def _name(encoder: Encoder, items: Mapping[str, Sequence[NLIItem]], seen: Mapping[str, AbstractSet[int]]) -> str:
    digest = hashlib.sha256(f"{RECIPE} {encoder_identity(encoder)}".encode())
    for code, its_items in items.items():
        for item in its_items:
            digest.update(f"\n{code} {item.id}\0{item.premise}\0{item.hypothesis}".encode(errors="replace"))
    for code in sorted(seen):
        digest.update(f"\n{code} {sorted(seen[code])}".encode())
    return digest.hexdigest()[:16]


def _measure(encoder: Encoder, texts: Sequence[str]) -> list[tuple[list[int], int]]:
    """The subword ids and the number of words of each text, as far as the encoder reads it."""
    measures = []
    for start in range(0, len(texts), _CHUNK):
        part = texts[start : start + _CHUNK]
        for text, tokens in zip(part, tokenise(encoder, part), strict=True):
            measures.append(([tokens.ids[k] for k in tokens.content], len(word_spans(clean(text), tokens.offsets))))
    return measures
