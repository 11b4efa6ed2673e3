"""Tables as programs write them: XLSX, ODS, Parquet, CSV with backslashes or a separator line; files that are no
bitext."""

from __future__ import annotations

import bz2
import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from core.bitext import limits
from core.bitext.delimited import COMMENT, SEPARATOR
from core.bitext.propose import propose
from core.bitext.reading import open_bitext, read
from core.bitext.records import Layout, Pair, Remark, Unreadable
from core.errors import BadInput
from tests.support.bitext_files import PAIRS, tsv
from tests.support.bitext_tools import EN_DE, ods, xlsx, zipped

ROWS = [["id", "English", "German"], *([i, a, b] for i, (a, b) in enumerate(EN_DE))]


@pytest.fixture
def opened_as(tmp_path):
    def opened(content, name):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return open_bitext([path])

    return opened


def found_in(opened, layout=None):
    return list(read(opened, layout or propose(opened).layout))


def texts(found):
    return [one[1:3] for one in found if isinstance(one, Pair)]


def test_a_workbook_is_read_from_its_first_sheet_with_two_columns(opened_as):
    notes = [["Notes"], ["only one column"]]
    opened = opened_as(xlsx({"About": notes, "Pairs": ROWS, "Other": [["x", "y"]]}), "a.xlsx")
    layout = propose(opened).layout
    assert opened.title == "Excel workbook, sheet 'Pairs', with a header"
    assert layout == Layout("English", "German", "en", "de")
    found = found_in(opened, layout)
    assert texts(found) == EN_DE and [one.line for one in found if isinstance(one, Pair)] == list(range(2, 12))
    assert {one.what.split("'")[1] for one in found if isinstance(one, Remark)} == {"About", "Other"}


def test_no_formula_runs_and_cells_are_text(opened_as):
    rows = [list(pair) for pair in EN_DE]
    rows += [[("=1+1", "the value"), "der Wert"], ["=HYPERLINK(1)", "'-tiret"], [5, 2.5], [None, None]]
    found = texts(found_in(opened_as(xlsx({"S": rows}), "a.xlsx"), Layout("column 1", "column 2")))
    assert found == [*EN_DE, ("the value", "der Wert"), ("=HYPERLINK(1)", "'-tiret"), ("5", "2.5")]


def test_a_sheet_that_begins_elsewhere_keeps_its_rows(opened_as):
    rows = [[], [], *([None, None, a, None, b] for a, b in EN_DE)]
    opened = opened_as(xlsx({"S": rows}), "a.xlsx")
    assert [column.name for column in opened.columns] == ["column 3", "column 5"]
    assert [one.line for one in found_in(opened)] == list(range(3, 13))


def test_an_open_document_sheet_and_its_empty_rest(opened_as):
    opened = opened_as(ods([["English", "German"], *map(list, EN_DE)]), "a.ods")
    assert opened.title == "OpenDocument sheet, sheet 'Sätze', with a header"
    assert texts(found_in(opened)) == EN_DE
    headless = opened_as(ods([["", "x"], *map(list, EN_DE)]), "b.ods")
    assert texts(found_in(headless)) == [("", "x"), *EN_DE]


def test_right_to_left_text_and_long_cells_in_a_sheet(opened_as):
    pairs = [(f"{a} {i}", f"غرفة رقم {i} في آخر الممر الطويل") for i, (a, _) in enumerate(EN_DE)]
    opened = opened_as(xlsx({"S": [list(pair) for pair in pairs]}), "a.xlsx")
    assert texts(found_in(opened)) == pairs and propose(opened).layout.target_language == "ar"


