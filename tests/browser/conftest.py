"""Fixtures of the browser's tests: the app as a person starts it, and Chromium that collects what goes wrong."""

from __future__ import annotations

import os
import re
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from tests.support.paths import ROOT
from tests.support.peers import peer

CHROMIUM = os.environ.get("CHROMIUM") or shutil.which("chromium") or "/usr/bin/chromium"
SCREENSHOTS = Path(__file__).with_name("screenshots")

#: Streamlit looks for its server below a page's own address first, and finds it one level up.
_PROBES = re.compile(r"/\w+/_stcore/(health|host-config)$")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    missing = not Path(CHROMIUM).exists()
    for item in items:
        if Path(str(item.fspath)).parent == Path(__file__).parent:
            item.add_marker(pytest.mark.browser)
            if missing:
                item.add_marker(pytest.mark.skip(reason="Chromium is not installed"))


@contextmanager
def serve(home: Path, log: Path, shown: Mapping[str, str] | None = None) -> Iterator[str]:
    """The app on a free port with the workspace `home`, and `shown` in its environment; gives its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {key: value for key, value in os.environ.items() if key != "ISOGLOSS_DATA"}
    env |= {"ISOGLOSS_HOME": str(home), "HF_HUB_CACHE": str(home / "no-hub"), "OMP_NUM_THREADS": "1"}
    env |= shown or {}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with log.open("wb") as out:
        process = subprocess.Popen(command, cwd=ROOT, env=env, stdout=out, stderr=subprocess.STDOUT)
    address = f"http://127.0.0.1:{port}"
    try:
        _wait(address, process, log)
        yield address
    finally:
        process.terminate()
        process.wait(20)


def _wait(address: str, process: subprocess.Popen[bytes], log: Path) -> None:
    for _ in range(300):
        if process.poll() is not None:
            raise RuntimeError(f"The app ended at once: {log.read_text()[-2000:]}")
        try:
            with urllib.request.urlopen(f"{address}/_stcore/health", timeout=2) as answer:
                if answer.status == 200:
                    return
        except OSError:
            time.sleep(0.2)
    raise RuntimeError("The app did not answer within a minute")


@pytest.fixture(scope="session")
def empty_app(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The app with nothing stored."""
    folder = tmp_path_factory.mktemp("empty-app")
    with serve(folder / "home", folder / "log") as address:
        yield address


@pytest.fixture
def fresh_app(tmp_path: Path) -> Iterator[str]:
    """An app of its own that nobody has visited."""
    with serve(tmp_path / "home", tmp_path / "log") as address:
        yield address


@pytest.fixture(scope="session")
def stored_app(tmp_path_factory: pytest.TempPathFactory, encoder: Any) -> Iterator[str]:
    """The app with four drawn runs, two of them with weights."""
    from core.workspace import open_workspace
    from store.results.importer import sync
    from tests.support.synthetic_runs import ARMS, write_run, write_weights

    folder = tmp_path_factory.mktemp("stored-app")
    workspace = open_workspace(folder / "home")
    for arm in ARMS:
        made = write_run(workspace, arm)
        if arm in ("transport", "adversarial"):
            write_weights(made, encoder)
    sync(workspace)
    with serve(workspace.home, folder / "log") as address:
        yield address


@pytest.fixture(scope="session")
def chromium() -> Iterator[Any]:
    with peer("playwright.sync_api").sync_playwright() as driver:
        browser = driver.chromium.launch(
            executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        yield browser
        browser.close()


@dataclass
class Tab:
    """A browser tab; `wrong` collects console errors, failed answers and requests that leave this machine."""

    page: Any
    wrong: list[str] = field(default_factory=list)

    def open(self, address: str, charts: int = 1) -> None:
        """Open a link and wait until the app rests and has drawn `charts` figures."""
        self.page.goto(address)
        self.rest(charts)

    def rest(self, charts: int = 1) -> None:
        self.page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=180_000)
        self.page.wait_for_function(
            f"document.querySelectorAll('.js-plotly-plot .main-svg').length >= {charts}", timeout=180_000
        )
        self.page.wait_for_timeout(600)

    def click_mark(self, number: int, within: str = "") -> None:
        """Click a mark of the first figure that has marks."""
        mark = self.page.locator(f"{within} .js-plotly-plot .scatterlayer .points path").nth(number)
        mark.scroll_into_view_if_needed()
        self.page.wait_for_timeout(300)
        box = mark.bounding_box()
        self.page.mouse.click(box["x"] + box["width"] / 2, box["y"] + box["height"] / 2)
        self.page.wait_for_timeout(1500)

    def save(self, name: str) -> None:
        """A picture of the whole page, to be looked at."""
        height = self.page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight")
        size = self.page.viewport_size
        self.page.set_viewport_size({"width": size["width"], "height": min(int(height) + 20, 5000)})
        self.page.wait_for_timeout(500)
        SCREENSHOTS.mkdir(exist_ok=True)
        self.page.screenshot(path=SCREENSHOTS / f"{name}.png")
        self.page.set_viewport_size(size)

    def text(self) -> str:
        return str(self.page.inner_text('[data-testid="stMain"]'))


@pytest.fixture
def new_tab(chromium: Any) -> Iterator[Callable[..., Tab]]:
    """`new_tab(width=1440, scheme="light")` opens a tab; at the end nothing may have gone wrong in it."""
    tabs: list[Tab] = []

    def make(width: int = 1440, scheme: str = "light") -> Tab:
        context = chromium.new_context(
            viewport={"width": width, "height": 1000}, color_scheme=scheme, accept_downloads=True
        )
        tab = Tab(context.new_page())
        tab.page.on("console", lambda message: _heard(tab, message))
        tab.page.on("pageerror", lambda error: tab.wrong.append(f"page error: {error}"))
        tab.page.on("request", lambda request: _asked(tab, request.url))
        tabs.append(tab)
        return tab

    yield make
    for tab in tabs:
        tab.page.context.close()
    assert [line for tab in tabs for line in without_replaced(tab.wrong)] == []


def _heard(tab: Tab, message: Any) -> None:
    if message.type == "error" and not _PROBES.search(message.location.get("url", "")):
        tab.wrong.append(f"console: {message.text} {message.location.get('url', '')}")


def without_replaced(wrong: list[str]) -> list[str]:
    """What went wrong, without downloads that a newer run of the page replaced while Streamlit's client looked for the
    old one: it tells each in two lines. A download that a test clicks is waited for."""
    replaced = sum("Download Button source error - 404" in line for line in wrong)
    left = []
    for line in wrong:
        if "Download Button source error - 404" in line:
            continue
        if replaced and "404" in line and "/media/" in line:
            replaced -= 1
            continue
        left.append(line)
    return left


def _asked(tab: Tab, url: str) -> None:
    if not url.startswith(("http://127.0.0.1:", "ws://127.0.0.1:", "data:", "blob:", "about:")):
        tab.wrong.append(f"left this machine: {url}")
