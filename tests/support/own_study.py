"""A study of somebody's own: a data folder without XNLI, with a benchmark, training set and bitext of their own, and
the study's file, in which the encoder is still to be named. Sentences are made of a few invented words a language."""

from __future__ import annotations

import random
from pathlib import Path

from tests.support.small_study import ARMS, OF_THE_SOURCE, QUESTION, SMALL

LANGUAGES = ("gn", "quy", "es")
LABELS = ("entailment", "neutral", "contradiction")
_WORDS = {
    "en": "boat river goat stone market song morning bread wind child road lamp".split(),
    "es": "barco rio cabra piedra mercado canto mañana pan viento nene camino farol".split(),
    "gn": "kanoa ysyry kavara ita ñemuha purahéi ko'ẽ mbujape yvytu mitã tape tataindy".split(),
    "quy": "wampu mayu cabra rumi qhatu taki paqarin t'anta wayra wawa ñan k'anchay".split(),
}

STUDY = (
    """name = "own"
seeds = [0, 1, 2]
encoder = "ENCODER"

"""
    + SMALL
    + """max_tokens = 40

[train]
updates = 6
batch_pairs = 4
max_tokens = 40
learning_rate = 1e-2
head_learning_rate = 1e-2

[bitext]
languages = ["gn", "quy"]
files = "mine/{lang}.tsv"
pairs = 60
batch = 4
max_tokens = 40

[readings]
held_out_pairs = 12
retrieval_pairs = 6
plan_pairs = 1
robust_seeds = [0]
robust_items = 12
generalised_items = 6

[[benchmark]]
name = "two-way"
title = "Two ways"
files = "nli/{split}/{lang}.tsv"
columns = {premise = "first", hypothesis = "second", label = "answer"}
labels = ["entailment", "not-entailment"]
values = {yes = "entailment", no = "not-entailment"}
cluster = "premise"
source_language = "es"
licence = "CC BY-SA 4.0"

[[benchmark]]
name = "three-way"
files = "nli3/{lang}.tsv"
split = "validation"
cluster = 3
source_language = ""
licence = "CC BY-SA 4.0"
ids = [3, 200]
seeds = [0, 1]

"""
    + "\n".join([ARMS, QUESTION, OF_THE_SOURCE, QUESTION + 'benchmark = "three-way"\n'])
)


def write_own_data(folder: Path) -> Path:
    """The data folder: `nli/test/LANG.tsv` with two labels, `nli3/LANG.tsv` with three, `train/english.tsv` and
    `mine/LANG.tsv`; its own `sources.toml` names the training set alone."""
    chance = random.Random("own study")

    def sentence(code: str, words: int = 5) -> str:
        return " ".join(chance.choice(_WORDS[code]) for _ in range(words))

    for code in LANGUAGES:
        two, three = ["first\tsecond\tanswer"], ["premise\thypothesis\tlabel"]
        for premise in range(30):
            text = f"{sentence(code)} {premise}"
            two += [f"{text}\t{sentence(code, 3)}\t{answer}" for answer in ("yes", "no")]
            three += [f"{text} x\t{sentence(code, 3)}\t{label}" for label in LABELS]
        _write(folder / "nli" / "test" / f"{code}.tsv", two)
        if code != "es":
            _write(folder / "nli3" / f"{code}.tsv", three)
            _write(folder / "mine" / f"{code}.tsv", [f"{sentence('en')} {k}\t{sentence(code)} {k}" for k in range(250)])
    # Half of it is entailment, so that a model of two updates says either of two labels.
    rows = [f"{sentence('en')} {k}\t{sentence('en', 3)}\t{LABELS[(0, 1, 0, 2)[k % 4]]}" for k in range(60)]
    _write(folder / "train" / "english.tsv", ["premise\thypothesis\tlabel", *rows])
    (folder / "sources.toml").write_text(
        '[[source]]\nname = "Own training set"\nkind = "nli"\nrole = "nli-training"\n'
        'files = ["train/english.tsv"]\nlanguage = "en"\n'
    )
    return folder


def _write(path: Path, lines: list[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
