"""The arms' own objectives on held-out bitext: did training move what it says it moves?"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray

from core.arms.transport import TransportSettings, wasserstein
from core.model.batches import EncodedText, token_batches
from core.model.bitext_batch import BitextBatch, collate_bitext
from core.model.nli import NLIModel, pooled
from core.transport.cost import cosine_cost, uniform_marginal
from core.transport.divergence import sinkhorn_divergence


@dataclass(frozen=True)
class HeldOut:
    """Measures of one model on n held-out pairs of one language.

    token [n]: Sinkhorn divergence to the teacher's English token states; posterior [n]: W2^2 / k to the teacher's
    English posterior; english and target [n, d]: pooled states of the model itself.
    """

    token: NDArray[np.float64]
    posterior: NDArray[np.float64]
    english: NDArray[np.float32]
    target: NDArray[np.float32]

    def objective(self, settings: TransportSettings) -> NDArray[np.float64]:
        """The transport arm's weighted pairwise cost, [n]: its token and posterior terms."""
        return settings.token_weight * self.token + settings.posterior_weight * self.posterior


@torch.inference_mode()
def measure_held_out(
    settings: TransportSettings, teacher: NLIModel, model: NLIModel,
    rows: list[tuple[EncodedText, EncodedText]], pad: int, budget: int = 2048,
) -> HeldOut:  # fmt: skip
    """Measure `model` against the frozen `teacher` on encoded pairs (English first)."""
    count, width = len(rows), model.centre.shape[0]
    token, posterior = np.zeros(count), np.zeros(count)
    english, target = np.zeros((count, width), np.float32), np.zeros((count, width), np.float32)
    for batch in token_batches([max(len(s.ids), len(t.ids)) for s, t in rows], budget):
        data = collate_bitext([rows[i] for i in batch], [0] * len(batch), pad).to(model.device)
        values = [value.cpu() for value in _measure(settings, teacher, model, data)]
        token[batch], posterior[batch] = values[0].numpy(), values[1].numpy()
        english[batch], target[batch] = values[2].numpy(), values[3].numpy()
    return HeldOut(token, posterior, english, target)


def _measure(
    settings: TransportSettings, teacher: NLIModel, model: NLIModel, data: BitextBatch
) -> tuple[torch.Tensor, ...]:
    english, target = data.english, data.target
    teacher_english = teacher.hidden_states(english.ids, english.attention)
    student_target = model.hidden_states(target.ids, target.attention)
    student_english = teacher_english[-1] if model is teacher else model.last_states(english.ids, english.attention)
    layer = min(settings.token_layer, len(teacher_english) - 1)
    divergence = sinkhorn_divergence(
        teacher_english[layer], student_target[layer],
        uniform_marginal(english.own), uniform_marginal(target.own),
        cosine_cost, settings.epsilon, debias=settings.debias, rho=settings.rho or None,
        tolerance=settings.tolerance, max_iterations=settings.max_iterations,
    )  # fmt: skip
    source = teacher.posterior(pooled(teacher_english[-1], english.own))
    posterior = model.posterior(pooled(student_target[-1], target.own))
    distance = wasserstein(source, posterior) / posterior.mu.shape[1]
    return divergence.value, distance, pooled(student_english, english.own), pooled(student_target[-1], target.own)
