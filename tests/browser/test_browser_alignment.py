"""The alignment page in a real browser: ribbons answer clicks, save files and fit; links bring everything back."""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlsplit

import pytest

TYPED = "sentences=Type a pair&source=The cat sleeps&target=القط نائم"


def link_of(tab) -> dict[str, list[str]]:
    return parse_qs(urlsplit(tab.page.url).query)


def settled(tab, charts: int = 1) -> None:
    tab.page.wait_for_timeout(1200)
    tab.rest(charts)


def test_a_typed_pair_is_in_the_link_and_drawn_in_its_direction(new_tab, empty_app):
    tab = new_tab()
    tab.open(f"{empty_app}/alignment?{TYPED}&layer=8")
    first, second = (tab.page.locator(f'.ribbons [data-word="{name}"] text').bounding_box() for name in ("t0", "t1"))
    assert tab.page.locator('.ribbons [data-word="t0"] text').text_content() == "القط"
    assert first["x"] > second["x"], "Arabic reads from the right"
    assert link_of(tab)["layer"] == ["8"] and "The cat sleeps" in tab.text()


def test_a_clicked_word_is_explained_in_the_link_and_back_undoes_it(new_tab, empty_app):
    tab = new_tab()
    tab.open(f"{empty_app}/alignment?{TYPED}")
    tab.page.locator('.ribbons [data-word="t1"]').click()
    settled(tab)
    assert link_of(tab)["word"] == ["second 2: نائم"]
    assert "“نائم” lies nearest to" in tab.text()
    again = new_tab()
    again.open(tab.page.url)
    assert "“نائم” lies nearest to" in again.text()
    assert again.page.locator('.ribbons [data-word="t1"] text').get_attribute("font-weight") == "700"


def test_a_mark_of_the_strip_and_the_browsers_back_change_the_layer(new_tab, empty_app):
    tab = new_tab()
    tab.open(f"{empty_app}/alignment?layer=8")
    before = tab.page.locator(".iso-caption").first.inner_text()
    tab.click_mark(3)
    settled(tab)
    assert link_of(tab)["layer"] == ["3"]
    assert tab.page.locator(".iso-caption").first.inner_text() != before
    tab.page.go_back()
    settled(tab)
    assert link_of(tab)["layer"] == ["8"]
    assert tab.page.locator(".iso-caption").first.inner_text() == before


@pytest.mark.parametrize(("name", "head"), [("SVG", b"<svg"), ("PNG", b"\x89PNG"), ("HTML", b"<!doctype html>")])
def test_the_ribbons_save_as_a_file(new_tab, empty_app, name, head):
    tab = new_tab()
    tab.open(f"{empty_app}/alignment?{TYPED}")
    with tab.page.expect_download(timeout=30_000) as coming:
        tab.page.locator(".ribbon-tools button", has_text=name).click()
    with open(coming.value.path(), "rb") as file:
        saved = file.read()
    assert saved.startswith(head) and len(saved) > 1000
    assert coming.value.suggested_filename == f"isogloss-plan-a.{name.lower()}"
    if name != "PNG":
        assert "القط".encode() in saved and b"currentColor" in saved and b"#1F2528" in saved


def test_links_and_the_plan_save_as_files(new_tab, empty_app):
    tab = new_tab()
    tab.open(f"{empty_app}/alignment?{TYPED}")
    with tab.page.expect_download(timeout=30_000) as coming:
        tab.page.get_by_role("button", name="Links of untrained encoder (Pharaoh)").click()
    with open(coming.value.path(), encoding="utf-8") as file:
        links = file.read().split()
    assert links and all(len(link.split("-")) == 2 for link in links)


def test_a_kept_plan_comes_back_by_its_link(new_tab, empty_app):
    tab = new_tab()
    tab.open(f"{empty_app}/alignment?{TYPED}")
    tab.page.get_by_role("tab", name="Kept plans").click()
    tab.page.get_by_role("textbox", name="Name").fill("asleep")
    tab.page.get_by_role("button", name="Keep what is shown").click()
    settled(tab, charts=0)
    kept = tab.text().split("alignment?kept=")[1][:12]
    again = new_tab()
    again.open(f"{empty_app}/alignment?kept={kept}", charts=0)
    again.page.wait_for_selector('.ribbons [data-word="t1"]')
    assert "under “asleep”" in again.text()


def test_typed_markup_stays_text(new_tab, empty_app):
    tab = new_tab()
    shown = []
    tab.page.on("dialog", lambda dialog: (shown.append(dialog.message), dialog.dismiss()))
    hostile = quote("<img src=x onerror=alert(1)> <script>alert(2)</script>")
    tab.open(f"{empty_app}/alignment?sentences=Type a pair&source={hostile}&target={hostile}")
    assert tab.page.locator(".ribbon-picture img, .ribbon-picture script").count() == 0 and not shown


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (900, "dark")])
@pytest.mark.parametrize("code", ["Urdu (ur)", "Thai (th)", "Chinese (zh)"])
@pytest.mark.parametrize("view", ["Ribbons", "Heat map"])
def test_two_arms_fit_the_window(new_tab, stored_app, width, scheme, code, view):
    tab = new_tab(width, scheme)
    tab.open(f"{stored_app}/alignment?language={code}&layer=8&view={view}", charts=4 if view == "Heat map" else 1)
    overflow = tab.page.evaluate(
        "(() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth; })()"
    )
    assert overflow <= 1 and "did not expect" not in tab.text()
    for box in tab.page.locator(".ribbon-picture").all():
        inner = box.locator("svg").bounding_box()
        assert inner["width"] <= box.bounding_box()["width"] + 1
    tab.save(f"alignment-{view.split()[0].lower()}-{code[-3:-1]}-{width}-{scheme}")
