"""The encoder that comes with requirements.txt: multilingual-e5-small from the packed weights, without a network."""

from __future__ import annotations

from pathlib import Path

import torch
from transformers import BertConfig, BertModel

from core.encoder.encoder import Encoder
from core.encoder.packed import SHA256, Dimensions, Packed
from core.encoder.tokenizer import build_tokenizer

NAME = "embedded"
#: Before texts that are compared and before queries, and before what is searched [1].
PREFIX, DOCUMENT_PREFIX = "query: ", "passage: "


def load_embedded(path: Path | None = None) -> Encoder:
    """Build the embedded encoder: 12 layers of 384 units, 512 tokens, mean pooling, prefix `query: ` [1].

    `path` None means the file of the installed distribution. Raises BadInput when the file is missing or
    damaged.

    [1] Wang et al. 2024, Multilingual E5 Text Embeddings, arXiv:2402.05672.
    """
    packed = Packed(path)
    size = packed.dimensions
    return Encoder(
        name=NAME,
        fingerprint=SHA256,
        model=build_model(packed),
        tokenizer=build_tokenizer(packed.pieces(), size.positions),
        prefix=PREFIX,
        pooling="mean",
        layers=size.layers,
        hidden_size=size.hidden,
        max_tokens=size.positions,
        query_prefix=PREFIX,
        document_prefix=DOCUMENT_PREFIX,
    )


def build_model(packed: Packed) -> BertModel:
    """The packed weights as a transformers BertModel without pooler: eval mode, float32, parameters frozen."""
    size = packed.dimensions
    config = BertConfig(  # type: ignore[call-arg]
        vocab_size=size.vocabulary,
        hidden_size=size.hidden,
        num_hidden_layers=size.layers,
        num_attention_heads=size.heads,
        intermediate_size=size.ffn,
        max_position_embeddings=size.positions,
        type_vocab_size=size.types,
        layer_norm_eps=size.eps,
        hidden_act="gelu",
        pad_token_id=1,
        bos_token_id=0,
        eos_token_id=2,
        attn_implementation="sdpa",
    )
    with torch.device("meta"):  # the arrays become the parameters: no second copy, no random initialisation
        model = BertModel(config, add_pooling_layer=False)
    state = {ours: torch.from_numpy(packed.tensor(theirs, shape)) for theirs, ours, shape in _names(size)}
    model.load_state_dict(state, assign=True, strict=True)
    for name, values in (
        ("position_ids", torch.arange(size.positions).unsqueeze(0)),
        ("token_type_ids", torch.zeros((1, size.positions), dtype=torch.long)),
    ):
        model.embeddings.register_buffer(name, values, persistent=False)
    model.train(False)
    model.requires_grad_(False)
    return model


def _names(size: Dimensions) -> list[tuple[str, str, tuple[int, ...]]]:
    """Name in the packed file, name in BertModel, shape."""
    hidden, ffn = size.hidden, size.ffn
    names: list[tuple[str, str, tuple[int, ...]]] = [
        ("emb.word", "embeddings.word_embeddings.weight", (size.vocabulary, hidden)),
        ("emb.pos", "embeddings.position_embeddings.weight", (size.positions, hidden)),
        ("emb.type", "embeddings.token_type_embeddings.weight", (size.types, hidden)),
        ("emb.ln.w", "embeddings.LayerNorm.weight", (hidden,)),
        ("emb.ln.b", "embeddings.LayerNorm.bias", (hidden,)),
    ]
    modules: list[tuple[str, str, tuple[int, ...]]] = [
        ("q", "attention.self.query", (hidden, hidden)),
        ("k", "attention.self.key", (hidden, hidden)),
        ("v", "attention.self.value", (hidden, hidden)),
        ("ao", "attention.output.dense", (hidden, hidden)),
        ("aln", "attention.output.LayerNorm", (hidden,)),
        ("fi", "intermediate.dense", (ffn, hidden)),
        ("fo", "output.dense", (hidden, ffn)),
        ("oln", "output.LayerNorm", (hidden,)),
    ]
    for layer in range(size.layers):
        for theirs, ours, shape in modules:
            names.append((f"l{layer}.{theirs}.w", f"encoder.layer.{layer}.{ours}.weight", shape))
            names.append((f"l{layer}.{theirs}.b", f"encoder.layer.{layer}.{ours}.bias", shape[:1]))
    return names
