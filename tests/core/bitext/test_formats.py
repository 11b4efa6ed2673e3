"""Every format, made by the libraries people use, is recognised, read with exact counts, written and read again."""

from __future__ import annotations

import pytest

from core.bitext.formats import WRITTEN
from core.bitext.propose import propose
from core.bitext.reading import open_bitext, read
from core.bitext.records import Layout, Pair, Unreadable
from core.bitext.writing import format_for, write_file
from core.errors import BadInput
from tests.support.bitext_files import MADE, PAIRS, tsv


def read_all(*paths, **options):
    opened = open_bitext(list(paths), **options)
    return list(read(opened, propose(opened).layout))


def texts(found):
    return [(one.source, one.target) for one in found if isinstance(one, Pair)]


@pytest.mark.parametrize("name", MADE)
def test_a_made_file_is_read_whole_and_its_languages_are_proposed(name, tmp_path):
    path = tmp_path / name
    path.write_bytes(MADE[name](PAIRS))
    opened = open_bitext([path])
    layout = propose(opened).layout
    found = list(read(opened, layout))
    assert texts(found) == PAIRS and len(found) == len(PAIRS)
    assert (layout.source_language, layout.target_language) == ("en", "sw")
    lines = [one.line for one in found]
    assert lines == sorted(lines)
    assert len(set(lines)) == len(lines) or "sdlxliff" in name, (
        "each pair has a line of its own, but segments of a unit"
    )


def test_a_moses_pair_of_two_files(tmp_path):
    left, right = tmp_path / "talks.en", tmp_path / "talks.sw"
    left.write_text("".join(f"{a}\n" for a, _ in PAIRS), encoding="utf-8")
    right.write_text("".join(f"{b}\n" for _, b in PAIRS), encoding="utf-16")
    assert texts(read_all(left, right)) == PAIRS


@pytest.mark.parametrize("form", WRITTEN)
@pytest.mark.parametrize("packing", ["", ".gz", ".xz"])
def test_what_is_written_reads_back_the_same(form, packing, tmp_path):
    path = tmp_path / f"out{WRITTEN[form].ending}{packing if form != 'moses' else ''}"
    assert format_for(path) == form
    assert write_file(path, form, iter(PAIRS), ("en", "sw")) == (len(PAIRS), 0)
    opened = open_bitext([path])
    layout = propose(opened).layout
    assert opened.format == form
    assert texts(read(opened, layout)) == PAIRS
    assert layout.target_language == "sw"
    assert [p.name for p in tmp_path.iterdir()] == [path.name], "nothing is left beside it"


def test_csv_for_a_spreadsheet_runs_nothing_and_reads_back(tmp_path):
    pairs = [(f"{head}cmd|' /C calc'!A0 says the cell", "- Ndiyo, sawa") for head in ("=", "+", "-", "@", "'=", "''+")]
    path = tmp_path / "out.csv"
    write_file(path, "csv", iter(pairs), ("en", "sw"))
    cells = [line.lstrip('"') for line in path.read_text(encoding="utf-8").splitlines()[1:]]
    assert all(cell.startswith("'") for cell in cells)
    assert texts(read_all(path)) == pairs


@pytest.mark.parametrize(
    ("encoding", "text"),
    [
        ("latin_1", "Été à la plage\tVerão na praia, não é\n"),
        ("cp1252", "“Été” – l’œuvre coûte 5 €\t„Größe“ – der Käse über ¾\n"),
        ("cp1251", "Паром уходит из гавани утром\tФериботът напуска пристанището сутрин\n"),
        ("cp1253", "Το πλοίο φεύγει από το λιμάνι\tΗ γιαγιά μου πουλούσε καλαμπόκι\n"),
        ("cp1256", "العبارة تغادر الميناء في الصباح\tجدتي كانت تبيع الذرة في السوق\n"),
        ("cp874", "เรือข้ามฟากออกจากท่าเรือตอนเช้า\tคุณยายของฉันขายข้าวโพดที่ตลาด\n"),
        ("utf-16-le", "The ferry leaves\tKivuko kinaondoka\n"),
        ("utf-16-be", "The ferry leaves\tKivuko kinaondoka\n"),
        ("utf-8-sig", "العبارة\tThe ferry\n"),
        ("utf-32", "العبارة\tThe ferry\n"),
    ],
)
def test_encodings_are_found_from_the_content(encoding, text, tmp_path):
    path = tmp_path / "a.tsv"
    path.write_bytes((text * 30).encode(encoding))
    opened = open_bitext([path])
    found = texts(read(opened, Layout(opened.columns[0].name, opened.columns[1].name)))
    assert found[0] == tuple(text.strip("\n").split("\t")) and len(found) == 30


