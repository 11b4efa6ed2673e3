"""All that is measured of a trained run, written into its folder; what is already there is not made again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import torch
from numpy.typing import NDArray

from core.arms.registry import find_arm
from core.arms.transport import TransportSettings
from core.arms.without_training import Centring, TranslateTest
from core.config import RunConfig
from core.data.catalog import Catalog
from core.data.records import Bitext, NLIItem
from core.encoder.encoder import Encoder
from core.encoder.states import layer_states
from core.encoder.vectors import sentence_vectors
from core.errors import BadInput
from core.evaluation.accuracy import nli_scores
from core.evaluation.calibration import expected_calibration_error, fit_temperature, scale
from core.evaluation.held_out import HeldOut, measure_held_out
from core.evaluation.language_probe import language_probe
from core.evaluation.objective_test import ObjectiveTest, probe_improved, transport_improved, unless_collapsed
from core.evaluation.predict import predict_encoded
from core.evaluation.retrieval import right_at_one
from core.evaluation.scores import Score
from core.experiment.run_tables import write_predictions
from core.files import atomic_draft
from core.model.batches import encode_items
from core.model.bitext_batch import short_pairs
from core.model.nli import NLIModel
from core.model.precision import check_precision
from core.model.weights import adapted_encoder, in_precision
from core.progress import Progress, silent
from core.statistics.intervals import mean_interval, wilson


@dataclass(frozen=True)
class Subject:
    """What is evaluated: a frozen model, the frozen warm start it came from (None for a warm start), the folder for
    what other runs can use again, and the shift of the model's pooled states by language, if there is one."""

    model: NLIModel
    teacher: NLIModel | None
    encoder: Encoder
    catalog: Catalog
    config: RunConfig
    cache: Path
    centring: Centring | None = None

    @property
    def kept(self) -> tuple[Path, str]:
        """Where the frozen layers' states are kept, and whose they are."""
        return self.cache / "frozen-states", self.encoder.fingerprint

    def shift(self, language: str) -> torch.Tensor | None:
        """What is added to pooled states of a language, [d]."""
        if self.centring is None or language not in self.centring.languages:
            return None
        return self.centring.shifts[self.centring.languages.index(language)]


def items_to_read(catalog: Catalog, config: RunConfig) -> dict[str, Sequence[NLIItem]]:
    """The NLI items of every language that a run reads: the first so many, as its configuration says."""
    reading = config.evaluation
    codes = catalog.xnli_languages(reading.split)
    if reading.everywhere and config.arm not in reading.everywhere and config.warm_start is not None:
        codes = [code for code in codes if code in reading.languages]
    translated = config.arm == TranslateTest.name
    if translated:
        codes = [code for code in codes if code == "en" or code in catalog.translate_test_languages()]
        if reading.split != "test":
            raise BadInput("Only XNLI test is there machine-translated: translate-test needs the reference preset.")
    chosen: dict[str, Sequence[NLIItem]] = {}
    for language in codes:
        limit = reading.english_items if language == "en" else reading.other_items
        if limit != 0:
            original = language == "en" or not translated
            found = catalog.xnli(reading.split, language) if original else catalog.translate_test(language)
            chosen[language] = found.items[:limit]
    return chosen


def predict_languages(subject: Subject, folder: Path, progress: Progress = silent) -> list[Score]:
    """Predict every language into `folder`/predictions.parquet; a language already predicted is kept."""
    split = subject.config.evaluation.split
    items = items_to_read(subject.catalog, subject.config)
    parts = folder / "predictions"
    parts.mkdir(exist_ok=True)
    reader = reader_of(subject)
    total, done = sum(len(rows) for rows in items.values()), 0
    scores: list[Score] = []
    for language, rows in items.items():
        path = parts / f"{language}.parquet"
        if not path.exists():
            encoded = encode_items(subject.encoder, rows, subject.config.training.max_tokens)
            pad = subject.encoder.tokenizer.pad_token_id

            report = _onward(progress, done, total, f"{split} {language}")
            shift = subject.shift(language)
            probabilities = predict_encoded(reader, encoded, pad, progress=report, shift=shift, kept=subject.kept)
            with atomic_draft(path) as draft:
                write_predictions(draft, split, language, rows, probabilities)
        else:
            progress(done + len(rows), total, f"{split} {language}")
        table = pq.read_table(path)
        gold = table["gold"].to_numpy()
        columns = [table[name].to_numpy() for name in ("entailment", "neutral", "contradiction")]
        scores += nli_scores(gold, np.stack(columns, 1), split, language)
        done += len(rows)
    tables = [pq.read_table(parts / f"{language}.parquet") for language in items]
    pq.write_table(pa.concat_tables(tables), folder / "predictions.parquet", compression="zstd")
    return scores


