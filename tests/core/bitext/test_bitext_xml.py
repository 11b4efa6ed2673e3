"""TMX and XLIFF as tools write them: variants, segments, codes, states, charsets, and XML that is broken in places."""

from __future__ import annotations

import time

import pytest

from core.bitext.inline import joined, what_is_left
from core.bitext.propose import propose
from core.bitext.reading import open_bitext, read
from core.bitext.records import Layout, Pair, Remark, Unreadable
from core.errors import BadInput
from tests.support.bitext_tools import EN_DE, tmx, tu, xliff, xliff2


@pytest.fixture
def found_in(tmp_path):
    def found(content, name="a.tmx", layout=None):
        path = tmp_path / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        opened = open_bitext([path])
        return list(read(opened, layout or propose(opened).layout))

    return found


@pytest.fixture
def columns_of(tmp_path):
    def columns(content):
        path = tmp_path / "c.tmx"
        path.write_text(content)
        opened = open_bitext([path])
        return [column.name for column in opened.columns], propose(opened).layout

    return columns


def texts(found):
    return [one[1:3] for one in found if isinstance(one, Pair)]


def reasons(found):
    return [one.reason for one in found if isinstance(one, Unreadable)]


UNITS = "".join(tu(a, b) for a, b in EN_DE)


def test_spellings_and_variants_are_one_language_and_can_be_parted(columns_of, found_in):
    spelt = [("en-US", "de"), ("EN", "de-CH"), ("en_GB", "DE"), ("eng", "deu")]
    content = tmx("".join(tu(a, b, spelt[i % 4]) for i, (a, b) in enumerate(EN_DE)))
    names, layout = columns_of(content)
    assert layout == Layout("en", "de", "en", "de") and {"en-us", "en-gb", "de-ch"} <= set(names)
    assert texts(found_in(content)) == EN_DE
    british = found_in(content, layout=Layout("en-gb", "de"))
    assert texts(british) == [pair for i, pair in enumerate(EN_DE) if i % 4 == 2]
    assert reasons(british) == ["the unit has no segment in 'en-gb'"] * 8


def test_variants_that_stand_in_the_same_units_are_languages_of_their_own(columns_of):
    content = tmx("".join(tu(a, a.replace("lamp", "light"), ("en-US", "en-GB")) for a, _ in EN_DE), 'srclang="en-GB"')
    names, layout = columns_of(content)
    assert names == ["en-us", "en-gb"] and (layout.source, layout.target) == ("en-gb", "en-us")


@pytest.mark.parametrize(
    ("header", "more", "source"),
    [('srclang="de"', "", "de"), ('srclang="*all*"', "", "en"), ("", ' srclang="DE-de"', "de"), ("", "", "en")],
)
def test_the_source_is_the_one_that_the_file_says(header, more, source, columns_of):
    units = "".join(tu(a, b, more=more) for a, b in EN_DE)
    assert columns_of(tmx(units, header))[1].source == source


def test_several_segments_in_one_language_are_told(found_in):
    second = '<tuv xml:lang="de"><seg>Noch eine.</seg></tuv></tu>'
    found = found_in(tmx(UNITS + tu("One more.", "Eine mehr.").replace("</tu>", second)))
    assert texts(found)[-1] == ("One more.", "Eine mehr.")
    assert [one.what for one in found if isinstance(one, Remark)] == [
        "A unit has several segments in one language; the first was read."
    ]


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("<ph>&lt;br/&gt;</ph>", "The window"),
        ('<ph type="lb"/>', "The window"),
        ("<ph>\\n</ph>", "The window"),
        ("<ph>{0}</ph>", "The window"),
        ("<it pos='begin'>&lt;p&gt;</it>", "The window"),
        ("<ut>{tab}</ut>", "The window"),
        ("<ph>&lt;b&gt;</ph>", "Thewindow"),
        ("<bpt i='1'>&lt;i&gt;</bpt>", "Thewindow"),
        ("<ph type='bold'/>", "Thewindow"),
        ("<bpt i='1'>&lt;p&gt;</bpt>", "The window"),
        (" <ph>{0}</ph> ", "The  window"),
        ("<hi>, the </hi>", "The, the window"),
        ("<ph>x<sub>hidden</sub></ph>", "The window"),
    ],
)
def test_a_code_leaves_a_space_where_it_stood_for_one(code, expected, found_in):
    assert texts(found_in(tmx(UNITS + tu(f"The{code}window", "Das Fenster"))))[-1] == (expected, "Das Fenster")


