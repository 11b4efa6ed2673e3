"""Training one query encoder, from first update to last: a run takes minutes and has no checkpoint."""

from __future__ import annotations

import time

import torch

from core.arms.base import ramp
from core.data.catalog import Catalog
from core.encoder.encoder import Encoder
from core.model.optimiser import build_optimiser
from core.progress import Progress, silent
from core.query_encoders.batches import PairBatches
from core.query_encoders.objectives import anchor, find_objective, teacher_states
from core.query_encoders.query_encoder import QueryEncoder, frozen_query_encoder, mean_vectors, new_query_encoder
from core.query_encoders.settings import QueryRun
from core.reading.precision import check_precision
from core.training.loop import TrainingState, UpdateLoss, reporting, train

#: Batches whose English vectors give an objective its scale.
FITTED = 8


def train_query_encoder(
    run: QueryRun, catalog: Catalog, encoder: Encoder, progress: Progress = silent
) -> tuple[QueryEncoder, TrainingState]:
    """Train on bitext alone: the query encoder, and what training counted (`seconds` of processor time).

    Equal settings give equal weights on one machine.
    """
    assert run.training is not None and run.model is not None
    training, began = run.training, time.process_time()
    precision = check_precision(training.precision)
    batches = PairBatches(encoder, catalog, run.languages, training, run.seed)
    teacher = frozen_query_encoder(encoder, precision)
    model = new_query_encoder(encoder, run.model, run.seed, precision)
    objective = find_objective(run.arm)(encoder, run.languages, run.seed)
    first = [batches(k) for k in range(min(FITTED, training.updates))]
    objective.fit(torch.cat([mean_vectors(encoder, teacher_states(teacher, p), p.english.attention) for p in first]))

    def loss_of(update: int) -> UpdateLoss:
        pairs = objective.arrange(batches(update), update)
        english, target = pairs.english, pairs.target
        teacher_english = teacher_states(teacher, pairs)
        student_target = model.states(target.ids, target.attention)
        student_english = model.states(english.ids, english.attention)
        term, logged = objective.term(pairs, teacher_english, student_target)
        kept = anchor(teacher_english, student_english, english.attention)
        strength = training.weight * ramp(update / training.updates, training.ramp)
        # The curve of the arm's own term is called "own" in every stored run.
        logged = logged | {"own": float(term.detach()), "anchor": float(kept.detach())}
        english_tokens = int(english.attention.sum())
        total = strength * term + training.anchor_weight * kept
        return UpdateLoss(total, logged, pairs.tokens + english_tokens, pairs.tokens)

    settings = training.optimiser()
    report = reporting(progress, settings.updates, "own")
    state = train(model, build_optimiser(model, settings), loss_of, settings, TrainingState(), [report])
    state.seconds = time.process_time() - began
    return model, state
