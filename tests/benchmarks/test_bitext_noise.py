"""What the scores of a bitext find of 20 % planted noise, by language and kind: precision and recall, x100.

A file is real bitext of which a fifth is spoilt in one way. The cut is chosen as the app chooses it: from noise that
is planted once more among the pairs of that very file, spoilt ones and all, without a look at which those are. The
last column is the check's own filters, which read no meaning.

    python -m pytest tests/benchmarks/test_bitext_noise.py -m benchmark -s

ISOGLOSS_BENCHMARK_PAIRS (500 unless told) and ISOGLOSS_BENCHMARK_LANGUAGES ("sw ur") make it smaller.
"""

from __future__ import annotations

import os
import random
import statistics
from pathlib import Path

import numpy as np
import pytest

from core.bitext import noise
from core.bitext.check import DEFAULT_ON, Settings, check
from core.bitext.cut import SHARE, detection_metrics
from core.bitext.noise_score import NAMES, noise_score
from core.bitext.propose import log_ratio
from core.bitext.records import Layout, Pair
from core.bitext.report import mask_of
from core.data.registry import find_all, known_sources
from core.data.training_bitext import read_file
from core.languages import LOW_RESOURCE
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.bitext.scores import centres, score_pairs
    from core.bitext.synthetic_noise import measure

PAIRS = int(os.environ.get("ISOGLOSS_BENCHMARK_PAIRS", "500"))
LANGUAGES = os.environ.get("ISOGLOSS_BENCHMARK_LANGUAGES", " ".join(LOW_RESOURCE)).split()


@pytest.mark.benchmark
@pytest.mark.timeout(0)
def test_shuffled_pairs_are_found(encoder, data_dir, capsys):
    best_of_all = {}
    head = "".join(f"{name:>18}" for name in (*NAMES, "filters"))

    def tell(line: str) -> None:
        with capsys.disabled():
            print(line, flush=True)

    tell(f"\n{PAIRS} pairs a language, 20 % planted; precision / recall at the app's cut\n{'':19}{head}")
    for code in LANGUAGES:
        pairs = _sample(data_dir, code)
        known: dict = {}
        for kind in noise.KINDS:
            at = noise.places(len(pairs), SHARE, seed=7)
            spoilt = list(pairs)
            for i, pair in zip(at, noise.plant(pairs, kind, at, seed=7), strict=True):
                spoilt[i] = pair
            planted = np.zeros(len(pairs), bool)
            planted[at] = True
            centre = centres(encoder, spoilt[:300], known)
            scores = score_pairs(encoder, spoilt, centre, known=known)
            calibration = measure(encoder, spoilt, centre, scores, known=known, kinds=[noise.SHUFFLED])
            cells = []
            for name in NAMES:
                bad = noise_score(scores, name)
                found = detection_metrics(bad[~planted], bad[planted], calibration.cut(name))
                cells.append(f"{found.precision:7.1f} / {found.recall:5.1f}   ")
                if kind == noise.SHUFFLED and name == calibration.best:
                    best_of_all[code] = (name, found)
            flagged = _filtered(spoilt, code)
            found = detection_metrics(flagged[~planted].astype(float), flagged[planted].astype(float), 0.5)
            cells.append(f"{found.precision:7.1f} / {found.recall:5.1f}   ")
            tell(f"{code} {kind:<16}{''.join(f'{cell:>18}' for cell in cells)}   best: {calibration.best}")
    for code, (name, found) in best_of_all.items():
        tell(
            f"{code} shuffled, {name}: precision {found.precision:.1f} ({found.precision_low:.1f} to "
            f"{found.precision_high:.1f}), recall {found.recall:.1f} ({found.recall_low:.1f} to "
            f"{found.recall_high:.1f})"
        )
        assert found.precision > 90 and found.recall > 90, f"{code}: shuffled pairs are not found as promised"


def _sample(folder: Path, code: str) -> list[tuple[str, str]]:
    """Pairs drawn evenly over every training bitext of the language."""
    found = [one for one in find_all(known_sources(folder), folder) if one.declared.role == "bitext-training"]
    files = [(one, file) for one in found for file in one.files if file.language == code]
    pairs = dict.fromkeys(pair for one, file in files for pair in read_file(one, file) if all(pair))
    return random.Random(0).sample(list(pairs), PAIRS)


def _filtered(pairs: list[tuple[str, str]], code: str) -> np.ndarray:
    typical = statistics.median(log_ratio(*pair) for pair in pairs)
    rows = (Pair(i, *pair) for i, pair in enumerate(pairs))
    masks = [mask for _, mask in check(rows, Layout("a", "b", "en", code), typical, Settings())]
    return (np.array(masks) & mask_of(DEFAULT_ON)) > 0
