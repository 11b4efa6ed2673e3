"""One number of a run, with its interval and what it was counted on."""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Score:
    """`value` of a measure, with a 95 % interval (NaN where none is known) over `items` items.

    `language` is "" and `layer` -1 where the measure has none. Rates are x100.
    """

    name: str
    split: str
    language: str
    value: float
    low: float = math.nan
    high: float = math.nan
    items: int = 0
    layer: int = -1
