"""What-if with three arms loaded: how long an answer takes, beside arms whose adapters are not merged.

The 95th percentile over edits of a real length is what a person waits for; processor time is given too, because a
shared machine lengthens the wait. Nothing here fails on time:

    python -m pytest tests/benchmarks/test_what_if.py -m benchmark -s
"""

from __future__ import annotations

import resource
import time

import numpy as np
import pytest

from core.data.catalog import starter_catalog
from core.workspace import open_workspace
from tests.support.late import COLLECTING
from tests.support.synthetic_runs import write_run, write_weights

if not COLLECTING:
    from core.evaluation.predict import predict_pairs
    from core.model.weights import load_arm, load_trainable

ARMS = ("english-only", "transport", "adversarial")
EDITS = 60


@pytest.mark.benchmark
def test_an_answer_of_three_arms(encoder, tmp_path, capsys):
    workspace = open_workspace(tmp_path / "home")
    folders = [write_run(workspace, arm) for arm in ARMS]
    for folder in folders:
        write_weights(folder, encoder)
    merged = [load_arm(folder, encoder) for folder in folders]
    unmerged = [load_trainable(folder, encoder).eval() for folder in folders]
    items = [item for code in ("en", "ur", "th", "sw") for item in starter_catalog().xnli("test", code).items]
    pairs = [(f"{item.premise} {item.premise}", item.hypothesis) for item in items[:EDITS]]
    frozen = {p.data_ptr() for p in encoder.model.parameters()}
    own = [p for model in merged for p in model.parameters() if p.data_ptr() not in frozen]

    def milliseconds(models, clock):
        taken = []
        for pair in pairs:
            begun = clock()
            for model in models:
                predict_pairs(model, encoder, [pair])
            taken.append(1000 * (clock() - begun))
        return np.percentile(taken, [50, 95])

    milliseconds(merged, time.perf_counter)
    wall, processor = milliseconds(merged, time.perf_counter), milliseconds(merged, time.process_time)
    peer = milliseconds(unmerged, time.process_time)
    sizes = [sum(p.nbytes for p in part) / 1e6 for part in (own, list(encoder.model.parameters()))]
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1e6
    with capsys.disabled():
        print(
            f"\nthree arms: median {wall[0]:.0f} ms, 95th percentile {wall[1]:.0f} ms; of the processor "
            f"{processor[0]:.0f} and {processor[1]:.0f}, {processor[1] / peer[1]:.2f} of arms that are not merged; "
            f"{sizes[0]:.0f} MB of their own in all beside {sizes[1]:.0f} MB shared; most memory {memory:.2f} GB"
        )
