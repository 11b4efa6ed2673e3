"""Encoders of every kind, saved to disk: vectors are sentence-transformers' own, states transformers' own."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from core.errors import BadInput
from tests.support.late import COLLECTING
from tests.support.small_encoders import DECODERS, KINDS, POSITIONS, WIDTH, save_encoder, save_sentence_encoder

if not COLLECTING:
    import torch
    from safetensors.torch import load_file, save_file
    from sentence_transformers import SentenceTransformer
    from transformers import AutoModel

    from core.encoder.identity import encoder_identity
    from core.encoder.load import load_encoder
    from core.encoder.prompts import in_role
    from core.encoder.states import layer_states, token_states
    from core.encoder.tokens import tokenise
    from core.encoder.vectors import sentence_vectors
    from core.encoder.words import word_spans, words_of_pieces
    from core.model.batches import encode_pairs, encode_texts
    from core.model.bitext_batch import join_texts, signs_between

TEXTS = ["The cat sat on the mat.", "dog", "A woman, and a child: naïve café " * 3, "น้ำท่วมถนน", "Привет, мир"]
LONG = "the dog and the cat " * 200


@pytest.fixture(scope="module")
def folders(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str], Path]:
    root, made = tmp_path_factory.mktemp("kinds"), {}

    def folder(kind: str) -> Path:
        if kind not in made:
            made[kind] = save_encoder(root / kind, kind)
        return made[kind]

    return folder


def cosines(first: Any, second: Any) -> Any:
    return (first * second).sum(1) / np.linalg.norm(first, axis=1) / np.linalg.norm(second, axis=1)


def peer_of(folder: Path) -> Any:
    peer = SentenceTransformer(str(folder), device="cpu")
    if peer.tokenizer.pad_token is None:
        peer.tokenizer.pad_token = peer.tokenizer.eos_token
    return peer


@pytest.mark.parametrize("kind", KINDS)
def test_vectors_and_states_of_a_kind(kind: str, folders: Callable[[str], Path]) -> None:
    encoder, peer = load_encoder(str(folders(kind))), peer_of(folders(kind))
    assert (encoder.layers, encoder.hidden_size, encoder.vector_size) == (2, WIDTH, WIDTH)
    peer.max_seq_length = encoder.max_tokens
    ours = sentence_vectors(encoder, [*TEXTS, LONG])
    assert cosines(ours, peer.encode([*TEXTS, LONG])).min() > 0.9999
    assert (ours @ ours.T).min() < 0.9  # random as it is, it tells texts apart
    model = AutoModel.from_pretrained(folders(kind)).eval()
    for text, read in zip(TEXTS, layer_states(encoder, TEXTS), strict=True):
        ids = encoder.tokenizer(text, return_tensors="pt")["input_ids"]
        with torch.inference_mode():
            expected = torch.stack(model(input_ids=ids, output_hidden_states=True).hidden_states)[:, 0].numpy()
        row = tokenise(encoder, [text])[0]
        word_of = words_of_pieces(word_spans(text, row.offsets), row.offsets)
        own = [at for at, word in zip(row.content, word_of, strict=True) if word >= 0]
        assert row.ids == ids[0].tolist() and encoder.tokenizer.convert_ids_to_tokens(ids[0][own]) == read.tokens
        expected = expected[:, own]
        np.testing.assert_allclose(read.states, expected, atol=2e-4)
        for layer in range(encoder.layers + 1):
            (one,) = token_states(encoder, [text], layer)
            np.testing.assert_allclose(one.states, read.states[layer], atol=2e-4)


@pytest.mark.parametrize("kind", KINDS)
def test_two_sentences_joined_are_the_pair_that_the_tokeniser_makes(kind: str, folders: Callable[[str], Path]) -> None:
    encoder = load_encoder(str(folders(kind)))
    between = signs_between(encoder)
    alone = encode_texts(encoder, TEXTS, 60)
    (pair,) = encode_pairs(encoder, [(TEXTS[0], TEXTS[1])], None, 128)
    joined = join_texts(alone[0], alone[1], between)
    assert between and joined.part is not None
    np.testing.assert_array_equal(joined.ids, pair.ids)
    np.testing.assert_array_equal(joined.part, pair.part)
    assert set(pair.part.tolist()) == {0, 1, 2}


@pytest.mark.parametrize("kind", KINDS)
def test_positions_bound_a_text_where_the_tokeniser_has_no_limit(
    kind: str, folders: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(folders(kind), tmp_path / "unbounded"))
    edit(folder / "tokenizer_config.json", model_max_length=int(1e30))
    encoder = load_encoder(str(folder))
    assert POSITIONS - 3 <= encoder.max_tokens <= POSITIONS
    assert np.isfinite(sentence_vectors(encoder, [LONG])).all()
    assert len(encode_pairs(encoder, [(LONG, LONG)], None, 4096)[0].ids) == encoder.max_tokens


SENTENCE_FOLDERS: dict[str, tuple[str, dict[str, Any]]] = {
    "as LaBSE: first token, dense": ("bert", {"pooling": "cls", "dense": WIDTH}),
    "a narrower vector": ("xlm-roberta", {"dense": 16}),
    "largest": ("mpnet", {"pooling": "max"}),
    "mean and largest": ("electra", {"pooling": ("mean", "max"), "normalize": False}),
    "last token": ("qwen3", {"pooling": "lasttoken"}),
    "weighted mean": ("llama", {"pooling": "weightedmean"}),
    "as EmbeddingGemma: two dense layers and prompts": (
        "gemma3_text",
        {"dense": 32, "prompts": {"query": "task: search | query: ", "document": "title: none | text: "}},
    ),
    "as E5": ("modernbert", {"prompts": {"query": "query: ", "passage": "passage: "}, "default_prompt": "query"}),
    "as Arctic": ("distilbert", {"pooling": "cls", "prompts": {"query": "query: "}}),
    "as Instructor: the prompt is not pooled": (
        "albert", {"prompts": {"query": "the man: ", "document": "she said: "}, "include_prompt": False},
    ),
    "its own longest text": ("deberta-v2", {"longest": 12}),
    "as it comes": ("roberta", {}),
}  # fmt: skip


@pytest.mark.parametrize("case", SENTENCE_FOLDERS)
def test_a_folder_of_sentence_transformers_is_read_as_that_library_reads_it(case: str, tmp_path: Path) -> None:
    kind, settings = SENTENCE_FOLDERS[case]
    folder = save_sentence_encoder(tmp_path / "folder", kind, **settings)
    encoder, peer = load_encoder(str(folder)), peer_of(folder)
    assert encoder.vector_size == peer.get_embedding_dimension()
    plain = dict.fromkeys(("query", "document"), "") | (settings.get("prompts") or {})
    texts = [*TEXTS, LONG]
    expected = {
        "text": peer.encode(texts, prompt=encoder.prefix),
        "query": peer.encode_query(texts),
        "document": peer.encode(texts, prompt=plain["document"] or plain.get("passage", "")),
    }
    for role, vectors in expected.items():
        assert cosines(sentence_vectors(in_role(encoder, role), texts), vectors).min() > 0.9999, role
    default = settings.get("default_prompt")
    assert encoder.prefix == (plain[default] if default else plain["query"])


def test_two_settings_of_one_folder_are_two_identities(tmp_path: Path) -> None:
    folder = save_sentence_encoder(
        tmp_path / "whole", "bert", dense=16, prompts={"query": "ask: ", "document": "told: "}, pooling="max"
    )
    identities = {encoder_identity(in_role(load_encoder(str(folder)), role)) for role in ("query", "document")}
    weights = load_file(folder / "2_Dense" / "model.safetensors")

    def heavier(copy: Path) -> None:
        (copy / "2_Dense" / "model.safetensors").unlink()
        save_file({name: 2 * value for name, value in weights.items()}, copy / "2_Dense" / "model.safetensors")

    changes: list[Callable[[Path], None]] = [
        heavier,
        lambda copy: edit(copy / "2_Dense" / "config.json", activation_function="torch.nn.modules.linear.Identity"),
        lambda copy: edit(copy / "1_Pooling" / "config.json", pooling_mode="mean"),
        lambda copy: edit(copy / "1_Pooling" / "config.json", include_prompt=False),
        lambda copy: edit(copy / "config_sentence_transformers.json", truncate_dim=8),
        lambda copy: edit(copy / "sentence_bert_config.json", do_lower_case=True, max_seq_length=20),
    ]
    for number, change in enumerate(changes):
        copy = Path(shutil.copytree(folder, tmp_path / str(number)))
        change(copy)
        encoder, peer = load_encoder(str(copy)), peer_of(copy)
        identities.add(encoder_identity(in_role(encoder, "query")))
        assert cosines(sentence_vectors(encoder, TEXTS), peer.encode_query(TEXTS)).min() > 0.9999
    assert len(identities) == 2 + len(changes)


def test_weights_of_half_precision_are_read_in_full(folders: Callable[[str], Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(folders("xlm-roberta"), tmp_path / "half"))
    state = load_file(folder / "model.safetensors")
    (folder / "model.safetensors").unlink()
    save_file(
        {name: value.half() if value.is_floating_point() else value for name, value in state.items()},
        folder / "model.safetensors", metadata={"format": "pt"},
    )  # fmt: skip
    edit(folder / "config.json", dtype="float16")
    encoder = load_encoder(str(folder))
    assert {parameter.dtype for parameter in encoder.model.parameters()} == {torch.float32}
    whole = sentence_vectors(load_encoder(str(folders("xlm-roberta"))), TEXTS)
    assert cosines(sentence_vectors(encoder, TEXTS), whole).min() > 0.9999


@pytest.mark.parametrize(
    ("name", "text", "query", "document"),
    [
        ("multilingual-e5-base", "query: ", "query: ", "passage: "),
        ("bge-small-en-v1.5", "", "Represent this sentence for searching relevant passages: ", ""),
        ("anything", "", "", ""),
    ],
)
def test_prompts_that_no_file_holds(
    name: str, text: str, query: str, document: str, folders: Callable[[str], Path], tmp_path: Path
) -> None:
    encoder = load_encoder(str(shutil.copytree(folders("bert"), tmp_path / name)))
    assert (encoder.prefix, encoder.query_prefix, encoder.document_prefix) == (text, query, document)
    assert in_role(encoder, "document", "mine: ").prefix == "mine: "
    assert in_role(encoder, "query", "").prefix == ""


@pytest.mark.parametrize(
    ("prompt", "said"), [("the " * 200, "no room"), ("[SEP] x", "special token"), ("x" * 5000, "too long")]
)
def test_a_prompt_that_cannot_be_read_is_one_sentence(prompt: str, said: str, folders: Callable[[str], Path]) -> None:
    with pytest.raises(BadInput, match=said):
        in_role(load_encoder(str(folders("bert"))), "query", prompt)


def edit(path: Path, **changes: Any) -> None:
    path.write_text(json.dumps({**json.loads(path.read_text()), **changes}))


def only_sentencepiece(folder: Path) -> None:
    for file in folder.glob("token*"):
        file.unlink()
    (folder / "sentencepiece.bpe.model").write_bytes(b"pieces")


def no_tokeniser(folder: Path) -> None:
    for file in folder.glob("token*"):
        file.unlink()


def another_tokeniser(folder: Path) -> None:
    """One whose tokens the model has no rows for."""
    content = json.loads((folder / "tokenizer.json").read_text())
    content["model"]["vocab"]["zebra"] = 5000
    (folder / "tokenizer.json").write_text(json.dumps(content))


def no_sign(folder: Path) -> None:
    edit(folder / "tokenizer_config.json", sep_token=None, cls_token=None)
    content = json.loads((folder / "tokenizer.json").read_text())
    content["post_processor"] = None
    (folder / "tokenizer.json").write_text(json.dumps(content))


SIZES = {
    "num_hidden_layers": 10**9,
    "hidden_size": 10**8,
    "vocab_size": 10**12,
    "max_position_embeddings": 10**11,
    "intermediate_size": 10**9,
    "num_attention_heads": float("nan"),
}


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (only_sentencepiece, "SentencePiece's sentencepiece.bpe.model alone.*package sentencepiece"),
        (no_tokeniser, "has no tokeniser"),
        (another_tokeniser, "not of one model"),
        (no_sign, "no sign to put between"),
        (lambda f: edit(f / "config.json", hidden_size=30_000, num_hidden_layers=200), "GB of memory"),
        (lambda f: (f / "config.json").write_text("[" * 100_000), "JSON"),
        (lambda f: (f / "config.json").write_text("[]"), "not a JSON object"),
        *(
            (lambda f, key=key, value=value: edit(f / "config.json", **{key: value}), f"asks for {key}")
            for key, value in SIZES.items()
        ),
    ],
)
def test_what_cannot_be_read_is_one_sentence(
    spoil: Callable[[Path], None], said: str, folders: Callable[[str], Path], tmp_path: Path
) -> None:
    folder = Path(shutil.copytree(folders("bert"), tmp_path / "spoilt"))
    spoil(folder)
    with pytest.raises(BadInput, match=said) as caught:
        load_encoder(str(folder))
    assert "\n" not in str(caught.value) and len(str(caught.value)) < 500


def module(folder: Path, kind: str, number: int = 2) -> None:
    listed = json.loads((folder / "modules.json").read_text())
    name = f"{number}_{kind.rsplit('.', 1)[-1]}"
    listed.insert(number, {"idx": number, "name": str(number), "path": name, "type": kind})
    (folder / name).mkdir(exist_ok=True)
    (folder / "modules.json").write_text(json.dumps(listed))


def pickled_dense(folder: Path) -> None:
    module(folder, "sentence_transformers.models.Dense")
    (folder / "2_Dense" / "pytorch_model.bin").write_bytes(b"cposix\nsystem\n")


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (lambda f: module(f, "sentence_transformers.models.LSTM"), "LSTM, which is not honoured"),
        (lambda f: module(f, "somebody.Pooling"), "somebody.Pooling, which is not honoured"),
        (lambda f: module(f, "sentence_transformers.models.Pooling", 0), "not honoured"),
        (pickled_dense, "pickled weights are never read"),
        (lambda f: edit(f / "1_Pooling" / "config.json", pooling_mode="median"), "Invalid pooling mode"),
        (lambda f: edit(f / "config_sentence_transformers.json", prompts={"query": "the " * 300}), "no room"),
        (lambda f: edit(f / "config.json", vocab_size=10**9), "asks for vocab_size"),
    ],
)
def test_a_folder_of_sentence_transformers_that_cannot_be_honoured_is_one_sentence(
    spoil: Callable[[Path], None], said: str, tmp_path: Path
) -> None:
    folder = save_sentence_encoder(tmp_path / "whole", "bert")
    spoil(folder)
    with pytest.raises(BadInput, match=said) as caught:
        load_encoder(str(folder))
    assert "\n" not in str(caught.value)


def test_a_decoder_saved_as_one_is_pooled_at_its_last_token(folders: Callable[[str], Path], tmp_path: Path) -> None:
    folder = Path(shutil.copytree(folders("llama"), tmp_path / "causal"))
    edit(folder / "config.json", architectures=["LlamaForCausalLM"])
    encoder, peer = load_encoder(str(folder)), peer_of(folder)
    assert encoder.head is not None and "llama" in DECODERS
    assert cosines(sentence_vectors(encoder, TEXTS), peer.encode(TEXTS)).min() > 0.9999
