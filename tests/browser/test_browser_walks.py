"""Three people's walks through the app, their clicks counted: a stakeholder, a researcher, an engineer."""

from __future__ import annotations

import pytest

from tests.support.page_text import specialist_words
from tests.support.peers import peer

PlaywrightError = peer("playwright.sync_api").Error


class Walk:
    """A tab in which clicks are counted."""

    def __init__(self, tab) -> None:
        self.tab, self.page, self.clicks = tab, tab.page, 0

    def click(self, target, title: str = "") -> None:
        """Click, and wait for the page of that title."""
        self.clicks += 1
        target.click()
        if title:
            try:
                self.page.wait_for_function(
                    "(title) => (document.querySelector('h1') || {}).innerText === title", arg=title, timeout=120_000
                )
            except PlaywrightError as error:
                there = self.page.inner_text("body")[:600]
                raise AssertionError(f"no page {title!r} at {self.page.url}, but: {there}") from error
        self.tab.rest(charts=0)


def in_sight(page, selector: str) -> bool:
    """Whether the element is wholly inside the window as it stands."""
    box = page.locator(selector).first.bounding_box()
    return box["y"] >= 0 and box["y"] + box["height"] <= page.viewport_size["height"]


@pytest.mark.timeout(900)
def test_a_stakeholder_reads_the_answer_and_three_slides_without_scrolling(new_tab, stored_app):
    tab = new_tab()
    tab.page.set_viewport_size({"width": 1440, "height": 900})
    tab.open(stored_app)
    walk = Walk(tab)
    assert all(
        in_sight(tab.page, what) for what in ("h1", ".iso-answer", ".iso-numbers", ".js-plotly-plot", ".iso-next")
    )
    assert "No recommendation yet." in tab.page.inner_text(".iso-answer h2")
    assert specialist_words(tab.page.inner_html(".iso-answer")) == []
    walk.click(tab.page.get_by_role("link", name="The presentation"))
    tab.page.wait_for_selector(".iso-deck[data-ready]", timeout=90_000)
    for slide in range(1, 4):
        assert tab.page.inner_text(".iso-deck .count").startswith(f"{slide} of ")
        body = tab.page.locator(".iso-deck .body")
        assert body.evaluate("b => b.scrollHeight - b.clientHeight") <= 2
        assert specialist_words(tab.page.inner_text(".iso-deck .slide")) == []
        tab.page.keyboard.press("ArrowRight")
    assert walk.clicks == 1


@pytest.mark.timeout(900)
def test_a_researcher_goes_from_a_number_to_its_items_and_to_the_map(new_tab, stored_app):
    tab = new_tab()
    tab.open(stored_app)
    walk = Walk(tab)
    walk.click(tab.page.get_by_role("tab", name="Questions"))
    tab.page.get_by_text("Every question and its answer").wait_for(timeout=120_000)
    walk.click(tab.page.get_by_role("link", name="An error"), "Errors")
    tab.page.get_by_text("One item in every language").wait_for(timeout=120_000)
    walk.click(tab.page.get_by_role("link", name="premise’s tokens").first, "Alignment")
    tab.page.wait_for_selector("svg.ribbons .band", timeout=180_000)
    walk.click(tab.page.get_by_role("link", name="Representations"), "Representations")
    walk.click(tab.page.get_by_role("button", name="Draw the map"))
    tab.page.wait_for_selector("[class*='st-key-figure-map-0'] .points path", state="attached", timeout=90_000)
    tab.rest(charts=2)
    tab.click_mark(3, "[class*='st-key-figure-map-0']")
    tab.page.get_by_text("Nearest with").first.wait_for(timeout=60_000)
    assert walk.clicks == 5
    tab.save("walk-representations")


@pytest.mark.timeout(900)
def test_an_engineer_brings_sentences_and_searches_them(new_tab, empty_app, tmp_path):
    tab = new_tab()
    tab.open(f"{empty_app}/bitext", charts=0)
    walk = Walk(tab)
    with tab.page.expect_download(timeout=60_000) as waiting:
        walk.click(tab.page.get_by_role("button", name="A sample file to try"))
    file = tmp_path / "mine.tsv"
    waiting.value.save_as(file)
    tab.page.locator("input[type=file]").first.set_input_files(str(file))
    tab.page.get_by_role("button", name="Read and check").wait_for(timeout=120_000)
    walk.click(tab.page.get_by_role("button", name="Read and check"))
    store = tab.page.get_by_role("button", name="Store 48 pairs")
    store.wait_for(timeout=180_000)
    walk.click(store)
    tab.page.get_by_text("It is chosen below").wait_for(timeout=120_000)
    walk.click(tab.page.get_by_role("link", name="Search it"), "Retrieval")
    assert "The link asks for" not in tab.text()
    assert "your bitext: mine" in tab.page.locator(".st-key-collection input").input_value()
    assert "among 48 candidates" in tab.text()
    assert walk.clicks == 4
