"""All that is measured of a trained run, written into its folder; what is already there is not made again."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from core.arms import find_arm
from core.arms.transport import TransportSettings
from core.config import RunConfig
from core.data.catalog import Catalog
from core.data.records import Bitext, NLIItem
from core.encoder.encoder import Encoder
from core.encoder.vectors import sentence_vectors
from core.evaluation.accuracy import nli_scores
from core.evaluation.held_out import HeldOut, measure_held_out
from core.evaluation.intervals import wilson
from core.evaluation.language_probe import language_probe
from core.evaluation.predict import predict_encoded
from core.evaluation.retrieval import right_at_one
from core.evaluation.scores import Score
from core.evaluation.took import Took, probe_took, transport_took, unless_collapsed
from core.progress import Progress, silent
from core.training.artifact import adapted_encoder, in_precision
from core.training.bitext_pairs import short_pairs
from core.training.model import NLIModel
from core.training.outputs import write_predictions
from core.training.precision import check_precision
from core.training.tokens import encode_items


@dataclass(frozen=True)
class Subject:
    """What is evaluated: a frozen model, and the frozen warm start it came from (None for a warm start)."""

    model: NLIModel
    teacher: NLIModel | None
    encoder: Encoder
    catalog: Catalog
    config: RunConfig


def items_to_read(catalog: Catalog, config: RunConfig) -> dict[str, Sequence[NLIItem]]:
    """The NLI items of every language that a run reads: the first so many, as its configuration says."""
    reading = config.evaluation
    chosen: dict[str, Sequence[NLIItem]] = {}
    for language in catalog.xnli_languages(reading.split):
        limit = reading.english_items if language == "en" else reading.other_items
        if limit != 0:
            chosen[language] = catalog.xnli(reading.split, language).items[:limit]
    return chosen


def predict_languages(subject: Subject, folder: Path, progress: Progress = silent) -> list[Score]:
    """Predict every language into `folder`/predictions.parquet; a language already predicted is kept."""
    split = subject.config.evaluation.split
    items = items_to_read(subject.catalog, subject.config)
    parts = folder / "predictions"
    parts.mkdir(exist_ok=True)
    reader = in_precision(subject.model, check_precision(subject.config.evaluation.precision))
    total, done = sum(len(rows) for rows in items.values()), 0
    scores: list[Score] = []
    for language, rows in items.items():
        path = parts / f"{language}.parquet"
        if not path.exists():
            encoded = encode_items(subject.encoder, rows, subject.config.training.max_tokens)
            pad = subject.encoder.tokenizer.pad_token_id

            report = _onward(progress, done, total, f"{split} {language}")
            probabilities = predict_encoded(reader, encoded, pad, progress=report)
            draft = path.with_suffix(".part")
            write_predictions(draft, split, language, rows, probabilities)
            os.replace(draft, path)
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


def _onward(progress: Progress, before: int, whole: int, what: str) -> Progress:
    """Progress within one language, told as progress over all of them."""

    def report(done: int, total: int, text: str = "") -> None:
        progress(before + done, whole, what)

    return report


def held_out_scores(subject: Subject, settings: TransportSettings) -> tuple[list[Score], Took]:
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
    probes = [language_probe(*_labelled(part), seed=config.seed) for part in (before, after)]
    for name, right in (("language_probe_start", probes[0]), ("language_probe", probes[1])):
        low, high = wilson(int(right.sum()), len(right))
        value = 100.0 * float(right.mean())
        scores.append(Score(name, "held-out", "", value, low, high, len(right)))
    judge = find_arm(config.arm).judged_by
    if judge == "transport":
        return scores, transport_took(*cost)
    if judge == "language":
        return scores, probe_took(*probes)
    return scores, Took(None, "This arm has no objective on bitext of its own.")


def judged(took: Took, scores: Sequence[Score]) -> Took:
    """`took`, unless the run's English accuracy is no better than chance: then it learned nothing that counts."""
    english = next((s for s in scores if s.name == "accuracy" and s.language == "en"), None)
    return took if english is None else unless_collapsed(took, english.value, english.items)


def _never_trained(catalog: Catalog, language: str) -> Bitext:
    """The held-out bitext; of the starter set, whose tenth is a handful, also its test sentences."""
    held_out = catalog.held_out_bitext(language)
    if catalog.kind == "starter":
        return replace(held_out, pairs=held_out.pairs + catalog.retrieval(language).pairs)
    return held_out


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
    error = 1.96 * float(values.std(ddof=1)) / len(values) ** 0.5 if len(values) > 1 else float("nan")
    mean = float(values.mean())
    return Score(name, "held-out", language, mean, mean - error, mean + error, len(values))


def _labelled(parts: list[HeldOut]) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """States and languages for the probe: the targets of each language, and as many English sentences."""
    size = max(len(part.target) for part in parts)
    # One language's English sentences after another's, so that no sentence of the multi-parallel sources repeats often.
    english = np.concatenate([part.english[i :: len(parts)] for i, part in enumerate(parts)])[:size]
    states = np.concatenate([english, *(part.target for part in parts)])
    sizes = [len(english), *(len(part.target) for part in parts)]
    return states, np.repeat(np.arange(len(sizes)), sizes)
