"""Labelled items of other languages beside the English pairs: which ones, in which order, as parts of batches."""

from __future__ import annotations

import random
from collections.abc import Sequence

from core.arms.base import LabelledItems
from core.config import EvaluationConfig, TrainingConfig
from core.data.catalog import Catalog
from core.data.records import NLIItem
from core.encoder.encoder import Encoder
from core.errors import BadInput
from core.model.batches import EncodedPair, encode_items
from core.training.schedule import epoch_batches

SPLIT = "validation"


class LabelledBatches:
    """The labelled items of each update, encoded: `batches(update)`, fixed by the seed."""

    def __init__(
        self, encoder: Encoder, catalog: Catalog, wanted: LabelledItems, languages: Sequence[str],
        training: TrainingConfig, seed: int,
    ) -> None:  # fmt: skip
        self.items = labelled_items(catalog, wanted, languages, seed)
        self.encoded = encode_items(encoder, self.items, training.max_tokens)
        lengths = [len(pair.ids) for pair in self.encoded]
        self.order = epoch_batches(lengths, wanted.an_update, training.updates, seed)

    def __call__(self, update: int) -> list[EncodedPair]:
        return [self.encoded[i] for i in self.order[update]]


def labelled_items(catalog: Catalog, wanted: LabelledItems, languages: Sequence[str], seed: int) -> list[NLIItem]:
    """Items of XNLI validation, as many of every language (the first ones have one more where they do not divide).

    Raises `BadInput` without languages, or where a language has fewer in that range of ids.
    """
    if not languages:
        raise BadInput("Labelled items are drawn of the languages that bitext is read in, and there are none.")
    chosen: list[NLIItem] = []
    for k, code in enumerate(languages):
        count = wanted.items // len(languages) + (k < wanted.items % len(languages))
        there = [item for item in catalog.xnli(SPLIT, code).items if wanted.first <= item.id <= wanted.last]
        if len(there) < count:
            raise BadInput(
                f"{count:,} labelled items of {code} are asked for, and validation has {len(there):,} with ids "
                f"{wanted.first} to {wanted.last}; ask for fewer."
            )
        chosen += random.Random(f"{seed}/labelled/{code}").sample(there, count)
    return chosen


def check_unread(wanted: LabelledItems, evaluation: EvaluationConfig, kind: str) -> None:
    """Raises `BadInput` where the run would be tested on labelled items that it trains on.

    On the starter set every split is the one test set, so that a run there may read English alone.
    """
    for reading in evaluation.benchmarks or (evaluation.main,):
        same = reading.source == "xnli" and (reading.split == SPLIT or kind == "starter")
        first, last = reading.ids or (0, wanted.last)
        english = set(reading.languages) == {reading.source_language}
        if same and not english and first <= wanted.last and wanted.first <= last and evaluation.other_items != 0:
            raise BadInput(
                f"The labelled items are of {SPLIT}, which this run would also read in other languages; read another "
                f"split or other ids than {wanted.first} to {wanted.last}, or set other_items = 0."
            )