def test_scripts_without_spaces_and_ends_of_words_get_none():
    placeholder = what_is_left("x", {"id": "1"})
    assert joined("台所", "窓", placeholder) == "" == joined("เปิด", "ไฟล์", placeholder)
    assert joined("files", ", now", placeholder) == "" == joined("(", "name", placeholder)
    assert what_is_left("x", {"ctype": "x-html-br"}) == "break" == what_is_left("ph", {"equiv": "<br>"})
    assert what_is_left("x", {"ctype": "x-bold"}) == "" == what_is_left("ph", {"type": "fmt", "subType": "xlf:b"})


def unit(source, target, attributes="", more="", state=""):
    return (
        f"<trans-unit id='1'{attributes}><source>{source}</source>{more}<target{state}>{target}</target></trans-unit>"
    )


GOOD = "".join(unit(a, b) for a, b in EN_DE)


def states(found):
    return [one.states for one in found if isinstance(one, Pair)][len(EN_DE) :]


def test_what_a_unit_says_of_itself_is_its_state(found_in):
    units = (
        unit("a", "b", " translate='no'")
        + unit("a", "b", " approved='no'")
        + unit("a", "b", state=" state='new'")
        + unit("a", "b", state=" state='needs-review-l10n'")
        + unit("a", "b", state=" state='final'")
        + "<group translate='no'>"
        + unit("a", "b")
        + unit("a", "b", " translate='yes'")
        + "</group>"
        + unit("a", "b")
    )
    assert states(found_in(xliff(GOOD + units), "a.xlf")) == [
        ("locked",),
        ("unapproved",),
        ("fuzzy",),
        ("unapproved",),
        (),
        ("locked",),
        (),
        (),
    ]
    second = "".join(
        f"<unit id='u'><segment><source>{a}</source><target>{b}</target></segment></unit>" for a, b in EN_DE
    )
    for attributes, expected in (("state='initial'", ("fuzzy",)), ("state='reviewed'", ()), ("", ())):
        more = f"<unit id='u'><segment {attributes}><source>a</source><target>b</target></segment></unit>"
        assert states(found_in(xliff2(second + more), "a.xlf")) == [expected]
    locked = "<unit id='u' translate='no'><segment><source>a</source></segment></unit>"
    assert states(found_in(xliff2(second + locked), "a.xlf")) == [("locked",)]


def mrk(*pieces):
    return " ".join(f"<mrk mtype='seg' mid='{i}'>{piece}</mrk>" for i, piece in enumerate(pieces))


def test_segments_are_pairs(found_in):
    cut = f"<seg-source>{mrk('One.', '<g id=&quot;1&quot;>Two</g>.', 'Three.')}</seg-source>".replace("&quot;", '"')
    found = found_in(xliff(GOOD + unit("One. Two. Three.", mrk("Eins.", "Zwei."), more=cut)), "a.sdlxliff")
    assert texts(found)[-3:] == [("One.", "Eins."), ("Two.", "Zwei."), ("Three.", "")]
    whole = found_in(xliff(GOOD + unit("One. Two. Three.", "Eins zwei drei.", more=cut)), "a.xlf")
    assert texts(whole)[-1] == ("One. Two. Three.", "Eins zwei drei.")
    extra = found_in(xliff(GOOD + unit("One.", mrk("Eins.", "Zwei."), more=f"<seg-source>{mrk('One.')}</seg-source>")))
    assert texts(extra)[-1] == ("One.", "Eins.") and reasons(extra) == ["its segment '1' stands in the target alone"]


