"""How long a text a model can read: the least of what its files say and of the rows that its positions have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from torch import nn

#: Of an encoder that tells no limit of its own, which a tokeniser writes as 10^30.
UNSAID = 8192
_NO_LIMIT = 10**9


def longest_text(model: Any, tokenizer: Any, limits: Iterable[int | None]) -> int:
    """The most tokens of a text with special tokens: `limits`, the tokeniser's, the configuration's, the embeddings'.

    Learned positions that begin after the padding's number (RoBERTa, XLM-R, MPNet) have so many rows less.
    """
    said = [int(limit) for limit in limits if limit]
    said.append(int(tokenizer.model_max_length))
    positions = getattr(model.config, "max_position_embeddings", None)
    if isinstance(positions, int) and positions > 0:
        said.append(positions)
    for name, module in model.named_modules():
        if isinstance(module, nn.Embedding) and name.endswith(("position_embeddings", "wpe")):
            said.append(module.num_embeddings - (0 if module.padding_idx is None else module.padding_idx + 1))
    known = [limit for limit in said if 0 < limit < _NO_LIMIT]
    return min(known, default=UNSAID)
