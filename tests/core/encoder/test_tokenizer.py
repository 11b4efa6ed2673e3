from __future__ import annotations

import copy
import pickle
import random
import unicodedata
from pathlib import Path
from typing import Any

import pytest

from core.encoder.packed import Packed, Pieces

SENTENCES = [
    "The cat sat on the mat.",
    "Paka alikaa juu ya mkeka.",
    "بلی چٹائی پر بیٹھی تھی۔",
    "बिल्ली क़ालीन पर बैठी थी।",
    "แมวนั่งอยู่บนเสื่อ",
    "Kedi paspasın üzerinde oturuyordu.",
    "猫坐在垫子上。",
    "ﬁrst …  ½\tＡＢＣ ｶﾞ",
]


@pytest.fixture(scope="module")
def pieces() -> Pieces:
    return Packed().pieces()


@pytest.fixture(scope="module")
def tokenizer(encoder: Any) -> Any:
    return encoder.tokenizer


def normalise(text: str, pieces: Pieces) -> str:
    mapped = "".join(pieces.mapping.get(ord(c), c) for c in unicodedata.normalize("NFC", text))
    while "  " in mapped:
        mapped = mapped.replace("  ", " ")
    return mapped


def best_ids(text: str, pieces: Pieces) -> list[int]:
    """The best segmentation by Viterbi over the whole sentence, written out; consecutive unknowns become one."""
    marked = ("\u2581" + normalise(text, pieces).strip()).replace(" ", "\u2581")
    index = {piece: i for i, piece in enumerate(pieces.pieces) if i not in (0, 1, 2, 3, 250001)}
    scores, unknown = pieces.scores, float(pieces.scores.min()) - 10
    best: list[tuple[float, int, int]] = [(0.0, -1, -1)] + [(-1e30, -1, -1)] * len(marked)
    for end in range(1, len(marked) + 1):
        for begin in range(max(0, end - 32), end):
            piece = index.get(marked[begin:end])
            if piece is None and begin < end - 1:
                continue
            score = best[begin][0] + (unknown if piece is None else float(scores[piece]))
            if score > best[end][0]:
                best[end] = (score, begin, 3 if piece is None else piece)
    ids: list[int] = []
    at = len(marked)
    while at > 0:
        _, before, piece = best[at]
        if not (piece == 3 and ids and ids[-1] == 3):
            ids.append(piece)
        at = before
    return ids[::-1]


@pytest.mark.parametrize("text", SENTENCES)
def test_ids_are_the_best_segmentation(tokenizer: Any, pieces: Pieces, text: str) -> None:
    assert tokenizer(text)["input_ids"] == [0, *best_ids(text, pieces), 2]


def test_a_pair_has_the_template_of_xlmr(tokenizer: Any) -> None:
    one, two = tokenizer("one")["input_ids"], tokenizer("two")["input_ids"]
    encoded = tokenizer("one", "two")
    assert encoded["input_ids"] == [*one, 2, *two[1:]]
    assert encoded.sequence_ids(0) == [None, 0, None, None, 1, None]


def test_special_tokens_have_their_ids(tokenizer: Any) -> None:
    assert (tokenizer.bos_token_id, tokenizer.pad_token_id, tokenizer.eos_token_id) == (0, 1, 2)
    assert (tokenizer.unk_token_id, tokenizer.mask_token_id, len(tokenizer)) == (3, 250001, 250002)


@pytest.mark.parametrize("name", ["<s>", "</s>", "<pad>", "<unk>", "<mask>"])
@pytest.mark.parametrize("text", ["{}", "a {} b", "a{}b", "{0}{0}", "\u200b{}", "<{}>", "＜{}"])
def test_a_special_token_named_in_a_text_stays_text(tokenizer: Any, name: str, text: str) -> None:
    for given in (text.format(name), text.format(name.replace("<", "＜").replace(">", "＞"))):
        inner = tokenizer(given)["input_ids"][1:-1]
        assert inner and not set(inner) & {0, 1, 2, 250001}
        assert set(inner) != {3}
        joint = tokenizer("premise", given)["input_ids"]
        assert joint.count(2) == 3 and joint.count(0) == 1


