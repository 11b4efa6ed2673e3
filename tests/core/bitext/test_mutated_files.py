"""Two thousand spoilt files of every format are stored or refused in a sentence, in bounded time and memory, and leave
no trace: `python -m pytest tests/core/bitext/test_mutated_files.py -m proof`. ISOGLOSS_MUTATED names another number."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from tests.support.bitext_files import MADE
from tests.support.paths import ROOT

FILES = int(os.environ.get("ISOGLOSS_MUTATED", "2000"))


@pytest.mark.proof
@pytest.mark.timeout(3600)
@pytest.mark.parametrize("name", MADE)
def test_spoilt_files_cost_a_sentence_and_leave_no_trace(name, tmp_path):
    count = -(-FILES // len(MADE))
    command = [sys.executable, "-m", "tests.support.bitext_mutations", str(tmp_path), name, str(count), "1"]
    run = subprocess.run(command, cwd=ROOT, capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-2000:]
    told = json.loads(run.stdout)
    print(name, told)
    assert told["faults"] == [] and told["of"] == count
    assert told["seconds"] < 10 and told["peak"] < 1024
