"""Files of links: Pharaoh, Talp, NAACL, TSV; bases, ranges and files that are none of them."""

from __future__ import annotations

import pytest

from core.data.gold_alignment import gold_sets, read_links
from core.data.pharaoh import format_links
from core.errors import BadInput

PAIRS = "a b c ||| d e\nf ||| g h i\n"


def write(folder, name, text):
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def test_pharaoh_from_0_with_possible_links_and_scores(tmp_path):
    found = read_links(write(tmp_path, "g", "0-0 1p1 2?1\n\n0-2:0.913 0P1\n"))
    assert found.base == 0 and len(found.links) == 3
    assert found.links[0].sure == {(0, 0)} and found.links[0].possible == {(0, 0), (1, 1), (2, 1)}
    assert found.links[1].possible == frozenset()
    assert found.links[2].sure == {(0, 2)} and found.links[2].possible == {(0, 2), (0, 1)}


def test_an_index_0_proves_base_0_unless_another_is_stated(tmp_path):
    path = write(tmp_path, "g", "0-1 2-2\n")
    assert read_links(path).base == 0 and not read_links(path).notes
    stated = read_links(path, base=1)
    assert stated.base == 1 and stated.links[0].sure == {(1, 1)} and not stated.problems
    assert stated.notes == ("1 link of g to the empty word (index 0) left out",)


def test_a_sentences_last_index_proves_base_1(tmp_path):
    write(tmp_path, "x.src-tgt", PAIRS)
    found = read_links(write(tmp_path, "x.gold", "1-1 3-2\n1-3\n"))
    assert found.base == 1 and found.links[0].sure == {(0, 0), (2, 1)} and found.links[1].sure == {(0, 2)}
    assert found.pairs == ((["a", "b", "c"], ["d", "e"]), (["f"], ["g", "h", "i"]))


def test_where_nothing_proves_the_base_it_is_asked_for(tmp_path):
    path = write(tmp_path, "g", "1-1 2-2\n")
    with pytest.raises(BadInput, match="--base 0 or --base 1"):
        read_links(path)
    assert read_links(path, base=1).links[0].sure == {(0, 0), (1, 1)}
    assert read_links(path, base=0).links[0].sure == {(1, 1), (2, 2)}


def test_links_out_of_range_are_told_with_their_line_and_left_out(tmp_path):
    write(tmp_path, "x.src-tgt", PAIRS)
    path = write(tmp_path, "x.gold", "0-0 3-1\n0-7\n")
    found = read_links(path)
    assert [problem.line for problem in found.problems] == [1, 2]
    assert "0-7 is out of range in a pair of 1 and 3 words" in found.problems[1].reason
    assert found.links[0].possible == {(0, 0)} and not found.links[1].possible


def test_talp_counts_from_1_and_its_0_is_the_empty_word(tmp_path):
    found = read_links(write(tmp_path, "g", "1s1 2p3 0s2\n4s4\n"))
    assert found.base == 1
    assert found.links[0].sure == {(0, 0)} and found.links[0].possible == {(0, 0), (1, 2)}
    assert found.links[1].sure == {(3, 3)}


def test_naacl_and_talp_count_from_0_where_that_is_stated_or_proved(tmp_path):
    text = "1 0 0 S\n1 1 1 P\n1 0 2 S\n"
    for base in (None, 0):
        found = read_links(write(tmp_path, "g.wa", text), base)
        assert found.base == 0 and found.links[0].possible == {(0, 0), (1, 1), (0, 2)}
    assert read_links(tmp_path / "g.wa", 1).links[0].possible == {(0, 0)}
    assert read_links(write(tmp_path, "t", "1s1 0s2\n"), 0).links[0].sure == {(1, 1), (0, 2)}


def test_what_a_link_is_may_stand_at_its_end(tmp_path):
    found = read_links(write(tmp_path, "g", "0-0S 1-1P 2-2s:0.5\n"))
    assert found.links[0].sure == {(0, 0), (2, 2)} and (1, 1) in found.links[0].possible


def test_identifiers_and_headers_are_told(tmp_path):
    found = read_links(write(tmp_path, "g", "id\tlinks\na\t0-0 1-1\nb\t\n\nc\t0-2\n"))
    assert [sorted(one.sure) for one in found.links] == [[(0, 0), (1, 1)], [], [], [(0, 2)]]
    assert found.notes == (
        "the header of g was passed over", "the first column of g was taken for the sentences' identifiers",
    )  # fmt: skip
    table = read_links(write(tmp_path, "t.tsv", "source\ttarget\tlinks\na b\tc\t0-0\tchecked\n"))
    assert table.header and len(table.links) == 2 and len(table.without_header().links) == 1
    assert table.notes[1] == "1 rows of t.tsv hold more than source, target and links, which alone count"
    chosen = read_links(write(tmp_path, "c.tsv", "7\t0-0\ta b\tc\n"), columns=(3, 4, 2))
    assert chosen.pairs == ((["a", "b"], ["c"]),) and chosen.links[0].sure == {(0, 0)}


