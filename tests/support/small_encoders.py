"""Small encoders of every kind with random weights, saved to disk as transformers or sentence-transformers save one.

No file of anybody's is needed: vocabularies are made of letters and a few words, weights are drawn from a seed.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

#: Languages of the starter set in its scripts: what is not a piece here is the unknown token.
_WORDS = "the a cat dog sat on mat is not and of in to man woman child was he she it".split()
_LETTERS = [chr(code) for code in (*range(0x20, 0x7F), *range(0xC0, 0x180), *range(0x400, 0x460), *range(0xE01, 0xE3B))]
#: Settings that all kinds share.
WIDTH, LAYERS, POSITIONS = 64, 2, 160

#: The kinds that are made, by the name that transformers gives them.
KINDS = (
    "bert", "xlm-roberta", "roberta", "distilbert", "modernbert", "albert", "deberta-v2", "mpnet", "electra", "qwen3",
    "llama", "gemma3_text", "camembert", "rembert",
)  # fmt: skip
#: Kinds whose layers are a decoder's.
DECODERS = ("qwen3", "llama", "gemma3_text")


def save_encoder(folder: Path, kind: str, width: int = WIDTH, layers: int = LAYERS) -> Path:
    """A transformers folder of `kind` with a tokeniser of its family."""
    import torch

    tokenizer = small_tokenizer(kind)
    with torch.random.fork_rng():
        torch.manual_seed(sum(map(ord, kind)))
        model = _model(kind, len(tokenizer), width, layers, tokenizer)
        for parameter in model.parameters():  # fresh weights are small: states of different texts would be alike
            if parameter.ndim > 1:
                parameter.data.mul_(3.0)
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def save_sentence_encoder(
    folder: Path, kind: str, *, pooling: str | tuple[str, ...] = "mean", dense: int | None = None,
    normalize: bool = True, prompts: dict[str, str] | None = None, default_prompt: str | None = None,
    include_prompt: bool = True, longest: int | None = None,
) -> Path:  # fmt: skip
    """A sentence-transformers folder around an encoder of `kind`, written by that library."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer import modules as parts

    plain = save_encoder(folder.with_name(f"{folder.name}-plain"), kind)
    transformer = parts.Transformer(str(plain), max_seq_length=longest)
    pooled = parts.Pooling(WIDTH, pooling_mode=pooling, include_prompt=include_prompt)
    chain: list[Any] = [transformer, pooled]
    if dense is not None:
        with torch.random.fork_rng():
            torch.manual_seed(11)
            chain.append(parts.Dense(pooled.get_embedding_dimension(), dense))
    if normalize:
        chain.append(parts.Normalize())
    whole = SentenceTransformer(modules=chain, prompts=prompts, default_prompt_name=default_prompt, device="cpu")
    whole.save_pretrained(str(folder), create_model_card=False)
    return folder


def small_tokenizer(kind: str) -> Any:
    """A fast tokeniser of the kind's family: WordPiece, unigram or byte-level BPE, with the family's template."""
    from transformers import PreTrainedTokenizerFast

    backend, names = _FAMILIES.get(kind, _word_piece)()
    return PreTrainedTokenizerFast(tokenizer_object=backend, model_max_length=POSITIONS - 10, **names)


def _word_piece() -> tuple[Any, dict[str, str]]:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    specials = ["[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]"]
    letters = [letter for letter in _LETTERS if not letter.isspace()]
    pieces = [*specials, *_WORDS, *letters, *(f"##{letter}" for letter in letters)]
    vocabulary = {piece: number for number, piece in enumerate(dict.fromkeys(pieces))}
    backend = Tokenizer(models.WordPiece(vocabulary, unk_token="[UNK]"))
    backend.normalizer = normalizers.BertNormalizer(lowercase=True)
    backend.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    backend.post_processor = processors.TemplateProcessing(
        single="[CLS] $A [SEP]", pair="[CLS] $A [SEP] $B:1 [SEP]:1", special_tokens=[("[CLS]", 2), ("[SEP]", 3)]
    )
    roles = zip(("pad", "unk", "cls", "sep", "mask"), specials, strict=True)
    return backend, {f"{role}_token": token for role, token in roles}


def _unigram() -> tuple[Any, dict[str, str]]:
    from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

    specials = ["<s>", "<pad>", "</s>", "<unk>", "<mask>"]
    pieces = [("\u2581", -2.0), *((f"\u2581{word}", -3.0) for word in _WORDS)]
    pieces += [(letter, -5.0) for letter in _LETTERS if not letter.isspace()]
    vocabulary = [(special, 0.0) for special in specials] + pieces
    backend = Tokenizer(models.Unigram(vocabulary, unk_id=3))
    backend.normalizer = normalizers.NFKC()
    backend.pre_tokenizer = pre_tokenizers.Metaspace()
    backend.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    names = {"bos": "<s>", "eos": "</s>", "cls": "<s>", "sep": "</s>", "pad": "<pad>", "unk": "<unk>", "mask": "<mask>"}
    return backend, {f"{role}_token": token for role, token in names.items()}


