"""Alignment error that was measured and committed, and what others have published, for tables.

`alignment_test.tsv` holds the untrained embedded encoder on every gold test set, by the default of today, by the one
before and by others' rules on the same states, peers that learn from the sentences themselves, and the simalign
package on the same weights; made with ISOGLOSS_DATA set and the peers' packages in the Python that is named, by

    python -m core alignment-error --peer eflomal --peer fast_align --peer simalign --peer-python PYTHON \\
        --table core/alignment/alignment_test.tsv
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from pathlib import Path

import pandas as pd

_TABLE = Path(__file__).with_name("alignment_test.tsv")

#: AER of other aligners without training on gold links, as one comparison of them gives it, by language pair. They
#: read larger encoders; not every one of their test sets is known to be the same as here.
PUBLISHED: dict[str, dict[str, float]] = {
    "SimAlign": {"zh-en": 21.6, "en-fr": 7.5, "ro-en": 22.3, "ja-en": 46.6, "en-es": 14.2, "en-ru": 15.4},
    "awesome-align": {"zh-en": 13.3, "en-fr": 3.8, "ro-en": 18.7, "ja-en": 37.4, "en-es": 12.0, "en-ru": 13.5},
    "AccAlign": {"zh-en": 11.5, "en-fr": 2.8, "ro-en": 16.9, "ja-en": 36.8, "en-es": 11.1, "en-ru": 12.5},
}


@dataclass(frozen=True)
class Measured:
    """One row: the set, its language pair, the decoding, and the AER with its interval, all x100."""

    name: str
    pair: str
    decoding: str
    aer: float
    precision: float
    recall: float
    low: float
    high: float
    sentences: int


def measured_alignment() -> list[Measured]:
    """The committed table, in its order: XL-WA's languages, then the other gold sets."""
    table = pd.read_csv(_TABLE, sep="\t").rename(columns={"set": "name"})
    return [Measured(*row) for row in table[[f.name for f in fields(Measured)]].itertuples(index=False)]
