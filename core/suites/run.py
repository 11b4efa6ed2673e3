"""A model's answers to the suites: computed a language at a time, and kept by everything that changes them."""

from __future__ import annotations

import json
from collections.abc import Sequence
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.data.records import LABELS
from core.encoder.identity import encoder_identity
from core.files import MAKE_ROOM, atomic_draft
from core.progress import Progress, silent
from core.suites.items import Suite, SuiteItem, content_hash, read_items

if TYPE_CHECKING:
    from core.encoder.encoder import Encoder
    from core.model.nli import NLIModel

#: Raise it when the same model and items would give other probabilities.
_FORMAT = 1
#: Columns of the answers, a row an item and language.
COLUMNS = ("language", "id", "category", "group", "form", "expected", "predicted", "passed", *LABELS)


def run_suite(
    model: NLIModel, encoder: Encoder, suite: Suite, folder: Path | None = None, progress: Progress = silent
) -> pd.DataFrame:
    """`COLUMNS` of every item of `suite`: the label with the highest probability, and whether it is an expected one.

    `encoder` is the one that `model` was trained on; how the model is read, `model.reading` says. A language is always
    read whole, so that an answer does not depend on what else was asked for. With `folder` (a workspace's cache of
    suites) answers are kept there and taken from there. `progress` counts items.
    """
    who = model_identity(model, encoder) if folder is not None else ""
    whole = {code: read_items(code) for code in suite.languages}
    total, done = sum(map(len, whole.values())), 0
    tables = []
    for code, every in whole.items():
        progress(done, total, code)
        path = folder / f"{_key(who, every)}.npy" if folder is not None else None
        probabilities = _kept(path, len(every))
        if probabilities is None:
            probabilities = _read(model, encoder, every)
            _keep(path, probabilities)
        asked = [i for i, item in enumerate(every) if item.category in suite.categories]
        tables.append(_table([every[i] for i in asked], probabilities[asked]))
        done += len(every)
    progress(total, total)
    return pd.concat(tables, ignore_index=True)


def model_identity(model: NLIModel, encoder: Encoder) -> str:
    """SHA-256 (hex) of everything that changes the model's answers: its encoder as it is read (`encoder_identity`), and
    the posterior heads and the classifier over it."""
    import dataclasses

    from core.model.weights import adapted_encoder

    adapted = dataclasses.replace(adapted_encoder(model, encoder), reading=model.reading)
    digest = sha256(encoder_identity(adapted).encode())
    for name, tensor in sorted(model.state_dict().items()):
        if not name.startswith("backbone."):
            array = tensor.detach().float().cpu().numpy()
            digest.update(f"\n{name} {tensor.dtype} {array.shape} ".encode() + array.tobytes())
    return digest.hexdigest()


def _read(model: NLIModel, encoder: Encoder, items: Sequence[SuiteItem]) -> NDArray[np.float32]:
    from core.evaluation.predict import predict_pairs

    return predict_pairs(model, encoder, [(item.premise, item.hypothesis) for item in items])


def _table(items: Sequence[SuiteItem], probabilities: NDArray[np.float32]) -> pd.DataFrame:
    predicted = probabilities.argmax(axis=1)
    rows = [
        (i.language, i.id, i.category, i.group, i.form, i.expectation, LABELS[label], int(label) in i.expected)
        for i, label in zip(items, predicted, strict=True)
    ]
    table = pd.DataFrame(rows, columns=list(COLUMNS[:-3]))
    return table.assign(**{name: probabilities[:, k].astype(np.float64) for k, name in enumerate(LABELS)})


def _key(who: str, items: Sequence[SuiteItem]) -> str:
    return sha256(json.dumps([_FORMAT, who, content_hash(items)]).encode()).hexdigest()[:24]


def _kept(path: Path | None, count: int) -> NDArray[np.float32] | None:
    if path is None:
        return None
    try:
        kept: NDArray[np.float32] = np.load(path, allow_pickle=False)
    except (OSError, ValueError, EOFError):
        return None
    whole = kept.shape == (count, 3) and kept.dtype == np.float32 and bool(np.isfinite(kept).all())
    return kept if whole else None


def _keep(path: Path | None, probabilities: NDArray[np.float32]) -> None:
    if path is not None:
        path.parent.mkdir(parents=True, exist_ok=True)
        with atomic_draft(path, what=f"The cache {path.parent}", advice=MAKE_ROOM) as draft:
            np.save(draft, probabilities)
