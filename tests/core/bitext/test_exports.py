"""What is exported comes back as it was: two hundred nasty pairs through every format."""

from __future__ import annotations

import pytest

from core.bitext.formats import WRITTEN
from core.bitext.reading import open_bitext, read
from core.bitext.records import Layout, Pair, without_line_ends
from core.bitext.training import add_to_data
from core.bitext.writing import write_file
from core.data.text import read_lines
from tests.support.nasty_pairs import SPACES, nasty_pairs


def through(tmp_path, form, pairs, packed=""):
    path = tmp_path / f"out{WRITTEN[form].ending}{packed}"
    written = write_file(path, form, iter(pairs), ("en", "fr"))
    opened = open_bitext([path])
    source, target = (column.name for column in opened.columns)
    found = list(read(opened, Layout(source, target)))
    assert all(isinstance(one, Pair) for one in found), [one for one in found if not isinstance(one, Pair)]
    return [(one.source, one.target) for one in found], written


def told(found, expected):
    return [(a, b) for a, b in zip(found, expected, strict=False) if a != b][:5]


@pytest.mark.parametrize("form", WRITTEN)
def test_two_hundred_nasty_pairs_come_back_as_they_were(tmp_path, form):
    pairs = nasty_pairs()
    assert len(pairs) == len(set(pairs)) == 200
    found, written = through(tmp_path, form, pairs)
    if form == "moses":  # a text is a line there, which is told
        expected = [tuple(map(without_line_ends, pair)) for pair in pairs]
        assert (
            written.changed
            == sum(
                side != other for a, b in zip(pairs, expected, strict=True) for side, other in zip(a, b, strict=True)
            )
            > 10
        )
    else:
        expected = pairs
        assert written.changed == 0
    assert written.pairs == 200 and found == expected, told(found, expected)


@pytest.mark.parametrize("form", WRITTEN)
def test_pairs_of_a_line_come_back_from_every_format(tmp_path, form):
    pairs = nasty_pairs(lines=False)
    found, written = through(tmp_path, form, pairs, ".gz" if form not in ("moses", "parquet") else "")
    assert found == pairs and written.changed == 0, told(found, pairs)


def test_a_table_with_tabs_is_quoted_only_where_it_has_to_be(tmp_path):
    path = tmp_path / "out.tsv"
    write_file(path, "tsv", iter(SPACES), ("en", "fr"))
    assert '"' not in path.read_text(encoding="utf-8")
    write_file(path, "tsv", iter([*SPACES, ("a\tb", "c")]), ("en", "fr"))
    assert path.read_text(encoding="utf-8").startswith('"en"\t"fr"\n"Are you there?"')


@pytest.mark.parametrize("quoted", [1, 400])
def test_texts_that_stand_in_quotes_keep_them(tmp_path, quoted):
    pairs = [(f"Line {i}", f"Ligne {i}") for i in range(quoted - 1)] + [('"Never mind."', '"Peu importe."')]
    assert through(tmp_path, "tsv", pairs)[0] == pairs


def test_what_xml_cannot_hold_is_told(tmp_path):
    found, written = through(tmp_path, "tmx", [("a\x0bb", "c"), ("d", "e")])
    assert found == [("ab", "c"), ("d", "e")] and written.changed == 1


def test_line_ends_of_other_systems_become_one_kind(tmp_path):
    for form in ("csv", "tsv"):
        found, written = through(tmp_path, form, [("a\r\nb", "c\rd")])
        assert found == [("a\nb", "c\nd")] and written.changed == 2


def test_training_bitext_keeps_its_spaces(tmp_path):
    place = add_to_data(tmp_path, "mine", "abc", ("en", "fr"), "", iter(SPACES))
    assert read_lines(place / "text.fr") == [target for _, target in SPACES]
