"""XLM-R's unigram tokeniser from the packed pieces, as a fast tokeniser of transformers."""

from __future__ import annotations

import re
from collections.abc import Iterable

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors
from transformers import PreTrainedTokenizerFast

from core.encoder.charsmap import precompiled_charsmap
from core.encoder.packed import Pieces

# What a grapheme goes on with: marks, the joiners, SARA AM of Thai and Lao, halfwidth voicing marks.
_JOINS = r"[\p{M}\x{200C}\x{200D}\x{E33}\x{EB3}\x{FF9E}\x{FF9F}]"


def build_tokenizer(pieces: Pieces, max_tokens: int) -> PreTrainedTokenizerFast:
    """The tokeniser: `<s> A </s>` for one text, `<s> A </s></s> B </s>` for a pair, offsets into the original text.

    Normalisation maps each code point, turns runs of spaces into one, drops spaces at both ends and marks
    the beginning of each word with U+2581. A special token's name written in a text is text, never the
    special token.
    """
    bos, eos, pad, unk = (pieces.pieces[i] for i in (pieces.bos, pieces.eos, pieces.pad, pieces.unk))
    specials = [bos, pad, eos, unk, "<mask>"]
    tokenizer = Tokenizer(models.Unigram([(unk, 0.0)], unk_id=0))
    tokenizer.normalizer = normalizers.Sequence(_normalizers(pieces.mapping))
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.WhitespaceSplit(),
            pre_tokenizers.Metaspace(replacement="\u2581", prepend_scheme="always"),
            split_specials(specials),
        ]
    )
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{bos} $A {eos}",
        pair=f"{bos} $A {eos} {eos} $B:1 {eos}:1",
        special_tokens=[(bos, pieces.bos), (eos, pieces.eos)],
    )
    tokenizer.decoder = decoders.Metaspace(replacement="\u2581", prepend_scheme="always")
    fast = PreTrainedTokenizerFast(  # type: ignore[no-untyped-call]
        tokenizer_object=tokenizer,
        model_max_length=max_tokens,
        padding_side="right",
        truncation_side="right",
        split_special_tokens=True,
        model_input_names=["input_ids", "attention_mask"],
    )
    # The constructor copies its tokeniser: the 250,000 pieces go in afterwards, so that they exist once.
    scores = pieces.scores.tolist()
    fast.backend_tokenizer.model = models.Unigram(list(zip(pieces.pieces, scores, strict=True)), unk_id=pieces.unk)
    names = {"bos": bos, "eos": eos, "cls": bos, "sep": eos, "pad": pad, "unk": unk, "mask": "<mask>"}
    fast.add_special_tokens(
        {f"{role}_token": AddedToken(name, special=True, normalized=False) for role, name in names.items()}
    )
    return fast


def split_specials(names: Iterable[str]) -> pre_tokenizers.PreTokenizer:
    """Cut after the first character of a special token's name found in a text.

    The names are pieces of the unigram model too, with a score that nothing beats: without the cut, `</s>`
    in a text would become the end of the sentence.
    """
    cuts = "|".join(f"{re.escape(name[0])}(?={re.escape(name[1:])})" for name in sorted(set(names)) if len(name) > 1)
    return pre_tokenizers.Split(Regex(cuts), "merged_with_previous")


def _normalizers(mapping: dict[int, str]) -> list[normalizers.Normalizer]:
    """Compose (NFC), map code points, delete, collapse runs of spaces.

    XLM-R's own map also lists decomposed sequences, which NFC composes. Two habits of `Precompiled` are
    worked around: it reads a short grapheme as a whole and drops the marks after a mapped character (a
    deletable U+0001 between them keeps them), and it loses offsets when a text begins with a deletion
    (deletions are a step of their own).
    """
    deleted = _characters(code for code, text in mapping.items() if not text)
    replaced = {code: text for code, text in mapping.items() if text}
    steps: list[normalizers.Normalizer] = [normalizers.NFC()]
    if mapping.get(1) == "":
        marked = rf"(?<={_characters(replaced)})(?={_JOINS})"
        steps.append(normalizers.Replace(Regex(marked), "\1"))
    steps.append(normalizers.Precompiled(precompiled_charsmap(replaced)))
    if deleted != "[]":
        steps.append(normalizers.Replace(Regex(deleted), ""))
    steps.append(normalizers.Replace(Regex(" {2,}"), " "))
    return steps


def _characters(codes: Iterable[int]) -> str:
    return "[" + "".join(f"\\x{{{code:X}}}" for code in codes) + "]"
