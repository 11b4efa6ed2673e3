"""A template for pairs of texts where a tokeniser has none: the sign that ends one text also stands between two."""

from __future__ import annotations

import json
from typing import Any

from tokenizers import processors

from core.errors import BadInput


def give_pair_template(tokenizer: Any, name: str) -> None:
    """Let `tokenizer` put a sign between the texts of a pair, if it puts none there; single texts stay as they are.

    A tokeniser that knows pairs keeps its own form. Else a pair is what begins a text, the first text, what ends a text
    (or, if nothing does, the separator, or the sign of the end), the second text, and what ends a text. Raises
    `BadInput` for a tokeniser without any such sign.
    """
    backend = tokenizer.backend_tokenizer
    pair, alone = backend.encode("a", "a"), backend.encode("a")
    of = pair.sequence_ids
    if 0 not in of or 1 not in of or None in of[of.index(0) : of.index(1)]:
        return
    own = [at for at, text in enumerate(alone.sequence_ids) if text is not None]
    before, after = alone.ids[: own[0]], alone.ids[own[-1] + 1 :]
    between = after or [sign for sign in (tokenizer.sep_token_id, tokenizer.eos_token_id) if sign is not None][:1]
    if not between:
        raise BadInput(
            f"The tokeniser of {name} has no sign to put between two texts: give it a sep_token or an eos_token in "
            "tokenizer_config.json."
        )
    names = {number: backend.id_to_token(number) for number in (*before, *after, *between)}
    lead, tail, middle = ([names[number] for number in part] for part in (before, after, between))
    template = processors.TemplateProcessing(
        single=[*lead, "$A", *tail],
        pair=[*lead, "$A", *middle, "$B:1", *(f"{token}:1" for token in tail)],
        special_tokens=[(token, number) for number, token in names.items()],
    )
    bytes_first = _byte_level(backend)
    backend.post_processor = processors.Sequence([bytes_first, template]) if bytes_first is not None else template


def _byte_level(backend: Any) -> Any | None:
    """The step that sets the offsets of byte-level pieces right, if the tokeniser has one."""
    whole = backend.post_processor
    if whole is None:
        return None
    state = json.loads(whole.__getstate__())
    for step in state.get("processors", [state]):
        if step.get("type") == "ByteLevel":
            kept = ("add_prefix_space", "trim_offsets", "use_regex")
            return processors.ByteLevel(**{name: step[name] for name in kept})
    return None
