"""What a run answers: every language predicted, item by item, with accuracy and macro-F1."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.arms.without_training import BalancedPrior, TranslateTest
from core.config import RunConfig
from core.data.catalog import Catalog
from core.data.records import LABELS, NLIItem
from core.errors import BadInput
from core.evaluation.accuracy import nli_scores
from core.evaluation.predict import predict_encoded
from core.evaluation.prior import balance, balance_across
from core.evaluation.scores import Score, share_score
from core.experiment.context import EvaluationContext
from core.experiment.run_tables import write_predictions
from core.files import atomic_draft
from core.model.batches import encode_items
from core.progress import Progress, silent

FILE = "predictions.parquet"
#: XNLI has three items of every premise, one after another.
ITEMS_A_PREMISE = 3


def items_to_read(catalog: Catalog, config: RunConfig) -> dict[str, Sequence[NLIItem]]:
    """The NLI items of every language that a run reads: the first so many, as its configuration says."""
    reading = config.evaluation
    codes = catalog.xnli_languages(reading.split)
    if reading.everywhere and config.name not in reading.everywhere and config.warm_start is not None:
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
            split = catalog.xnli(reading.split, language) if original else catalog.translate_test(language)
            chosen[language] = split.items[:limit]
    return chosen


def measure(context: EvaluationContext, folder: Path, progress: Progress = silent) -> list[Score]:
    """accuracy and macro_f1 of every language; the predictions go to `folder` / `FILE`. A language that a stopped
    process has already predicted, into `folder` / predictions, is kept."""
    split = context.config.evaluation.split
    items = items_to_read(context.catalog, context.config)
    parts = folder / "predictions"
    parts.mkdir(exist_ok=True)
    total, done = sum(len(rows) for rows in items.values()), 0
    scores: list[Score] = []
    for language, rows in items.items():
        path = parts / f"{language}.parquet"
        if not path.exists():
            _predict(context, path, language, rows, _onward(progress, done, total, f"{split} {language}"))
        else:
            progress(done + len(rows), total, f"{split} {language}")
        table = pq.read_table(path)
        probabilities = np.stack([table[label].to_numpy() for label in LABELS], 1)
        gold = table["gold"].to_numpy()
        scores += nli_scores(gold, probabilities, split, language)
        if context.config.arm == BalancedPrior.name and len(rows) > ITEMS_A_PREMISE:
            others = balance_across(probabilities, table["item_id"].to_numpy() // ITEMS_A_PREMISE)
            scores.append(share_score("accuracy_other_items", split, language, others.predicted == gold))
        done += len(rows)
    tables = [pq.read_table(parts / f"{language}.parquet") for language in items]
    pq.write_table(pa.concat_tables(tables), folder / FILE, compression="zstd")
    return scores


def _predict(
    context: EvaluationContext, path: Path, language: str, rows: Sequence[NLIItem], progress: Progress
) -> None:
    """One language's predictions, written whole or not at all."""
    encoded = encode_items(context.encoder, rows, context.config.training.max_tokens)
    probabilities = predict_encoded(
        context.reader, encoded, context.encoder.tokenizer.pad_token_id, progress=progress,
        shift=context.shift(language), kept=context.kept,
    )  # fmt: skip
    if context.config.arm == BalancedPrior.name:
        probabilities = balance(probabilities).probabilities.astype(np.float32)
    with atomic_draft(path) as draft:
        write_predictions(draft, context.config.evaluation.split, language, rows, probabilities)


def _onward(progress: Progress, before: int, whole: int, what: str) -> Progress:
    """Progress within one language as progress over all of them."""

    def report(done: int, total: int, text: str = "") -> None:
        progress(before + done, whole, what)

    return report
