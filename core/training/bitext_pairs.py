"""The bitext of a run as batches: the same sentences, in the same order, for every arm of a seed."""

from __future__ import annotations

from core.config import DataConfig
from core.data.records import Bitext
from core.encoder.encoder import Encoder
from core.errors import BadInput, MissingData
from core.model.bitext_batch import BitextBatch, collate_bitext, short_pairs, signs_between
from core.training.schedule import BITEXT_ORDERS


class BitextBatches:
    """Batches of sentence pairs, one an update: `batches(update)`.

    From each language's bitext the first `data.bitext_pairs` pairs whose sides both have at most
    `data.bitext_max_tokens` subwords. A batch has pairs of every language, or of one, as `data.bitext_order` says.
    """

    def __init__(self, encoder: Encoder, bitexts: list[Bitext], data: DataConfig, updates: int, seed: int) -> None:
        self.pad: int = encoder.tokenizer.pad_token_id
        self.between = signs_between(encoder)
        self.pairs = [short_pairs(encoder, bitext, data.bitext_pairs, data.bitext_max_tokens) for bitext in bitexts]
        for bitext, rows in zip(bitexts, self.pairs, strict=True):
            if not rows:
                raise MissingData(
                    f"The bitext of {bitext.target_language} has no pair of at most {data.bitext_max_tokens} subwords."
                )
        lengths = [[len(target.ids) for _, target in rows] for rows in self.pairs]
        if data.bitext_order not in BITEXT_ORDERS:
            known = " or ".join(BITEXT_ORDERS)
            raise BadInput(f"The order of the bitext is {known}, not {data.bitext_order[:40]!r}.")
        self.order = BITEXT_ORDERS[data.bitext_order](lengths, data.bitext_batch, updates, seed)

    def __call__(self, update: int) -> BitextBatch:
        chosen = self.order[update]
        rows = [self.pairs[language][index] for language, index in chosen]
        return collate_bitext(rows, [language for language, _ in chosen], self.pad, self.between)