def closely_read(config: RunConfig) -> bool:
    """Whether the run is one that is also read under harder inputs, layer by layer and plan by plan."""
    return config.seed in config.evaluation.robust_seeds and config.arm in config.evaluation.everywhere


def reader_of(subject: Subject) -> NLIModel:
    """The subject's model in the precision that it is evaluated in."""
    return in_precision(subject.model, check_precision(subject.config.evaluation.precision))


def calibration_scores(subject: Subject, folder: Path) -> list[Score]:
    """The temperature fitted on English validation, and each language's expected calibration error (15 bins, x100)
    before and after it; nothing unless the configuration asks for it."""
    reading = subject.config.evaluation
    if not reading.calibrate:
        return []
    items = subject.catalog.xnli("validation", "en").items
    encoded = encode_items(subject.encoder, items, subject.config.training.max_tokens)
    pad = subject.encoder.tokenizer.pad_token_id
    english = predict_encoded(reader_of(subject), encoded, pad, kept=subject.kept)
    gold = np.array([item.label for item in items])
    temperature = fit_temperature(english, gold)
    right = 100.0 * float((english.argmax(1) == gold).mean())
    scores = [
        Score("temperature", "validation", "en", temperature, items=len(items)),
        Score("accuracy_validation", "validation", "en", right, *wilson(round(right * len(items) / 100), len(items)),
              items=len(items)),
    ]  # fmt: skip
    table = pq.read_table(folder / "predictions.parquet").to_pandas()
    for language, own in table.groupby("language", sort=False):
        probabilities = own[["entailment", "neutral", "contradiction"]].to_numpy()
        labels = own["gold"].to_numpy()
        before = expected_calibration_error(probabilities, labels)
        after = expected_calibration_error(scale(probabilities, temperature), labels)
        scores += [
            Score("ece", reading.split, str(language), before, items=len(own)),
            Score("ece_scaled", reading.split, str(language), after, items=len(own)),
        ]
    return scores


def _onward(progress: Progress, before: int, whole: int, what: str) -> Progress:
    """Progress within one language, told as progress over all of them."""

    def report(done: int, total: int, text: str = "") -> None:
        progress(before + done, whole, what)

    return report


def held_out_scores(subject: Subject, settings: TransportSettings) -> tuple[list[Score], ObjectiveTest]:
    """The arms' own objectives on held-out bitext, and whether this arm's moved against its warm start."""
    config = subject.config
    languages = config.data.bitext_languages
    pad = subject.encoder.tokenizer.pad_token_id
    teacher = subject.teacher or subject.model
    before: list[HeldOut] = []
    after: list[HeldOut] = []
    scores: list[Score] = []
    for language in languages:
        bitext = _never_trained(subject.catalog, language)
        limits = (config.evaluation.held_out_pairs, config.data.bitext_max_tokens)
        rows = short_pairs(subject.encoder, bitext, *limits)
        before.append(measure_held_out(settings, teacher, teacher, rows, pad))
        if subject.teacher is None:
            after.append(before[-1])
        else:
            after.append(measure_held_out(settings, teacher, subject.model, rows, pad))
        for name, held in (("bitext_cost_start", before[-1]), ("bitext_cost", after[-1])):
            scores.append(_mean(name, language, held.objective(settings)))
        scores.append(_mean("bitext_token", language, after[-1].token))
        scores.append(_mean("bitext_posterior", language, after[-1].posterior))
    cost = [np.concatenate([h.objective(settings) for h in part]) for part in (before, after)]
    scores += [_mean("bitext_cost_start", "", cost[0]), _mean("bitext_cost", "", cost[1])]
    probes = [
        language_probe(*_labelled([(h.english, h.target) for h in part]), seed=config.seed) for part in (before, after)
    ]
    for name, right in (("language_probe_start", probes[0]), ("language_probe", probes[1])):
        low, high = wilson(int(right.sum()), len(right))
        value = 100.0 * float(right.mean())
        scores.append(Score(name, "held-out", "", value, low, high, len(right)))
    judge = find_arm(config.arm).judged_by
    if judge == "transport":
        return scores, transport_improved(*cost)
    if judge == "language":
        return scores, probe_improved(*probes)
    return scores, ObjectiveTest(None, "This arm has no objective on bitext of its own.")


