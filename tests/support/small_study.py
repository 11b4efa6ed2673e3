"""Studies small enough for a test: their files' texts, and their verbs called as a person does, read as JSON."""

from __future__ import annotations

import json
from typing import Any

import pytest

from core.cli import main

#: A model that trains in seconds, and a warm start of two updates; more of `[warm]` may follow.
SMALL = """[model]
rank = 4
alpha = 8
first_layer = 0
posterior_size = 8
hidden_size = 16

[warm]
updates = 2
batch_pairs = 8
"""
#: An arm under a name of the study's own beside the baseline, which it is asked about.
ARMS = """[[arm]]
name = "english-only"
role = "baseline"

[[arm]]
name = "gentle"
arm = "mean-matching"
"""
QUESTION = """[[question]]
first = "gentle"
second = "english-only"
"""
#: The same of the source language alone.
OF_THE_SOURCE = f"""{QUESTION}group = "source"
family = "secondary"
"""
_REST = """[train]
updates = 6
batch_pairs = 4
learning_rate = 1e-2
head_learning_rate = 1e-2

[bitext]
languages = ["sw", "th"]
pairs = 20
batch = 4

[readings]
english_items = 12
other_items = 12
held_out_pairs = 6
retrieval_pairs = 6
plan_pairs = 1

[[benchmark]]
name = "xnli"
source = "xnli"
split = "validation"
"""
_TOP = """name = "mine"
seeds = [0, 1, 2]
"""


def small_study(top: str = "", benchmark: str = "", questions: str = QUESTION) -> str:
    """The file of a study on starter data; `top` and `benchmark` are lines more of the beginning and the benchmark."""
    return "\n".join([_TOP + top, SMALL, _REST + benchmark, ARMS, questions])


#: Nine runs, with one question of the languages with bitext and one of the source language.
OWN = small_study('warm_start = "own"\n', questions=f"{QUESTION}\n{OF_THE_SOURCE}")


def call(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, dict[str, Any], str]:
    """A verb's status, the JSON that it prints ({} for none), and what it tells on the side."""
    status = main([*arguments, "--json"])
    captured = capsys.readouterr()
    return status, json.loads(captured.out) if captured.out.strip() else {}, captured.err
