"""Files of another model's predictions in every form, drawn with a known accuracy."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd

from core.data.records import LABELS

FORMS = ("csv", "tsv", "jsonl", "parquet", "harness")


def drawn(gold: pd.DataFrame, share: float = 0.8, seed: int = 0) -> pd.DataFrame:
    """language, item_id, prediction and the probabilities of the labels; about `share` of the predictions are right."""
    rng = np.random.default_rng(seed)
    right = rng.random(len(gold)) < share
    label = np.where(right, gold["gold"], (gold["gold"] + rng.integers(1, 3, len(gold))) % 3)
    probabilities = np.full((len(gold), 3), 0.15)
    probabilities[np.arange(len(gold)), label] = 0.7
    table = gold[["language", "item_id"]].assign(prediction=[LABELS[int(k)] for k in label])
    return table.assign(**{name: probabilities[:, k] for k, name in enumerate(LABELS)})


def write(folder: Path, form: str, table: pd.DataFrame) -> Path:
    """The table of `drawn` as a file of that form; a harness's samples are of its first language alone."""
    path = folder / f"predictions-{form}"
    if form in ("csv", "tsv"):
        table.to_csv(path, index=False, sep="\t" if form == "tsv" else ",")
    elif form == "jsonl":
        table.to_json(path, orient="records", lines=True)
    elif form == "parquet":
        table.to_parquet(path, index=False)
    else:
        own = table[table["language"] == table["language"].iloc[0]]
        samples = [
            {
                "doc_id": int(row["item_id"]), "doc": {"premise": "p"}, "target": "0",
                "resps": [[[str(float(np.log(row[name]))), "False"]] for name in LABELS],
                "filtered_resps": [[str(float(np.log(row[name]))), "False"] for name in LABELS],
            }
            for row in own.to_dict("records")
        ]  # fmt: skip
        path.write_text("".join(json.dumps(sample) + "\n" for sample in samples), encoding="utf-8")
    return path
