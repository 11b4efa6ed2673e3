"""Training one query encoder, from first update to last: a run takes minutes and has no checkpoint."""

from __future__ import annotations

import time
from dataclasses import dataclass

import torch

from core.arms.base import ramp
from core.data.catalog import Catalog
from core.encoder.encoder import Encoder
from core.model.optimiser import build_optimiser, set_rate
from core.model.precision import check_precision
from core.progress import Progress, silent
from core.query_encoders.batches import PairBatches
from core.query_encoders.objectives import anchor, find_objective, teacher_states
from core.query_encoders.query_encoder import QueryEncoder, frozen_query_encoder, mean_vectors, new_query_encoder
from core.query_encoders.settings import QueryRun

#: Batches whose English vectors give an objective its scale.
FITTED = 8


@dataclass(frozen=True)
class Trained:
    """A trained query encoder, its curves (update, name, value), real tokens passed forward and backward, seconds."""

    model: QueryEncoder
    curves: list[tuple[int, str, float]]
    forward: int
    backward: int
    seconds: float


def train_query_encoder(run: QueryRun, catalog: Catalog, encoder: Encoder, progress: Progress = silent) -> Trained:
    """Train on bitext alone. Equal settings give equal weights on one machine."""
    assert run.training is not None and run.model is not None
    training, began = run.training, time.process_time()
    precision = check_precision(training.precision)
    batches = PairBatches(encoder, catalog, run.languages, training, run.seed)
    teacher = frozen_query_encoder(encoder, precision)
    model = new_query_encoder(encoder, run.model, run.seed, precision)
    objective = find_objective(run.arm)(encoder, run.languages, run.seed)
    first = [batches(k) for k in range(min(FITTED, training.updates))]
    objective.fit(torch.cat([mean_vectors(encoder, teacher_states(teacher, p), p.english.attention) for p in first]))
    trained = [p for p in model.parameters() if p.requires_grad]
    settings = training.optimiser()
    optimiser = build_optimiser(model, settings)
    curves: list[tuple[int, str, float]] = []
    forward = backward = 0
    model.eval()  # dropout would set query encoder and teacher apart before either has moved
    for update in range(training.updates):
        pairs = objective.arrange(batches(update), update)
        english, target = pairs.english, pairs.target
        fixed = teacher_states(teacher, pairs)
        moved = model.states(target.ids, target.attention)
        stayed = model.states(english.ids, english.attention)
        own, logged = objective.term(pairs, fixed, moved)
        kept = anchor(fixed, stayed, english.attention)
        strength = training.weight * ramp(update / training.updates, training.ramp)
        optimiser.zero_grad(set_to_none=True)
        total = strength * own + training.anchor_weight * kept
        total.backward()  # type: ignore[no-untyped-call]
        norm = torch.nn.utils.clip_grad_norm_(trained, settings.clip)
        if not bool(torch.isfinite(norm)):
            raise FloatingPointError(f"the gradient of update {update} is not finite")
        set_rate(optimiser, settings, update)
        optimiser.step()
        logged |= {"own": float(own.detach()), "anchor": float(kept.detach()), "gradient_norm": float(norm)}
        curves += [(update, name, value) for name, value in logged.items()]
        forward += pairs.tokens + int(english.attention.sum())
        backward += pairs.tokens
        progress(update + 1, training.updates, f"training, loss {logged['own']:.3f}")
    return Trained(model, curves, forward, backward, time.process_time() - began)
