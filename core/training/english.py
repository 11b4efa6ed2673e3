"""The English NLI pairs of a run: which ones, in which order, as batches."""

from __future__ import annotations

import random

from core.arms.base import BitextBatch
from core.config import TrainingConfig
from core.data.catalog import Catalog
from core.data.records import NLIItem
from core.encoder.encoder import Encoder
from core.training.model import PairBatch
from core.training.schedule import epoch_batches
from core.training.tokens import collate_pairs, encode_items


def training_pairs(catalog: Catalog, limit: int, seed: int, skip: int = 0) -> list[NLIItem]:
    """`limit` pairs of all English training sets, shuffled together by `seed`, after the first `skip`.

    Where the sets have fewer, they are gone through again.
    """
    items = [item for part in catalog.nli_training() for item in part.items]
    random.Random(seed).shuffle(items)
    first = skip % len(items)
    items = items[first:] + items[:first]
    return items[:limit]


class EnglishBatches:
    """Batches of English pairs, one an update, fixed by seed: `batches(update)`."""

    def __init__(self, encoder: Encoder, catalog: Catalog, training: TrainingConfig, seed: int, skip: int = 0) -> None:
        needed = training.updates * training.batch_pairs
        self.items = training_pairs(catalog, needed, seed, skip)
        self.encoded = encode_items(encoder, self.items, training.max_tokens)
        self.pad: int = encoder.tokenizer.pad_token_id
        lengths = [len(pair.ids) for pair in self.encoded]
        self.order = epoch_batches(lengths, training.batch_pairs, training.updates, seed)

    def pairs(self, update: int) -> PairBatch:
        return collate_pairs([self.encoded[i] for i in self.order[update]], self.pad)

    def __call__(self, update: int) -> tuple[PairBatch, BitextBatch | None]:
        return self.pairs(update), None
