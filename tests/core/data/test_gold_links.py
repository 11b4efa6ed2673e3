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


def test_an_index_0_proves_base_0_even_against_the_option(tmp_path):
    assert read_links(write(tmp_path, "g", "0-1 2-2\n"), base=1).base == 0


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
    kept = read_links(path, keep_outside=True)
    assert kept.links[1].possible == {(0, 7)} and len(kept.problems) == 2


def test_talp_counts_from_1_and_its_0_is_the_empty_word(tmp_path):
    found = read_links(write(tmp_path, "g", "1s1 2p3 0s2\n4s4\n"))
    assert found.base == 1
    assert found.links[0].sure == {(0, 0)} and found.links[0].possible == {(0, 0), (1, 2)}
    assert found.links[1].sure == {(3, 3)}


def test_naacl_numbers_sentences_and_words_from_1(tmp_path):
    text = "0001 1 1 S\n0001 2 3 P\n0001 0 2 S\n0003 1 1\n0003 2 2 P 0.5\n"
    found = read_links(write(tmp_path, "g.wa", text))
    assert found.base == 1 and len(found.links) == 3
    assert found.links[0].sure == {(0, 0)} and found.links[0].possible == {(0, 0), (1, 2)}
    assert not found.links[1].possible and found.links[2].sure == {(0, 0)}
    write(tmp_path, "h.src-tgt", "a ||| b\n" * 4)
    beside = read_links(write(tmp_path, "h.wa", text))
    assert len(beside.links) == 4 and [problem.line for problem in beside.problems] == [2, 5]


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
        ("a\tb\n", "line 1: 2 columns"),
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
