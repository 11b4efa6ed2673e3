"""A person's word links of a bitext: by stored pair or by line of its file, and the sentences of what is wrong."""

from __future__ import annotations

import pytest

from core.bitext.gold import link_pairs
from core.errors import BadInput

PAIRS = [("the cat sleeps", "paka analala"), ("two dogs", "mbwa wawili")]
LINES = [2, 5]


@pytest.fixture
def file(tmp_path):
    def write(*rows):
        path = tmp_path / "links"
        path.write_text("".join(f"{row}\n" for row in rows), encoding="utf-8")
        return path

    return write


def test_a_row_for_each_stored_pair(file):
    found = link_pairs(file("1-0 2-1 0p0", "0-1 1-0"), "gold.txt", LINES, PAIRS)
    assert found.base == 0 and not found.problems and set(found.links) == {0, 1}
    assert found.links[0].sure == {(1, 0), (2, 1)} and found.links[0].possible == {(1, 0), (2, 1), (0, 0)}


def test_a_row_for_each_line_of_the_file_and_words_counted_from_one(file):
    found = link_pairs(file("1-1", "2-1 3-2", "", "4-4", "1-2 2-1"), "gold.txt", LINES, PAIRS)
    assert found.base == 1 and not found.problems, "rows of pairs that were not stored are not looked at"
    assert found.links[0].sure == {(1, 0), (2, 1)} and found.links[1].sure == {(0, 1), (1, 0)}


def test_pairs_without_links_are_not_gold_and_links_outside_are_told(file):
    found = link_pairs(file("", "0-0 7-0"), "gold.txt", LINES, PAIRS)
    assert list(found.links) == [1] and found.links[1].sure == {(0, 0)}
    assert [(one.line, "7-0" in one.reason) for one in found.problems] == [(2, True)]


@pytest.mark.parametrize(
    ("rows", "base", "says"),
    [
        (("0-0", "0-1", "1-1"), None, "gold.txt has 3 lines; it needs one for each of the 2 stored pairs"),
        (("this is no link", "0-0"), None, "gold.txt, line 1: these are no links"),
        (("1-1", "1-1"), None, "say --base 0 or --base 1"),
        (("0-9", "0-9"), 0, "No link of gold.txt lies within the words of its pair"),
    ],
)
def test_what_is_wrong_is_said_with_the_files_own_name(file, rows, base, says):
    with pytest.raises(BadInput, match=says) as raised:
        link_pairs(file(*rows), "gold.txt", LINES, PAIRS, base)
    assert str(file(*rows)) not in str(raised.value)
