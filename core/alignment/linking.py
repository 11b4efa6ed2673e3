"""Word links of sentence pairs and paragraphs: read with an encoder, long texts sentence by sentence."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np

from core.alignment.sentence_pairing import pair_sentences, split_sentences
from core.alignment.token_masses import token_masses
from core.alignment.word_links import LinkSettings, PairLinks, layer_of, link_states
from core.encoder.encoder import Encoder
from core.encoder.states import Text, TokenStates, token_states

#: Words of the longer side from which on a pair is linked by sentence, where both sides have several.
PARAGRAPH_FROM = 60
#: Characters that count as a word in a text without spaces.
_UNSPACED_WORD = 3


def link_pairs(
    encoder: Encoder, pairs: Sequence[tuple[Text, Text]], settings: LinkSettings, *, with_plans: bool = False
) -> list[PairLinks]:
    """The links of sentence pairs (texts, or words already split). Raises `BadInput` for a text without words.

    Texts past the encoder's reach are read in overlapping windows. A pair of at least `PARAGRAPH_FROM` words in which
    both sides have several sentences is linked by sentence: its sentences are read alone and paired in order
    (`sentence_pairing`), and words are linked within what belongs together; unless `settings.by_sentence` is off, the
    marginals are not uniform, or plans are wanted, which are of whole pairs. `with_plans` makes plans also for
    decodings that do not read them.
    """
    settings.check()
    layer = layer_of(encoder, settings)
    by_sentence = settings.by_sentence and settings.plan.marginals == "uniform" and not with_plans
    parts: dict[int, tuple[list[Text], list[Text]]] = {}
    for at, (source, target) in enumerate(pairs):
        if by_sentence and max(_words(source), _words(target)) >= PARAGRAPH_FROM:
            sentences = split_sentences(source), split_sentences(target)
            if min(map(len, sentences)) > 1:
                parts[at] = sentences
    whole = [at for at in range(len(pairs)) if at not in parts]
    found: dict[int, PairLinks] = {}
    if whole:
        sides = [[pairs[at][0] for at in whole], [pairs[at][1] for at in whole]]
        rows = [token_states(encoder, side, layer, whole=True) for side in sides]
        masses = None
        if settings.plan.marginals != "uniform":
            kind = settings.plan.marginals
            masses = (
                token_masses(encoder, sides[0], rows[0], kind, layer),
                token_masses(encoder, sides[1], rows[1], kind, layer),
            )
        linked = link_states(rows[0], rows[1], settings, masses=masses, with_plans=with_plans)
        found |= dict(zip(whole, linked, strict=True))
    if parts:
        found |= _by_sentence(encoder, parts, settings, layer)
    return [found[at] for at in range(len(pairs))]


def _by_sentence(
    encoder: Encoder, parts: dict[int, tuple[list[Text], list[Text]]], settings: LinkSettings, layer: int
) -> dict[int, PairLinks]:
    """The links of pairs that are given as sentences."""
    read = []
    for side in (0, 1):
        rows = iter(token_states(encoder, [one for both in parts.values() for one in both[side]], layer, whole=True))
        read.append([[next(rows) for _ in both[side]] for both in parts.values()])
    lefts: list[TokenStates] = []
    rights: list[TokenStates] = []
    places: list[tuple[int, int, int]] = []
    for at, sources, targets in zip(parts, *read, strict=True):
        for left, right in pair_sentences(sources, targets):
            lefts.append(_joined(sources[left.start : left.stop]))
            rights.append(_joined(targets[right.start : right.stop]))
            places.append((at, _before(sources, left.start), _before(targets, right.start)))
    linked = link_states(lefts, rights, settings)
    found: dict[int, PairLinks] = {}
    for at, sources, targets in zip(parts, *read, strict=True):
        scored: list[tuple[tuple[int, int], float]] = []
        for (owner, i, j), part in zip(places, linked, strict=True):
            if owner == at:
                scored += [((a + i, b + j), score) for (a, b), score in zip(part.links, part.scores, strict=True)]
        words = [word for one in sources for word in one.words], [word for one in targets for word in one.words]
        found[at] = PairLinks(
            *words, [link for link, _ in scored], [score for _, score in scored], None,
            any(one.truncated for one in (*sources, *targets)), (_read(sources), _read(targets)),
        )  # fmt: skip
    return found


def _joined(sentences: Sequence[TokenStates]) -> TokenStates:
    """The states of sentences that follow each other as one text's."""
    if len(sentences) == 1:
        return sentences[0]
    return replace(
        sentences[0],
        text=" ".join(one.text for one in sentences),
        tokens=[token for one in sentences for token in one.tokens],
        words=[word for one in sentences for word in one.words],
        word_of=np.concatenate([one.word_of + _before(sentences, at) for at, one in enumerate(sentences)]),
        states=np.concatenate([one.states for one in sentences]),
        truncated=any(one.truncated for one in sentences),
    )


def _before(sentences: Sequence[TokenStates], at: int) -> int:
    return sum(len(one.words) for one in sentences[:at])


def _read(sentences: Sequence[TokenStates]) -> int:
    return sum(int(one.word_of.max()) + 1 for one in sentences)


def _words(text: Text) -> int:
    return max(len(text.split()), len(text) // _UNSPACED_WORD // 4) if isinstance(text, str) else len(text)