def _starter_sentences() -> list[str]:
    """The project's own sentences: without pieces of several bytes, Thai would have hundreds of tokens a sentence."""
    from core.data.catalog import starter_catalog

    catalog = starter_catalog()
    pairs = [pair for code in ("sw", "th", "tr") for pair in catalog.training_bitext(code).pairs]
    return [text for pair in pairs for text in pair]


def _bytes(specials: list[str], template: Any, names: dict[str, str]) -> tuple[Any, dict[str, str]]:
    from tokenizers import Tokenizer, models, pre_tokenizers, processors, trainers

    backend = Tokenizer(models.BPE(unk_token=names.get("unk_token")))
    backend.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    trainer = trainers.BpeTrainer(
        vocab_size=2000, special_tokens=specials, initial_alphabet=pre_tokenizers.ByteLevel.alphabet(),
        show_progress=False,
    )  # fmt: skip
    backend.train_from_iterator(_starter_sentences(), trainer)
    step = processors.ByteLevel(trim_offsets=False)
    backend.post_processor = step if template is None else processors.Sequence([step, template])
    return backend, names


def _roberta() -> tuple[Any, dict[str, str]]:
    from tokenizers import processors

    names = {"bos": "<s>", "eos": "</s>", "cls": "<s>", "sep": "</s>", "pad": "<pad>", "unk": "<unk>", "mask": "<mask>"}
    template = processors.RobertaProcessing(("</s>", 2), ("<s>", 0), trim_offsets=False, add_prefix_space=False)
    return _bytes(
        ["<s>", "<pad>", "</s>", "<unk>", "<mask>"], template, {f"{role}_token": name for role, name in names.items()}
    )


def _qwen() -> tuple[Any, dict[str, str]]:
    """Neither a template nor a padding token, as a decoder comes."""
    return _bytes(["<|end|>"], None, {"eos_token": "<|end|>"})


def _llama() -> tuple[Any, dict[str, str]]:
    """A sign at the beginning alone."""
    from tokenizers import processors

    template = processors.TemplateProcessing(single="<s> $A", pair="<s> $A <s>:1 $B:1", special_tokens=[("<s>", 0)])
    return _bytes(["<s>", "</s>", "<unk>"], template, {"bos_token": "<s>", "eos_token": "</s>", "unk_token": "<unk>"})


def _gemma() -> tuple[Any, dict[str, str]]:
    """A sign at both ends, and no form for pairs."""
    from tokenizers import processors

    template = processors.TemplateProcessing(
        single="<bos> $A <eos>", pair="<bos> $A $B:1 <eos>:1", special_tokens=[("<bos>", 2), ("<eos>", 1)]
    )
    names = {"pad_token": "<pad>", "eos_token": "<eos>", "bos_token": "<bos>", "unk_token": "<unk>"}
    return _bytes(["<pad>", "<eos>", "<bos>", "<unk>"], template, names)


_FAMILIES: dict[str, Callable[[], tuple[Any, dict[str, str]]]] = {
    "xlm-roberta": _unigram, "camembert": _unigram, "albert": _unigram, "rembert": _unigram, "deberta-v2": _unigram,
    "roberta": _roberta, "qwen3": _qwen, "llama": _llama, "gemma3_text": _gemma, "mpnet": _roberta,
}  # fmt: skip


def _model(kind: str, rows: int, width: int, layers: int, tokenizer: Any) -> Any:
    from transformers import AutoConfig, AutoModel

    plain = dict(
        vocab_size=rows, hidden_size=width, num_hidden_layers=layers, num_attention_heads=4,
        intermediate_size=2 * width, max_position_embeddings=POSITIONS, pad_token_id=tokenizer.pad_token_id,
        bos_token_id=tokenizer.bos_token_id, eos_token_id=tokenizer.eos_token_id,
    )  # fmt: skip
    decoder = plain | dict(num_key_value_heads=2, head_dim=width // 4)
    settings: dict[str, Any] = {
        "distilbert": dict(
            vocab_size=rows, dim=width, n_layers=layers, n_heads=4, hidden_dim=2 * width,
            max_position_embeddings=POSITIONS, pad_token_id=tokenizer.pad_token_id,
        ),
        "modernbert": plain | dict(
            cls_token_id=tokenizer.cls_token_id, sep_token_id=tokenizer.sep_token_id, local_attention=16,
            global_attn_every_n_layers=2,
        ),
        "albert": plain | dict(embedding_size=width // 2, num_hidden_groups=1, inner_group_num=1),
        "deberta-v2": plain | dict(
            relative_attention=True, position_buckets=32, pos_att_type=["p2c", "c2p"], norm_rel_ebd="layer_norm",
            share_att_key=True, position_biased_input=False, type_vocab_size=0,
        ),
        "electra": plain | dict(embedding_size=width // 2),
        "rembert": plain | dict(input_embedding_size=width // 2),
        "qwen3": decoder,
        "llama": decoder,
        "gemma3_text": decoder | dict(use_bidirectional_attention=True, sliding_window=16, query_pre_attn_scalar=16),
    }.get(kind, plain)  # fmt: skip
    return AutoModel.from_config(AutoConfig.for_model(kind, **settings)).eval()
