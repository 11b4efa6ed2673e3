"""Marks read back from a CSV: what is kept, what is told, what is refused."""

from __future__ import annotations

import pytest

from core.errors import BadInput
from core.exchange.marks_file import MOST_BYTES, read_marks_file

CODES = {"en", "sw", "ur"}


def test_marks_come_back_and_rows_that_are_none_are_told():
    content = (
        '\ufeffItem,language,reason,note\r\n3,sw,"two, lines\nhere",x\r\n4,,\'=wrong,\r\n5,xx,no,\r\n-1,,a,\r\n'
        "6,ur,,\r\n3,sw,again,\r\n7,," + "y" * 501 + ",\r\n"
    )
    found = read_marks_file(content.encode(), CODES)
    assert found.marks == ((3, "sw", "two, lines here"), (4, "", "=wrong"))
    assert [sentence.partition(":")[0] for sentence in found.unread] == [f"row {k}" for k in (3, 4, 5, 6, 7)]
    assert "'xx' was not read" in found.unread[0] and "is no number" in found.unread[1]
    assert "is empty" in found.unread[2] and "second time" in found.unread[3] and "501" in found.unread[4]


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"id,why\n1,x\n", "Marks need the columns item and reason"),
        (b"", "this file has none"),
        (b"item,reason\n1,\xff\n", "not UTF-8"),
        (b"item,reason\n1,\0\n", "null bytes"),
        (b"x" * (MOST_BYTES + 1), "4,000,001 bytes"),
    ],
)
def test_what_is_no_file_of_marks_is_refused_in_a_sentence(content, said):
    with pytest.raises(BadInput, match=said):
        read_marks_file(content, CODES)
