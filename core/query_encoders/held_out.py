"""Held-out bitext: how near translations are before and after, and did the arm move what it says it moves?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.data.catalog import Catalog
from core.encoder.encoder import Encoder
from core.encoder.vectors import pooled_vectors, prompt_length
from core.evaluation.language_probe import language_probe
from core.evaluation.objective_test import ObjectiveTest, probe_improved, transport_improved
from core.model.batches import token_batches
from core.query_encoders.batches import Encoded, collate, short
from core.query_encoders.objectives import token_transport
from core.query_encoders.query_encoder import QueryEncoder
from core.query_encoders.settings import ADVERSARIAL, MEAN_MATCHING, TRANSPORT
from core.query_encoders.tasks import ranks_of

#: Longer pairs than those trained on are left out.
LONGEST = 64


@dataclass(frozen=True)
class HeldOut:
    """n pairs of several languages: token_cost [n], <P, C> to the frozen English states; english (frozen) and target
    [n, d], vectors of length 1; language [n] indexes the languages."""

    token_cost: NDArray[np.float64]
    english: NDArray[np.float32]
    target: NDArray[np.float32]
    language: NDArray[np.int64]

    def reciprocal_rank(self) -> float:
        """Mean over languages of the reciprocal rank (x100) of the right English sentence among those of all pairs."""
        ranks = ranks_of(self.target, self.english, np.arange(len(self.english))[:, None])[:, 0]
        return float(np.mean([(100.0 / ranks[self.language == code]).mean() for code in np.unique(self.language)]))

    @property
    def mean_cost(self) -> NDArray[np.float64]:
        """1 - cos of each pair's vectors, [n]."""
        return np.asarray(1.0 - (self.english.astype(np.float64) * self.target).sum(1))


def held_out_rows(
    catalog: Catalog, encoder: Encoder, languages: tuple[str, ...], pairs: int
) -> list[tuple[int, Encoded]]:
    """The first `pairs` held-out pairs of each language, encoded, with the language's index."""
    return [
        (code, row)
        for code, name in enumerate(languages)
        for row in short(encoder, catalog.held_out_bitext(name).pairs, pairs, LONGEST)
    ]


@torch.inference_mode()
def measure(
    encoder: Encoder, teacher: QueryEncoder, model: QueryEncoder, rows: list[tuple[int, Encoded]], budget: int = 4096
) -> HeldOut:
    """Measure a query encoder against the frozen one."""
    cost, ahead = np.zeros(len(rows)), prompt_length(encoder)
    english, target = (np.zeros((len(rows), encoder.vector_size), np.float32) for _ in range(2))
    for batch in token_batches([max(len(s.ids), len(t.ids)) for _, (s, t) in rows], budget):
        pairs = collate(encoder, [rows[k][1] for k in batch], [rows[k][0] for k in batch])
        teacher_english = teacher.states(pairs.english.ids, pairs.english.attention)
        student_target = model.states(pairs.target.ids, pairs.target.attention)
        cost[batch] = token_transport(pairs, teacher_english, student_target).transport_cost.numpy()
        for out, states, side in (
            (english, teacher_english, pairs.english),
            (target, student_target, pairs.target),
        ):
            out[batch] = pooled_vectors(encoder, states, side.attention, ahead).numpy()
    return HeldOut(cost, english, target, np.array([code for code, _ in rows]))


def judge(arm: str, before: HeldOut, after: HeldOut) -> ObjectiveTest:
    """Whether an arm moved its own objective: token cost, vector distance, or what a fresh language probe names."""
    if arm == TRANSPORT:
        return transport_improved(before.token_cost, after.token_cost)
    if arm == MEAN_MATCHING:
        return transport_improved(before.mean_cost, after.mean_cost)
    if arm != ADVERSARIAL:
        return ObjectiveTest(None, "A control: no objective of its own is judged.")
    right = []
    for held_out in (before, after):
        states = np.concatenate([held_out.english, held_out.target])
        language = np.concatenate([np.zeros_like(held_out.language), held_out.language + 1])
        right.append(language_probe(states, language))
    return probe_improved(right[0], right[1])
