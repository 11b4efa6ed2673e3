"""What scores and filters find of eight kinds of damage in real bitext, and whether the app's own figures say so.

A file is real bitext of a language, 900 pairs unless told, of which 30 are damaged in each of eight ways, all in one
file, and 30 more are good paraphrases. The cut is chosen as the app chooses it, from what is planted once more among
the pairs of that very file, damaged ones and all, without a look at which those are. Then the truth is looked up:
recall of each kind, and precision where a fifth of a file were that kind, beside the 95 % interval that the page
prints. For Swahili and Urdu, machine translations into English of 200 sentences stand for pairs that are good.

    python -m pytest tests/benchmarks/test_bitext_noise.py -m benchmark -s

ISOGLOSS_BENCHMARK_PAIRS and ISOGLOSS_BENCHMARK_LANGUAGES ("sw ur") make it smaller.
"""

from __future__ import annotations

import csv
import os
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from core.bitext import noise
from core.bitext.cut import SHARE
from core.languages import LOW_RESOURCE
from tests.support.damaged_bitext import Damaged, damaged_file
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.bitext.score_calibration import SCORES, ScoreCalibration
    from core.bitext.scores import reference, score_pairs
    from core.bitext.synthetic_noise import filtered, measure

PAIRS = int(os.environ.get("ISOGLOSS_BENCHMARK_PAIRS", "900"))
EACH = PAIRS // 30
LANGUAGES = os.environ.get("ISOGLOSS_BENCHMARK_LANGUAGES", " ".join(LOW_RESOURCE)).split()
_TRANSLATED = 200


@pytest.mark.benchmark
@pytest.mark.timeout(0)
def test_damage_of_eight_kinds_is_found_and_the_figures_say_so(encoder, data_dir, capsys):
    def tell(line: str) -> None:
        with capsys.disabled():
            print(line, flush=True)

    inside: Counter[str] = Counter()
    for code in LANGUAGES:
        file = damaged_file(data_dir, code, PAIRS, EACH)
        calibration, scores, flagged, translated = read(encoder, file, code, data_dir)
        for line in report(calibration, scores, flagged, translated, file, code, inside):
            tell(line)
    cells = len(LANGUAGES) * len(noise.KINDS)
    tell(f"\nthe truth lies in the printed 95 % interval: recall in {inside['recall']} of {cells} cells, precision in "
         f"{inside['precision']}, recall with filters in {inside['together']}")  # fmt: skip
    assert min(inside["recall"], inside["precision"], inside["together"]) >= 0.85 * cells


def read(encoder, file: Damaged, code: str, folder: Path):
    """The calibration as the app makes it; then scores [n, 5] and filters' flags [n] of the whole file, and scores of
    machine translations."""
    known: dict = {}
    against = reference(encoder, file.pairs, known)
    scores = score_pairs(encoder, file.pairs, against, known=known, own=range(len(file.pairs)))
    calibration = measure(encoder, file.pairs, against, scores, file.following, ("en", code), known=known)
    flagged = filtered(file.pairs, ("en", code), calibration.typical)
    translated = score_pairs(encoder, machine_translations(folder, code), against)
    return calibration, scores, flagged, translated


def machine_translations(folder: Path, code: str) -> list[tuple[str, str]]:
    """(English by a machine, the sentence that it read), where the data has such."""
    place = folder / "myXNLI" / f"{code}.trans.test.tsv"
    if not place.is_file():
        return []
    with place.open(encoding="utf-8") as file:
        rows = csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE)
        own = [(row["sentence1_en"], row[f"sentence1_{code}"]) for row in rows]
    return list(dict.fromkeys(own))[:_TRANSLATED]


def report(calibration: ScoreCalibration, scores, flagged, translated, file: Damaged, code: str, inside: Counter[str]):
    """The lines of one language; counts in `inside` the cells whose truth lies in the printed interval."""
    best = calibration.best
    beyond = {name: calibration.noise_score(scores, name) > calibration.cut(name) for name in SCORES}
    beyond |= {"filters": flagged, "together": flagged | beyond[best]}
    clean = np.asarray(file.untouched)
    head = "".join(f"{name:>15}" for name in beyond)
    yield f"\n{code}: {len(file.pairs)} pairs; best score {best}; precision / recall x100\n{'':16}{head}"
    for kind in noise.KINDS:
        at = np.asarray(file.places[kind], int)
        cells = "".join(f"{_precision(b[at], b[clean]):8.1f} /{100 * b[at].mean():5.1f}" for b in beyond.values())
        printed = calibration.metrics(best, kind, calibration.cut(best))
        both = calibration.metrics(best, kind, calibration.cut(best), filters=True)
        recall, precision = 100 * beyond[best][at].mean(), _precision(beyond[best][at], beyond[best][clean])
        held = {
            "recall": printed.recall_low <= recall <= printed.recall_high,
            "precision": printed.precision_low <= precision <= printed.precision_high,
            "together": both.recall_low <= 100 * beyond["together"][at].mean() <= both.recall_high,
        }
        missed = "".join(f"  NOT: {name}" for name, holds in held.items() if not holds)
        inside.update(name for name, holds in held.items() if holds)
        yield (
            f"{kind:16}{cells}   printed: recall {printed.recall:5.1f} ({printed.recall_low:.1f} to "
            f"{printed.recall_high:.1f}), precision {printed.precision:5.1f} ({printed.precision_low:.1f} to "
            f"{printed.precision_high:.1f}){missed}"
        )
    good = np.asarray(file.places[noise.PARAPHRASE], int)
    rows = {f"clean ({len(clean)})": clean, f"paraphrase ({len(good)})": good}
    for name, at in rows.items():
        yield f"{name:16}" + "".join(f"{100 * b[at].mean():8.1f} lost  " for b in beyond.values())
    if len(translated):
        lost = (calibration.noise_score(translated, name) > calibration.cut(name) for name in SCORES)
        yield f"translated ({len(translated)})" + "".join(f"{100 * x.mean():8.1f} lost  " for x in lost)


def _precision(damage: np.ndarray, clean: np.ndarray) -> float:
    """Where a fifth of the file were this kind."""
    both = SHARE * damage.mean() + (1 - SHARE) * clean.mean()
    return 100 * SHARE * damage.mean() / both if both else float("nan")
