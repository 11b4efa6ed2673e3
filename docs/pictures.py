"""Makes README's pictures from an app that runs, on the shipped results alone: ISOGLOSS_HOME an empty folder, no data.

python docs/pictures.py http://localhost:8501
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

from playwright.sync_api import Page, sync_playwright

HERE = Path(__file__).parent
#: The window, and how it is scaled in the file.
WINDOW, SCALE = (1440, 968), 1024 / 1440
#: File, page with what is chosen on it, and the text that has to be in sight.
PICTURES = (
    ("overview.png", "", "Accuracy by language"),
    ("alignment.png", "alignment?language=Turkish%20(tr)", "what moved"),
)


def settled(page: Page, text: str) -> None:
    """Wait until the page has run and `text` is on it."""
    page.get_by_text(text).first.wait_for(timeout=90_000)
    page.locator('[data-testid="stStatusWidget"]').wait_for(state="detached", timeout=90_000)
    page.wait_for_timeout(2_000)


def main(address: str) -> None:
    executable = os.environ.get("CHROMIUM") or shutil.which("chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=executable, args=["--no-sandbox"])
        context = browser.new_context(
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
        browser.close()


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "http://localhost:8501")
