"""Inputs made harder: character noise, code-switching, premise and hypothesis in two languages."""

from __future__ import annotations

import random
import unicodedata
from collections.abc import Sequence
from dataclasses import replace

from core.alignment.token_alignment import align_states
from core.data.records import NLIItem
from core.encoder.encoder import Encoder
from core.encoder.states import TokenStates, token_states

#: Share of letters that are disturbed, and of linked words that are replaced.
NOISE, SWITCHED = 0.05, 0.3
#: The frozen encoder's layer whose plans link words; word alignment is best in the middle layers.
LINK_LAYER = 7
_CHUNK = 64


def noisy(text: str, rate: float, chance: random.Random) -> str:
    """`text` with about `rate` of its letters swapped with the next, left out or doubled.

    Synthetic character noise as in Belinkov and Bisk (arXiv 1711.02173), for any script: a letter moves together with
    the marks that stand on it. Spaces, digits and signs stay.
    """
    pieces: list[str] = []
    for character in text:
        if pieces and unicodedata.category(character)[0] == "M":
            pieces[-1] += character
        else:
            pieces.append(character)
    at = 0
    while at < len(pieces):
        if _is_letter(pieces[at]) and chance.random() < rate:
            kind = chance.randrange(3)
            if kind == 0 and at + 1 < len(pieces) and _is_letter(pieces[at + 1]):
                pieces[at], pieces[at + 1] = pieces[at + 1], pieces[at]
                at += 1
            elif kind == 1:
                pieces[at] = ""
            else:
                pieces[at] *= 2
        at += 1
    changed = "".join(pieces)
    return changed if changed.strip() else text


def _is_letter(piece: str) -> bool:
    return bool(piece) and unicodedata.category(piece[0])[0] == "L"


def noisy_items(items: Sequence[NLIItem], language: str, rate: float = NOISE) -> list[NLIItem]:
    """Every item with noise in premise and hypothesis, fixed by language and item."""

    def disturbed(item: NLIItem) -> NLIItem:
        chance = random.Random(f"noise/{language}/{item.id}")
        return replace(item, premise=noisy(item.premise, rate, chance), hypothesis=noisy(item.hypothesis, rate, chance))

    return [disturbed(item) for item in items]


def generalised_items(premises: Sequence[NLIItem], hypotheses: Sequence[NLIItem]) -> list[NLIItem]:
    """Items whose premise is in one language and whose hypothesis is in another (arXiv 2104.08645), row by row."""
    pairs = zip(premises, hypotheses, strict=True)
    return [replace(item, hypothesis=other.hypothesis) for item, other in pairs]


def switched_items(
    encoder: Encoder, items: Sequence[NLIItem], others: Sequence[NLIItem], language: str, share: float = SWITCHED
) -> list[NLIItem]:
    """Items in which about `share` of the words stand in the other language of the same item.

    A word is replaced by the word that the frozen encoder's transport plan links it with (mutual argmax), so the
    replacements of all arms are the same. `others` are the same items in the other language. Fixed by item.
    """
    premises = switch_words(encoder, [i.premise for i in items], [i.premise for i in others], language, share)
    hypotheses = switch_words(encoder, [i.hypothesis for i in items], [i.hypothesis for i in others], language, share)
    rows = zip(items, premises, hypotheses, strict=True)
    return [replace(item, premise=premise, hypothesis=hypothesis) for item, premise, hypothesis in rows]


def switch_words(
    encoder: Encoder, texts: Sequence[str], translations: Sequence[str], language: str, share: float = SWITCHED
) -> list[str]:
    """Each text with about `share` of its linked words replaced by their partners in its translation."""
    done = list(texts)
    order = sorted(range(len(texts)), key=lambda k: -len(texts[k]))
    for start in range(0, len(order), _CHUNK):
        rows = [k for k in order[start : start + _CHUNK] if texts[k].strip() and translations[k].strip()]
        layer = min(LINK_LAYER, encoder.layers)
        left = token_states(encoder, [texts[k] for k in rows], layer)
        right = token_states(encoder, [translations[k] for k in rows], layer)
        for k, states, other, plan in zip(rows, left, right, align_states(left, right), strict=True):
            chance = random.Random(f"switch/{language}/{texts[k]}")
            chosen = {i: other.words[j] for i, j in plan.links if chance.random() < share}
            done[k] = _spliced(states, chosen)
    return done


def _spliced(states: TokenStates, chosen: dict[int, str]) -> str:
    """The text with the chosen words replaced where they stand."""
    text, out, cursor = states.text, "", 0
    for index, word in enumerate(states.words):
        at = text.find(word, cursor)
        if at < 0:
            continue
        out += text[cursor:at] + chosen.get(index, word)
        cursor = at + len(word)
    return out + text[cursor:]
