"""Drawing links: what the board is given, what it is believed, and what was kept comes back."""

from __future__ import annotations

import json

import pytest

from core.data.links import SentenceLinks
from core.workspace import open_workspace
from pages.parts.alignment.board import read_drawn
from store.user.drawn_gold import keep_gold, list_gold
from tests.support.page_text import check_whole, words

SIDES = (["The", "cat"], ["بلی", "سوتی", "ہے"])
START = SentenceLinks(frozenset({(0, 0)}), frozenset({(0, 0)}))


def boards(page):
    found = [json.loads(element.proto.json) for element in page.get("bidi_component")]
    return [one for one in found if "sides" in one]


@pytest.mark.parametrize(
    ("text", "links"),
    [
        ("v|1-2 0p1", SentenceLinks(frozenset({(1, 2)}), frozenset({(1, 2), (0, 1)}))),
        ("v|", SentenceLinks(frozenset(), frozenset())),
        ("", START), ("other|1-1", START), ("v|<script>", START), ("v|1-1 nonsense", START),
        ("v|9-9 0-1 99999999999-0", START), ("v|9-9 0-1", SentenceLinks(frozenset({(0, 1)}), frozenset({(0, 1)}))),
    ],
)  # fmt: skip
def test_what_a_browser_tells_is_links_of_this_board_or_nothing(text, links):
    assert read_drawn(text, "v", SIDES, START) == links


@pytest.mark.slow
def test_the_board_stands_behind_its_switch_and_begins_with_what_was_kept(open_page, tmp_path):
    workspace = open_workspace(tmp_path / "home")
    plain = open_page(workspace, "alignment", language="Urdu (ur)", tab="Draw links")
    check_whole(plain)
    assert not boards(plain) and "Draw links of your own" in " ".join(one.value for one in plain.subheader)
    page = open_page(workspace, "alignment", language="Urdu (ur)", draw="true")
    check_whole(page)
    (board,) = boards(page)
    assert [side["rtl"] for side in board["sides"]] == [False, True] and board["links"] == []
    assert "Nothing is drawn yet" in words(page)
    source, target = (side["words"] for side in board["sides"])
    links = SentenceLinks(frozenset({(0, 0)}), frozenset({(0, 0), (1, 1)}))
    keep_gold(workspace, source, target, ("en", "ur"), links, "Amina <b>K</b>")
    again = open_page(workspace, "alignment", language="Urdu (ur)", draw="true")
    check_whole(again)
    (board,) = boards(again)
    assert board["links"] == [["0 0", "s"], ["1 1", "p"]]
    assert "1 sure and 1 possible links drawn" in words(again)
    tables = [frame.value for frame in again.dataframe if "missed" in frame.value]
    assert tables and tables[0]["hit"].iloc[0] + tables[0]["missed"].iloc[0] >= 1
    assert [one.author for one in list_gold(workspace)] == ["Amina <b>K</b>"]
    other = open_page(workspace, "alignment", language="Thai (th)", draw="true")
    assert boards(other)[0]["links"] == [], "kept links are of their own pair"
