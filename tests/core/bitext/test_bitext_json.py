"""JSON as data sets and programs write it: arrays, maps, nested records, and what is no bitext."""

from __future__ import annotations

import json

import pytest

from core.bitext.propose import propose
from core.bitext.reading import open_bitext, read
from core.bitext.records import Pair, Unreadable
from core.errors import BadInput
from tests.support.bitext_tools import EN_DE

LEFT, RIGHT = [a for a, _ in EN_DE], [b for _, b in EN_DE]
RECORDS = [{"en": a, "de": b} for a, b in EN_DE]
SHAPES = {
    "an array of objects": RECORDS,
    "an array of lists": [[a, b] for a, b in EN_DE],
    "an array of lists with more": [["en", "de", i, a, b] for i, (a, b) in enumerate(EN_DE)],
    "records under a key": {"version": 2, "licence": {"name": "CC0"}, "data": RECORDS},
    "records deep down": {"result": {"pages": {"rows": RECORDS}}},
    "records with their translation inside": {"rows": [{"row": {"translation": record}} for record in RECORDS]},
    "a map of records": {f"item-{i}": record for i, record in enumerate(RECORDS)},
    "a map for each language": {"en": dict(enumerate(LEFT)), "de": dict(enumerate(RIGHT))},
    "a list for each language": {"translations": {"source": LEFT, "target": RIGHT}},
    "nested maps for each language": {
        "en": {"menu": {str(i): text for i, text in enumerate(LEFT[:5])}, "rest": LEFT[5:]},
        "de": {"menu": {str(i): text for i, text in enumerate(RIGHT[:5])}, "rest": RIGHT[5:]},
    },
    "a map from text to text": dict(EN_DE),
}


def opened_as(tmp_path, document, name="a.json", codec="utf-8"):
    path = tmp_path / name
    path.write_bytes(
        document if isinstance(document, bytes) else json.dumps(document, ensure_ascii=False).encode(codec)
    )
    return open_bitext([path])


def pairs_of(opened):
    found = list(read(opened, propose(opened).layout))
    return [one[1:3] for one in found if isinstance(one, Pair)], [one for one in found if isinstance(one, Unreadable)]


@pytest.mark.parametrize("shape", SHAPES)
def test_a_document_of_any_shape_is_read(shape, tmp_path):
    opened = opened_as(tmp_path, SHAPES[shape])
    layout = propose(opened).layout
    assert (opened.format, layout.source_language, layout.target_language) == ("json", "en", "de")
    assert pairs_of(opened) == (EN_DE, [])


@pytest.mark.parametrize("codec", ["utf-16", "utf-8-sig", "cp1252", "utf-32"])
def test_a_document_in_another_encoding(codec, tmp_path):
    assert pairs_of(opened_as(tmp_path, RECORDS, codec=codec)) == (EN_DE, [])


def test_lines_and_a_document_are_told_apart_whatever_the_name(tmp_path):
    lines = "\n".join(json.dumps(record) for record in RECORDS).encode()
    assert opened_as(tmp_path, lines, "a.json").format == "jsonl"
    assert opened_as(tmp_path, lines[: lines.index(b"\n")] * 1, "a.jsonl").format == "jsonl"
    assert opened_as(tmp_path, RECORDS, "a.txt").format == "json"
    spread = json.dumps(RECORDS, indent=2).encode()
    assert opened_as(tmp_path, spread, "a.txt").format == "json"


def test_half_of_a_character_is_one_unreadable_record(tmp_path):
    spoilt = [*RECORDS[:3], {"en": "bad \ud800 half", "de": "x"}, *RECORDS[3:]]
    as_lines = "\n".join(json.dumps(record) for record in spoilt).encode()
    for document, name in ((json.dumps(spoilt).encode(), "a.json"), (as_lines, "a.jsonl")):
        pairs, errors = pairs_of(opened_as(tmp_path, document, name))
        assert pairs == EN_DE and [error.line for error in errors] == [4] and "half of a character" in errors[0].reason
    whole = [*RECORDS, {"en": "a smile \U0001f600", "de": "\\ud800 spelt out"}]
    assert pairs_of(opened_as(tmp_path, json.dumps(whole).encode()))[0][-1] == (
        "a smile \U0001f600",
        "\\ud800 spelt out",
    )


def test_a_text_that_is_too_long_is_one_unreadable_record(tmp_path):
    long = "x" * (1 << 20) + "y"
    for document in (
        [*RECORDS, {"en": long, "de": "z"}],
        {"en": [*LEFT, long], "de": [*RIGHT, "z"]},
        dict(EN_DE) | {"a b": long},
    ):
        pairs, errors = pairs_of(opened_as(tmp_path, document))
        assert pairs == EN_DE and errors == [Unreadable(11, "a text in it is longer than 1 MB")]


def test_what_breaks_off_is_read_up_to_there(tmp_path):
    content = json.dumps(RECORDS).encode()
    pairs, errors = pairs_of(opened_as(tmp_path, content[: content.index(b"narrow valley")]))
    assert pairs == EN_DE[:6] and errors == [
        Unreadable(7, "from here on it is not JSON; nothing after it could be read")
    ]


def test_records_without_a_side_are_told(tmp_path):
    pairs, errors = pairs_of(opened_as(tmp_path, [*RECORDS, {"en": "alone"}, 5]))
    assert pairs == EN_DE and [error.reason for error in errors] == [
        "it has no text under 'de'",
        "it is JSON, but not an object",
    ]
    pairs, errors = pairs_of(opened_as(tmp_path, {"en": {"a": "x", "b": "y"}, "de": {"a": "z"}}))
    assert pairs == [("x", "z")] and errors[0].reason == "'b' has no text in 'de'"


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"menu": {"open": "Datei öffnen", "close": "Schließen"}}, "holds texts of one language under keys"),
        ({f"menu.{i}": text for i, text in enumerate(RIGHT)}, "holds texts of one language under keys"),
        ([1, 2, 3], "no records with two texts"),
        ([{"en": "a"}], "do not hold two texts each"),
        (b"hello", "is not JSON"),
        (b"[" * 500_000, "nests its values"),
        (b'[{"en":"a","de":"b"},' + b'{"a":' * 500_000, "nests its values"),
    ],
)
def test_what_is_no_bitext_is_named(document, says, tmp_path):
    with pytest.raises(BadInput, match=says):
        opened_as(tmp_path, document)