HUGE = '<table:table-row table:number-rows-repeated="900000"><table:table-cell table:number-columns-repeated="16384" '
HUGE += 'office:value-type="string"><text:p>x</text:p></table:table-cell></table:table-row>'
FAR = '<worksheet xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"><sheetData><row r="1"><c r="A1">'
FAR += '<v>1</v></c></row><row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData></worksheet>'
LAUGH = '<!DOCTYPE x [<!ENTITY a "ha">]><worksheet>&a;</worksheet>'


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (lambda: ods([["a", "b"]], HUGE), "more than 8,000,000 cells"),
        (lambda: xlsx({"S": ROWS}, {"xl/worksheets/sheet1.xml": FAR}), "more than 8,000,000 cells"),
        (lambda: xlsx({"S": ROWS}, {"xl/worksheets/sheet1.xml": LAUGH}), "declares an XML entity"),
        (lambda: xlsx({"S": ROWS}, {"xl/worksheets/sheet1.xml": "<worksheet>"}), "is damaged"),
        (lambda: xlsx({"S": [["one column"]] * 5}), "no sheet with two columns"),
        (lambda: xlsx({"S": ROWS})[:-40], "ends early|damaged"),
        (lambda: zipped({"word/document.xml": "<w/>"}), "is a Word document"),
    ],
)
def test_a_workbook_that_may_harm_or_is_broken_is_refused(content, says, opened_as):
    with pytest.raises(BadInput, match=says):
        opened_as(content(), "a.xlsx")


def test_a_workbook_that_unpacks_to_too_much_is_refused(opened_as, monkeypatch):
    monkeypatch.setattr("core.bitext.spreadsheets.MAX_BYTES", 1 << 20)
    with pytest.raises(BadInput, match="larger than 200 MB when decompressed"):
        opened_as(xlsx({"S": ROWS}, {"xl/sharedStrings.xml": f"<sst>{'0' * (2 << 20)}</sst>"}), "a.xlsx")


def test_translation_dictionaries_in_parquet(opened_as):
    out = io.BytesIO()
    as_maps = pa.array([[("en", a), ("de", b)] for a, b in EN_DE], pa.map_(pa.string(), pa.string()))
    pq.write_table(pa.table({"id": range(len(EN_DE)), "translation": as_maps}), out)
    opened = opened_as(out.getvalue(), "map.parquet")
    assert [column.name for column in opened.columns] == ["translation.en", "translation.de"]
    assert texts(found_in(opened)) == EN_DE
    out = io.BytesIO()
    lists = [{"language": ["de", "en"], "translation": [b, a]} for a, b in EN_DE]
    pq.write_table(pa.table({"translation": lists}), out)
    assert (
        texts(found_in(opened_as(out.getvalue(), "lists.parquet"), Layout("translation.en", "translation.de"))) == EN_DE
    )


def test_what_is_too_long_is_refused_before_it_is_read(opened_as, monkeypatch):
    out = io.BytesIO()
    pq.write_table(pa.table({"en": ["a"] * 1_000_001, "de": ["b"] * 1_000_001}), out)
    with pytest.raises(BadInput, match="more than 1,000,000 pairs"):
        opened_as(out.getvalue(), "a.parquet")
    out = io.BytesIO()
    pq.write_table(
        pa.table({"en": ["x" * 1_000_000] * 5, "de": ["y"] * 5}), out, use_dictionary=False, compression="zstd"
    )
    with monkeypatch.context() as patched, pytest.raises(BadInput, match="larger than 200 MB"):
        patched.setattr("core.bitext.tables.MAX_BYTES", 1 << 20)
        patched.setattr("core.bitext.tables._values", None)  # no page is decompressed
        found_in(opened_as(out.getvalue(), "b.parquet"), Layout("en", "de"))
    for content, name in ((b"a b\tc d\n" * 1_000_002, "a.tsv"), (b'{"en":"a","de":"b"}\n' * 1_000_002, "a.jsonl")):
        with pytest.raises(BadInput, match="more than 1,000,000 pairs"):
            opened_as(content, name)
    blank = b"a b\tc d\n\n" * 600_000
    assert opened_as(blank, "blank.tsv").format == "tsv"