def test_links_outside_are_left_out_of_both_files_alike(tmp_path):
    write(tmp_path, "x.src-tgt", PAIRS)
    gold = read_links(write(tmp_path, "x.gold", "0-0 3-1\n0-1\n"))
    system = read_links(tmp_path / "x.gold", lengths=[(3, 2), (1, 3)])
    assert gold.links == system.links and gold.problems == system.problems


def test_naacl_numbers_sentences_and_words_from_1(tmp_path):
    text = "0001 1 1 S\n0001 2 3 P\n0001 0 2 S\n0003 1 1\n0003 2 2 P 0.5\n"
    found = read_links(write(tmp_path, "g.wa", text))
    assert found.base == 1 and len(found.links) == 3
    assert found.links[0].sure == {(0, 0)} and found.links[0].possible == {(0, 0), (1, 2)}
    assert not found.links[1].possible and found.links[2].sure == {(0, 0)}
    write(tmp_path, "h.src-tgt", "a ||| b\n" * 4)
    beside = read_links(write(tmp_path, "h.wa", text))
    assert len(beside.links) == 4 and [problem.line for problem in beside.problems] == [2, 5]
    assert beside.notes == ("1 link of h.wa to the empty word (index 0) left out",)


def test_a_table_brings_its_sentences(tmp_path):
    found = read_links(write(tmp_path, "dev.tsv", "a b\tc d e\t0-0 1-2\t\t\nf\tg\t\n\nh\ti\t0-1\n"))
    assert found.base == 0 and found.pairs[0] == (["a", "b"], ["c", "d", "e"])
    assert found.links[0].sure == {(0, 0), (1, 2)} and not found.links[1].sure and not found.links[2].sure
    assert [problem.line for problem in found.problems] == [4]


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("the cat\nsat\n", "line 1: these are no links"),
        ("0-0 1-1\n0-0 nonsense\n", "line 2: 'nonsense' is not a link"),
        ("0-0 1--1\n", "line 1: these are no links"),
        ("1 1 1 S\n1 x 2 S\n", "line 2: not a link"),
        ("a\tb\n", "line 1: 2 columns ('a', 'b')"),
        ("1\ta\tb\t0-0\n", "column 4 holds links: say which are meant by --columns"),
        ("a\t0-0\nb\tc d\n", "line 2: 'b\\tc d' is not an identifier"),
        ("a\tb\t0-0\nc\td\tno links\n", "line 2: the third column"),
        ("9" * 5000 + "-0\n", "line 1: these are no links"),
    ],
)
def test_what_is_no_file_of_links_is_told_with_its_line(tmp_path, text, says):
    with pytest.raises(BadInput) as told:
        read_links(write(tmp_path, "g", text))
    assert says in str(told.value) and "\n" not in str(told.value)


def test_text_of_another_length_is_told(tmp_path):
    text = write(tmp_path, "t", "a ||| b\n")
    with pytest.raises(BadInput, match="need the same number"):
        read_links(write(tmp_path, "g", "0-0\n0-0\n"), text=text)


def test_an_empty_file_of_links_is_no_links(tmp_path):
    found = read_links(write(tmp_path, "g", "\n\n"))
    assert len(found.links) == 2 and not any(one.possible for one in found.links)


def test_what_is_written_is_read_back(tmp_path):
    links = [(3, 1), (0, 2)]
    text = format_links(links, [0.5, 0.25])
    assert text == "0-2:0.250 3-1:0.500"
    assert read_links(write(tmp_path, "g", text + "\n")).links[0].sure == set(links)


@pytest.mark.data
def test_the_real_gold_sets(data_dir):
    from core.data.catalog import open_catalog

    sets = {(gold.name, gold.label): gold for gold in gold_sets(open_catalog(data_dir))}
    assert len(sets) == 14
    for (name, label), sentences in {("awesome-align gold", "en-fr"): 447, ("awesome-align gold", "ro-en"): 248,
                                     ("awesome-align gold", "zh-en"): 450, ("awesome-align gold", "ja-en"): 582,
                                     ("XL-WA", "en-ru"): 210}.items():  # fmt: skip
        gold = sets[name, label]
        assert len(gold.file.links) == sentences == len(gold.file.pairs)
        assert gold.file.base == (0 if name == "XL-WA" else 1)
        assert len(gold.file.problems) == (6 if label == "ja-en" else 0), label
    assert any(one.possible > one.sure for one in sets["awesome-align gold", "en-fr"].file.links)
    assert sum(len(gold.file.links) for gold in gold_sets(open_catalog(data_dir), "validation")) == 1033
