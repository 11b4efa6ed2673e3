"""Transport on wrong pairs: the control that asks whether pairing matters, or only the distributions."""

from __future__ import annotations

import dataclasses

import torch
from torch import Tensor

from core.arms.base import Loss, Step
from core.arms.transport import Transport
from core.model.bitext_batch import BitextBatch
from core.model.nli import NLIModel

#: Set apart from the generators of the task loss and of other arms.
SALT = 0x5F1E
#: Cycles drawn at most; more than one only where a sentence stands in the batch more than once.
TRIES = 64


class TransportShuffled(Transport):
    """Transport whose pairs are shuffled: within each language of a batch, every English sentence is given the
    translation of another. Does pairing matter, or only that the distributions of two languages meet?

    Terms, weights and sentences are transport's. The anchor and the divergence between the batch's posteriors do not
    read the pairing and stay as they are; the token and the pair's posterior term lose what they relied on. A sentence
    keeps its own translation only where its language has no other in the batch.
    """

    name = "transport-shuffled"
    inherits = ("transport",)
    judged_by = None

    def loss(self, model: NLIModel, step: Step) -> Loss:
        loss = super().loss(model, step)
        pairs = super().pairs(step)
        moved = shuffle_order(pairs, step.generator.initial_seed()) != torch.arange(
            len(pairs.language), device=pairs.language.device
        )
        return Loss(loss.total, loss.logged | {"shuffled_share": 100.0 * float(moved.float().mean())})

    def pairs(self, step: Step) -> BitextBatch:
        pairs = super().pairs(step)
        order = shuffle_order(pairs, step.generator.initial_seed())
        return dataclasses.replace(pairs, target=pairs.target.rows(order))


def shuffle_order(bitext: BitextBatch, seed: int) -> Tensor:
    """Which target each row gets, [B]: a random cycle through each language's rows, so that no row keeps its own.

    The order depends on `seed` alone and takes nothing from the update's random stream, whose noise stays that of
    every other arm. Where a sentence stands in a batch more than once, cycles are drawn until none pairs it with
    its twin's translation, or the one that does so least is taken.
    """
    generator = torch.Generator().manual_seed(seed ^ SALT)
    device, language = bitext.language.device, bitext.language.cpu()
    same = (_same_rows(bitext.english.ids) | _same_rows(bitext.target.ids)).cpu()
    order = torch.arange(len(language))
    for code in sorted(set(language.tolist())):
        rows = (language == code).nonzero()[:, 0]
        best, fewest = rows, len(rows) + 1
        for _ in range(TRIES):
            cycle = rows[torch.randperm(len(rows), generator=generator)]
            repeated = int(same[cycle, cycle.roll(1)].sum())
            if repeated < fewest:
                best, fewest = cycle, repeated
            if fewest == 0:
                break
        order[best] = best.roll(1)
    return order.to(device)


def _same_rows(ids: Tensor) -> Tensor:
    """Which rows of ids [B, n] are equal, [B, B]."""
    return (ids[:, None, :] == ids[None, :, :]).all(-1)
