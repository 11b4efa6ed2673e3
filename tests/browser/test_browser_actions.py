"""What only a browser shows: pictures and tables saved, marks clicked, links that keep the state."""

from __future__ import annotations

import csv
import io
from urllib.parse import parse_qs, urlsplit

import pytest

from core.verdict.recommendation import QUESTION


def _save(tab, click) -> bytes:
    with tab.page.expect_download(timeout=20_000) as coming:
        click()
    with open(coming.value.path(), "rb") as file:
        return file.read()


@pytest.mark.parametrize("name", ["", "errors", "alignment", "retrieval"])
def test_every_figure_saves_as_png_and_svg(new_tab, empty_app, name):
    tab = new_tab()
    tab.open(f"{empty_app}/{name}")
    for chosen, head in (("SVG", b"<svg"), ("PNG", b"\x89PNG")):
        tab.page.get_by_role("radio", name=chosen).click()
        tab.page.wait_for_timeout(1500)
        tab.rest()
        cameras = tab.page.locator('.modebar-btn[data-title*="ownload"]')
        assert cameras.count() == tab.page.locator(".js-plotly-plot").count()
        assert _save(tab, cameras.first.click).startswith(head)


def test_a_table_saves_as_csv(new_tab, stored_app):
    tab = new_tab()
    tab.open(stored_app)
    # The whole page stands, so that no button moves under the click.
    tab.page.get_by_text("Every arm in every language").wait_for()
    tab.rest()
    saved = _save(tab, tab.page.locator(".st-key-csv-accuracy button").click).decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(saved)))
    assert [row["Arm"] for row in rows] == ["english-only", "transport", "adversarial", "mean-matching"]
    assert 0 <= float(rows[0]["Swahili (sw)"]) <= 100


def test_a_mark_of_the_overview_opens_the_errors_behind_it(new_tab, stored_app):
    tab = new_tab()
    tab.open(stored_app)
    tab.click_mark(16)  # of the first screen's figure: English training alone has one a language, then transport
    tab.rest()
    assert tab.page.inner_text("h1") == "Errors"
    link = parse_qs(urlsplit(tab.page.url).query)
    assert link["outcome"] == ["wrong"]
    assert link["run"] == ["transport"] and link["languages"] == ["Russian (ru)"]
    tab.page.go_back()
    tab.page.wait_for_timeout(1500)
    assert tab.page.inner_text("h1") == QUESTION


def test_a_cell_of_the_confusion_filters_and_the_link_keeps_it(new_tab, stored_app):
    tab = new_tab()
    tab.open(f"{stored_app}/errors?view=Confusion", charts=4)
    tab.click_mark(5)
    tab.rest()
    link = parse_qs(urlsplit(tab.page.url).query)
    assert (link["gold"], link["predicted"]) == (["neutral"], ["contradiction"])
    assert link["run"] == ["english-only"]
    counted = tab.page.locator(".iso-finding").first.inner_text()
    again = new_tab()
    again.open(tab.page.url)
    assert again.page.locator(".iso-finding").first.inner_text() == counted
    assert not counted.startswith("135 ")


def test_a_row_opens_its_item(new_tab, stored_app):
    tab = new_tab()
    tab.open(f"{stored_app}/errors?languages=Thai (th)&run=transport")
    shown = tab.page.locator(".st-key-items canvas").first
    shown.scroll_into_view_if_needed()
    table = shown.bounding_box()
    tab.page.mouse.click(table["x"] + 18, table["y"] + 35 * 3 + 17)
    tab.page.wait_for_timeout(1500)
    tab.rest()
    assert parse_qs(urlsplit(tab.page.url).query)["row"] == ["2 th"]
    assert "Item 2, Thai, gold label contradiction" in tab.text()
    tab.page.get_by_role("button", name="In every language").click()
    tab.page.get_by_text("Item 2, gold label contradiction").wait_for(timeout=60_000)


def test_the_csv_of_a_list_holds_more_than_the_page_that_is_shown(new_tab, stored_app):
    tab = new_tab()
    tab.open(f"{stored_app}/errors?run=transport")
    button = tab.page.locator(".st-key-csv-items button")
    assert "CSV, all 135 predictions" in button.inner_text()
    rows = list(csv.DictReader(io.StringIO(_save(tab, button.click).decode("utf-8-sig"))))
    assert len(rows) == 135 and {row["run"] for row in rows} == {"transport"}
    assert len({(row["language"], row["item"]) for row in rows}) == 135 and all(row["premise"] for row in rows)
