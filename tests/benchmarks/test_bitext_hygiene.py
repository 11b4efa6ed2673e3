"""What the check's filters take of clean text, and what they find of damage, beside OpusFilter's rules.

Clean: 1,000 pairs each of the training bitext that the data folder holds, as it is. Damaged: the file of
`test_bitext_noise.py`, eight kinds. OpusFilter (Aulamo, Virpioja and Tiedemann 2020) stands beside with the rules and
default parameters that its `opusfilter-autogen` writes (lingua, and no limit of words for languages written without
spaces), where it is installed: it brings 40 packages with it, so it is not among the project's.

    python -m pytest tests/benchmarks/test_bitext_hygiene.py -m benchmark -s
"""

from __future__ import annotations

import importlib
import random
import statistics
import time
from collections import defaultdict
from collections.abc import Callable

import pytest

from core.bitext import noise
from core.bitext.check import BIT, DEFAULT_ON, REASONS, Settings, check
from core.bitext.propose import log_ratio
from core.bitext.records import Layout, Pair
from core.bitext.report import mask_of
from core.data.registry import find_all, known_sources
from core.data.training_bitext import read_file
from core.languages import LOW_RESOURCE
from tests.support.damaged_bitext import damaged_file

PAIRS = 1000
SCRIPTS = {"en": "Latin", "sw": "Latin", "tr": "Latin", "hi": "Devanagari", "ur": "Arabic", "th": "Thai"}
Rule = Callable[[list[tuple[str, str]]], list[bool]]


@pytest.mark.benchmark
@pytest.mark.timeout(0)
def test_clean_text_is_left_alone_and_damage_is_found(data_dir, capsys):
    def tell(line: str) -> None:
        with capsys.disabled():
            print(line, flush=True)

    tell(f"\nof {PAIRS} clean pairs, % that the default filters take, and by which (x: off at first)")
    files: dict[tuple[str, str], list[tuple[str, str]]] = defaultdict(list)
    for found in find_all(known_sources(data_dir), data_dir):
        for file in found.files if found.declared.role == "bitext-training" else ():
            if file.language in LOW_RESOURCE:
                files[found.declared.name, file.language] += [pair for pair in read_file(found, file) if all(pair)]
    taken = []
    for (name, code), pairs in files.items():
        pairs = random.Random(0).sample(pairs, min(PAIRS, len(pairs)))
        masks = _masks(pairs, code)
        shares = {r: 100 * sum(bool(mask & BIT[r]) for mask in masks) / len(pairs) for r in REASONS}
        total = 100 * sum(bool(mask & mask_of(DEFAULT_ON)) for mask in masks) / len(pairs)
        by = ", ".join(f"{r}{'' if r in DEFAULT_ON else ' x'} {s:.1f}" for r, s in shares.items() if s)
        tell(f"  {name[:28]:28} {code} {total:5.1f}   {'':8}{by}")
        taken.append(total)
        for rule, each in _opusfilter(code).items():
            flagged = 100 * sum(each(pairs)) / len(pairs)
            if flagged >= 0.05:
                tell(f"  {'':31} {'':5}   OpusFilter's {rule}: {flagged:.1f}")
    for code in LOW_RESOURCE:
        file = damaged_file(data_dir, code, 900, 30)
        began = time.perf_counter()
        mine = [bool(mask & mask_of(DEFAULT_ON)) for mask in _masks(file.pairs, code)]
        numbers = [bool(mask & BIT["number mismatch"]) for mask in _masks(file.pairs, code)]
        seconds = time.perf_counter() - began
        rules = [each(file.pairs) for each in _opusfilter(code).values()]
        theirs = [any(flags) for flags in zip(*rules, strict=True)] if rules else None
        columns = {"ours": mine, "numbers": numbers} | ({"OpusFilter": theirs} if theirs else {})
        tell(f"\n{code}: recall x100 of 30 a kind, {seconds:.1f} s   {'  '.join(columns)}")
        for kind in (*noise.KINDS, noise.PARAPHRASE, "untouched"):
            at = file.untouched if kind == "untouched" else file.places[kind]
            tell(f"  {kind:16}" + "".join(f"{100 * sum(f[i] for i in at) / len(at):9.1f}" for f in columns.values()))
    assert statistics.median(taken) < 5


def _masks(pairs: list[tuple[str, str]], code: str) -> list[int]:
    typical = statistics.median(log_ratio(*pair) for pair in pairs)
    rows = (Pair(i, *pair) for i, pair in enumerate(pairs))
    return [found[1] for found in check(rows, Layout("a", "b", "en", code), typical, Settings())]


def _opusfilter(code: str) -> dict[str, Rule]:
    """Its rules by name, each telling which pairs it rejects; none where it is not installed."""
    try:
        filters = importlib.import_module("opusfilter.filters")
    except ImportError:
        return {}
    spaced = code not in ("th", "zh", "ja")
    made = {
        "LengthFilter": filters.LengthFilter(max_length=100 if spaced else 1000, unit="word" if spaced else "char"),
        "LengthRatioFilter.char": filters.LengthRatioFilter(threshold=3, unit="char"),
        "LongWordFilter": filters.LongWordFilter(threshold=40 if spaced else 1000),
        "HtmlTagFilter": filters.HtmlTagFilter(),
        "AlphabetRatioFilter": filters.AlphabetRatioFilter(),
        "TerminalPunctuationFilter": filters.TerminalPunctuationFilter(),
        "NonZeroNumeralsFilter": filters.NonZeroNumeralsFilter(),
        "LongestCommonSubstringFilter": filters.LongestCommonSubstringFilter(),
        "SimilarityFilter": filters.SimilarityFilter(),
        "RepetitionFilter": filters.RepetitionFilter(),
        "CharacterScoreFilter": filters.CharacterScoreFilter(scripts=[SCRIPTS["en"], SCRIPTS[code]]),
        "LinguaFilter": filters.LinguaFilter(languages=["en", code]),
    }
    return {
        name: lambda pairs, one=one: [not one.accept(score) for score in one.score(iter(pairs))]
        for name, one in made.items()
    }
