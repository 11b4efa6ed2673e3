"""Links that people drew: kept by pair and author, given back, exported, deleted, each act in the audit."""

from __future__ import annotations

import pytest

from core.data.gold_alignment import read_links
from core.data.links import SentenceLinks
from core.errors import BadInput
from store.connection import reading
from store.user.database import user_database
from store.user.drawn_gold import MOST_WORDS, delete_gold, keep_gold, list_gold, pharaoh_files

SURE = frozenset({(0, 0), (2, 1)})
LINKS = SentenceLinks(SURE, SURE | {(1, 1)})
PAIR = (["The", "cat", "sleeps"], ["بلی", "سوتی"])


def test_links_are_kept_by_pair_and_author_and_replaced(workspace):
    assert list_gold(workspace) == []
    first = keep_gold(workspace, *PAIR, ("en", "ur"), LINKS, "  Amina  K. ")
    other = keep_gold(workspace, *PAIR, ("en", "ur"), LINKS, "'); DROP TABLE drawn_gold; --")
    again = keep_gold(workspace, *PAIR, ("en", "ur"), SentenceLinks(frozenset(), frozenset({(1, 0)})), "Amina K.")
    assert first == again != other
    kept = {one.author: one for one in list_gold(workspace)}
    assert set(kept) == {"Amina K.", "'); DROP TABLE drawn_gold; --"}
    assert kept["Amina K."].links == SentenceLinks(frozenset(), frozenset({(1, 0)}))
    assert kept["Amina K."].source == tuple(PAIR[0]) and kept["Amina K."].target_language == "ur"
    delete_gold(workspace, first)
    delete_gold(workspace, first)
    assert [one.gold_id for one in list_gold(workspace)] == [other]
    with reading(user_database(workspace)) as con:
        acts = [what for (what,) in con.execute("SELECT what FROM audit").fetchall()]
    assert acts.count("links drawn") == 3 and acts.count("drawn links deleted") == 1


def test_what_is_exported_is_read_back(workspace, tmp_path):
    keep_gold(workspace, *PAIR, ("en", "ur"), LINKS, "A")
    links, table = pharaoh_files(list_gold(workspace))
    assert links == "0-0 1p1 2-1\n"
    (tmp_path / "own.tsv").write_text(table, encoding="utf-8")
    (tmp_path / "own.gold").write_text(links, encoding="utf-8")
    for name in ("own.tsv", "own.gold"):
        assert read_links(tmp_path / name).links == (LINKS,)
    assert read_links(tmp_path / "own.tsv").pairs == ((PAIR[0], PAIR[1]),)


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"author": " \n "}, "author's name"),
        ({"author": "x" * 81}, "81 characters"),
        ({"source": ["a"] * (MOST_WORDS + 1)}, "512 words"),
        ({"target": []}, "512 words"),
        ({"links": SentenceLinks(frozenset(), frozenset({(0, 5)}))}, "outside the pair"),
    ],
)
def test_what_cannot_be_kept_is_told(workspace, change, says):
    given = {"source": PAIR[0], "target": PAIR[1], "links": LINKS, "author": "A"} | change
    with pytest.raises(BadInput, match=says):
        keep_gold(workspace, given["source"], given["target"], ("", ""), given["links"], given["author"])
    assert not workspace.user.exists() or list_gold(workspace) == []
