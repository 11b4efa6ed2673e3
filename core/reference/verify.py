"""Are the stored predictions those of the shipped adapters? A sample is predicted again and compared."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from core.data.catalog import Catalog
from core.data.records import NLIItem
from core.errors import BadInput, MissingData
from core.progress import Progress, silent
from core.reference.layout import PROBABILITY_STEPS
from core.reference.select import SPLIT
from core.reference.unpack import Reference
from core.verdict.answers import PROBABILITIES

if TYPE_CHECKING:
    from core.encoder.encoder import Encoder
    from core.model.batches import EncodedPair
    from core.model.nli import NLIModel

#: A stored probability is whole steps of 1/255, rounded by at most two thirds of one.
PRECISION = 1.0 / PROBABILITY_STEPS


@dataclass(frozen=True)
class Verified:
    """`agreed` of `sampled` predictions have all three probabilities within `PRECISION` of the stored ones.

    `worst` is the largest difference of a probability; `same_label` counts equal predicted labels; `runs` and
    `languages` are those the sample is from.
    """

    sampled: int
    agreed: int
    worst: float
    same_label: int
    runs: tuple[str, ...]
    languages: tuple[str, ...]


def verify_predictions(
    reference: Reference, catalog: Catalog, encoder: Encoder, at_least: int = 600, seed: int = 0,
    progress: Progress = silent,
) -> Verified:  # fmt: skip
    """Predict at least `at_least` stored predictions again, of every run that has weights.

    Whole evaluation batches are drawn, since in bfloat16 a pair's probabilities depend a little on what it is padded
    with: on the same kind of processor the numbers repeat exactly. Raises `BadInput` if the data here are others
    than the runs were tested on, `MissingData` if no run has weights.
    """
    random = np.random.default_rng(seed)
    stored = reference.predictions(SPLIT)
    runs = [record for record in reference.records if reference.weights(record["run_id"]).is_dir()]
    runs = [record for record in runs if (stored["run_id"] == record["run_id"]).any()]
    if not runs:
        raise MissingData(f"No run in {reference.folder} has weights; get the reference results again.")
    differences: list[NDArray[np.float64]] = []
    same, codes = 0, set()
    share = -(-at_least // len(runs))
    for done, record in enumerate(runs):
        progress(done, len(runs), f"{record['arm']} seed {record['seed']}")
        model = _reader(reference, record, encoder)
        own = stored[stored["run_id"] == record["run_id"]]
        count = 0
        while count < share:
            code = str(random.choice(sorted(own["language"].unique())))
            rows = own[own["language"] == code].set_index("item_id")
            items = _items(catalog, code, rows)
            batch = _draw_batch(encoder, items, record["config"]["training"]["max_tokens"], random)
            chosen = [items[i].id for i, _ in batch]
            made = _predict(model, encoder, [pair for _, pair in batch])
            kept = rows.loc[chosen]
            differences.append(np.abs(made - kept[list(PROBABILITIES)].to_numpy(np.float64)).max(axis=1))
            same += int((made.argmax(1) == kept["predicted"].to_numpy()).sum())
            codes.add(code)
            count += len(batch)
    progress(len(runs), len(runs), "")
    worst = np.concatenate(differences)
    return Verified(
        len(worst), int((worst <= PRECISION).sum()), float(worst.max()), same,
        tuple(str(record["run_id"]) for record in runs), tuple(sorted(codes)),
    )  # fmt: skip


def _reader(reference: Reference, record: dict[str, object], encoder: Encoder) -> NLIModel:
    from core.model.weights import in_precision, load_arm
    from core.reading.precision import check_precision

    config = record["config"]
    assert isinstance(config, dict)
    model = load_arm(reference.weights(str(record["run_id"])), encoder)
    return in_precision(model, check_precision(config["evaluation"].get("precision", "float32")))


def _items(catalog: Catalog, code: str, rows: pd.DataFrame) -> list[NLIItem]:
    """The items that the run read in one language, in the order it read them."""
    items = [item for item in catalog.xnli(SPLIT, code).items if item.id in rows.index]
    if (
        len(items) != len(rows)
        or (rows["gold"].loc[[i.id for i in items]].to_numpy() != [i.label for i in items]).any()
    ):
        raise BadInput(f"The {SPLIT} split in {code} is not the one that the reference runs were tested on.")
    return items


def _draw_batch(
    encoder: Encoder, items: Sequence[NLIItem], max_tokens: int, random: np.random.Generator
) -> list[tuple[int, EncodedPair]]:
    """One whole batch of the evaluation, at random: (index into `items`, encoded pair)."""
    from core.evaluation.predict import predict_encoded
    from core.model.batches import encode_items, token_batches

    budget: int = inspect.signature(predict_encoded).parameters["budget"].default
    encoded = encode_items(encoder, items, max_tokens)
    batches = token_batches([len(pair.ids) for pair in encoded], budget)
    return [(i, encoded[i]) for i in batches[int(random.integers(len(batches)))]]


def _predict(model: NLIModel, encoder: Encoder, pairs: Sequence[EncodedPair]) -> NDArray[np.float32]:
    from core.evaluation.predict import predict_encoded

    return predict_encoded(model, pairs, encoder.tokenizer.pad_token_id)
