"""Makes README's pictures, or pictures of every page to be looked at, from an app that runs on the shipped results.

python docs/pictures.py http://localhost:8501            README's, without data: ISOGLOSS_HOME an empty folder
python docs/pictures.py --all FOLDER                     every page at three widths, light and dark; starts the app
                                                         itself, once with the data here and once without
"""

from __future__ import annotations

import argparse
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
#: The window, and how it is scaled in the file.
WINDOW, SCALE = (1440, 968), 1024 / 1440
#: File, page with what is chosen on it, and the text that has to be in sight.
PICTURES = (
    ("overview.png", "", "Right answers by language"),
    ("alignment.png", "alignment?language=Turkish%20(tr)", "what moved"),
)
#: Every page by name, with what is chosen on it; the overview's tabs one by one.
PAGES = {
    "overview": "", "overview-why": "?tab=Why", "overview-questions": "?tab=Questions",
    "overview-runs": "?tab=Runs%20and%20cost", "overview-method": "?tab=Method", "errors": "errors?outcome=wrong",
    "alignment": "alignment?language=Urdu%20(ur)", "representations": "representations", "retrieval": "retrieval",
    "bitext": "bitext", "report": "report", "present": "present",
}  # fmt: skip
SIZES, SCHEMES = ((1440, 900), (900, 900), (390, 844)), ("light", "dark")
#: A page as opened is at most so high at 1440 x 900.
HIGHEST = 2700


def settled(page: Page, text: str = "") -> None:
    """Wait until the page has run and `text` is on it."""
    page.wait_for_selector('[data-testid="stApp"][data-test-script-state="notRunning"]', timeout=300_000)
    if text:
        page.get_by_text(text).first.wait_for(timeout=90_000)
    page.locator('[data-testid="stStatusWidget"]').wait_for(state="detached", timeout=300_000)
    page.wait_for_timeout(2_000)


@contextmanager
def serving(data: bool) -> Iterator[str]:
    """The app on a free port with an empty workspace, with the data that ISOGLOSS_DATA names or without any."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    env = {name: value for name, value in os.environ.items() if data or name != "ISOGLOSS_DATA"}
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port)]
    with tempfile.TemporaryDirectory() as home:
        env |= {"ISOGLOSS_HOME": home} | ({} if data else {"HF_HUB_CACHE": f"{home}/no-hub"})
        process = subprocess.Popen(command, cwd=HERE.parent, env=env, stdout=subprocess.DEVNULL)
        try:
            for _ in range(300):
                try:
                    urllib.request.urlopen(f"http://127.0.0.1:{port}/_stcore/health", timeout=2).close()
                    break
                except OSError:
                    time.sleep(0.2)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.terminate()
            process.wait(20)


def readme(driver_browser: object, address: str) -> None:
    """README's two pictures."""
    context = driver_browser.new_context(  # type: ignore[attr-defined]
        viewport={"width": WINDOW[0], "height": WINDOW[1]}, device_scale_factor=SCALE, color_scheme="light"
    )
    page = context.new_page()
    for place, (name, path, text) in enumerate(PICTURES):
        page.goto(f"{address.rstrip('/')}/{path}")
        settled(page, text)
        if place == 0:  # the tour is left once and not seen again
            page.get_by_text("Leave the tour").first.click()
            page.wait_for_timeout(1_000)
        page.screenshot(path=HERE / name)


def every_page(driver_browser: object, address: str, folder: Path, kind: str) -> None:
    """Every page at every size and theme, whole; says which is higher than `HIGHEST`, or scrolls sideways."""
    for scheme in SCHEMES:
        for width, height in SIZES:
            context = driver_browser.new_context(  # type: ignore[attr-defined]
                viewport={"width": width, "height": height}, color_scheme=scheme
            )
            context.add_init_script("localStorage.setItem('isogloss-tour', 'left')")
            page = context.new_page()
            for name, path in PAGES.items():
                page.set_viewport_size({"width": width, "height": height})
                page.goto(f"{address}/{path}")
                settled(page)
                main = page.locator('[data-testid="stMain"]')
                high = int(main.evaluate("m => m.scrollHeight"))
                wide = int(main.evaluate("m => m.scrollWidth - m.clientWidth"))
                if name != "present":
                    page.set_viewport_size({"width": width, "height": min(high + 20, 6000)})
                    page.wait_for_timeout(1_000)
                page.screenshot(path=folder / f"{kind}-{name}-{width}-{scheme}.png")
                told = " HIGH" if width == SIZES[0][0] and high > HIGHEST else ""
                print(f"{kind} {name} {width} {scheme}: {high} px{told}{' SIDEWAYS' if wide > 1 else ''}", flush=True)
            context.close()


def main() -> None:
    reader = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    reader.add_argument("address", nargs="?", default="http://localhost:8501")
    reader.add_argument("--all", type=Path, metavar="FOLDER", help="where pictures of every page go")
    asked = reader.parse_args()
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        if asked.all is None:
            readme(browser, asked.address)
        else:
            asked.all.mkdir(parents=True, exist_ok=True)
            for kind, data in (("data", True), ("without", False)):
                with serving(data) as address:
                    every_page(browser, address, asked.all, kind)
        browser.close()


if __name__ == "__main__":
    main()