def test_sdlxliff_as_studio_writes_it(found_in):
    defined = (
        "<sdl:seg-defs xmlns:sdl='http://sdl.com/FileTypes/SdlXliff/1.0'><sdl:seg id='0' conf='Translated'/>"
        "<sdl:seg id='1' conf='Draft'/><sdl:seg id='2' conf='RejectedTranslation'/></sdl:seg-defs>"
    )
    cut = f"<seg-source>{mrk('One.', 'Two.', 'Three.')}</seg-source>"
    changed = "Eins<mrk mtype='x-sdl-deleted' sdl:revid='1'> alt</mrk><mrk mtype='x-sdl-added'> neu</mrk>."
    segmented = unit("One. Two. Three.", mrk(changed, "Zwei.", "Drei."), more=cut)
    content = xliff(GOOD + segmented.replace("</trans-unit>", f"{defined}</trans-unit>"))
    content = content.replace("<xliff ", "<xliff xmlns:sdl='http://sdl.com/FileTypes/SdlXliff/1.0' ")
    found = found_in(content, "a.sdlxliff")
    assert texts(found)[-3:] == [("One.", "Eins neu."), ("Two.", "Zwei."), ("Three.", "Drei.")]
    assert states(found) == [(), ("unapproved",), ("fuzzy",)]


def test_matches_beside_a_unit_are_no_text(found_in):
    nested = "<alt-trans><source>Old</source><target>Alt</target><seg-source>Old</seg-source></alt-trans>"
    content = xliff(
        GOOD + unit("New one", "Neu").replace("<source>", f"{nested}<source>") + unit("X y", "Z", more=nested)
    )
    assert texts(found_in(content, "a.xlf"))[-2:] == [("New one", "Neu"), ("X y", "Z")]
    matches = "<mtc:matches xmlns:mtc='m'><mtc:match><source>Old</source><target>Alt</target></mtc:match></mtc:matches>"
    second = "".join(
        f"<unit id='u'>{matches}<originalData><data id='d1'>&lt;br/&gt;</data><data id='d2'>&lt;b&gt;</data>"
        f"</originalData><segment><source>The<ph id='1' dataRef='d1'/>{a}</source>"
        f"<target>D<pc id='2' dataRefStart='d2'>as</pc> {b}</target></segment>"
        "<ignorable><source> </source></ignorable></unit>"
        for a, b in EN_DE
    )
    assert texts(found_in(xliff2(second), "a.xlf")) == [(f"The {a}", f"Das {b}") for a, b in EN_DE]


def test_a_second_file_in_another_language_is_told(found_in):
    other = "</body></file><file source-language='en' target-language='fr'><body>" + unit("One", "Un")
    found = found_in(xliff(GOOD + other), "a.xlf")
    assert texts(found) == EN_DE and reasons(found) == ["its target is in fr, that of the first units in de"]


@pytest.mark.parametrize(
    ("declared", "codec", "text"),
    [
        ("Shift_JIS", "shift_jis", "窓は開いている"),
        ("GB2312", "gb2312", "厨房的窗户开着"),
        ("EUC-KR", "euc_kr", "창문이 열려 있다"),
        ("Big5", "big5", "廚房的窗戶開著"),
        ("GBK", "gbk", "廚房窗戶"),
        ("ISO-8859-2", "iso8859_2", "Okno je otevřené"),
        ("UTF-16", "utf-8", "Okno je otevřené"),
        ("UTF-16", "utf-16", "Okno je otevřené"),
        ("UTF-8", "utf-16", "窓は"),
        ("UTF-8", "utf-8-sig", "窓は開いて"),
        ("x-unknown", "utf-8", "窓は開いて"),
    ],
)
def test_charsets_as_they_are_declared_or_not(declared, codec, text, found_in):
    content = tmx("".join(tu(a, f"{text} {i}") for i, (a, _) in enumerate(EN_DE)))
    content = content.replace('version="1.0"', f'version="1.0" encoding="{declared}"').encode(codec)
    assert texts(found_in(content, layout=Layout("en", "de"))) == [(a, f"{text} {i}") for i, (a, _) in enumerate(EN_DE)]


