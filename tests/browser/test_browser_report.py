"""The presentation by keys, buttons and swipe; the report without a network; the slides as LibreOffice shows them."""

from __future__ import annotations

import re
import shutil
import subprocess

import pytest
from test_browser_accessibility import violations


@pytest.fixture(scope="module")
def material(tmp_path_factory):
    """Four drawn runs, with a plan."""
    import numpy as np

    from core.report.material import Choices
    from core.workspace import open_workspace
    from store.report.material import gather
    from store.results.importer import sync
    from store.user.kept_plans import KeptPlan, keep
    from tests.support.synthetic_runs import ARMS, write_run

    workspace = open_workspace(tmp_path_factory.mktemp("slides") / "home")
    for arm in ARMS:
        write_run(workspace, arm, items=36)
    sync(workspace)
    mass, words = np.full(14, 1 / 14), [f"word{k}" for k in range(14)]
    plan = KeptPlan("transport", "transport", "", 8, words, words[::-1], mass, mass, np.diag(mass),
                    [(k, k) for k in range(14)], 0.25, 0.5)  # fmt: skip
    keep(workspace, "A plan", {"source_code": "en", "target_code": "sw"}, [plan])
    return gather(workspace, Choices(plans=("A plan",)))


def _at(tab) -> tuple[str, str]:
    return tab.page.inner_text(".iso-deck .count"), tab.page.inner_text(".iso-deck h2")


@pytest.mark.timeout(900)
def test_the_presentation_moves_by_keys_buttons_and_swipe(new_tab, stored_app):
    tab = new_tab()
    page = tab.page
    page.set_viewport_size({"width": 1440, "height": 810})
    page.goto(f"{stored_app}/present")
    page.wait_for_selector(".iso-deck[data-ready]", timeout=240_000)
    assert not page.locator("[data-testid=stSidebar]").is_visible() or page.evaluate(
        "document.elementFromPoint(40, 300).closest('.iso-deck') !== null"
    )
    assert _at(tab)[0].startswith("1 of ")
    # Ten presses in a second end on the right slide: nothing waits for the server.
    for _ in range(10):
        page.keyboard.press("ArrowRight")
    assert _at(tab)[0].startswith("11 of ")
    assert "view=11" in page.url
    page.keyboard.press("Home")
    page.get_by_role("button", name="Next slide").click()
    assert _at(tab)[0].startswith("2 of ")
    page.get_by_role("button", name="Previous slide").click()
    page.get_by_role("button", name="Notes").click()
    assert "described, not tested" in page.inner_text(".iso-deck .notes")
    page.keyboard.press("n")
    assert not page.locator(".iso-deck .notes").is_visible()
    page.keyboard.press("End")
    assert _at(tab)[1] == "What to do next"
    page.keyboard.press("ArrowRight")
    assert _at(tab)[0].startswith("Appendix 1 of ")
    _fits(tab)
    swipe = """(way) => {
        const stage = document.querySelector('.iso-deck .stage');
        const touch = (x) => new Touch({identifier: 1, target: stage, clientX: x, clientY: 300});
        stage.dispatchEvent(new TouchEvent('touchstart', {changedTouches: [touch(300)]}));
        stage.dispatchEvent(new TouchEvent('touchend', {changedTouches: [touch(300 + way * 150)]}));
    }"""
    page.keyboard.press("Home")
    page.evaluate(swipe, -1)
    assert _at(tab)[0].startswith("2 of ")
    page.evaluate(swipe, 1)
    assert _at(tab)[0].startswith("1 of ")
    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("document.fullscreenElement !== null", timeout=10_000)
    page.get_by_role("button", name="Full screen").click()
    page.wait_for_function("document.fullscreenElement === null", timeout=10_000)
    page.keyboard.press("Escape")
    page.wait_for_url("**/report*", timeout=120_000)


def _fits(tab) -> None:
    """At 16:9, 4:3 and on a phone: what a slide of the talk holds is seen without scrolling, and plans are drawn."""
    for width, height in ((1440, 810), (1024, 768), (390, 844)):
        tab.page.set_viewport_size({"width": width, "height": height})
        tab.page.keyboard.press("Home")
        drawn = plans = 0
        while not _at(tab)[0].startswith("Appendix"):
            over = tab.page.evaluate(
                "(() => { const b = document.querySelector('.iso-deck .body');"
                " return [b.scrollHeight - b.clientHeight, b.scrollWidth - b.clientWidth]; })()"
            )
            assert max(over) <= 2, (width, _at(tab), over)
            plans += "plan" in _at(tab)[1]
            drawn += tab.page.locator(".iso-deck svg.ribbons:visible").count()
            tab.page.keyboard.press("ArrowRight")
        assert drawn == plans
    tab.page.set_viewport_size({"width": 1440, "height": 810})


@pytest.mark.timeout(600)
def test_the_report_opens_without_a_network(chromium, material, tmp_path):
    from core.report.page import report_page

    out = tmp_path / "report.html"
    out.write_text(report_page(material), encoding="utf-8")
    _opens_offline(chromium, out)


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


def test_nothing_runs_off_a_slide_in_libreoffice(tmp_path, material):
    soffice, reader = shutil.which("soffice"), shutil.which("pdftotext")
    if soffice is None or reader is None:
        pytest.skip("LibreOffice or poppler's pdftotext is not installed")
    from core.report.slides import report_slides

    (tmp_path / "report.pptx").write_bytes(report_slides(material))
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    command = [soffice, profile, "--headless", "--convert-to", "pdf", "--outdir", str(tmp_path)]
    subprocess.run([*command, str(tmp_path / "report.pptx")], check=True, timeout=300, capture_output=True)
    subprocess.run([reader, "-bbox", str(tmp_path / "report.pdf"), str(tmp_path / "boxes")], check=True, timeout=60)
    pages = (tmp_path / "boxes").read_text(encoding="utf-8").split("<page ")[1:]
    number = r'"([-\d.]+)"'
    beyond = []
    for slide, page in enumerate(pages, 1):
        wide, high = (float(x) for x in re.match(f"width={number} height={number}", page).groups())
        for *box, word in re.findall(f"xMin={number} yMin={number} xMax={number} yMax={number}>(.*?)<", page):
            left, top, right, bottom = map(float, box)
            if left < 0 or top < 0 or right > wide or bottom > high:
                beyond.append((slide, word))
    assert len(pages) > 12 and beyond == []
    assert any("word13" in page for page in pages), "the plan is drawn"
