"""Gettext PO: a file with everything in it, read as by translate-toolkit 3.20, and what charsets headers declare."""

from __future__ import annotations

import pytest

from core.bitext.encodings import checked
from core.bitext.reading import open_bitext, read
from core.bitext.records import Layout, Pair, Unreadable

SIDES = Layout("msgid", "msgstr")
NOT_PO, OBSOLETE = (
    "the entry that begins here is not written as PO",
    "the entry is obsolete",
)
EVERYTHING = r"""# A title, a licence.
#, fuzzy
msgid ""
msgstr ""
"Language: sw\n"
"Content-Type: text/plain; charset=UTF-8\n"
"Plural-Forms: nplurals=2; plural=n != 1;\n"

#. comment
#: a.c:10 b.c:20
#| msgid "old one"
msgctxt "menu"
msgid "one file"
msgid_plural "%d files"
msgstr[0] "faili moja"
msgstr[1] "faili %d"
#, fuzzy, c-format
#| msgid "mayb"
#| msgid_plural "bar"
msgid "maybe %s"
msgstr "labda"

#- odd comment
#!another
#= sticky
msgid "_: kde comment\n"
"Actual text"
msgstr "Maandishi"

msgid "say \"hi\" to C:\\dir\n"
"next\tline"
msgstr "sema \"hi\" kwa C:\\dir\n"
"mstari"

msgid ""
"long "
"text"
msgstr ""
"ndefu "
"sana"

#~ msgctxt "c"
#~ msgid "old"
#~ msgstr "zamani"

#, fuzzy
#~ msgid "old2"
#~ "more"
#~ msgstr "zamani2"

#~| msgid "older"
#~ msgid "p"
#~ msgid_plural "ps"
#~ msgstr[0] "x"
#~ msgstr[1] "y"

msgid "three"
msgid_plural "threes"
msgstr[0] "a"
msgstr[1] "b"
msgstr[2] "c"

msgid "empty"
msgstr ""

msgctxt "onlyctx"
msgid ""
msgstr "zz"

msgid   "spaces"
msgstr	"tabs"

msgid "with "quotes" inside"
msgstr "na "nukuu" ndani"

msgid "no answer"

msgid "unknown \x \q escapes \\"
msgstr "sawa"

msgid "trailing" # c
msgstr "junk" junk
"""
READ = [
    Pair(9, "one file", "faili moja"),
    Pair(9, "%d files", "faili %d"),
    Pair(17, "maybe %s", "labda", ("fuzzy",)),
    Pair(23, "Actual text", "Maandishi"),
    Pair(30, 'say "hi" to C:\\dir\nnext\tline', 'sema "hi" kwa C:\\dir\nmstari'),
    Pair(35, "long text", "ndefu sana"),
    Unreadable(42, OBSOLETE),
    Unreadable(46, OBSOLETE),
    Unreadable(51, OBSOLETE),
    Unreadable(55, NOT_PO),
    Pair(57, "three", "a"),
    Pair(57, "threes", "c"),
    Pair(63, "empty", ""),
    Pair(66, "", "zz"),
    Pair(70, "spaces", "tabs"),
    Pair(73, 'with "quotes" inside', 'na "nukuu" ndani'),
    Unreadable(76, NOT_PO),
    Pair(78, "unknown x q escapes \\", "sawa"),
    Pair(81, "trailing", "junk"),
]


def po(header: str, *entries: tuple[str, str]) -> str:
    """A PO file of a header's charset and entries."""
    lines = [f'msgid ""\nmsgstr ""\n"Content-Type: text/plain; charset={header}\\n"\n"Language: fr\\n"\n']
    return "\n".join([*lines, *(f'msgid "{left}"\nmsgstr "{right}"\n' for left, right in entries)])


def rows_of(path, content: bytes, encoding: str | None = None):
    path.write_bytes(content)
    opened = open_bitext([path], encoding=encoding)
    return opened, list(read(opened, SIDES))


def test_everything_that_a_file_may_hold(tmp_path):
    opened, rows = rows_of(tmp_path / "a.po", EVERYTHING.encode())
    assert rows == READ and opened.columns[1].language == "sw"


