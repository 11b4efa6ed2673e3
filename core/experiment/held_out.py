"""A run beside its warm start on held-out bitext, and whether the arm improved its own objective there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from core.arms.registry import find_arm
from core.arms.transport import TransportSettings
from core.config import RunConfig
from core.data.catalog import Catalog
from core.data.records import Bitext
from core.encoder.encoder import Encoder
from core.evaluation.held_out import HeldOut, measure_held_out
from core.evaluation.language_probe import language_probe
from core.evaluation.objective_test import ObjectiveTest, probe_improved, transport_improved, unless_collapsed
from core.evaluation.scores import Score
from core.languages import language as language_of
from core.model.bitext_batch import short_pairs
from core.model.nli import NLIModel


class HeldOutComparison:
    """`teacher` (before) and `model` (after; the same for a warm start) on each bitext language's held-out pairs, each
    language measured when it is first asked for, under the configuration's held-out cost settings."""

    def __init__(
        self, model: NLIModel, teacher: NLIModel, encoder: Encoder, catalog: Catalog, config: RunConfig
    ) -> None:
        self.model, self.teacher, self.encoder, self.catalog, self.config = model, teacher, encoder, catalog, config
        self.settings = TransportSettings(**config.evaluation.yardstick)
        self.languages = config.data.bitext_languages
        self._measured: dict[str, tuple[HeldOut, HeldOut]] = {}

    def of(self, language: str) -> tuple[HeldOut, HeldOut]:
        """One language before and after."""
        if language not in self._measured:
            bitext = never_trained(self.catalog, language)
            limits = (self.config.evaluation.held_out_pairs, self.config.data.bitext_max_tokens)
            rows, pad = short_pairs(self.encoder, bitext, *limits), self.encoder.tokenizer.pad_token_id
            before = measure_held_out(self.settings, self.teacher, self.teacher, rows, pad)
            if self.model is self.teacher:
                after = before
            else:
                after = measure_held_out(self.settings, self.teacher, self.model, rows, pad)
            self._measured[language] = before, after
        return self._measured[language]

    @cached_property
    def costs(self) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
        """The transport cost of every pair of all languages, before and after: [n] each."""
        before, after = zip(*map(self.of, self.languages), strict=True)
        cost = [np.concatenate([held.objective(self.settings) for held in part]) for part in (before, after)]
        return cost[0], cost[1]

    @cached_property
    def probes(self) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """Which sentences a fresh language probe names right, before and after: [n] each."""
        before, after = zip(*map(self.of, self.languages), strict=True)
        right = [
            language_probe(*labelled_states([(h.english, h.target) for h in part]), seed=self.config.seed)
            for part in (before, after)
        ]
        return right[0], right[1]


def judge_objective(config: RunConfig, comparison: HeldOutComparison, scores: Sequence[Score]) -> ObjectiveTest:
    """Whether the arm improved its own objective against its warm start; it did not if, by the run's `scores`, its
    accuracy in the source language of the first benchmark is no better than chance: then it learned nothing that
    counts."""
    judge = find_arm(config.arm).judged_by if config.data.bitext_languages else ""
    if judge == "transport":
        objective = transport_improved(*comparison.costs)
    elif judge == "language":
        objective = probe_improved(*comparison.probes)
    else:
        objective = ObjectiveTest(None, "This arm has no objective on bitext of its own.")
    return judge_collapse(config, objective, scores)


def judge_collapse(config: RunConfig, objective: ObjectiveTest, scores: Sequence[Score]) -> ObjectiveTest:
    """The objective as accuracy in the source language leaves it: as it is where `scores` hold none, gold being
    sealed."""
    main, split = config.evaluation.main, config.evaluation.split
    place = ("accuracy", split, main.source_language)
    source = next((s for s in scores if (s.name, s.split, s.language) == place), None)
    if source is None:
        return objective
    name = language_of(main.source_language).name
    return unless_collapsed(objective, source.value, source.items, len(main.labels), name)


def never_trained(catalog: Catalog, language: str) -> Bitext:
    """The held-out bitext; of the starter set, whose tenth is a handful, also its test sentences."""
    held_out = catalog.held_out_bitext(language)
    if catalog.kind == "starter":
        return replace(held_out, pairs=held_out.pairs + catalog.retrieval(language).pairs)
    return held_out


def labelled_states(
    parts: Sequence[tuple[NDArray[np.float32], NDArray[np.float32]]],
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """States and languages for the probe, from (English, target) states [n, d] of each language: the targets, and as
    many English sentences."""
    size = max(len(target) for _, target in parts)
    # One language's English sentences after another's, so that no sentence of the multi-parallel sources repeats often.
    mixed = np.concatenate([english[i :: len(parts)] for i, (english, _) in enumerate(parts)])[:size]
    states = np.concatenate([mixed, *(target for _, target in parts)])
    sizes = [len(mixed), *(len(target) for _, target in parts)]
    return states, np.repeat(np.arange(len(sizes)), sizes)