def judged(objective: ObjectiveTest, scores: Sequence[Score]) -> ObjectiveTest:
    """`objective`, unless the run's English accuracy is no better than chance: then it learned nothing that counts."""
    english = next((s for s in scores if s.name == "accuracy" and s.language == "en"), None)
    return objective if english is None else unless_collapsed(objective, english.value, english.items)


def _never_trained(catalog: Catalog, language: str) -> Bitext:
    """The held-out bitext; of the starter set, whose tenth is a handful, also its test sentences."""
    held_out = catalog.held_out_bitext(language)
    if catalog.kind == "starter":
        return replace(held_out, pairs=held_out.pairs + catalog.retrieval(language).pairs)
    return held_out


def probe_by_layer(subject: Subject) -> list[Score]:
    """Accuracy x100 of a fresh language probe on mean states of held-out sentences, at every layer (0: embeddings), for
    the runs that are read under harder inputs; else nothing."""
    config = subject.config
    if not closely_read(config):
        return []
    encoder = adapted_encoder(subject.model, subject.encoder)
    english: list[NDArray[np.float32]] = []
    target: list[NDArray[np.float32]] = []
    for language in config.data.bitext_languages:
        pairs = _never_trained(subject.catalog, language).pairs[: config.evaluation.held_out_pairs]
        sides = [layer_states(encoder, [pair[side] for pair in pairs]) for side in (0, 1)]
        for rows, kept in zip(sides, (english, target), strict=True):
            kept.append(np.stack([row.states.mean(1) for row in rows]))
    scores = []
    for layer in range(encoder.layers + 1):
        parts = [(e[:, layer], t[:, layer]) for e, t in zip(english, target, strict=True)]
        right = language_probe(*_labelled(parts), seed=config.seed)
        low, high = wilson(int(right.sum()), len(right))
        value = 100.0 * float(right.mean())
        scores.append(Score("language_probe_layer", "held-out", "", value, low, high, len(right), layer))
    return scores


def retrieval_scores(subject: Subject) -> list[Score]:
    """Accuracy at 1 between English and each bitext language, both directions, x100."""
    encoder = adapted_encoder(subject.model, subject.encoder)
    scores = []
    for language in subject.config.data.bitext_languages:
        pairs = subject.catalog.retrieval(language).pairs[: subject.config.evaluation.retrieval_pairs]
        english = sentence_vectors(encoder, [s for s, _ in pairs])
        target = sentence_vectors(encoder, [t for _, t in pairs])
        for name, right in (
            ("retrieval_accuracy@1", right_at_one(target, english)),
            ("retrieval_accuracy@1_from_english", right_at_one(english, target)),
        ):
            low, high = wilson(int(right.sum()), len(right))
            value = 100.0 * float(right.mean())
            scores.append(Score(name, "retrieval", language, value, low, high, len(right)))
    return scores


def _mean(name: str, language: str, values: NDArray[np.floating]) -> Score:
    error = float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else float("nan")
    mean = float(values.mean())
    return Score(name, "held-out", language, mean, *mean_interval(mean, error), len(values))


def _labelled(
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
