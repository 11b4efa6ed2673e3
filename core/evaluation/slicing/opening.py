"""The items of a benchmark as a table for slices, and the slices of a person over it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.data.catalog import Catalog
from core.encoder.encoder import Encoder
from core.errors import IsoglossError
from core.evaluation.slicing.evaluate import evaluate
from core.evaluation.slicing.measures import kept_measures
from core.evaluation.slicing.parser import parse
from core.evaluation.slicing.table import SliceTable, make_table
from core.progress import Progress, silent


def open_table(
    catalog: Catalog, split: str, folder: Path, load: Callable[[], Encoder], progress: Progress = silent
) -> SliceTable:
    """XNLI's items of a split in every language that is here; measures are kept in `folder` by their content.

    `load` gives the embedded encoder, asked for only where texts are measured. Raises as `Catalog.xnli` does.
    """
    items = {code: catalog.xnli(split, code).items for code in catalog.xnli_languages(split)}
    measures, content = kept_measures(folder, items, load, progress)
    return make_table(items, measures, content)


def slice_keys(
    table: SliceTable, slices: Mapping[str, str], masks: Callable[[str], NDArray[np.bool_]] | None = None
) -> tuple[dict[str, NDArray[np.int64]], list[str]]:
    """The keys of the items of each slice (a line by its name), and a sentence on each slice that could not be read.

    `masks` gives the items of a line where they are kept already.
    """
    found: dict[str, NDArray[np.int64]] = {}
    told = []
    for name, line in slices.items():
        try:
            mask = masks(line) if masks else evaluate(parse(line), table).mask
        except IsoglossError as error:
            told.append(f"The kept slice “{name}” is left out. {error}")
            continue
        if mask.any():
            found[name] = table.keys[mask]
        else:
            told.append(f"The kept slice “{name}” has no item here and is left out.")
    return found, told
