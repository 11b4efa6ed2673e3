"""Links drawn on the Alignment page by mouse and by keyboard: kept as gold with their author, and the arms scored."""

from __future__ import annotations

import pytest

URDU = "sentences=Pick a starter pair&language=Urdu (ur)&draw=true"
THAI = "sentences=Pick a starter pair&language=Thai (th)&draw=true"


def words(tab, side: int):
    return tab.page.locator(f'.board-word[data-side="{side}"]')


def settled(tab) -> None:
    tab.page.wait_for_timeout(1500)
    tab.rest(charts=0)


def drawn(tab) -> int:
    return int(tab.page.locator(".board-lines path").count())


def open_board(tab, address: str) -> None:
    tab.open(address, charts=0)
    tab.page.wait_for_selector(".board-word", timeout=180_000)
    tab.page.locator(".board").scroll_into_view_if_needed()


def keep(tab, author: str) -> None:
    box = tab.page.get_by_role("textbox", name="Author")
    box.fill(author)
    box.press("Enter")
    settled(tab)
    tab.page.get_by_role("button", name="Keep these links").click()
    settled(tab)


def test_an_urdu_pair_is_linked_by_mouse_kept_and_scored(new_tab, stored_app):
    tab = new_tab()
    open_board(tab, f"{stored_app}/alignment?{URDU}")
    assert tab.page.locator(".board-target").get_attribute("dir") == "rtl"
    first, second = (words(tab, 1).nth(at).bounding_box() for at in (0, 1))
    assert first["x"] > second["x"], "Urdu reads from the right"
    words(tab, 0).nth(0).click()
    words(tab, 1).nth(0).click()
    assert drawn(tab) == 1 and tab.page.locator(".board-lines path.sure").count() == 1
    tab.page.locator(".board-possible").click()
    start, end = words(tab, 0).nth(1).bounding_box(), words(tab, 1).nth(1).bounding_box()
    tab.page.mouse.move(start["x"] + 5, start["y"] + 5)
    tab.page.mouse.down()
    tab.page.mouse.move(end["x"] + 5, end["y"] + 5, steps=4)
    tab.page.mouse.up()
    assert drawn(tab) == 2 and tab.page.locator(".board-lines path.possible").count() == 1
    tab.page.locator(".board-undo").click()
    assert drawn(tab) == 1
    tab.page.get_by_role("button", name="Redo").click()
    assert drawn(tab) == 2
    settled(tab)
    said = tab.text()
    assert "1 sure and 1 possible links drawn" in said and "AER ×100 over this one" in said
    with tab.page.expect_download(timeout=30_000) as coming:
        tab.page.get_by_role("button", name="These links (Pharaoh)").click()
    with open(coming.value.path(), encoding="utf-8") as file:
        assert file.read() == "0-0 1p1\n"
    tab.page.get_by_role("button", name="Keep these links").click()
    tab.page.get_by_text("Say whose links these are").wait_for(timeout=60_000)
    keep(tab, "Amina K.")
    assert "Kept: 2 links by Amina K." in tab.text() and "Gold of your own: 1 pair" in tab.text()
    tab.page.get_by_text("Score the arms over all of it").click()
    settled(tab)
    assert "over all pairs that are kept" in tab.text()
    again = new_tab()
    open_board(again, f"{stored_app}/alignment?{URDU}")
    assert drawn(again) == 2, "what was kept is what the board begins with"
    with again.page.expect_download(timeout=30_000) as coming:
        again.page.get_by_role("button", name="Gold links (Pharaoh)").click()
    with open(coming.value.path(), encoding="utf-8") as file:
        assert "0-0 1p1" in file.read()


def test_a_thai_pair_is_linked_by_keyboard(new_tab, empty_app):
    tab = new_tab()
    open_board(tab, f"{empty_app}/alignment?{THAI}")
    keys = tab.page.keyboard
    words(tab, 0).nth(0).focus()
    keys.press("ArrowRight")
    keys.press("Enter")
    assert words(tab, 0).nth(1).get_attribute("aria-pressed") == "true"
    keys.press("ArrowDown")
    keys.press("Enter")
    keys.press("ArrowRight")
    keys.press("p")
    keys.press(" ")
    assert tab.page.locator(".board-live").inner_text().endswith("linked, possible")
    paths = tab.page.locator(".board-lines path")
    assert [paths.nth(at).get_attribute("data-pair") for at in range(paths.count())] == ["1 0", "1 1"]
    assert [paths.nth(at).get_attribute("class") for at in range(2)] == ["sure own", "possible own"]
    keys.press("Control+z")
    assert drawn(tab) == 1
    keys.press("Control+y")
    assert drawn(tab) == 2
    keys.press("Delete")
    assert drawn(tab) == 1
    keys.press("u")
    keys.press("Escape")
    assert drawn(tab) == 2 and words(tab, 0).nth(1).get_attribute("aria-pressed") == "false"
    settled(tab)
    assert "1 sure and 1 possible links drawn" in tab.text()
    assert words(tab, 1).nth(1).evaluate("e => document.activeElement === e"), "the focus stays where it was"
    keep(tab, "สมชาย")
    assert "Kept: 2 links by สมชาย." in tab.text()


@pytest.mark.parametrize(("width", "scheme"), [(1440, "light"), (900, "dark"), (390, "light"), (390, "dark")])
@pytest.mark.parametrize(("name", "link"), [("ur", URDU), ("th", THAI)])
def test_the_board_fits_the_window(new_tab, empty_app, width, scheme, name, link):
    tab = new_tab(width, scheme)
    open_board(tab, f"{empty_app}/alignment?{link}")
    for at in range(3):
        words(tab, 0).nth(at).click()
        words(tab, 1).nth(at).click()
        words(tab, 0).nth(at).click()
    overflow = tab.page.evaluate(
        "(() => { const m = document.querySelector('[data-testid=stMain]'); return m.scrollWidth - m.clientWidth; })()"
    )
    assert overflow <= 1 and drawn(tab) >= 3
    room = tab.page.locator(".board").bounding_box()
    for box in words(tab, 1).all():
        inner = box.bounding_box()
        assert inner["x"] >= room["x"] - 1 and inner["x"] + inner["width"] <= room["x"] + room["width"] + 1
    settled(tab)
    tab.save(f"drawing-{name}-{width}-{scheme}")
