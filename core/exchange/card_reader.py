"""Cards read back: files that somebody else made, held to the schema and bounded in size before anything is used."""

from __future__ import annotations

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from core.errors import BadInput
from core.exchange.card import items_sum
from core.exchange.card_schema import COLUMNS, SCHEMA, VERSION, problem
from core.strict_json import read_json
from core.verdict.answers import PROBABILITIES

#: Bytes of a card's JSON and Parquet file, and of the latter unpacked; rows; cards in one folder.
LARGEST_JSON, LARGEST, UNPACKED, ROWS, CARDS = 8_000_000, 200_000_000, 1_000_000_000, 5_000_000, 2_000
_AGAIN = "get the card again"


@dataclass(frozen=True)
class Card:
    """A card: the content of its JSON file, its rows (`COLUMNS`), and the file it was read from."""

    content: dict[str, Any]
    predictions: pd.DataFrame
    path: Path

    @property
    def run(self) -> dict[str, Any]:
        """What the run is."""
        return dict(self.content["run"])


def find_cards(paths: Sequence[Path]) -> tuple[list[Card], list[str]]:
    """The cards named, and those of the folders named (or of a folder's own `cards`), files in order.

    A file that is named and cannot be read is refused; one found in a folder is left out with a sentence. Raises
    `BadInput` if that leaves none.
    """
    cards, told = [], []
    for path in paths:
        if not path.is_dir():
            cards.append(read_card(path))
            continue
        folder = path / "cards" if (path / "cards").is_dir() else path
        names = sorted(folder.glob("*.json"))
        if len(names) > CARDS:
            raise BadInput(f"{folder} holds more than {CARDS:,} files; name a folder of cards alone.")
        for name in names:
            try:
                cards.append(read_card(name))
            except BadInput as error:
                told.append(f"Left out: {error}")
    if not cards:
        raise BadInput(
            f"There is no card in {', '.join(map(str, paths))[:200]}; `python -m core study card STUDY --out FOLDER` "
            f"writes them.{f' {told[0]}' if told else ''}"
        )
    return cards, told


def read_card(path: Path) -> Card:
    """The card whose JSON file is `path`; its Parquet file has the run's name and lies beside it.

    Raises `BadInput`, naming the file and what is wrong in it.
    """
    if path.is_file() and path.stat().st_size > LARGEST_JSON:
        raise BadInput(f"{path} is no card: it is larger than {LARGEST_JSON // 1_000_000} MB.")
    content = read_json(path, _AGAIN)
    if not isinstance(content, dict) or content.get("schema") != SCHEMA:
        raise BadInput(f"{path} is no card: its schema is not {SCHEMA!r}.")
    if content.get("version") != VERSION:
        raise BadInput(
            f"{path} is a card of version {str(content.get('version'))[:20]}, and this Isogloss reads {VERSION}; "
            "update Isogloss, or have the card made again."
        )
    if wrong := problem(content):
        raise BadInput(f"{path} is no card of version {VERSION}: {wrong}; {_AGAIN}.")
    rows = _rows(path.with_name(f"{content['run']['run_id']}.parquet"), content["predictions"])
    _check_items(path, content, rows)
    return Card(content, rows, path)


def _rows(path: Path, said: dict[str, Any]) -> pd.DataFrame:
    try:
        if path.stat().st_size > LARGEST:
            raise BadInput(f"{path} is no card's: it is larger than {LARGEST // 1_000_000} MB.")
        raw = path.read_bytes()
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}); a card's two files lie side by side.") from error
    if hashlib.sha256(raw).hexdigest() != said["sha256"]:
        raise BadInput(f"{path} is not the file that its card names; {_AGAIN}.")
    try:
        with pq.ParquetFile(io.BytesIO(raw)) as file:
            groups = [file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups)]
            if file.metadata.num_rows > ROWS or sum(groups) > UNPACKED:
                raise BadInput(f"{path} unpacks to more rows than a card has.")
            if file.schema_arrow.remove_metadata() != COLUMNS:
                raise BadInput(f"{path} has other columns than a card of version {VERSION}; {_AGAIN}.")
            table = file.read()
        table.validate(full=True)
    except (pa.ArrowException, OSError, ValueError, MemoryError) as error:
        raise BadInput(f"{path} is not a readable Parquet file; {_AGAIN}.") from error
    if len(table) != said["rows"] or not len(table):
        raise BadInput(f"{path} has {len(table):,} rows where its card says {said['rows']:,}; {_AGAIN}.")
    if wrong := _wrong(table, str(said["content"])):
        raise BadInput(f"{path}: {wrong}; {_AGAIN}.")
    rows: pd.DataFrame = table.to_pandas()
    if rows.duplicated(["benchmark", "language", "item_id"]).any():
        raise BadInput(f"{path} holds an item twice; {_AGAIN}.")
    return rows


def _wrong(table: pa.Table, content: str) -> str:
    """What is wrong with a card's rows; "" if nothing is."""
    labels = ("gold", "predicted", *PROBABILITIES, "correct")
    needed = labels if content == "labels" else ("correct",)
    for name in table.column_names:
        empty = table.column(name).null_count
        if empty and (name not in labels or name in needed):
            return f"column {name!r} has empty cells"
        if name in labels and name not in needed and empty < len(table):
            return f"column {name!r} should be empty in a card whose content is {content!r}"
    for name, most in (("gold", 2), ("predicted", 2), ("correct", 1)):
        if name in needed:
            values = table.column(name).to_numpy()
            if values.min() < 0 or values.max() > most:
                return f"column {name!r} holds something other than 0 to {most}"
    if content == "labels":
        shares = np.stack([table.column(name).to_numpy() for name in PROBABILITIES], axis=1)
        if not np.isfinite(shares).all() or shares.min() < 0 or shares.max() > 1.01:
            return "a probability is none"
        if (shares.argmax(1) != table.column("predicted").to_numpy()).any():
            return "a predicted label is not the most probable one"
        right = table.column("gold").to_numpy() == table.column("predicted").to_numpy()
        if (right != table.column("correct").to_numpy()).any():
            return "column 'correct' is not what gold and predicted labels say"
    return ""


def _check_items(path: Path, content: dict[str, Any], rows: pd.DataFrame) -> None:
    """Hold the items that the card speaks of to those it has."""
    there = {(b["name"], code): of for b in content["benchmarks"] for code, of in b["items"].items()}
    have = {(str(name), str(code)): part for (name, code), part in rows.groupby(["benchmark", "language"])}
    for key, said in there.items():
        part = have.get(key)
        if part is None or len(part) != said["count"]:
            raise BadInput(f"{path} speaks of items in {key[1]} that its rows lack; {_AGAIN}.")
        ids = part["item_id"].to_numpy()
        sums = {"sha256": items_sum(ids, part["cluster"].to_numpy())}
        if content["predictions"]["content"] == "labels":
            sums["gold_sha256"] = items_sum(ids, part["gold"].to_numpy())
        if any(said[name] != value for name, value in sums.items()):
            raise BadInput(f"{path} names other items in {key[1]} than its rows hold; {_AGAIN}.")
    if have.keys() - there.keys():
        raise BadInput(f"{path} has rows in {min(have.keys() - there.keys())[1]} that it does not name; {_AGAIN}.")
