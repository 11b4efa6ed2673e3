"""How near the two sides of a pair are to an encoder: transport between tokens, cosine and margin of sentence vectors.

Token states are those of a middle layer, each language's mean over the bitext taken away, which leaves what differs
between sentences instead of what differs between languages. Balanced transport: <P, C> of the entropic plan, C the
cosine distance (0: same direction, 1: nothing in common). Untransported mass: what KL-relaxed transport does not move
(core.transport.sinkhorn, rho), because nothing on the other side is near enough.
"""

from __future__ import annotations

import math
from collections.abc import MutableMapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from core.bitext.margin import Pool, ratio_margin
from core.bitext.noise_score import NAMES
from core.data.bitext import Pair
from core.encoder.encoder import Encoder
from core.encoder.states import states_of
from core.encoder.tokens import buckets, pad, tokenise
from core.encoder.vectors import pooled_vectors, prompt_length
from core.progress import Progress, silent
from core.transport.cost import pair_epsilon, token_cost, uniform_marginal
from core.transport.sinkhorn import sinkhorn

#: Whose token states, as a share of the depth: layer 6 of the embedded encoder's 12.
MIDDLE = 0.5
#: Regularisation as a fraction of the pair's median cost, and the price of unmoved mass in units of cosine distance.
EPSILON, RHO = 0.1, 0.2
#: Tokens of a side that are read; the end of a longer one does not count.
TOKENS = 96
_SLICE, _PROBLEMS = 512, 64


#: Pairs whose token states are averaged for each language's.
CENTRED_ON = 300


@dataclass(frozen=True)
class Reference:
    """What the pairs of a bitext are scored against: the mean token state [d] of each side's language, taken away
    before costs are measured, and the vectors of a sample, among which nearest neighbours are sought."""

    source: Tensor
    target: Tensor
    pool: Pool


#: What a text reads as: its token states [n, d] and its sentence vector [d].
Reading = tuple[Tensor, NDArray[np.float32]]
#: Readings kept by text, so that what is scored in several pairs is read once.
Known = MutableMapping[str, Reading]


def reference(encoder: Encoder, pairs: Sequence[Pair], known: Known | None = None) -> Reference:
    """The reference that a sample of a bitext gives: means over its first `CENTRED_ON` pairs, vectors of all."""
    left, right = (_read(encoder, [pair[i] for pair in pairs], known) for i in (0, 1))
    one, other = (torch.cat([states for states, _ in side[:CENTRED_ON]]).mean(0) for side in (left, right))
    sources, targets = (np.stack([vector for _, vector in side]) for side in (left, right))
    return Reference(one, other, Pool(sources, targets))


def score_pairs(
    encoder: Encoder, pairs: Sequence[Pair], against: Reference, progress: Progress = silent,
    known: Known | None = None, own: Sequence[int] | None = None,
) -> NDArray[np.float32]:  # fmt: skip
    """Scores [n, 5] in the order of `NAMES`; `length` is log(target / source characters, each plus 5).

    `own` [n] is each pair's row in the reference's sample, or that of the pair it was made from; -1, as for all unless
    given, is a pair outside it (`core.bitext.margin`). A side without a word has transport 1, untransported mass 1 and
    the cosine of its vector.
    """
    scores = np.zeros((len(pairs), len(NAMES)), np.float32)
    places = np.full(len(pairs), -1) if own is None else np.asarray(own, int)
    for start in range(0, len(pairs), _SLICE):
        part = pairs[start : start + _SLICE]
        left, right = (_read(encoder, [pair[i] for pair in part], known) for i in (0, 1))
        rows = scores[start : start + len(part)]
        vectors = [np.stack([vector for _, vector in side]) for side in (left, right)]
        rows[:, :2] = _transport([states for states, _ in left], [states for states, _ in right], against)
        rows[:, 2] = (vectors[0] * vectors[1]).sum(1)
        rows[:, 3] = [math.log((len(b) + 5) / (len(a) + 5)) for a, b in part]
        rows[:, 4] = ratio_margin(vectors[0], vectors[1], against.pool, places[start : start + len(part)])
        progress(start + len(part), len(pairs))
    return scores


def cut_at(encoder: Encoder) -> Encoder:
    """`encoder` as sides are read: their first `TOKENS` tokens."""
    return replace(encoder, max_tokens=min(TOKENS, encoder.max_tokens))


def _read(encoder: Encoder, texts: Sequence[str], known: Known | None = None) -> list[Reading]:
    """Each text's token states at `MIDDLE` and its sentence vector, in one pass through the encoder."""
    known = {} if known is None else known
    new = [text for text in dict.fromkeys(texts) if text not in known]
    short = cut_at(encoder)
    rows = tokenise(short, new, prefix=True)
    layer, ahead = max(1, round(MIDDLE * encoder.layers)), prompt_length(encoder)
    for batch in buckets([len(row.ids) for row in rows], 4096):
        ids, mask = pad(short, [rows[i] for i in batch])
        with torch.inference_mode():
            middle, last = states_of(encoder, ids, mask, [layer, encoder.layers])
            pooled = pooled_vectors(encoder, last, mask, ahead)
            middle = middle.cpu()
        for k, i in enumerate(batch):
            known[new[i]] = middle[k, rows[i].content].clone(), pooled[k].cpu().numpy()
    return [known[text] for text in texts]


def _transport(left: list[Tensor], right: list[Tensor], against: Reference) -> NDArray[np.float32]:
    """Balanced distance and untransported mass [n, 2]; problems of similar size are solved together."""
    found = np.ones((len(left), 2), np.float32)
    whole = [i for i in range(len(left)) if len(left[i]) and len(right[i])]
    whole.sort(key=lambda i: (max(len(left[i]), len(right[i])), i))
    stack = torch.nn.utils.rnn.pad_sequence
    for start in range(0, len(whole), _PROBLEMS):
        batch = whole[start : start + _PROBLEMS]
        x = stack([left[i] - against.source for i in batch], batch_first=True)
        y = stack([right[i] - against.target for i in batch], batch_first=True)
        x_mask = stack([torch.ones(len(left[i]), dtype=torch.bool) for i in batch], batch_first=True)
        y_mask = stack([torch.ones(len(right[i]), dtype=torch.bool) for i in batch], batch_first=True)
        a, b = uniform_marginal(x_mask), uniform_marginal(y_mask)
        cost = token_cost(x, y, x_mask, y_mask)
        epsilon = pair_epsilon(cost, a, b, EPSILON)
        plan = sinkhorn(cost, a, b, epsilon, tolerance=1e-2, max_iterations=300).plan
        moved = sinkhorn(cost, a, b, epsilon, rho=RHO, tolerance=1e-2, max_iterations=300).plan
        found[batch, 0] = (plan * cost).sum((1, 2)).numpy()
        found[batch, 1] = (1.0 - moved.sum((1, 2))).numpy()
    return found
