"""Collapse of a run: its states on held-out bitext beside its reference's, the two rules, and a fresh probe."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from core.data.catalog import Catalog
from core.encoder.encoder import Encoder
from core.errors import BadInput
from core.evaluation.collapse import Collapse, Compared, compare, judge, spread
from core.evaluation.language_probe import language_probe
from core.evaluation.sentence_states import Rows, SentenceStates
from core.experiment.held_out import labelled_states, never_trained
from core.model.bitext_batch import short_pairs
from core.statistics.intervals import wilson

#: The curve of a language discriminator, and the share of updates at the end of training that it is averaged over.
DISCRIMINATOR, LAST = "discriminator_accuracy", 0.1


@dataclass(frozen=True)
class Probe:
    """A fresh linear probe at one layer: how many of n sentences (x100) it names the language of, with Wilson's
    interval, and `chance`, the share of the largest language."""

    layer: int
    accuracy: float
    low: float
    high: float
    chance: float
    items: int


def held_out_rows(encoder: Encoder, catalog: Catalog, languages: Iterable[str], pairs: int, max_tokens: int) -> Rows:
    """The first `pairs` encoded pairs of every language that no arm trains on, both sides of at most `max_tokens`
    subwords; of the starter set, whose held-out tenth is a handful, also its test sentences.

    A language that the encoder's tokeniser cuts too finely for two such pairs is left out. Raises `BadInput` if every
    one is.
    """
    rows = {code: short_pairs(encoder, never_trained(catalog, code), pairs, max_tokens) for code in languages}
    enough = {code: encoded for code, encoded in rows.items() if len(encoded) > 1}
    if not enough:
        raise BadInput(
            f"{encoder.name} cuts sentences into more than {max_tokens} subwords in every language of the bitext: "
            "raise max_tokens of the study's bitext, or choose another encoder."
        )
    return enough


def compare_states(own: SentenceStates, reference: SentenceStates) -> list[Compared]:
    """Every language at every layer; English (`en`), which has no translation to find, from the first language's
    pairs."""
    compared = []
    first = next(iter(own.sides))
    for layer in own.layers:
        sides = own.pair(first, layer)[0], reference.pair(first, layer)[0]
        own_spread, reference_spread = (spread(side) for side in sides)
        compared.append(Compared("en", layer, len(sides[0]), own_spread, reference_spread))
        compared += [
            compare(language, layer, own.pair(language, layer), reference.pair(language, layer))
            for language in own.sides
        ]
    return compared


def judged(compared: Sequence[Compared]) -> Collapse:
    """The two rules at the last layer measured, over every language but English."""
    last = max(row.layer for row in compared)
    return judge([row for row in compared if row.layer == last and row.language != "en"])


def fresh_probe(states: SentenceStates, layer: int, seed: int) -> Probe:
    """A probe that was not there in training; five folds, so that no sentence is judged by a probe that saw it."""
    values, language = labelled_states([states.pair(code, layer) for code in states.sides])
    right = language_probe(values, language, seed=seed)
    low, high = wilson(int(right.sum()), len(right))
    chance = 100.0 * float(np.bincount(language).max()) / len(language)
    return Probe(layer, 100.0 * float(right.mean()), low, high, chance, len(right))


def own_discriminator(curves: Iterable[tuple[int, str, float]], updates: int) -> float:
    """Accuracy (x100) of the run's own discriminator before each of the last tenth of updates, a mean; NaN without
    one. Languages weigh the same, so that its chance is 100 over their number, English included."""
    first = min((1 - LAST) * updates, updates - 1)
    last = [value for step, name, value in curves if name == DISCRIMINATOR and step >= first]
    return float(np.mean(last)) if last else float("nan")