def test_normalisation_is_the_files_map(tokenizer: Any, pieces: Pieces) -> None:
    """On random strings of mapped characters, marks and the rest, whatever grapheme they happen to form."""
    rng = random.Random(5)
    normaliser = tokenizer.backend_tokenizer.normalizer
    mapped = list(pieces.mapping)
    marks = [0x301, 0x323, 0x64E, 0x651, 0x947, 0x93C, 0xE33, 0xE48, 0x200C, 0x200D, 0x3099, 0xFF9E]
    for _ in range(5000):
        kinds = (rng.choice(mapped), rng.choice(marks), rng.randrange(32, 127), rng.randrange(0x390, 0x6FF), 32)
        text = "".join(chr(rng.choice(kinds)) for _ in range(rng.randrange(1, 12)))
        if any(unicodedata.category(c) == "Cn" for c in text):
            continue
        assert normaliser.normalize_str(text) == normalise(text, pieces), ascii(text)


def test_a_mark_after_a_mapped_letter_is_kept(tokenizer: Any) -> None:
    assert tokenizer.backend_tokenizer.normalizer.normalize_str("\ufee2\u064e") == "\u0645\u064e"


def test_decomposed_text_reads_as_composed(tokenizer: Any) -> None:
    for text in ("Crème brûlée", "Việt Nam", "آپ کیسے ہیں", "Kẹ́kọ̀ọ́"):
        composed = tokenizer(unicodedata.normalize("NFC", text))["input_ids"]
        assert tokenizer(unicodedata.normalize("NFD", text))["input_ids"] == composed


def test_offsets_lead_back_to_the_original_text(tokenizer: Any, pieces: Pieces) -> None:
    """Each piece is found in what normalisation makes of its span, after deletions, expansions and runs of spaces."""
    rng = random.Random(9)
    alphabet = [*"abc deé… ½ﬁ\t\x01\x02\u200b中あЖ한สวัิ्कﷺ😀", "\u3000", "  "]
    for _ in range(3000):
        text = "".join(rng.choice(alphabet) for _ in range(rng.randrange(1, 16)))
        encoded = tokenizer(text, return_offsets_mapping=True)
        pieces_of = tokenizer.convert_ids_to_tokens(encoded["input_ids"])[1:-1]
        spans = encoded["offset_mapping"][1:-1]
        assert all(0 <= a <= b <= len(text) for a, b in spans)
        assert spans == sorted(spans)
        for piece, (a, b) in zip(pieces_of, spans, strict=True):
            if piece != "<unk>":
                assert piece.strip("\u2581") in normalise(text[a:b], pieces).replace(" ", ""), ascii(text)


def test_exact_offsets(tokenizer: Any) -> None:
    text = "\x01\x02Hello \x03 world… ﬁne"
    encoded = tokenizer(text, return_offsets_mapping=True)
    found = zip(tokenizer.convert_ids_to_tokens(encoded["input_ids"]), encoded["offset_mapping"], strict=True)
    assert [(piece, text[a:b]) for piece, (a, b) in found][1:-1] == [
        ("\u2581Hello", "Hello"),
        ("\u2581world", "world"),
        ("...", "…"),
        ("\u2581fine", "ﬁne"),
    ]


@pytest.mark.slow
def test_copies_and_saved_folders_tokenise_alike(tokenizer: Any, tmp_path: Path) -> None:
    from transformers import AutoTokenizer

    texts = [*SENTENCES, "a </s> b"]
    expected = tokenizer(texts)["input_ids"]
    assert pickle.loads(pickle.dumps(copy.deepcopy(tokenizer)))(texts)["input_ids"] == expected
    tokenizer.save_pretrained(tmp_path)
    assert AutoTokenizer.from_pretrained(tmp_path)(texts)["input_ids"] == expected


def test_decoding_gives_the_text_back(tokenizer: Any) -> None:
    text = "The cat sat on the mat."
    assert tokenizer.decode(tokenizer(text)["input_ids"], skip_special_tokens=True) == text
