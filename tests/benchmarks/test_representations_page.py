"""How long the page of representations takes in a browser: the first map of 2,000 sentences with two models, and a
layer that is already computed. Needs Chromium, and XNLI in the folder that ISOGLOSS_DATA names. Nothing fails on time.

    ISOGLOSS_DATA=FOLDER python -m pytest tests/benchmarks/test_representations_page.py -m benchmark -s
"""

from __future__ import annotations

import os
import time
from pathlib import Path

import numpy as np
import pytest

from core.languages import language
from core.shipped import SHIPPED
from tests.browser.conftest import CHROMIUM, serve
from tests.support.peers import peer

pytestmark = [pytest.mark.benchmark, pytest.mark.timeout(900)]
_ANY = "[class*='st-key-figure-map-']"
_MAP = "[class*='st-key-figure-map-0']"
_PLACE = "representations?sentences=XNLI+test"
_OTHERS = _PLACE + "".join(
    f"&languages={language(code).label}" for code in ("en", "fr", "es", "bg", "el", "ru", "tr", "vi")
)


def test_a_first_map_and_a_computed_layer(data_dir: Path, tmp_path: Path) -> None:
    shown = {
        "ISOGLOSS_DATA": str(data_dir),
        "ISOGLOSS_REFERENCE": str(SHIPPED),
        "OMP_NUM_THREADS": str(os.cpu_count() or 1),
    }
    with peer("playwright.sync_api").sync_playwright() as driver, serve(tmp_path, tmp_path / "log", shown) as address:
        browser = driver.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        page = browser.new_page(viewport={"width": 1440, "height": 900})
        page.add_init_script("localStorage.setItem('isogloss-tour', 'left')")
        for place, state in ((_PLACE, "models not loaded"), (_OTHERS, "other sentences, models at hand")):
            page.goto(f"{address}/{place}")
            draw = page.get_by_role("button", name="Draw the map")
            draw.wait_for(timeout=120_000)
            page.wait_for_timeout(3_000)
            told = draw.inner_text().split("\n")[-1]
            began = time.perf_counter()
            draw.click()
            page.wait_for_selector(f"{_ANY} .points path", state="attached", timeout=300_000)
            early = time.perf_counter() - began
            page.wait_for_selector(f"{_MAP} .points path", state="attached", timeout=300_000)
            both = time.perf_counter() - began
            print(f"\n{told}, {state}: {early:.1f} s to the first map, {both:.1f} s to both")
            page.wait_for_timeout(3_000)
        thumb = page.locator(".st-key-layer input[type=range]")
        times = []
        for layer in (11, 10, 9, 8, 7, 6, 7, 8, 9, 10, 11, 12):
            thumb.focus()
            now = int(thumb.input_value())
            began = time.perf_counter()
            page.keyboard.press("ArrowLeft" if layer < now else "ArrowRight")
            page.wait_for_function(
                "([place, layer]) => document.querySelector(place)?.textContent.includes(`layer ${layer},`)",
                arg=[_MAP, layer], timeout=60_000, polling=10,
            )  # fmt: skip
            times.append(1000 * (time.perf_counter() - began))
            page.wait_for_timeout(1_500)
        browser.close()
    first, again = times[:6], times[6:]
    print(f"a layer seen for the first time: median {np.median(first):.0f} ms, slowest {max(first):.0f} ms")
    print(f"a layer seen before: median {np.median(again):.0f} ms, slowest {max(again):.0f} ms")
