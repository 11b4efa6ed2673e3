"""Hygiene filters: each kind of noise is found by the filter named for it, and good pairs are left alone."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.bitext.check import BIT, DEFAULT_ON, MEANING, REASONS, Settings, check
from core.bitext.hygiene.content import is_list, repeats
from core.bitext.hygiene.filters import HYGIENE, finding
from core.bitext.hygiene.repeated import SOURCES, bare
from core.bitext.identify import SURE, other_languages
from core.bitext.records import Layout, Pair
from core.bitext.report import Report

CASES = Path(__file__).with_name("noise_cases")
LEGIT = json.loads((CASES / "n_legit.json").read_text(encoding="utf-8"))
KINDS = dict(row.split("\t") for row in (CASES / "m_noise.kinds").read_text(encoding="utf-8").splitlines())
#: The reason that each kind of noise has; None for what is text after all.
FOUND = {
    "mojibake": "mojibake", "html": "HTML", "url only": "address", "entities": "entities", "repetition": "repetition",
    "boilerplate/list": "list", "no terminal/fragment": None, "wrong script homoglyphs": "homoglyphs",
    "number changed": "number mismatch", "numbers only side": "no words", "control chars": "control characters",
    "soft hyphen / zwsp": None, "one very long word": "encoded data", "all caps duplicate": "duplicate",
    "punctuation duplicate": "near duplicate", "target again, other source": "repeated target",
    "source copied, one word translated": "untranslated", "swapped sides": "wrong language",
    "wrong language nl": "wrong language", "lorem": "wrong language", "emoji/dots": "list",
}  # fmt: skip
#: Chinese has a third of English's characters.
TYPICAL = {"zh": -1.0, "ja": -0.8, "ko": -0.8}


ODDITIES = [
    "a", "The river froze", "12", ".", "...", "…", "_", "|", "Home", " | ", "<b>", "</p>", "<", "&amp;", "&",
    "www.a.org", "a@b.org", "http://x", "index.html", "x.y", "\x08", "\x1c", "\x85", "\ufffd", "Ã¼", "Ã",
    "â€™", "’", "é", "Р", "р", "с",
    "rеs", "ο", "की", "ไทย", "中文", "›", "»", "«", ". . . . 5", "..... 7", "_____ 3", "Ha", "ha ", "Ð¿Ñ€Ð¸", "Š", "ž",
    "\u200b", "\xad",
]  # fmt: skip


def reasons_of(rows, source="en", target="de", typical=0.0):
    masks = [mask for _, mask in check(rows, Layout("a", "b", source, target), typical, Settings())]
    return [{reason for reason in REASONS if mask & BIT[reason]} for mask in masks]


def found(source, target):
    return reasons_of([Pair(1, source, target)])[0]


@pytest.mark.parametrize("case", LEGIT, ids=[f"{a}-{b} {s[:20]}" for a, b, s, _ in LEGIT])
def test_no_filter_drops_a_good_pair(case):
    source, target, one, other = case
    assert not reasons_of([Pair(1, one, other)], source, target, TYPICAL.get(target, 0.0))[0] & DEFAULT_ON


def test_each_kind_of_noise_is_found_by_the_filter_named_for_it():
    lines = (CASES / "m_noise.tsv").read_text(encoding="utf-8").split("\n")
    rows = [Pair(i, *line.split("\t")) for i, line in enumerate(lines, 1) if line and i > 1]
    by_line = {row.line: reasons for row, reasons in zip(rows, reasons_of(rows), strict=True)}
    assert set(FOUND) == set(KINDS.values())
    for line, kind in KINDS.items():
        expected = FOUND[kind]
        assert expected in by_line[int(line)] if expected else not by_line[int(line)], (kind, by_line[int(line)])
    assert not any(by_line[line] for line in range(2, 10))


def test_every_filter_is_named_argued_and_has_a_switch():
    for one in HYGIENE:
        assert one.name in REASONS and (one.name in DEFAULT_ON) == one.on
        assert MEANING[one.name].startswith(one.meaning) and one.why.lower()[:-1] in MEANING[one.name].lower()
    assert {one.name for one in HYGIENE if not one.on} == {"markup", "same name", "repeated target"}


@pytest.mark.parametrize(
    ("source", "target"),
    [
        ("Click <b>Save</b>.", "Klicken Sie auf <b>Speichern</b>."),
        ("Tom &amp; Jerry", "Tom &amp; Jerry sind da"),
        ("5 < 6 and 7 > 3", "5 < 6 und 7 > 3"),
        ("Ha ha ha ha ha ha ha ha ha!", "Ha ha ha ha ha ha ha ha!"),
        ("No, no, no, no!", "いやいやいやいや"),
        ("See www.example.org for more.", "Mehr auf www.example.org."),
        ("AND/OR gates and/or switches", "UND/ODER-Gatter"),
        ("Wi-Fi in the hotel", "Wi-Fi-сеть в гостинице"),
        ("The α-particle and 5 µm", "Das α-Teilchen und 5 µm"),
        ("He waited...... then left.", "Er wartete...... dann ging er."),
        ("It is half past five.", "17:30"[:5] + " Uhr"),
        ("Donaudampfschifffahrtsgesellschaftskapitänsmütze", "Danube steamship company captain's hat"),
        ("नमस्ते\u200dजी", "Hello\u200e there"),
        ("L’été, ça va ? « Oui »", "“Summer” – it’s fine…"),
    ],
)
def test_text_that_only_looks_odd_is_left_alone(source, target):
    assert not found(source, target) & ({one.name for one in HYGIENE} & DEFAULT_ON)


@pytest.mark.parametrize(
    ("source", "target", "reason"),
    [
        ("The river <i>froze</i>.", "Der Fluss fror.", "HTML"),
        ("Non&nbsp;stop", "Ohne Halt", "entities"),
        ("It costs â‚¬ 5.", "Es kostet 5 €.", "mojibake"),
        ("ÐŸÑ€Ð¸Ð²ÐµÑ‚, Ð¼Ð¸Ñ€", "Hallo, Welt", "mojibake"),
        ("A sign \ufffd was lost", "Ein Zeichen ging verloren", "control characters"),
        ("d41d8cd98f00b204e9800998ecf8427e is the sum", "Die Summe", "encoded data"),
        ("The same thing", "这是这是这是这是这是这是这是这是这是", "repetition"),
        ("info@example.org", "Schreiben Sie uns", "address"),
        ("News › Sport › Football › Results", "Nachrichten und mehr", "list"),
    ],
)
def test_damage_of_each_kind(source, target, reason):
    assert reason in found(source, target)


def test_a_pair_that_differs_in_punctuation_alone_is_one_of_the_first_but_numbers_are_not():
    rows = [
        Pair(1, "It costs 1.5 marks.", "Es kostet 1,5 Mark."),
        Pair(2, "It costs 1.5 marks!", "Es kostet 1,5 Mark"),
        Pair(3, "It costs 15 marks.", "Es kostet 15 Mark."),
        Pair(4, "It costs 15 marks.", "Es kostet 15 Mark."),
    ]
    near = ["near duplicate" in reasons for reasons in reasons_of(rows)]
    assert near == [False, True, False, False]  # the last is an exact one


def test_vowels_that_are_marks_are_no_punctuation():
    rows = [Pair(1, "his book", "उसकी किताब।"), Pair(2, "his book", "उसका किताब।"), Pair(3, "his book", "उसका किताब")]
    assert ["near duplicate" in reasons for reasons in reasons_of(rows, "en", "hi")] == [False, False, True]


def test_a_target_under_many_sources_is_found_from_the_eleventh_on():
    target = "Alle Rechte vorbehalten, auch die der Übersetzung."
    rows = [Pair(i, f"Sentence number {chr(97 + i)} speaks of something.", target) for i in range(SOURCES + 2)]
    found_at = [i for i, reasons in enumerate(reasons_of(rows)) if "overused target" in reasons]
    assert found_at == [SOURCES, SOURCES + 1]
    again = [Pair(i, "All rights are reserved here.", target) for i in range(20)]
    assert not any("overused target" in reasons for reasons in reasons_of(again))
    assert not any(
        "overused target" in r for r in reasons_of([Pair(i, f"Question {i}?", "Ja, gern.") for i in range(20)])
    )


def test_numbers_that_differ_are_counted_and_listed_and_drop_nothing():
    rows = [Pair(7, "Platform 12 at 18:45", "Gleis 14 um 18:45"), Pair(8, "In 1999", "Im Jahr 1999")]
    report = Report()
    list(report.tally(check(rows, Layout("a", "b"), 0.0, Settings())))
    document = report.document(DEFAULT_ON)
    assert document["numbers"] == [{"line": 7, "source": ["12"], "target": ["14"]}]
    assert document["kept"] == 2 and document["found"]["number mismatch"] == 1


@pytest.mark.parametrize(
    ("expected", "text"),
    [
        ("bg", "Файлът не може да бъде отворен"),
        ("sr", "Датотека не може да се отвори"),
        ("sr", "Trenutno izabrano ime datoteke"),
        ("sr", "Smer za izvršavanje prevlačenja i dvostrukog klika"),
        ("af", "Geen lêers in hierdie gids gevind nie"),
        ("nl", "Het bestand kan niet worden geopend"),
        ("ca", "ha de ser menor que el total donat"),
        ("es", "debe ser menor que el total dado"),
        ("pt", "deve ser menor que o total dado"),
        ("mk", "Датотеката не може да се отвори"),
        ("sl", "Datoteke ni mogoče odpreti za branje"),
        ("zh", "当 log_statement 为 true 时无法启用该选项"),
        ("bg", "git remote add: няма такъв АДРЕС"),
    ],
)
def test_near_languages_are_not_confused_on_short_texts(expected, text):
    assert other_languages([text], expected, "en") == [None]


def test_long_texts_in_a_near_language_are_still_told():
    dutch = "De bibliotheek sluit op vrijdag vroeg en de sleutels moeten morgen worden teruggebracht naar de balie."
    spanish = (
        "La biblioteca cierra temprano los viernes y las llaves deben devolverse mañana en el mostrador de la entrada."
    )
    assert sum(map(str.isalpha, dutch)) > SURE
    assert other_languages([dutch], "af", "en") == ["nl"] and other_languages([spanish], "ca", "en") == ["es"]
    assert other_languages(["The file could not be opened for reading"], "bg", "en") == ["en"]


@given(st.lists(st.sampled_from(ODDITIES), min_size=1, max_size=6), st.lists(st.sampled_from(ODDITIES), max_size=6))
def test_passing_over_plain_pairs_changes_nothing(one, other):
    """Filters that are asked only about pairs with an odd sign find nothing in others."""
    source, target = " ".join(one), "".join(other)
    bits = {reason: BIT[reason] for reason in REASONS}
    every = sum(BIT[one.name] for one in HYGIENE if one.test and one.test(source, target))
    assert finding(bits)(source, target) == every


def test_filters_take_long_and_hostile_texts_in_no_time():
    hostile = ["<" * 5000, "&amp;" * 2000, "a " * 5000, "ab" * 5000, "| " * 3000, "." * 9000, "Ã" * 5000, "A1b2" * 3000]
    for text in hostile:
        sides = text, text[::-1]
        for one in HYGIENE:
            if one.test:
                one.test(*sides)
            if one.remembered:
                one.remembered()(bare(sides[0]), bare(sides[1]))
    assert not is_list("|" * 50) and not repeats("", "")
