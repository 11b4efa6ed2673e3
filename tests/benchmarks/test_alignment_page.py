"""How long the alignment page takes for a typed pair and for a move of a slider, beside the bare computation."""

from __future__ import annotations

import time

import numpy as np
import pytest

from tests.support.paths import ROOT

pytestmark = pytest.mark.benchmark
PAIRS = 20


def test_a_typed_pair_and_a_slider(tmp_path, monkeypatch, encoder):
    from streamlit.testing.v1 import AppTest

    from core.alignment.defaults import CHOSEN
    from core.alignment.layer_plans import layer_plans
    from core.data.catalog import starter_catalog
    from core.encoder.states import layer_states
    from core.workspace import open_workspace
    from store.results.importer import sync
    from tests.support.synthetic_runs import write_run, write_weights

    monkeypatch.delenv("ISOGLOSS_DATA", raising=False)
    monkeypatch.setenv("ISOGLOSS_HOME", str(tmp_path / "home"))
    workspace = open_workspace(tmp_path / "home")
    for arm in ("english-only", "transport"):
        write_weights(write_run(workspace, arm), encoder)
    sync(workspace)
    pairs = [starter_catalog().retrieval(code).pairs[k] for k in range(PAIRS // 2) for code in ("ur", "zh")]
    page = AppTest.from_file(str(ROOT / "pages" / "alignment.py"), default_timeout=240)
    page.query_params["sentences"] = "Type a pair"
    page.query_params["left"], page.query_params["right"] = "english-only", "transport"
    page.query_params["source"], page.query_params["target"] = "A warm start.", "Mwanzo mzuri."
    page.run()
    typed, sliders, bare = [], [], []
    for k, (source, target) in enumerate(pairs):
        page.text_input(key="source").set_value(source)
        page.text_input(key="target").set_value(target)
        typed.append(_clock(page.run))
        page.slider(key="layer").set_value(1 + k % 12)
        sliders.append(_clock(page.run))
        page.select_slider(key="epsilon").set_value((0.1, 0.2)[k % 2])
        sliders.append(_clock(page.run))
        assert not page.exception
        bare.append(_clock(lambda s=source, t=target: _both_arms(encoder, layer_states, layer_plans, CHOSEN, s, t)))
    for name, times in (("typed pair", typed), ("slider", sliders), ("states and plans alone", bare)):
        median, late = 1000 * np.median(times), 1000 * np.quantile(times, 0.95)
        print(f"\n{name}: median {median:.0f} ms, 95th percentile {late:.0f} ms")
    once = np.median(bare)
    print(f"page over bare computation: typed {np.median(typed) / once:.1f}, slider {np.median(sliders) / once:.1f}")


def _both_arms(encoder, layer_states, layer_plans, settings, source, target):
    for _ in range(2):
        layer_plans(*layer_states(encoder, [source, target]), settings)


def _clock(work):
    start = time.perf_counter()
    work()
    return time.perf_counter() - start
