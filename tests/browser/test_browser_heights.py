"""Pages that open on the shipped results are no higher than a person scrolls: the rest stands behind tabs."""

from __future__ import annotations

import pytest

from tests.browser.conftest import serve

#: Pixels of a page at 1440 x 900, as opened.
HIGHEST = 2700
#: Each page, and the figures that it opens with.
PAGES = {
    "": 2, "errors": 1, "alignment": 1, "retrieval": 1, "representations": 0, "bitext": 0, "report": 0,
}  # fmt: skip


@pytest.fixture(scope="module")
def shipped_app(tmp_path_factory):
    """The app in a fresh workspace, with the results that ship with the project."""
    folder = tmp_path_factory.mktemp("shipped-app")
    with pytest.MonkeyPatch.context() as patch:
        patch.delenv("ISOGLOSS_REFERENCE", raising=False)
        with serve(folder / "home", folder / "log") as address:
            yield address


def height(tab) -> int:
    return int(tab.page.evaluate("document.querySelector('[data-testid=stMain]').scrollHeight"))


@pytest.mark.timeout(900)
@pytest.mark.parametrize("name", PAGES)
def test_a_page_opens_no_higher_than_a_person_scrolls(new_tab, shipped_app, name):
    tab = new_tab()
    tab.page.set_viewport_size({"width": 1440, "height": 900})
    tab.open(f"{shipped_app}/{name}", charts=PAGES[name])
    tab.page.wait_for_function("document.querySelectorAll('[data-testid=stSkeleton]').length == 0", timeout=60_000)
    assert name == "bitext" or "Runs: 17 reference runs" in tab.text(), "the bitext page reads no run"
    assert 600 < height(tab) <= HIGHEST


@pytest.mark.timeout(900)
@pytest.mark.parametrize(
    ("link", "title", "found"),
    [
        ("errors?item=4", "One item", "Item 4, gold label"),
        ("errors?whatif-from=A starter item", "What if", "Every arm says"),
        ("alignment?word=second 2: kunipa", "One word", "“kunipa” lies nearest to"),
        ("alignment?draw=true", "Draw links", "Begin with"),
        ("retrieval?all=true", "Every query", "with 95 % intervals over queries"),
        ("retrieval?tab=Query encoders", "Query encoders", "Documents stay indexed by the frozen encoder"),
    ],
)
def test_a_link_opens_the_tab_of_what_it_names(new_tab, shipped_app, link, title, found):
    tab = new_tab()
    tab.open(f"{shipped_app}/{link}", charts=0)
    tab.page.get_by_text(found).first.wait_for(timeout=180_000)
    assert tab.page.get_by_role("tab", name=title).get_attribute("aria-selected") == "true"
    assert "The link asks for" not in tab.text()


@pytest.mark.timeout(900)
def test_what_is_selected_opens_and_back_closes_it(new_tab, shipped_app):
    tab = new_tab()
    tab.open(f"{shipped_app}/alignment", charts=1)
    tab.page.locator('.ribbons [data-word="t1"]').first.click()
    tab.page.get_by_text("Why did this word move?").wait_for(timeout=180_000)
    tab.rest(charts=2)
    assert "tab=One+word" in tab.page.url or "tab=One%20word" in tab.page.url
    assert height(tab) <= HIGHEST
    assert "word=second" in tab.page.url
    tab.page.go_back()
    tab.page.get_by_text("The same pair at every layer").wait_for(timeout=180_000)
