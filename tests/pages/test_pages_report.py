"""The report page and the presentation: they say what the store holds, and what cannot be done in one sentence."""

from __future__ import annotations

from pathlib import Path

import pytest

from pages.parts.tour import STEPS
from tests.support.page_text import check_whole, words


def test_the_report_page_says_the_verdict_and_offers_both_files(open_page, stored_workspace):
    page = open_page(stored_workspace, "report")
    check_whole(page)
    assert "adversarial are described, not tested (one run against one run says nothing" in words(page)
    assert words(page).index("No recommendation yet.") < words(page).index("described, not tested")
    assert "No token plan is shown" in words(page)
    assert [button.proto.label for button in page.get("download_button")] == ["HTML", "Slides"]
    (shown,) = [one.proto for one in page.get("bidi_component") if one.proto.component_name.endswith("preview")]
    assert "<!doctype html>" in str(shown)[:2_000_000]


@pytest.mark.parametrize(
    ("items", "told"),
    [("sw", "is not an item"), ("sw:99999", "No run shown read item 99999"), ("x y:1", "is not a language tag")],
)
def test_an_item_that_is_not_there_is_told_in_one_sentence(open_page, stored_workspace, items, told):
    page = open_page(stored_workspace, "report", items=items)
    page.text_input(key="items").set_value(items).run()
    check_whole(page)
    assert told in words(page)


def test_an_empty_store_says_how_to_fill_it(open_page, empty_workspace):
    for name in ("report", "present"):
        page = open_page(empty_workspace, name)
        check_whole(page)
        assert "No run is stored yet" in words(page) and "python -m core run --preset quick" in words(page)


@pytest.mark.parametrize("view", ["1", "2", "4", "99", "nothing", "-3"])
def test_every_view_of_the_presentation_is_whole(open_page, stored_workspace, view):
    page = open_page(stored_workspace, "present", view=view)
    check_whole(page)
    (shown,) = [one.proto for one in page.get("bidi_component") if one.proto.component_name.endswith("presenting")]
    assert "What to do next" in str(shown)
    assert ("The link asks for view" in words(page)) is (view in ("99", "nothing", "-3"))


def test_a_link_with_what_is_not_stored_shows_a_sentence_and_no_error(open_page, stored_workspace):
    page = open_page(stored_workspace, "present", arms="nothing", languages="<b>")
    check_whole(page)
    assert "is not a language tag" in words(page) or "No stored run has" in words(page)


def test_the_tours_steps_are_pages():
    root = Path(__file__).parents[2]
    assert all((root / "pages" / f"{page}.py").is_file() for page, *_ in STEPS)
