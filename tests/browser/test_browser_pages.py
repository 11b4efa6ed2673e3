"""Every page in a real browser: it draws, nothing fails on the way, and a picture is kept to be looked at."""

from __future__ import annotations

import pytest

from core.verdict.recommendation import QUESTION

LINKS = {
    "overview": "",
    "errors": "errors?outcome=wrong",
    "alignment": "alignment?language=Arabic (ar)",
    "retrieval": "retrieval?language=Hindi (hi)&direction=from English",
    "representations": "representations",
}
#: Figures of a page before anything is asked for.
CHARTS = {"representations": 0}
EMPTY_LINKS = LINKS | {"errors": "errors?language=Urdu (ur)", "alignment": "alignment?language=Thai (th)"}
LOOKS = [(1440, "light"), (900, "dark"), (390, "light")]


def _check(tab) -> None:
    assert tab.page.locator('[data-testid="stException"]').count() == 0
    assert "did not expect" not in tab.text()
    overflow = tab.page.evaluate(
        "(() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth; })()"
    )
    assert overflow <= 1, "the page scrolls sideways"


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.parametrize("name", LINKS)
def test_a_page_without_runs(new_tab, empty_app, name, width, scheme):
    tab = new_tab(width, scheme)
    tab.open(f"{empty_app}/{EMPTY_LINKS[name]}", charts=CHARTS.get(name, 1))
    _check(tab)
    tab.save(f"empty-{name}-{width}-{scheme}")


@pytest.mark.parametrize(("width", "scheme"), LOOKS)
@pytest.mark.parametrize("name", LINKS)
def test_a_page_with_runs(new_tab, stored_app, name, width, scheme):
    tab = new_tab(width, scheme)
    tab.open(f"{stored_app}/{LINKS[name]}", charts=CHARTS.get(name, 1))
    _check(tab)
    tab.save(f"runs-{name}-{width}-{scheme}")


def test_pages_follow_the_navigation(new_tab, stored_app):
    tab = new_tab()
    tab.open(stored_app)
    for name in ("Errors", "Alignment", "Retrieval", "Overview"):
        tab.page.get_by_role("link", name=name, exact=True).click()
        tab.page.wait_for_timeout(800)
        tab.rest()
        assert tab.page.inner_text("h1") == (QUESTION if name == "Overview" else name)
        _check(tab)


def test_the_overview_is_also_found_by_its_name(new_tab, stored_app):
    tab = new_tab()
    tab.open(f"{stored_app}/overview?order=effect")
    assert "Page not found" not in tab.text() and tab.page.inner_text("h1") == QUESTION
    assert "order=effect" in tab.page.url
    _check(tab)


def test_a_link_that_is_opened_first_on_a_fresh_server_has_the_apps_frame(fresh_app, new_tab):
    tab = new_tab()
    tab.page.goto(f"{fresh_app}/alignment?language=Thai (th)")
    tab.page.wait_for_selector("[data-testid=stSidebarNavLink]", timeout=180_000)
    tab.rest()
    _check(tab)
    assert tab.page.locator("[data-testid=stSidebarNavLink]").count() >= 5
    assert "language=Thai" in tab.page.url