@pytest.mark.parametrize(
    ("spoilt", "expected"),
    [
        ("Fish & chips", "Fish & chips"),
        ("5 < 6", "5 < 6"),
        ("caf&eacute;&nbsp;x", "café\u00a0x"),
        ("R&D&amp;", "R&D&"),
        ("a &unknown; b", "a &unknown; b"),
        ("<![CDATA[a & b &lt; c]]>", "a & b &lt; c"),
        ("&#65;&#x42;", "AB"),
    ],
)
def test_what_xml_forbids_and_is_meant_as_text_is_read_as_it(spoilt, expected, found_in):
    for content, name in (
        (tmx(UNITS + tu(spoilt, "x") + UNITS), "a.tmx"),
        (xliff(GOOD + unit(spoilt, "x") + GOOD), "a.xlf"),
    ):
        found = found_in(content, name)
        assert len(texts(found)) == 21 and texts(found)[10] == (expected, "x") and not reasons(found)


@pytest.mark.parametrize(
    "spoilt",
    [
        "a &#x1F; b",
        "a \x0b b",
        "a &#0; b",
        "a </b> b",
        "a <b> c",
        "<ph></seg>",
        "x<tuv",
        'y<ph a="1" a="2"/>',
        "a <%= b %>",
    ],
)
def test_broken_xml_costs_its_own_unit(spoilt, found_in):
    for content, name in (
        (tmx(UNITS + tu(spoilt, "x") + UNITS), "a.tmx"),
        (xliff(GOOD + unit(spoilt, "x") + GOOD), "a.xlf"),
    ):
        found = found_in(content, name)
        assert [one for one in texts(found) if one[1] != "x"] == EN_DE * 2
        assert len(texts(found)) + len(reasons(found)) == 21, reasons(found)
        assert [one.line for one in found if isinstance(one, Unreadable)] in ([11], [1], [])


def test_a_byte_in_another_encoding_costs_its_own_unit(found_in):
    content = tmx(UNITS + tu("XX", "y") + UNITS).encode().replace(b"XX", b"caf\xe9")
    found = found_in(content)
    assert texts(found) == EN_DE * 2 and reasons(found) == ["it holds a byte that is not in the encoding of the file"]


def test_an_end_in_the_middle_is_told(found_in):
    content = tmx(UNITS)
    found = found_in(content[: content.index("narrow valley")])
    assert texts(found) == EN_DE[:6] and reasons(found)[0].endswith("nothing after it could be read")


def test_a_tag_that_never_ends_is_refused_at_once(tmp_path):
    path = tmp_path / "a.tmx"
    path.write_text(tmx(UNITS).replace("<body>", '<body a="' + "x" * (20 << 20)))
    began = time.process_time()
    with pytest.raises(BadInput, match="a tag or a comment there is longer than 1 MB"):
        open_bitext([path])
    assert time.process_time() - began < 5
    path.write_text("<tmx><body>" + "<a>" * 100_000)
    with pytest.raises(BadInput, match="1,000 deep"):
        open_bitext([path])


def test_white_space_that_is_text_stays(found_in):
    kept = "two  spaces,\u00a0\u202f\u3000wide"
    laid_out = f"\n      {kept}\n      next\n    "
    assert texts(found_in(tmx(UNITS + tu(laid_out, "x"))))[-1] == (f"{kept} next", "x")
