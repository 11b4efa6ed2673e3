"""A run read under harder inputs: generalised pairs (as of generalised XNLI), character noise, code-switching."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock

from core.config import content_hash
from core.data.records import LABELS, NLIItem
from core.encoder.encoder import Encoder
from core.encoder.identity import encoder_identity
from core.evaluation.accuracy import fold, nli_scores
from core.evaluation.predict import predict_encoded
from core.evaluation.robustness import LINK_LAYER, SWITCHED, generalised_items, noisy_items, switched_items
from core.evaluation.scores import Score
from core.experiment.context import EvaluationContext
from core.experiment.items_read import main_reading, parallel_items
from core.experiment.run_tables import prediction_table
from core.files import atomic_write
from core.model.batches import encode_items
from core.progress import Progress, silent
from core.verdict.answers import ITEMS_A_PREMISE

#: The predictions behind these scores, item by item; `split` is the score's name without "accuracy_".
FILE = "robust.parquet"


def measure(context: EvaluationContext, folder: Path, progress: Progress = silent) -> list[Score]:
    """accuracy_generalised (language "<premise>-<hypothesis>"), accuracy_clean, accuracy_noise and
    accuracy_code_switch (the source language and the aligned ones) of a run that has the extended evaluation;
    else nothing. Items are those of the first benchmark; without a source language nothing is code-switched.

    The predictions go to `folder` / `FILE`.
    """
    if not context.has_extended_evaluation:
        return []
    reading = context.config.evaluation
    main, split = main_reading(context.catalog, context.config), reading.split
    codes, source, labels = main.languages, main.source_language, len(main.labels)
    few = parallel_items(context.catalog, context.config, codes, reading.generalised_items)
    read = [code for code in (source, *context.config.aligned_languages) if code in codes]
    some = parallel_items(context.catalog, context.config, read, reading.robust_items)
    jobs: list[tuple[str, str, Sequence[NLIItem]]] = []
    if reading.generalised_items:
        jobs += [("accuracy_generalised", f"{a}-{b}", generalised_items(few[a], few[b])) for a in codes for b in codes]
    if reading.robust_items:
        for code, items in some.items():
            jobs += [("accuracy_clean", code, items), ("accuracy_noise", code, noisy_items(items, code))]
            if source in some and len(some) > 1:
                switched = _switched(context.encoder, some, code, split, context.cache, source)
                jobs.append(("accuracy_code_switch", code, switched))
    total, done = sum(len(items) for _, _, items in jobs), 0
    pad = context.encoder.tokenizer.pad_token_id
    tables: list[pa.Table] = []
    for name, language, items in jobs:
        encoded = encode_items(context.encoder, items, context.config.training.max_tokens)
        probabilities = fold(predict_encoded(context.reader, encoded, pad, kept=context.kept), labels)
        tables.append(prediction_table(name.removeprefix("accuracy_"), language, items, probabilities, context.sealed))
        done += len(items)
        progress(done, total, f"{name} {language}")
    pq.write_table(pa.concat_tables(tables), folder / FILE, compression="zstd")
    return [] if context.sealed else [score for table in tables for score in scores_of(table, split, labels)]


def scores_of(predictions: pa.Table, split: str, labels: int) -> list[Score]:
    """accuracy of each input and language, of predictions as they lie in `FILE`; `split` is that of the items, which
    have so many labels."""
    scores = []
    for (name, language), rows in predictions.to_pandas().groupby(["split", "language"], sort=False):
        found = nli_scores(rows["gold"].to_numpy(), rows[list(LABELS)].to_numpy(), split, str(language), labels)
        accuracy = next(score for score in found if score.name == "accuracy")
        scores.append(replace(accuracy, name=f"accuracy_{name}"))
    return scores


def _switched(
    encoder: Encoder,
    some: Mapping[str, Sequence[NLIItem]],
    code: str,
    split: str,
    cache: Path,
    source: str = "en",
) -> list[NLIItem]:
    """Code-switched items, made once a workspace: the source language with an aligned one in turn, those with it."""
    items = some[code]
    partners = [c for c in some if c != source] if code == source else [source]
    others = [some[partners[(item.id // ITEMS_A_PREMISE) % len(partners)]][row] for row, item in enumerate(items)]
    name = content_hash([encoder_identity(encoder, layer=LINK_LAYER), SWITCHED, split, code,
                         [[i.premise, i.hypothesis] for i in (*items, *others)]])  # fmt: skip
    path = cache / f"code-switch-{name}.json"
    with FileLock(cache / f".code-switch-{name}.lock"):
        if not path.exists():
            mixed = switched_items(encoder, items, others, code)
            atomic_write(path, json.dumps([[i.premise, i.hypothesis] for i in mixed], ensure_ascii=False))
        texts = json.loads(path.read_text("utf-8"))
    return [replace(i, premise=p, hypothesis=h) for i, (p, h) in zip(items, texts, strict=True)]
