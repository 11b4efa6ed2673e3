"""Two settings of one folder never share an entry of a cache: over everything that the identity is made of."""

from __future__ import annotations

import dataclasses
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from core.encoder.encoder import Encoder
from core.reading.formats import BACKENDS, FORMATS, Reading
from tests.support.late import COLLECTING
from tests.support.small_bert import save_small_bert

if not COLLECTING:
    from core.encoder.identity import encoder_identity
    from core.encoder.load import load_encoder
    from core.retrieval.vector_cache import cached_vectors

#: Every field of an encoder that may differ between two readings of one folder, with what it may be.
SETTINGS = {
    "prefix": st.sampled_from(["", "query: ", "passage: ", "query:", " query: "]),
    "pooling": st.sampled_from(["mean", "cls"]),
    "max_tokens": st.integers(3, 16),
    "reading": st.builds(Reading, st.sampled_from(FORMATS), st.sampled_from(BACKENDS)),
}
#: Those that the weights and the tokeniser tell themselves, and the name, which is no setting.
TOLD = {"name", "fingerprint", "model", "tokenizer", "layers", "hidden_size"}
#: Prompts that stand in `prefix` by the time a text is read, and the modules of a folder, which its own tests change.
ELSEWHERE = {"query_prefix", "document_prefix", "head"}


@pytest.fixture(scope="module")
def encoder(tmp_path_factory: pytest.TempPathFactory) -> Encoder:
    return load_encoder(str(save_small_bert(tmp_path_factory.mktemp("small"))))


def test_no_field_of_an_encoder_is_left_out() -> None:
    fields = {field.name for field in dataclasses.fields(Encoder)}
    assert set(SETTINGS) | TOLD <= fields <= set(SETTINGS) | TOLD | ELSEWHERE


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(first=st.fixed_dictionaries(SETTINGS), second=st.fixed_dictionaries(SETTINGS))
def test_two_settings_share_no_identity_and_equal_ones_do(encoder: Encoder, first, second) -> None:
    one, other = (dataclasses.replace(encoder, **chosen) for chosen in (first, second))
    assert (encoder_identity(one) == encoder_identity(other)) == (first == second)
    assert encoder_identity(one) != encoder_identity(one, layer=1)


def test_entries_of_one_folder_lie_apart(encoder: Encoder, tmp_path: Path) -> None:
    chosen = [dataclasses.replace(encoder, reading=Reading(precision, backend), prefix=prefix)
              for precision, backend in (("float32", "torch"), ("float32", "packed"), ("bfloat16", "packed"))
              for prefix in ("", "mat ")]  # fmt: skip
    for each in chosen:
        cached_vectors(tmp_path, each, ["the cat"])
    assert len(list(tmp_path.glob("*.npy"))) == len(chosen)
    assert len({encoder_identity(each) for each in chosen}) == len(chosen)
