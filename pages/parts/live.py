"""What pages compute while a person waits: vectors, kept by content, with progress."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import streamlit as st

from core.recent import Recent
from pages.parts import models
from pages.parts.stored import workspace

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    from core.alignment.pair_plan import PairPlan
    from core.encoder.prompts import Role


#: Vectors of so many texts are worth a file.
MANY = 500


@st.cache_resource(show_spinner=False)
def recent(what: str, limit: int) -> Recent:
    """The results of one kind, shared by all sessions."""
    return Recent(limit)


def vectors(choice: str, texts: Sequence[str], what: str, role: Role = "text") -> NDArray[np.float32]:
    """Sentence vectors [n, d] of one choice, those of many texts kept on disk; `what` tells what is being read, `role`
    after which of its prompts."""

    def compute() -> NDArray[np.float32]:
        from core.encoder.prompts import in_role
        from core.encoder.vectors import sentence_vectors
        from core.retrieval.vector_cache import cached_vectors

        encoder = in_role(models.load(choice), role)
        bar = st.empty()

        def show(done: int, total: int, text: str = "") -> None:
            if total > 40:
                bar.progress(done / total, f"Reading {what}: {done} of {total} sentences…")

        with models.one_at_a_time():
            if len(texts) < MANY:
                found = sentence_vectors(encoder, texts, progress=show)
            else:
                found = cached_vectors(workspace().cache / "vectors", encoder, texts, show)
        bar.empty()
        return found

    array: NDArray[np.float32] = recent("vectors", 120).get((models.reader_key(choice), role, tuple(texts)), compute)
    return array


def plan(choice: str, source: str, target: str, layer: int, epsilon: float) -> PairPlan:
    """The transport plan of a pair with one choice. Raises `BadInput` for a text without words."""

    def compute() -> PairPlan:
        from core.alignment.token_alignment import align_pair

        encoder = models.load(choice)
        with models.one_at_a_time():
            return align_pair(encoder, source, target, layer, epsilon)

    found: PairPlan = recent("plans", 400).get((models.reader_key(choice), source, target, layer, epsilon), compute)
    return found


def probabilities(run_id: str, premise: str, hypothesis: str) -> tuple[float, float, float]:
    """What a run answers to a pair of texts: probabilities of entailment, neutral, contradiction."""

    def compute() -> tuple[float, float, float]:
        from core.encoder.read_as import read_as
        from core.evaluation.predict import predict_pairs
        from core.model.weights import read_model_as

        encoder = models.load_base(models.encoder_name(run_id))
        model = read_model_as(models.classifier(run_id), read_as(encoder).reading)
        with models.one_at_a_time():
            row = predict_pairs(model, encoder, [(premise, hypothesis)])[0]
        return float(row[0]), float(row[1]), float(row[2])

    found: tuple[float, float, float] = recent("probabilities", 400).get((run_id, premise, hypothesis), compute)
    return found
