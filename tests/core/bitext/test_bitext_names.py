"""What names and first rows tell, and where the content contradicts them."""

from __future__ import annotations

import pytest

from core.bitext.headers import is_header
from core.bitext.names import language_in, language_of_file, plain_tag, tag
from core.bitext.propose import CODES, NUMBERS, PHRASE, propose
from core.bitext.reading import open_bitext, read
from core.bitext.records import Layout, Pair
from tests.support.bitext_tools import EN_DE, zipped

BELOW = [list(pair) for pair in EN_DE]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("id", "id"),
        ("is", "is"),
        ("no", "no"),
        ("or", "or"),
        ("as", "as"),
        ("to", "to"),
        ("ceb", "ceb"),
        ("ast", "ast"),
        ("fil", "fil"),
        ("hsb", "hsb"),
        ("ckb", "ckb"),
        ("zh_cn", "zh-CN"),
        ("eng_Latn", "en"),
        ("srp_Latn", "sr-Latn"),
        ("kmb_Latn", "kmb"),
        ("EN", "en"),
        ("sr-Latn-RS", "sr-Latn-RS"),
        ("es-419", "es-419"),
        ("nob", "nb"),
        ("ids", None),
        ("txt", None),
        ("Hi", None),
        ("src", None),
        ("readme", None),
        ("", None),
        ("12", None),
    ],
)
def test_codes_of_any_list_are_known(code, expected):
    assert tag(code) == expected


def test_names_tell_languages_and_words_do_not():
    told = {"German sentence": "de", "anglais": "en", "Kiswahili": "sw", "Upper Sorbian": "hsb", "text_sw": "sw"}
    assert {name: language_in(name) for name in told} == told
    assert all(language_in(name) is None for name in ("My name", "Yes", "Go.", "src.text", "is it", "score"))
    files = {"a.en-fra-CA.txt": "fr-CA", "Books.en-fy.fy": "fy", "english.txt": "en", "x.pt_BR": "pt-BR"}
    assert {name: language_of_file(name) for name in files} == files
    assert plain_tag("EN-us") == "en-US" and plain_tag("de@euro") == "de" and plain_tag("??") is None


@pytest.mark.parametrize(
    ("first", "expected"),
    [
        (["Yes", "Ja"], False),
        (["No", "Nein"], False),
        (["To be or not", "Sein oder nicht"], False),
        (["It is late.", "Es ist spät."], False),
        (["French toast", "Armer Ritter"], False),
        (["en", "de"], True),
        (["Quelle", "Ziel"], False),
        (["Englisch", "Deutsch"], True),
        (["eng_Latn", "deu_Latn"], True),
        (["source", "reference"], True),
        (["source text", "target text"], True),
        (["sentence1", "sentence2"], True),
        (["en", "en"], False),
        (["", "de"], False),
    ],
)
def test_a_first_row_is_a_header_only_if_its_cells_are_names(first, expected):
    assert is_header(first, BELOW) is expected


def test_what_stands_over_numbers_is_a_header_and_codes_over_short_words_are_words():
    numbered = [[str(i), *pair] for i, pair in enumerate(EN_DE)]
    assert is_header(["id", "phrase", "Übersetzung"], numbered)
    assert not is_header(["1", "phrase", "Satz"], numbered)
    assert not is_header(["to", "so"], [["go", "los"], ["we", "wir"], ["no", "ne"], ["an", "ein"]])


def two_files(tmp_path, left, right):
    paths = [tmp_path / left, tmp_path / right]
    for path, side in zip(paths, (0, 1), strict=True):
        path.write_text("".join(f"{pair[side]}\n" for pair in EN_DE), encoding="utf-8")
    return propose(open_bitext(paths))


def test_a_files_name_declares_no_language_that_its_text_contradicts(tmp_path):
    for left, right in (("a.en-fra-CA.txt", "a.deu.txt"), ("x.ca", "x.is"), ("x.zh_cn", "x.no")):
        proposal = two_files(tmp_path, left, right)
        assert (proposal.layout.source_language, proposal.layout.target_language) == ("en", "de")
    assert [side.against for side in proposal.sides] == ["zh-CN", "no"] and proposal.sides[0].evidence == "content"
    kept = two_files(tmp_path, "y.en_GB", "y.de_AT")
    assert (kept.layout.source_language, kept.layout.target_language) == ("en-GB", "de-AT")
    assert [side.evidence for side in kept.sides] == ["name", "name"]


def test_below_five_texts_a_language_is_not_known(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("".join(f"{a}\t{b}\n" for a, b in EN_DE[:4]), encoding="utf-8")
    assert propose(open_bitext([path])).layout == Layout("column 1", "column 2", "und", "und")
    path.write_text("".join(f"{a}\t{b}\n" for a, b in EN_DE[:5]), encoding="utf-8")
    assert propose(open_bitext([path])).layout == Layout("column 1", "column 2", "en", "de")


def table(tmp_path, rows, name="a.tsv"):
    path = tmp_path / name
    path.write_text("".join("\t".join(row) + "\n" for row in rows), encoding="utf-8")
    return propose(open_bitext([path]))


def test_a_header_that_names_a_language_beats_a_column_with_more_letters(tmp_path):
    long = "A description of the section that this sentence was taken from, number {} of the list, with its history"
    rows = [[long.format(i), a, b] for i, (a, b) in enumerate(EN_DE)]
    assert table(tmp_path, [["topic", "en", "de"], *rows]).layout == Layout("en", "de", "en", "de")
    assert table(tmp_path, [["context", "English", "German"], *rows]).because == "their names tell a language"


def test_licences_addresses_numbers_and_comments_are_no_text(tmp_path):
    rows = [
        [
            f"{0.9 - i / 100:.3f}",
            f"https://example.org/page/{i}?lang=en",
            a,
            b,
            f"CC BY 4.0, attribution to author {i} (x)",
            f"train-{i:04d}",
        ]
        for i, (a, b) in enumerate(EN_DE)
    ]
    proposal = table(tmp_path, rows)
    assert proposal.layout == Layout("column 3", "column 4", "en", "de")
    assert [side.holds for side in proposal.sides] == [NUMBERS, "addresses", "text", "text", PHRASE, CODES]


def test_scored_tables_of_mined_bitext(tmp_path):
    wikimatrix = [[f"{1.05 + i / 1000:.6f}", a, b] for i, (a, b) in enumerate(EN_DE)]
    assert table(tmp_path, wikimatrix, "WikiMatrix.de-en.tsv").layout == Layout("column 2", "column 3", "en", "de")
    nllb = [[a, b, "1.0623", "0.99", "0.98", "cc", "-", "-", "-", "-"] for a, b in EN_DE]
    assert table(tmp_path, nllb, "eng_Latn-deu_Latn.tsv").layout == Layout("column 1", "column 2", "en", "de")


def test_a_zip_of_several_moses_pairs_is_one_bitext(tmp_path):
    members = {}
    for part, pairs in (("one", EN_DE[:6]), ("two", EN_DE[6:])):
        members[f"{part}.en-de.en"] = "".join(f"{a}\n" for a, _ in pairs)
        members[f"{part}.en-de.de"] = "".join(f"{b}\n" for _, b in pairs)
        members[f"{part}.en-de.ids"] = "x\n" * len(pairs)
    path = tmp_path / "both.zip"
    path.write_bytes(zipped(members | {"README": "text", "LICENSE": "text"}))
    opened = open_bitext([path])
    found = [one for one in read(opened, propose(opened).layout) if isinstance(one, Pair)]
    assert [one[1:3] for one in found] == EN_DE and [one.line for one in found] == list(range(1, 11))
