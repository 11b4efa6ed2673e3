from __future__ import annotations

import pytest

from core.encoder.words import word_spans, words_of_pieces


def cut(text: str, pieces: list[tuple[int, int]] | None = None) -> list[str]:
    return [text[a:b] for a, b in word_spans(text, pieces or [])]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Don’t go to St.-Denis at 3.5 km!", ["Don’t", "go", "to", "St", ".-", "Denis", "at", "3.5", "km", "!"]),
        ("well-known rock 'n' roll", ["well-known", "rock", "'", "n", "'", "roll"]),
        ("हम क़िले में गए।", ["हम", "क़िले", "में", "गए", "।"]),
        ("می‌روم و نمی‌دانم؟", ["می‌روم", "و", "نمی‌دانم", "؟"]),
        ("وَلَمْ يَذْهَبْ،", ["وَلَمْ", "يَذْهَبْ", "،"]),
        ("서울은 크다.", ["서울은", "크다", "."]),
        ("  ", []),
        ("", []),
    ],
)
def test_spaced_scripts(text: str, words: list[str]) -> None:
    assert cut(text) == words


def test_unspaced_scripts_are_cut_where_subwords_begin() -> None:
    assert cut("我们去北京。OK", [(0, 2), (2, 3), (3, 5), (5, 6), (6, 8)]) == ["我们", "去", "北京", "。", "OK"]
    assert cut("กินข้าว", [(0, 3), (3, 7)]) == ["กิน", "ข้าว"]


def test_a_mark_is_never_cut_from_its_letter() -> None:
    assert cut("กิน", [(0, 1), (1, 2), (2, 3)]) == ["กิ", "น"]


def test_no_word_ends_inside_a_subword() -> None:
    assert cut("ok).", [(0, 2), (2, 4)]) == ["ok", ")."]
    assert cut("是的,好", [(0, 1), (1, 3), (3, 4)]) == ["是", "的,", "好"]


def test_a_piece_goes_to_the_word_it_overlaps_most() -> None:
    spans = [(0, 3), (4, 9), (9, 10)]
    pieces = [(0, 3), (3, 6), (6, 9), (8, 10), (9, 10), (3, 4), (10, 12)]
    assert words_of_pieces(spans, pieces).tolist() == [0, 1, 1, 1, 2, -1, -1]
    assert words_of_pieces([], [(0, 1)]).tolist() == [-1]
