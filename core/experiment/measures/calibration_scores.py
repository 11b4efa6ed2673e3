"""How far a run's probabilities can be believed: a temperature from English validation, and errors before and after."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.data.records import LABELS
from core.evaluation.calibration import expected_calibration_error, fit_temperature, scale
from core.evaluation.predict import predict_encoded
from core.evaluation.scores import Score
from core.experiment.context import EvaluationContext
from core.experiment.measures.predictions import FILE
from core.model.batches import encode_items
from core.progress import Progress, silent
from core.statistics.intervals import wilson


def measure(context: EvaluationContext, folder: Path, progress: Progress = silent) -> list[Score]:
    """temperature (fitted on English validation), accuracy_validation there, and each language's ece and ece_scaled:
    expected calibration error (15 bins, x100) before and after it; nothing unless the configuration asks for it."""
    reading = context.config.evaluation
    if not reading.calibrate:
        return []
    items = context.catalog.xnli("validation", "en").items
    encoded = encode_items(context.encoder, items, context.config.training.max_tokens)

    def report(done: int, total: int, text: str = "") -> None:
        progress(done, total, "validation en")

    pad = context.encoder.tokenizer.pad_token_id
    english = predict_encoded(context.reader, encoded, pad, progress=report, kept=context.kept)
    gold = np.array([item.label for item in items])
    temperature = fit_temperature(english, gold)
    right = 100.0 * float((english.argmax(1) == gold).mean())
    low, high = wilson(round(right * len(items) / 100), len(items))
    scores = [
        Score("temperature", "validation", "en", temperature, items=len(items)),
        Score("accuracy_validation", "validation", "en", right, low, high, len(items)),
    ]
    if context.sealed:
        return scores
    return scores + scores_of(pq.read_table(folder / FILE), reading.split, temperature)


def scores_of(predictions: pa.Table, split: str, temperature: float) -> list[Score]:
    """Each language's ece and ece_scaled, from its predictions and the temperature of English validation."""
    scores = []
    table = predictions.to_pandas()
    table = table[table["split"] == split]
    for language, rows in table.groupby("language", sort=False):
        probabilities, labels = rows[list(LABELS)].to_numpy(), rows["gold"].to_numpy()
        before = expected_calibration_error(probabilities, labels)
        after = expected_calibration_error(scale(probabilities, temperature), labels)
        scores += [
            Score("ece", split, str(language), before, items=len(rows)),
            Score("ece_scaled", split, str(language), after, items=len(rows)),
        ]
    return scores