@pytest.mark.parametrize(
    ("content", "expected"),
    [
        (
            'a,b\n"He said \\"no\\".","Er sagte \\"nein\\"."\n"C:\\\\dir","x\\ty"\n',
            [('He said "no".', 'Er sagte "nein".'), ("C:\\dir", "x\\ty")],
        ),
        ('a;b\n"\\"Yes\\"; she said";"\\"Ja\\""\n', [('"Yes"; she said', '"Ja"')]),
        ('a,b\n"doubled ""quotes""","und ""so"""\n', [('doubled "quotes"', 'und "so"')]),
    ],
)
def test_quotes_after_backslashes(content, expected, opened_as):
    assert texts(found_in(opened_as(content, "a.csv"), Layout("column 1", "column 2")))[1:] == expected


@pytest.mark.parametrize(("line", "delimiter"), [("sep=;", ";"), ('"sep=,"', ","), ("sep=\t", "\t"), ("SEP=|", "|")])
def test_a_line_that_tells_the_separator(line, delimiter, opened_as):
    rows = "".join(f'"{a}"{delimiter}"{b}"\n' for a, b in EN_DE)
    found = found_in(opened_as(f"{line}\n{rows}", "a.csv"))
    assert texts(found) == EN_DE and [one for one in found if isinstance(one, Remark)] == [Remark(1, SEPARATOR)]


def test_an_export_of_anki_and_comments_before_a_table(opened_as):
    rows = "".join(f"{a}\t{b}\ttag{i % 2}\n" for i, (a, b) in enumerate(EN_DE))
    opened = opened_as(f"#separator:tab\n#html:true\n#tags column:3\n{rows}", "deck.txt")
    assert texts(found_in(opened)) == EN_DE and opened.title.startswith("Table, tab-separated")


def test_a_line_before_a_table_that_cannot_be_read_is_told_and_a_blank_one_is_none(opened_as):
    rows = "".join(f"{a}\t{b}\n" for a, b in EN_DE)
    found = found_in(opened_as(f"#made\0here\n\n#a comment\n{rows}", "a.tsv"))
    aside = [one for one in found if not isinstance(one, Pair)]
    assert texts(found) == EN_DE and aside == [
        Unreadable(1, "it holds a null byte, which no text has"),
        Remark(3, COMMENT),
    ]


def test_cells_left_over_are_reported_in_csv_too(opened_as):
    rows = "".join(f"{a},{b}\n" for a, b in EN_DE)
    found = found_in(opened_as(f"source,target\n{rows}Yes, I know,Ja\nNo,Nein,,\n", "a.csv"))
    assert texts(found) == [*EN_DE, ("No", "Nein")]
    assert [one for one in found if isinstance(one, Unreadable)] == [
        Unreadable(12, "it has 3 columns where 2 are expected")
    ]


