from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tokenizers import normalizers

from core.encoder.charsmap import precompiled_charsmap
from core.encoder.packed import Packed

CODES = st.integers(1, 0x10FFFF).filter(lambda code: not 0xD800 <= code < 0xE000)
TEXTS = st.text(st.characters(min_codepoint=1, exclude_categories=["Cs"]), min_size=1, max_size=4)


def test_every_code_point_of_the_real_map_and_no_other_is_mapped() -> None:
    mapping = {code: text for code, text in Packed().pieces().mapping.items() if text}
    assert len(mapping) == 4807
    normalise = normalizers.Precompiled(precompiled_charsmap(mapping)).normalize_str
    wrong = [
        hex(code)
        for code in range(1, 0x110000)
        if not 0xD800 <= code < 0xE000 and normalise(chr(code)) != mapping.get(code, chr(code))
    ]
    assert wrong == []


@settings(max_examples=60, deadline=None)
@given(st.dictionaries(CODES, TEXTS, min_size=1, max_size=40), st.lists(CODES, max_size=20))
def test_any_map_is_read_back(mapping: dict[int, str], others: list[int]) -> None:
    normalise = normalizers.Precompiled(precompiled_charsmap(mapping)).normalize_str
    for code in [*mapping, *others]:
        assert normalise(chr(code)) == mapping.get(code, chr(code))


@pytest.mark.parametrize("mapping", [{65: ""}, {65: "a\0"}, {0: "a"}])
def test_what_the_format_cannot_say_is_refused(mapping: dict[int, str]) -> None:
    with pytest.raises(ValueError, match="cannot be mapped"):
        precompiled_charsmap(mapping)