def test_one_bad_entry_costs_itself_alone(tmp_path):
    entries = [(f"Word {i}", f"Neno {i}") for i in range(450)]
    text = po("UTF-8", *entries).replace('msgstr "Neno 217"', 'msgstr Neno 217"').replace('msgid "Word 301"', "")
    _, rows = rows_of(tmp_path / "a.po", text.encode())
    assert [row.line for row in rows if isinstance(row, Unreadable)] == [6 + 3 * 217, 6 + 3 * 301 + 1]
    assert [row[1:3] for row in rows if isinstance(row, Pair)] == [
        e for i, e in enumerate(entries) if i not in (217, 301)
    ]


@pytest.mark.parametrize("end", ["\u2028", "\x85", "\v", "\x1c"])
def test_what_other_tools_take_for_a_line_end_ends_no_line(end, tmp_path):
    _, rows = rows_of(tmp_path / "a.po", po("UTF-8", (f"One{end}two", f"Un{end}deux")).encode())
    assert [row[1:3] for row in rows] == [(f"One{end}two", f"Un{end}deux")]


@pytest.mark.parametrize("name", ["utf-16", "utf-16-le", "utf-16-be", "utf-8-sig", "utf-32"])
def test_wide_files_are_read_whatever_their_header_says(name, tmp_path):
    for header in ("UTF-16", "UTF-8", "CHARSET", "ISO-8859-1"):
        _, rows = rows_of(tmp_path / "a.po", po(header, ("Open", "Открыть"), ("Close", "Fermé")).encode(name))
        assert [row[1:3] for row in rows] == [("Open", "Открыть"), ("Close", "Fermé")]


@pytest.mark.parametrize(
    ("charset", "codec", "text"),
    [
        ("windows-1250", "cp1250", "Zavřít šek"), ("windows-1251", "cp1251", "Закрыть"),
        ("CP1252", "cp1252", "“déjà” – 5 €"), ("windows-1253", "cp1253", "Άνοιγμα"),
        ("windows-1254", "cp1254", "Açık şeker"), ("windows-1255", "cp1255", "פתח"),
        ("windows-1256", "cp1256", "افتح"), ("windows-1257", "cp1257", "Užverti šį"),
        ("windows-1258", "cp1258", "đong"), ("windows-874", "cp874", "เปิด"),
        ("ISO-8859-1", "latin_1", "voilà"), ("ISO-8859-15", "iso8859_15", "cœur 5 €"),
        ("iso-8859-13", "iso8859_13", "šį"), ("Windows-31J", "cp932", "①閉じる"),
        ("KOI8-R", "koi8_r", "Открыть"), ("GB2312", "gb2312", "打开"), ("gbk", "gbk", "打開"), ("Big5", "big5", "關閉"),
        ("Shift_JIS", "shift_jis", "閉じる"), ("EUC-JP", "euc_jp", "閉じる"), ("EUC-KR", "euc_kr", "열기"),
        ("CP949", "cp949", "똠"), ("TIS-620", "tis_620", "เปิด"), ("CHARSET", "utf-8", "voilà"),
    ],
)  # fmt: skip
def test_the_charset_of_the_header_is_used_for_however_short_a_text(charset, codec, text, tmp_path):
    opened, rows = rows_of(tmp_path / "a.po", po(charset, ("Open", text)).encode(codec))
    assert [row[1:3] for row in rows] == [("Open", text)]
    assert checked(opened.encoding) == opened.encoding, "what is stored can be asked for again"


def test_a_header_that_is_wrong_is_not_believed(tmp_path):
    """Declared Latin-1 and in UTF-8; declared a multi-byte set that the bytes are not; declared what nobody knows."""
    french = [(f"Line {i}", "l’été où elle a rêvé à Noël, déjà passé") for i in range(9)]
    _, rows = rows_of(tmp_path / "a.po", po("ISO-8859-1", *french).encode())
    assert [row[1:3] for row in rows] == french
    guessed = rows_of(tmp_path / "a.po", po("CHARSET", *french).encode("cp1252"))[0].encoding
    for charset in ("EUC-KR", "KLINGON", "UTF-8", "rot13", "../x"):
        opened, rows = rows_of(tmp_path / "a.po", po(charset, *french).encode("cp1252"))
        assert opened.encoding == guessed and len(rows) == 9 and rows[0].target.startswith("l’été"), charset


def test_an_encoding_that_a_person_names_wins_over_the_header(tmp_path):
    _, rows = rows_of(tmp_path / "a.po", po("ISO-8859-1", ("Open", "şeker")).encode("cp1254"), "cp1254")
    assert rows[0].target == "şeker"
