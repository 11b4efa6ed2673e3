"""Links keep their promise: what an address asks for is bounded, and what is not here is told."""

from __future__ import annotations

import pytest

from tests.support.page_text import check_whole, words

DIGITS = "9" * 5000


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("errors", {"item": DIGITS}), ("errors", {"page": "1e999"}), ("alignment", {"layer": DIGITS}),
        ("alignment", {"word": f"first {DIGITS}: a"}), ("report", {"items": f"sw:{DIGITS}"}),
        ("present", {"view": DIGITS}), ("representations", {"layer": "nan"}), ("overview", {"split": "x" * 5000}),
        ("retrieval", {"components": DIGITS}),
    ],
)  # fmt: skip
def test_what_is_too_long_or_no_number_is_left_out_and_told(open_page, stored_workspace, page, link):
    opened = open_page(stored_workspace, page, **link)
    check_whole(opened)
    assert "is left out" in words(opened) or "is not an item" in words(opened)


@pytest.mark.parametrize(
    ("page", "link", "told"),
    [
        ("errors", {"outcome": "perhaps"}, "The link asks for outcome “perhaps”, which is not here"),
        ("errors", {"languages": "Klingon (tlh)"}, "The link asks for languages “Klingon (tlh)”, which is not here"),
        ("overview", {"group": "nothing"}, "The link asks for group “nothing”, which is not here"),
        ("overview", {"order": "colour"}, "The link asks for order “colour”, which is not here; “web text” is shown"),
        ("overview", {"tab": "Because"}, "The link asks for tab “Because”, which is not here"),
        ("retrieval", {"collection": "your bitext: 0"}, "The link asks for collection “your bitext: 0”"),
        ("representations", {"left": "nobody"}, "The link asks for left “nobody”, which is not here"),
        ("present", {"view": "77777"}, "The link asks for view “77777”, and there are 1 to"),
    ],
)
def test_an_unknown_value_is_told(open_page, stored_workspace, page, link, told):
    opened = open_page(stored_workspace, page, **link)
    check_whole(opened)
    assert told in words(opened)


@pytest.mark.parametrize(
    ("page", "link"),
    [
        ("overview", {"order": "effect", "tab": "Languages"}), ("overview", {"order": "web text"}),
        ("errors", {"outcome": "wrong", "languages": "Swahili (sw)", "run": "transport"}),
        ("alignment", {"language": "Thai (th)", "layer": "12"}), ("retrieval", {"direction": "from English"}),
    ],
)  # fmt: skip
def test_a_link_that_is_kept_is_not_spoken_of(open_page, stored_workspace, page, link):
    opened = open_page(stored_workspace, page, **link)
    check_whole(opened)
    assert "The link asks for" not in words(opened)
