"""From the first visit to a report in hand, the report without a network, the slides opened, and the presentation."""

from __future__ import annotations

import os
import shutil
import subprocess
import time

import pytest
from test_browser_accessibility import violations

from tests.support.peers import peer

PlaywrightError = peer("playwright.sync_api").Error

#: What a newcomer may need, on a machine that is not busy with something else.
MINUTES = 5


@pytest.mark.timeout(1800)
def test_a_newcomer_reaches_verdict_error_tokens_and_report(new_tab, stored_app, chromium, tmp_path):
    began = time.monotonic()
    tab = new_tab()
    tab.open(stored_app)
    assert "are described, not tested (one run against one run says nothing" in tab.text()
    _click(tab, tab.page.get_by_role("link", name="Next: one error"), "Errors")
    assert "One item in every language" in tab.text() and "gold label" in tab.text()
    _click(tab, tab.page.get_by_role("link", name="premise’s tokens").first, "Alignment")
    tab.page.wait_for_selector("svg.ribbons .band", timeout=180_000)
    _click(tab, tab.page.get_by_role("link", name="Next: a report"), "Report")
    button = tab.page.get_by_role("button", name="HTML")
    button.wait_for(timeout=180_000)
    with tab.page.expect_download(timeout=120_000) as waiting:
        button.click()
    out = tmp_path / "report.html"
    waiting.value.save_as(out)
    took = time.monotonic() - began
    shown = tab.page.frame_locator("iframe[title='Preview of the report']")
    shown.locator(".plot .main-svg").first.wait_for(timeout=60_000)
    assert "Preregistered" in shown.locator("body").inner_text()
    print(f"Newcomer: {took:.0f} s")
    if os.getloadavg()[0] < (os.cpu_count() or 1):
        assert took < 60 * MINUTES
    tab.page.get_by_role("button", name="Leave the tour").click()
    assert not tab.page.locator(".iso-tour").is_visible()
    _opens_offline(chromium, out)
    tab.page.goto(f"{stored_app}/present")
    tab.rest(charts=0)
    tab.page.wait_for_selector(".iso-said", timeout=120_000)
    assert not tab.page.locator("[data-testid=stSidebar]").is_visible()
    tab.page.keyboard.press("ArrowRight")
    tab.page.wait_for_function("location.search.includes('view=2')", timeout=120_000)
    tab.rest(charts=1)
    tab.save("present-2")
    tab.page.keyboard.press("Escape")
    tab.page.wait_for_url("**/report*", timeout=120_000)


def _click(tab, target, title: str) -> None:
    target.click()
    try:
        tab.page.wait_for_function(f"(document.querySelector('h1') || {{}}).innerText === '{title}'", timeout=120_000)
    except PlaywrightError as error:
        there = tab.page.inner_text("body")[:600]
        raise AssertionError(f"no page {title!r} at {tab.page.url}, but: {there}") from error
    tab.rest(charts=0)


def _opens_offline(chromium, out) -> None:
    """From disk, without a network: every figure is drawn, nothing is asked for, nothing is complained of."""
    for width in (1200, 390):
        context = chromium.new_context(viewport={"width": width, "height": 900}, offline=True)
        page, wrong = context.new_page(), []
        page.on("console", lambda message, wrong=wrong: wrong.append(message.text))
        page.on("pageerror", lambda error, wrong=wrong: wrong.append(str(error)))
        page.on("request", lambda asked, wrong=wrong: wrong.append(asked.url) if asked.url[:4] == "http" else None)
        page.goto(out.as_uri())
        page.wait_for_function("document.querySelectorAll('.plot .main-svg').length >= 2", timeout=60_000)
        assert page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        assert violations(page) == []
        assert len(page.pdf(format="A4")) > 50_000
        assert wrong == []
        context.close()


def test_the_slides_open_in_libreoffice(tmp_path):
    soffice = shutil.which("soffice")
    if soffice is None:
        pytest.skip("LibreOffice is not installed")
    from core.report.material import Choices
    from core.report.slides import report_slides
    from core.workspace import open_workspace
    from store.report.material import gather
    from store.results.importer import sync
    from tests.support.synthetic_runs import ARMS, write_run

    workspace = open_workspace(tmp_path / "home")
    for arm in ARMS:
        write_run(workspace, arm)
    sync(workspace)
    (tmp_path / "report.pptx").write_bytes(report_slides(gather(workspace, Choices())))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "report.pptx")], check=True, timeout=300, capture_output=True)
    made = (tmp_path / "report.pdf").read_bytes()
    assert made.startswith(b"%PDF") and len(made) > 20_000
