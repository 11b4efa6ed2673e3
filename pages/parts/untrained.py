"""What the untrained encoder does on the starter set: shown where no run is stored, kept on disk."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Callable, Iterator
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd
import streamlit as st

from core.arms.names import UNTRAINED
from core.data.bitext import Pair
from core.encoder.identity import VECTOR_FORMAT
from core.encoder.packed import SHA256
from core.experiment.run_encoder import EMBEDDED
from core.files import atomic_write
from core.languages import language
from core.statistics.intervals import wilson
from pages.parts import live
from pages.parts.encoders import stamp_of
from pages.parts.models import encoder_name
from pages.parts.sources import starter
from pages.parts.stored import workspace

#: Raise when the same text and weights would no longer give the same numbers.
_RECIPE = 2
#: What decides how the encoder is read here (`core.encoder.read_as`), without loading torch.
_MACHINE = (platform.node(), platform.machine(), version("torch"))

Sets = dict[str, tuple[Pair, ...]]


def retrieval_accuracy() -> pd.DataFrame:
    """Accuracy at 1 (x100) of finding a starter sentence's English translation, by language.

    Columns: arm, language, items, correct, accuracy, low, high.
    """
    data = starter()
    sets: Sets = {code: data.retrieval(code).pairs for code in data.retrieval_languages()}

    def compute() -> pd.DataFrame:
        from core.evaluation.retrieval import right_at_one

        rows = []
        for code, pairs in _told(sets, "Reading the starter sentences"):
            name = language(code).name
            english = live.vectors(UNTRAINED, [a for a, _ in pairs], "English")
            right = right_at_one(live.vectors(UNTRAINED, [b for _, b in pairs], name), english)
            correct, items = int(right.sum()), len(right)
            rows.append((UNTRAINED, code, items, correct, 100.0 * correct / items, *wilson(correct, items)))
        return pd.DataFrame(rows, columns=["arm", "language", "items", "correct", "accuracy", "low", "high"])

    return _kept("retrieval", sets, compute)


def pair_cosines(code: str) -> pd.DataFrame:
    """Cosine of premise and hypothesis of every starter NLI test item in a language: item_id, label, cosine."""
    items = starter().xnli("test", code).items
    texts = [[item.id, item.label, item.premise, item.hypothesis] for item in items]

    def compute() -> pd.DataFrame:
        premises = live.vectors(UNTRAINED, [item.premise for item in items], "premises")
        hypotheses = live.vectors(UNTRAINED, [item.hypothesis for item in items], "hypotheses")
        return pd.DataFrame(
            {
                "item_id": [item.id for item in items],
                "label": [item.label for item in items],
                "cosine": np.einsum("nd,nd->n", premises, hypotheses).astype(float),
            }
        )

    return _kept("cosines", texts, compute)


def _told(sets: Sets, what: str) -> Iterator[tuple[str, tuple[Pair, ...]]]:
    """Go through the languages and show how far the work is."""
    bar = st.progress(0.0, f"{what} with the untrained encoder…")
    try:
        for done, (code, pairs) in enumerate(sets.items()):
            bar.progress(done / len(sets), f"{what} with the untrained encoder: {language(code).name}…")
            yield code, pairs
    finally:
        bar.empty()


def _kept(name: str, content: object, compute: Callable[[], pd.DataFrame]) -> pd.DataFrame:
    """The table in the workspace's cache, made once for this content and these weights."""
    reader = encoder_name(UNTRAINED)
    weights = SHA256 if reader == EMBEDDED else [reader, *stamp_of(reader)]
    text = json.dumps([_RECIPE, *_MACHINE, VECTOR_FORMAT, weights, name, content], ensure_ascii=False)
    path = workspace().cache / "pages" / f"{name}-{hashlib.sha256(text.encode()).hexdigest()[:16]}.json"
    try:
        return pd.DataFrame(json.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        table = compute()
        _write(path, table)
        return table


def _write(path: Path, table: pd.DataFrame) -> None:
    """A full disk only costs the cache."""
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        atomic_write(path, json.dumps(table.to_dict("list")), durable=False)
    except OSError:
        return
