"""Small files of each kind that bitext comes in, with what has to come out of each."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

import pytest

from core.bitext.check import DEFAULT_ON, Settings
from core.bitext.propose import propose
from core.bitext.reading import open_bitext, read
from core.bitext.records import Layout, Pair
from core.bitext.staging import examine
from core.errors import BadInput

CASES = Path(__file__).with_name("cases")
KITCHEN = ("The kitchen window stays open all summer.", "Das Küchenfenster bleibt den ganzen Sommer offen.")
EN_DE = ("en", "de")


class Case(NamedTuple):
    """What comes out: pairs read, kept, what is dropped and unreadable; columns, languages, and a text of the first."""

    read: int
    columns: tuple[str, str]
    languages: tuple[str, str] = EN_DE
    dropped: dict[str, int] = {}
    unreadable: int = 0
    first: tuple[str, str] = KITCHEN
    title: str = ""


PLACES = ("column 1", "column 2")
SIDES = ("source", "target")
ENTRIES = ("msgid", "msgstr")


def opus(one: str, other: str, told: str = "de") -> Case:
    return Case(10, (one, other), ("en", told), title="Moses pair in zip")


#: Files -> what has to come out. The texts of the OPUS zips are English and German whatever their names say: a name
#: that they contradict declares nothing, one of a language that cannot be recognised stands.
EXPECTED = {
    "a1_hi.tsv": Case(11, PLACES, first=("Hi.", "Hallo."), title="no header"),
    "a1_go.tsv": Case(11, PLACES, first=("Go.", "Geh."), title="no header"),
    "a1_my.tsv": Case(11, PLACES, first=("My name", "Mein Name"), title="no header"),
    "a1_id.tsv": Case(10, ("english", "german"), title="with a header"),
    "a1_en_us_header.tsv": Case(10, ("en_US", "de_DE"), ("en-US", "de-DE"), title="with a header"),
    "a1_frase.csv": Case(10, ("English sentence", "German sentence"), title="with a header"),
    "b_opus_de.zip": opus("Books.en-de.en", "Books.en-de.de"),
    "b_opus_is.zip": opus("Books.en-is.en", "Books.en-is.is"),
    "b_opus_no.zip": opus("Books.en-no.en", "Books.en-no.no"),
    "b_opus_or.zip": opus("Books.en-or.en", "Books.en-or.or", "or"),
    "b_opus_as.zip": opus("Books.en-as.en", "Books.en-as.as", "as"),
    "b_opus_ast.zip": opus("Books.en-ast.en", "Books.en-ast.ast", "ast"),
    "b_opus_hsb.zip": opus("Books.en-hsb.en", "Books.en-hsb.hsb", "hsb"),
    "b_opus_ckb.zip": opus("Books.en-ckb.en", "Books.en-ckb.ckb", "ckb"),
    "b_opus_pt_BR.zip": opus("Books.en-pt_BR.en", "Books.en-pt_BR.pt_BR"),
    "b_opus_eng_Latn.zip": opus("Books.deu_Latn-eng_Latn.deu_Latn", "Books.deu_Latn-eng_Latn.eng_Latn"),
    "b_opus_nb_NO.zip": opus("Books.en-nb_NO.en", "Books.en-nb_NO.nb_NO"),
    "b_opus_fy.zip": opus("Books.en-fy.en", "Books.en-fy.fy", "fy"),
    "b_opus_zh.zip": opus("Books.en-zh.en", "Books.en-zh.zh"),
    "c1_half_translated.xlf": Case(40, SIDES, dropped={"empty": 30}, first=(KITCHEN[0], "")),
    "c2_half_translated.po": Case(40, ENTRIES, dropped={"empty": 30}, first=(KITCHEN[0] + " (0)", "")),
    "d1_regions.tmx": Case(10, ("en", "de-de"), ("en", "de-DE")),
    "d2_regions.tmx": Case(10, EN_DE),
    "d4_underscore.tmx": Case(10, ("en-us", "de-de"), ("en-US", "de-DE")),
    "d6_src_order.tmx": Case(10, EN_DE),
    "e1_ph_br.tmx": Case(10, EN_DE),
    "e2_x_lb.xlf": Case(10, SIDES),
    "e4_segments.xlf": Case(10, SIDES),
    "e6_x2_cp.xlf": Case(2, SIDES, first=("Save all files now.", "Jetzt alle Dateien sichern.")),
    "f1_latin1_fr.po": Case(2, ENTRIES, ("und", "fr"), first=("Voila", "voilà")),
    "f2_koi8r_ru.po": Case(2, ENTRIES, ("und", "ru"), first=("Open", "Открыть")),
    "f4_cp1257_lt.po": Case(2, ENTRIES, ("und", "lt"), first=("Open", "Atverti žiūrėti")),
    "f6_mixed_ru.po": Case(10, ENTRIES, ("en", "ru"), first=(KITCHEN[0], "Окно на кухне открыто всё лето.")),
    "f7_tmx_shift_jis.tmx": Case(
        5, ("en", "ja"), ("en", "ja"), first=("The kitchen window stays open, 0.", "台所の窓は夏の間ずっと開いている。")
    ),
    "f7_tmx_euc-kr.tmx": Case(
        5, ("en", "ko"), ("en", "ko"), first=("The kitchen window stays open, 0.", "부엌 창문은 여름 내내 열려 있다.")
    ),
    "f7_tmx_windows-1251.tmx": Case(
        5, ("en", "ru"), ("en", "ru"), first=("The kitchen window stays open, 0.", "Окно на кухне открыто всё лето.")
    ),
    "f7_tmx_windows-1256.tmx": Case(
        5, ("en", "ar"), ("en", "ar"), first=("The kitchen window stays open, 0.", "نافذة المطبخ مفتوحة طوال الصيف.")
    ),
    "f9_tmx11_lang.tmx": Case(10, ("en-us", "de-de"), ("en-US", "de-DE")),
    "f11_entity_ctrl.tmx": Case(9, EN_DE, unreadable=1),
    "f12_amp.tmx": Case(10, EN_DE),
    "g1_array.json": Case(10, EN_DE, title="JSON document"),
    "g2_hf.jsonl": Case(10, ("translation.en", "translation.de")),
    "g4_data.json": Case(10, SIDES),
    "g6_texts.jsonl": Case(10, ("src.text", "tgt.text")),
    "g7_dpo.jsonl": Case(10, ("meta.translation.en", "meta.translation.de")),
    "h1_backslash.csv": Case(10, EN_DE, first=(KITCHEN[0] + ' "x"', KITCHEN[1] + ' "x"'), title="with backslashes"),
    "h2_quote_start.tsv": Case(12, EN_DE),
    "h4_dialogue.tsv": Case(10, PLACES, title="fields in quotes"),
    "h6_u2028.tsv": Case(12, EN_DE, first=("First line\u2028second line here", "Erste Zeile\u2028zweite Zeile hier")),
    "h7_crlf_bom.csv": Case(10, EN_DE),
    "h9_comment.tab": Case(10, PLACES),
    "h11_mixed_enc.tsv": Case(
        6, PLACES, unreadable=4, first=("She bought three red apples at the market.",
                                        "Sie kaufte drei rote Äpfel auf dem Markt."),
    ),
    "h12_triple_bar.txt": Case(10, PLACES),
    "h14_some_commas.csv": Case(8, SIDES, unreadable=2),
    "i1.en i1.de": Case(10, ("i1.en", "i1.de"), title="Moses pair, UTF-8"),
    "i2.en i2.de": Case(10, ("i2.en", "i2.de"), title="UTF-8 and Windows 1252"),
    "i4.en i4.de": Case(12, ("i4.en", "i4.de"), dropped={"duplicate": 1}),
    "j_sentences.csv j_links.csv": Case(10, ("eng", "deu")),
    "j_anki.txt": Case(10, PLACES),
    "j_bitextor.tsv": Case(10, ("column 3", "column 4")),
    "j_ntx.tsv": Case(10, PLACES),
    "l1_nbsp.jsonl": Case(9, ("en", "fr"), ("en", "fr"), first=("Are you there?", "Êtes-vous là\u202f?")),
    "p10_cols_wide.tsv": Case(10, EN_DE),
    "p3_translate_no.xlf": Case(10, SIDES, dropped={"locked": 5}),
    "p4_states.xlf": Case(10, SIDES, dropped={"fuzzy": 5}),
    "q2_map.parquet": Case(10, ("translation.en", "translation.de")),
}  # fmt: skip


@pytest.mark.parametrize("files", EXPECTED)
def test_a_case_comes_out_as_it_should(files):
    case = EXPECTED[files]
    opened = open_bitext([CASES / name for name in files.split()])
    layout = propose(opened).layout
    assert layout == Layout(*case.columns, *case.languages)
    assert case.title in opened.title
    pairs = [one for one in read(opened, layout) if isinstance(one, Pair)]
    assert pairs[0][1:3] == case.first
    report = examine(opened, layout, Settings())
    assert (report.read, report.unreadable) == (case.read, case.unreadable)
    assert {reason: n for reason, n in report.dropped(DEFAULT_ON).items() if n} == case.dropped


def test_every_case_is_tried():
    tried = {name for files in EXPECTED for name in files.split()}
    assert tried == {path.name for path in CASES.iterdir()}


def test_sentences_without_their_links_are_refused_with_what_to_do():
    with pytest.raises(BadInput, match="bring links.csv together with it"):
        open_bitext([CASES / "j_sentences.csv"])
    with pytest.raises(BadInput, match="bring Tatoeba's sentences.csv"):
        open_bitext([CASES / "j_links.csv"])


def test_what_was_passed_over_or_mended_is_told():
    told = {}
    for name in ("h9_comment.tab", "f12_amp.tmx"):
        opened = open_bitext([CASES / name])
        report = examine(opened, propose(opened).layout, Settings())
        told[name] = list(report.remarks.items())
    assert [times for said in told.values() for _, times in said] == [1, 1]
    assert "passed over as a comment" in told["h9_comment.tab"][0][0] and "bare &" in told["f12_amp.tmx"][0][0]
