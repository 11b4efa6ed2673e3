"""The English NLI pairs of a run: which ones, in which order, as batches."""

from __future__ import annotations

import random
from collections.abc import Mapping, Sequence

from core.config import TrainingConfig
from core.data.catalog import Catalog
from core.data.records import LABELS, NLIItem
from core.encoder.encoder import Encoder
from core.errors import BadInput, MissingData
from core.model.batches import EncodedPair, collate_pairs, encode_items
from core.model.bitext_batch import BitextBatch
from core.model.nli import PairBatch
from core.training.schedule import epoch_batches


def training_pairs(
    catalog: Catalog, limit: int, seed: int, skip: int = 0, repeats: Mapping[str, int] | None = None
) -> list[NLIItem]:
    """`limit` pairs of all English training sets, shuffled together by `seed`, after the first `skip`.

    `repeats` says how often a set counts in one pass, by its name (else once). The passes are shuffled each in its own
    order and read one after another, as many as `skip` and `limit` ask for. Raises `BadInput` for a name that no set
    has, `MissingData` if nothing is left.
    """
    repeats = repeats or {}
    sets = catalog.nli_training()
    unknown = sorted(set(repeats) - {part.name for part in sets})
    if unknown:
        known = ", ".join(part.name for part in sets)
        raise BadInput(f"No NLI training set is called {unknown[0]!r}; there are {known}.")
    items = [item for part in sets for item in part.items * repeats.get(part.name, 1)]
    if not items:
        raise MissingData("The settings leave out every NLI training set that is there.")
    _check_classes(items)
    chosen: list[NLIItem] = []
    for turn in range(skip // len(items), (skip + limit - 1) // len(items) + 1):
        order = items.copy()
        random.Random(seed if turn == 0 else f"{seed}/{turn}").shuffle(order)
        chosen += order
    first = skip % len(items)
    return chosen[first : first + limit]


def _check_classes(items: Sequence[NLIItem]) -> None:
    there = {item.label for item in items}
    absent = [name for number, name in enumerate(LABELS) if number not in there]
    if absent:
        raise BadInput(
            f"The NLI training sets hold no pair labelled {absent[0]}: models are trained on {', '.join(LABELS)}; add "
            "a set with all three (a set of two labels can be a study's benchmark, not what it trains on)."
        )


class EnglishBatches:
    """Batches of English pairs, one an update, fixed by seed: `batches(update)`."""

    def __init__(
        self, encoder: Encoder, catalog: Catalog, training: TrainingConfig, seed: int, skip: int = 0,
        repeats: Mapping[str, int] | None = None,
    ) -> None:  # fmt: skip
        needed = training.updates * training.batch_pairs
        self.items = training_pairs(catalog, needed, seed, skip, repeats)
        self.encoded = encode_items(encoder, self.items, training.max_tokens)
        self.pad: int = encoder.tokenizer.pad_token_id
        lengths = [len(pair.ids) for pair in self.encoded]
        self.order = epoch_batches(lengths, training.batch_pairs, training.updates, seed)

    def pairs(self, update: int, more: Sequence[EncodedPair] = ()) -> PairBatch:
        """The batch of an update, with `more` pairs at its end."""
        return collate_pairs([self.encoded[i] for i in self.order[update]] + list(more), self.pad)

    def __call__(self, update: int) -> tuple[PairBatch, BitextBatch | None]:
        return self.pairs(update), None