def test_bzip2_and_zstd(opened_as):
    for packed, ending in (
        (bz2.compress(tsv(PAIRS)), "bz2"),
        (pa.Codec("zstd").compress(tsv(PAIRS), asbytes=True), "zst"),
    ):
        opened = opened_as(packed, f"a.tsv.{ending}")
        assert texts(found_in(opened)) == PAIRS and opened.parts[0].name == "a.tsv"
        cut = opened_as(packed * 3 + packed[: len(packed) // 2], "b.tsv." + ending)
        found = found_in(cut)
        assert len(texts(found)) >= len(PAIRS) and isinstance(found[-1], Unreadable) and "damaged" in found[-1].reason


def test_a_zstd_window_of_gigabytes_is_refused(opened_as):
    frame = b"\x28\xb5\x2f\xfd" + bytes([0x00, (31 - 10) << 3]) + b"\x01\x00\x00"
    with pytest.raises(BadInput):
        found_in(opened_as(frame, "a.tsv.zst"))


@pytest.mark.parametrize(
    ("name", "content", "says"),
    [
        ("app.properties", "a=b\n", "one language"),
        ("Localizable.strings", '"a" = "b";\n', "one language"),
        ("de.yml", "de:\n  a: b\n", "one language"),
        ("app_de.arb", '{"a": "b"}', "one language"),
        ("strings.xml", "<?xml version='1.0'?><resources><string name='a'>b</string></resources>", "one language"),
        ("Texts.resx", "<?xml version='1.0'?><root><resheader/></root>", "one language"),
        ("a.ftl", "a = b", "one language"),
        ("app_de.ts", "<?xml version='1.0'?><!DOCTYPE TS><TS version='2.1'/>", "Qt Linguist"),
        ("a.srt", "1\n", "subtitles"),
        ("de.mo", b"\xde\x12\x04\x95\0\0", "compiled"),
        ("a.docx", b"hello", "a document"),
        ("a.pdf", b"%PDF-1.7", "PDF"),
        ("old.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "save it as XLSX"),
        ("a.7z", b"7z\xbc\xaf\x27\x1c", "archive"),
    ],
)
def test_what_is_no_bitext_is_refused_by_name(name, content, says, opened_as):
    with pytest.raises(BadInput, match=says) as raised:
        opened_as(content, name)
    assert str(raised.value).endswith(".") and name in str(raised.value)


def write_all(tmp_path, **files):
    paths = []
    for name, content in files.items():
        paths.append(tmp_path / name.replace("_", "."))
        paths[-1].write_bytes(content if isinstance(content, bytes) else content.encode())
    return paths


def test_several_files_of_one_format_are_read_as_one(tmp_path):
    halves = ["".join(f"{a}\t{b}\n" for a, b in part) for part in (EN_DE[:5], EN_DE[5:] + [("only", "")])]
    opened = open_bitext(write_all(tmp_path, a_tsv=halves[0], b_tsv=halves[1] + "one column\n"))
    found = found_in(opened)
    assert texts(found) == [*EN_DE, ("only", "")] and opened.title.endswith("2 of them, read as one")
    assert found[-1] == Unreadable(12, "in b.tsv, line 7, it has 1 column where 2 are expected")
    with pytest.raises(BadInput, match="has no column 'column 1'"):
        open_bitext(write_all(tmp_path, a_tsv=halves[0], b_tsv=f"en\tde\n{halves[1]}", c_tsv=halves[0]))
    with pytest.raises(BadInput, match="not clear which are the bitext"):
        open_bitext(write_all(tmp_path, a_tsv=halves[0], b_csv=halves[0], c_po='msgid "a"\nmsgstr "b"\n'))


def test_tatoeba_in_files_of_each_language(tmp_path):
    english = "".join(f"{i}\teng\t{a}\n" for i, (a, _) in enumerate(EN_DE, 1))
    german = "".join(f"{100 + i}\tdeu\t{b}\n" for i, (_, b) in enumerate(EN_DE, 1))
    links = "".join(f"{100 + i}\t{i}\n" for i in range(1, 11)) + "1\t101\n1\t999\nx\ty\n"
    paths = write_all(tmp_path, eng_sentences_tsv=english, links_csv=links, deu_sentences_tsv=german)
    opened = open_bitext(paths)
    found = found_in(opened, Layout("eng", "deu"))
    assert opened.format == "tatoeba" and texts(found) == EN_DE
    assert sum(isinstance(one, Remark) for one in found) == 1
    assert [one.reason for one in found if isinstance(one, Unreadable)] == ["it is not two numbers of sentences"]


def test_a_file_of_the_most_pairs_is_not_refused(opened_as, monkeypatch):
    monkeypatch.setattr("core.bitext.reading.MAX_PAIRS", len(EN_DE))
    assert limits.MAX_PAIRS == 1_000_000
    rows = "".join(f"{a}\t{b}\n" for a, b in EN_DE)
    assert len(texts(found_in(opened_as(f"en\tde\n{rows}", "a.tsv")))) == len(EN_DE)
    with pytest.raises(BadInput, match="more than 1,000,000 pairs"):
        found_in(opened_as(f"{rows}one more\tnoch eins\n", "a.tsv"))