def test_an_encoding_that_is_named_wins(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_bytes("Größe\tşeker\n".encode("cp1254"))
    assert texts(read(open_bitext([path], encoding="Windows-1254"), Layout("column 1", "column 2"))) == [
        ("Größe", "şeker")
    ]
    with pytest.raises(BadInput, match="is not an encoding"):
        open_bitext([path], encoding="klingon")


def test_damaged_lines_cost_themselves_alone(tmp_path):
    lines = [f"The ferry number {i}\tKivuko namba {i}".encode() for i in range(1, 11)]
    lines[3] = b"Caf\xe9\tMkahawa"
    lines[5] = b"one column"
    lines[7] = b"null\0byte\tx"
    lines[8] = b"a\tb\tc"
    path = tmp_path / "a.tsv"
    path.write_bytes("Café\tMkahawa é\n".encode() * 3 + b"\r\n".join(lines) + b"\n")
    found = list(read(open_bitext([path]), Layout("column 1", "column 2")))
    assert len(texts(found)) == 9
    assert [one.line for one in found if isinstance(one, Unreadable)] == [7, 9, 11, 12]


def test_quotes_over_lines_and_quotes_never_closed(tmp_path):
    path = tmp_path / "a.csv"
    path.write_text(
        'en,sw\n"one,\ntwo",moja\n5" pipe,bomba\n"never closed,x\nfour,nne\n"he said ""hi""",alisema\n',
        encoding="utf-8",
    )
    found = list(read(open_bitext([path]), Layout("en", "sw")))
    assert texts(found) == [
        ("one,\ntwo", "moja"),
        ('5" pipe', "bomba"),
        ("four, nne".split(", ")[0], "nne"),
        ('he said "hi"', "alisema"),
    ]
    assert [one.line for one in found if isinstance(one, Unreadable)] == [5]


def test_columns_are_proposed_among_many_without_a_header(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_text("".join(f"{i}\t0.{i}\t{b}\t{a}\n" for i, (a, b) in enumerate(PAIRS * 3)), encoding="utf-8")
    proposal = propose(open_bitext([path]))
    assert proposal.layout == Layout("column 3", "column 4", "sw", "en")


def test_languages_come_from_the_content_where_the_name_is_wrong(tmp_path):
    path = tmp_path / "a.tsv"
    path.write_bytes(tsv([(b, a) for a, b in PAIRS * 3]))
    layout = propose(open_bitext([path])).layout
    assert (layout.source_language, layout.target_language) == ("sw", "en")


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("a.tsv", b"", "is empty"),
        ("a.tsv", b"\n\n\n", "no line that can be read"),
        ("a.txt", b"one side\nonly here\n" * 9, "one column as far as can be seen"),
        ("a.jsonl", b"[1, 2]\n", "no JSON objects with two texts"),
        ("a.parquet", b"no parquet at all", "not a Parquet file"),
        ("a.tmx", b"plain text", "does not begin as XML"),
        ("a.xml", b"<html><body/></html>", "neither TMX nor XLIFF"),
        ("a.tmx", b"<?xml version='1.0'?><tmx><body></body></tmx>", "no translation unit in two languages"),
        ("a.xlf", b"<xliff><file/></xliff>", "no unit with a source and a target"),
        ("a.po", b"hello\n", "no entry with msgid"),
        ("a.zip", b"PK\x03\x04 not really", "ends early"),
    ],
)
def test_what_is_no_bitext_is_refused_in_a_sentence(name, content, says, tmp_path):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(BadInput, match=says) as raised:
        open_bitext([path])
    assert str(raised.value).endswith(".") and "\n" not in str(raised.value)


def test_more_pairs_than_allowed_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr("core.bitext.reading.MAX_PAIRS", 5)
    path = tmp_path / "a.tsv"
    path.write_bytes(tsv(PAIRS))
    with pytest.raises(BadInput, match="more than 1,000,000 pairs"):
        read_all(path)


def test_inline_codes_and_plural_forms(tmp_path):
    tmx = tmp_path / "a.tmx"
    tmx.write_text(
        '<!DOCTYPE tmx SYSTEM "tmx14.dtd"><tmx><body><tu><tuv xml:lang="EN-us"><seg>Press <bpt i="1">&lt;b></bpt>the '
        '<hi>red</hi><ept i="1">&lt;/b></ept> key</seg></tuv><tuv xml:lang="sw"><seg>Bonyeza</seg></tuv></tu>\n'
        '<tu><tuv xml:lang="fr"><seg>seul</seg></tuv></tu></body></tmx>'
    )  # fmt: skip
    opened = open_bitext([tmx])
    found = list(read(opened, Layout("en-us", "sw")))
    assert texts(found) == [("Press the red key", "Bonyeza")]
    assert [one.reason for one in found if isinstance(one, Unreadable)] == ["the unit has no segment in 'en-us'"]
    xliff = tmp_path / "a.xlf"
    xliff.write_text(
        '<xliff version="2.0" srcLang="en" trgLang="sw" xmlns="urn:oasis:names:tc:xliff:document:2.0"><file id="f">'
        "<unit id='1'><notes><note>aside</note></notes><segment><source>Hello <pc id='1'>you</pc></source>"
        "<target>Habari</target></segment>"
        "<segment><source>Bye</source></segment></unit></file></xliff>"
    )  # fmt: skip
    assert texts(read_all(xliff)) == [("Hello you", "Habari"), ("Bye", "")]
    po = tmp_path / "a.po"
    po.write_text(
        'msgid ""\nmsgstr ""\n"Language: sw\\n"\n"Plural-Forms: nplurals=2; plural=n != 1;\\n"\n\nmsgid "one file"\n'
        'msgid_plural "%d files"\nmsgstr[0] "faili moja"\nmsgstr[1] "faili %d"\n#, fuzzy\nmsgid "maybe"\n'
        'msgstr "labda"\n'
        '\n#~ msgid "old"\n#~ msgstr "zamani"\n\nmsgid ""\n"long "\n"text"\nmsgstr "ndefu"\n'
    )  # fmt: skip
    found = read_all(po)
    assert texts(found) == [
        ("one file", "faili moja"), ("%d files", "faili %d"), ("maybe", "labda"), ("long text", "ndefu"),
    ]  # fmt: skip
    assert [one.line for one in found if isinstance(one, Pair) and one.states == ("fuzzy",)] == [10]
    assert [one for one in found if isinstance(one, Unreadable)] == [Unreadable(14, "the entry is obsolete")]
