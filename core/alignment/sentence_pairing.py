"""Sentences of two paragraphs put beside each other, in order, by how well their tokens find each other.

As in Gale and Church (1993, Computational Linguistics 19(1)) a dynamic programme walks both paragraphs and takes one
or two sentences of a side at a time, or passes one over; what a step is worth is read off the token states: the
similarity of each token to its nearest in the other side's sentences, beyond what it finds in an average sentence.
"""

from __future__ import annotations

import re
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from core.encoder.states import Text, TokenStates

Bead = tuple[range, range]
#: Marks that end a sentence, and what may stand between them and the next one.
_ENDS = ".!?…。！？｡।॥؟۔։።။᭟፧…‼⁇⁈⁉"
_CLOSING = "\"'”’»›)]}」』】）"
_LAST = re.compile(f"(?P<stem>.*?)(?P<end>[{re.escape(_ENDS)}]+)[{re.escape(_CLOSING)}]*$", re.DOTALL)
_IN_TEXT = re.compile(
    f"[^{re.escape(_ENDS)}]*[{re.escape(_ENDS)}]+[{re.escape(_CLOSING)}]*(?:\\s+|(?<=[。！？｡])|$)|.+$", re.DOTALL
)
#: Letters before a full stop from which on it is no abbreviation's, as a rule.
_STEM = 4
#: The steps: so many sentences of the first side with so many of the second.
_STEPS = ((1, 1), (1, 2), (2, 1), (2, 2), (1, 3), (3, 1), (1, 0), (0, 1))
#: What a step pays for each sentence beyond one a side, as a share of what its tokens could gain.
_MERGING = 0.1
#: What each token pays whose sentence is passed over, or taken as a further one of its side, in similarity: where all
#: sentences are alike nothing else keeps them in step.
_PRICE = 0.05
#: How far from the diagonal sentences are compared, as a share of the longer side; of few sentences all are.
_BAND, _FEW = 0.25, 12


def split_sentences(text: Text) -> list[Text]:
    """The sentences of a text, or of words; all of it where no end is found.

    >>> split_sentences("He came . She left !".split())
    [['He', 'came', '.'], ['She', 'left', '!']]
    >>> split_sentences("Mr. Li came. 他来了。她走了。")
    ['Mr. Li came.', '他来了。', '她走了。']
    """
    if isinstance(text, str):
        found: list[str] = []
        for match in _IN_TEXT.finditer(text):
            piece = match.group()
            if found and not _ends(found[-1].split()[-1] if found[-1].split() else "", piece.split()[:1]):
                found[-1] += piece
            else:
                found.append(piece)
        return [piece.strip() for piece in found if piece.strip()] or [text]
    words, sentences, begun = list(text), [], 0
    for at, word in enumerate(words):
        following = words[at + 1 : at + 2]
        if _ends(word, following) and not (following and (following[0] in _CLOSING or _only_end(following[0]))):
            sentences.append(words[begun : at + 1])
            begun = at + 1
        elif at and word in _CLOSING and _ends(words[at - 1], following) and at - 1 >= begun:
            sentences.append(words[begun : at + 1])
            begun = at + 1
    if begun < len(words):
        sentences.append(words[begun:])
    return list(sentences)


def pair_sentences(sources: Sequence[TokenStates], targets: Sequence[TokenStates]) -> list[Bead]:
    """Ranges of sentences that belong together, in order; sentences in none have no counterpart.

    `sources` [S] and `targets` [T] are the states of each sentence, [n, d], at one layer.
    """
    rows, columns = _found(sources, targets)
    usual = float(np.nanmean([np.nanmean(one) for one in (*rows, *(one.T for one in columns))]))
    rows = [np.nan_to_num(one - usual, nan=-1.0) for one in rows]
    columns = [np.nan_to_num(one - usual, nan=-1.0) for one in columns]
    count, other = len(sources), len(targets)
    best = np.full((count + 1, other + 1), -np.inf)
    best[0, 0] = 0.0
    step_of = np.zeros((count + 1, other + 1), np.int64)
    for i in range(count + 1):
        for j in range(other + 1):
            for number, (down, right) in enumerate(_STEPS):
                if down > i or right > j or best[i - down, j - right] == -np.inf:
                    continue
                worth = best[i - down, j - right] + _worth(rows, columns, i - down, i, j - right, j)
                if worth > best[i, j]:
                    best[i, j], step_of[i, j] = worth, number
    beads: list[Bead] = []
    i, j = count, other
    while i or j:
        down, right = _STEPS[int(step_of[i, j])]
        if down and right:
            beads.append((range(i - down, i), range(j - right, j)))
        i, j = i - down, j - right
    return beads[::-1]


def _worth(
    rows: Sequence[NDArray[np.float64]], columns: Sequence[NDArray[np.float64]], i: int, k: int, j: int, h: int
) -> float:
    """What sentences i to k and j to h gain together: each token what its nearest there lies above the usual."""
    if i == k or j == h:
        passed = sum(len(rows[at]) for at in range(i, k)) + sum(len(columns[at]) for at in range(j, h))
        return -_PRICE * passed
    gained = sum(float(rows[at][:, j:h].max(1).sum()) for at in range(i, k))
    gained += sum(float(columns[at][:, i:k].max(1).sum()) for at in range(j, h))
    further = sum(len(rows[at]) for at in range(i + 1, k)) + sum(len(columns[at]) for at in range(j + 1, h))
    return gained - _MERGING * abs(gained) * (k - i + h - j - 2) - _PRICE * further


def _found(
    sources: Sequence[TokenStates], targets: Sequence[TokenStates]
) -> tuple[list[NDArray[np.float64]], list[NDArray[np.float64]]]:
    """For each source sentence [tokens, T] the best similarity of its tokens in every target sentence, and for each
    target sentence [tokens, S] the same; NaN far from the diagonal."""
    left, right = _centred(sources), _centred(targets)
    rows = [np.full((len(one), len(right)), np.nan) for one in left]
    columns = [np.full((len(one), len(left)), np.nan) for one in right]
    longest = max(len(left), len(right))
    for i, x in enumerate(left):
        for j, y in enumerate(right):
            if longest > _FEW and abs((i + 0.5) / len(left) - (j + 0.5) / len(right)) > _BAND:
                continue
            similar = x @ y.T
            rows[i][:, j], columns[j][:, i] = similar.max(1), similar.max(0)
    return rows, columns


def _centred(sentences: Sequence[TokenStates]) -> list[NDArray[np.float64]]:
    """Unit states after the mean of the whole side is taken out."""
    mean = np.concatenate([one.states for one in sentences]).mean(0, dtype=np.float64)
    moved = [one.states - mean for one in sentences]
    return [one / np.maximum(np.linalg.norm(one, axis=1, keepdims=True), 1e-12) for one in moved]


def _only_end(word: str) -> bool:
    return bool(word) and all(sign in _ENDS for sign in word)


def _ends(word: str, following: Sequence[str]) -> bool:
    """Whether a word ends a sentence: by its sign, and for a full stop by what stands before it and after it."""
    match = _LAST.fullmatch(word)
    if match is None:
        return False
    if following and following[0][:1].islower():
        return False
    stem = match["stem"].strip(_CLOSING)
    if match["end"] != "." or not stem:
        return True
    letters = sum(sign.isalpha() for sign in stem.rpartition(".")[2])
    return letters >= _STEM or (not stem.isdigit() and not following)
