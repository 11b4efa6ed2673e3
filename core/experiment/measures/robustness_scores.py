"""A run read under harder inputs: generalised XNLI, character noise, code-switching."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from filelock import FileLock

from core.config import content_hash
from core.data.records import NLIItem
from core.encoder.encoder import Encoder
from core.encoder.identity import encoder_identity
from core.evaluation.accuracy import nli_scores
from core.evaluation.predict import predict_encoded
from core.evaluation.robustness import LINK_LAYER, SWITCHED, generalised_items, noisy_items, switched_items
from core.evaluation.scores import Score
from core.experiment.context import EvaluationContext
from core.experiment.run_tables import prediction_table
from core.files import atomic_write
from core.languages import LOW_RESOURCE
from core.model.batches import encode_items
from core.progress import Progress, silent

#: The predictions behind these scores, item by item; `split` is the score's name without "accuracy_".
FILE = "robust.parquet"


def measure(context: EvaluationContext, folder: Path, progress: Progress = silent) -> list[Score]:
    """accuracy_generalised (language "<premise>-<hypothesis>"), accuracy_clean, accuracy_noise and
    accuracy_code_switch (English and the low-resource languages) of a run that has the extended evaluation;
    else nothing.

    The predictions go to `folder` / `FILE`.
    """
    if not context.has_extended_evaluation:
        return []
    reading = context.config.evaluation
    catalog, split = context.catalog, reading.split
    codes = catalog.xnli_languages(split)
    few: dict[str, Sequence[NLIItem]] = {c: catalog.xnli(split, c).items[: reading.generalised_items] for c in codes}
    read = [code for code in ("en", *LOW_RESOURCE) if code in codes]
    some: dict[str, Sequence[NLIItem]] = {c: catalog.xnli(split, c).items[: reading.robust_items] for c in read}
    jobs: list[tuple[str, str, Sequence[NLIItem]]] = []
    if reading.generalised_items:
        jobs += [("accuracy_generalised", f"{a}-{b}", generalised_items(few[a], few[b])) for a in codes for b in codes]
    if reading.robust_items:
        for code, items in some.items():
            jobs += [("accuracy_clean", code, items), ("accuracy_noise", code, noisy_items(items, code))]
            jobs.append(("accuracy_code_switch", code, _switched(context.encoder, some, code, split, context.cache)))
    total, done = sum(len(items) for _, _, items in jobs), 0
    pad = context.encoder.tokenizer.pad_token_id
    scores: list[Score] = []
    tables: list[pa.Table] = []
    for name, language, items in jobs:
        encoded = encode_items(context.encoder, items, context.config.training.max_tokens)
        probabilities = predict_encoded(context.reader, encoded, pad, kept=context.kept)
        gold = np.array([item.label for item in items])
        accuracy = next(s for s in nli_scores(gold, probabilities, split, language) if s.name == "accuracy")
        scores.append(replace(accuracy, name=name))
        tables.append(prediction_table(name.removeprefix("accuracy_"), language, items, probabilities))
        done += len(items)
        progress(done, total, f"{name} {language}")
    pq.write_table(pa.concat_tables(tables), folder / FILE, compression="zstd")
    return scores


def _switched(
    encoder: Encoder, some: Mapping[str, Sequence[NLIItem]], code: str, split: str, cache: Path
) -> list[NLIItem]:
    """Code-switched items, made once a workspace: English with a low-resource language in turn, those with English."""
    items = some[code]
    partners = [c for c in some if c != "en"] if code == "en" else ["en"]
    others = [some[partners[(item.id // 3) % len(partners)]][row] for row, item in enumerate(items)]
    name = content_hash([encoder_identity(encoder, layer=LINK_LAYER), SWITCHED, split, code,
                         [[i.premise, i.hypothesis] for i in (*items, *others)]])  # fmt: skip
    path = cache / f"code-switch-{name}.json"
    with FileLock(cache / f".code-switch-{name}.lock"):
        if not path.exists():
            mixed = switched_items(encoder, items, others, code)
            atomic_write(path, json.dumps([[i.premise, i.hypothesis] for i in mixed], ensure_ascii=False))
        texts = json.loads(path.read_text("utf-8"))
    return [replace(i, premise=p, hypothesis=h) for i, (p, h) in zip(items, texts, strict=True)]
