"""What all runs of the query encoders' experiment share."""

from __future__ import annotations

import dataclasses
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.data.catalog import Catalog
from core.encoder.encoder import Encoder
from core.query_encoders import held_out
from core.query_encoders.batches import Encoded
from core.query_encoders.query_encoder import QueryEncoder, frozen_query_encoder
from core.query_encoders.settings import QueryRun
from core.query_encoders.tasks import Tests, Vectors
from core.reading.formats import Reading
from core.reading.precision import check_precision
from core.retrieval.vector_cache import cached_vectors
from core.workspace import Workspace

#: Pairs over which centring measures a language's mean.
CENTRED_PAIRS = 1000


class ExperimentContext:
    """Texts, the frozen encoder's vectors, and held-out bitext before training; each is made when it is first asked
    for."""

    def __init__(self, run: QueryRun, workspace: Workspace, catalog: Catalog, encoder: Encoder) -> None:
        self.run, self.catalog, self.encoder = run, catalog, encoder
        self.cache = workspace.cache / "vectors"
        self.precision = check_precision(run.precision)
        self.frozen = dataclasses.replace(encoder, reading=Reading(self.precision))

    def documents(self, texts: list[str], language: str) -> Vectors:
        """The frozen encoder's vectors, kept by content."""
        return cached_vectors(self.cache, self.frozen, texts)

    @cached_property
    def tests(self) -> Tests:
        return Tests(self.catalog, self.run.languages, self.run.pool_questions, self.documents)

    @cached_property
    def teacher(self) -> QueryEncoder:
        return frozen_query_encoder(self.encoder, self.precision)

    @cached_property
    def held_out_pairs(self) -> list[tuple[int, Encoded]]:
        return held_out.held_out_rows(self.catalog, self.encoder, self.run.languages, self.run.held_out_pairs)

    @cached_property
    def before(self) -> held_out.HeldOut:
        return held_out.measure(self.encoder, self.teacher, self.teacher, self.held_out_pairs)

    @cached_property
    def shifts(self) -> dict[str, NDArray[np.float64]]:
        """Mean vector of English minus that of each language, over the same pairs of training bitext."""
        shifts = {}
        for code in self.run.languages:
            pairs = self.catalog.training_bitext(code).pairs[:CENTRED_PAIRS]
            english, target = (self.documents([pair[side] for pair in pairs], code) for side in (0, 1))
            shifts[code] = english.mean(0, np.float64) - target.mean(0, np.float64)
        return shifts
