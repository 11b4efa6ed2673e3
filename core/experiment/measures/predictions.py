"""What a run answers: every benchmark and language predicted, item by item, with accuracy and macro-F1."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from core.arms.without_training import BalancedPrior
from core.config import RunConfig
from core.data.records import LABELS
from core.evaluation.accuracy import fold, nli_scores
from core.evaluation.predict import predict_encoded
from core.evaluation.prior import balance, balance_across
from core.evaluation.scores import Score, share_score
from core.experiment.context import EvaluationContext
from core.experiment.items_read import ItemsRead, items_to_read
from core.experiment.run_tables import PREDICTIONS, write_predictions
from core.files import atomic_draft
from core.model.batches import encode_items
from core.progress import Progress, silent

FILE = "predictions.parquet"


def measure(context: EvaluationContext, folder: Path, progress: Progress = silent) -> list[Score]:
    """accuracy and macro_f1 of every benchmark and language, nothing where gold is sealed; the predictions go to
    `folder` / `FILE`, each under the split that its benchmark is stored by. A language that a stopped process has
    already predicted, into `folder` / predictions, is kept."""
    items = items_to_read(context.catalog, context.config)
    parts = folder / "predictions"
    parts.mkdir(exist_ok=True)
    total, done = sum(len(read.items) for read in items), 0
    paths = []
    for read in items:
        split, language = read.split, read.language
        main = split == context.config.evaluation.split
        path = parts / (f"{language}.parquet" if main else f"{split}.{language}.parquet")
        paths.append(path)
        if not path.exists() or (not context.sealed and pq.read_table(path)["gold"].null_count):
            _predict(context, path, read, _onward(progress, done, total, f"{split} {language}"))
        else:
            progress(done + len(read.items), total, f"{split} {language}")
        done += len(read.items)
    tables = [without_gold(table) if context.sealed else table for table in map(pq.read_table, paths)]
    pq.write_table(pa.concat_tables(tables or [PREDICTIONS.empty_table()]), folder / FILE, compression="zstd")
    if context.sealed:
        return []
    found = zip(items, tables, strict=True)
    return [score for read, table in found for score in scores_of(table, context.config, read)]


def scores_of(table: pa.Table, config: RunConfig, read: ItemsRead) -> list[Score]:
    """What a run's predictions of the items `read` score: accuracy, macro_f1, and what the arm adds."""
    probabilities = np.stack([table[label].to_numpy() for label in LABELS], 1)
    gold = table["gold"].to_numpy()
    scores = nli_scores(gold, probabilities, read.split, read.language, read.labels)
    if config.arm == BalancedPrior.name and len(set(read.clusters)) > 1:
        others = balance_across(probabilities[:, : read.labels], read.clusters)
        scores.append(share_score("accuracy_other_items", read.split, read.language, others.predicted == gold))
    return scores


def without_gold(table: pa.Table) -> pa.Table:
    """The predictions with null for every gold label."""
    column = table.column_names.index("gold")
    return table.set_column(column, "gold", pa.nulls(table.num_rows, pa.int8()))


def _predict(context: EvaluationContext, path: Path, read: ItemsRead, progress: Progress) -> None:
    """One language's predictions, written whole or not at all."""
    encoded = encode_items(context.encoder, read.items, context.config.training.max_tokens)
    probabilities = predict_encoded(
        context.reader, encoded, context.encoder.tokenizer.pad_token_id, progress=progress,
        shift=context.shift(read.language), kept=context.kept,
    )  # fmt: skip
    answered = fold(probabilities, read.labels)
    if context.config.arm == BalancedPrior.name:
        answered[:, : read.labels] = balance(answered[:, : read.labels]).probabilities
    with atomic_draft(path) as draft:
        write_predictions(draft, read.split, read.language, read.items, answered, context.sealed)


def _onward(progress: Progress, before: int, whole: int, what: str) -> Progress:
    """Progress within one language as progress over all of them."""

    def report(done: int, total: int, text: str = "") -> None:
        progress(before + done, whole, what)

    return report
