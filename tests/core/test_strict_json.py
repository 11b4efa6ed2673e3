"""JSON from outside: read, or refused in one sentence that names the file."""

from __future__ import annotations

import json
import os
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import BadInput
from core.strict_json import DEEPEST, read_json

REMEDY = "copy it again"


def read(path: Path, content: bytes) -> object:
    path.write_bytes(content)
    return read_json(path, REMEDY)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"", "line 1: not valid JSON"),
        (b"{", "line 1: not valid JSON"),
        ('{"a": 1}'.encode("utf-16"), "not UTF-8"),
        ('{"a": "ü"}'.encode("latin-1"), "not UTF-8"),
        (b'{"a": NaN}', "NaN is not JSON"),
        (b'{"a": [-Infinity]}', "-Infinity is not JSON"),
        (b'{"a": 1e999}', "1e999 is too large"),
        (b'{"a": ' + b"9" * 5000 + b"}", "cannot be read as JSON"),
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "'c' stands there twice"),
        (b'{"a": ["\\ud800"]}', "half a surrogate pair"),
        (b'{"\\udc00": 1}', "half a surrogate pair"),
        (b"[" * 100_000, "nested too deeply"),
        (b"[" * (DEEPEST + 2) + b"]" * (DEEPEST + 2), "nested too deeply"),
    ],
)
def test_what_is_not_json_is_refused(tmp_path, content, says):
    path = tmp_path / "run.json"
    with pytest.raises(BadInput) as raised:
        read(path, content)
    sentence = str(raised.value)
    assert says in sentence and str(path) in sentence and sentence.endswith(f"; {REMEDY}.") and "\n" not in sentence


def test_a_mark_in_front_and_a_whole_surrogate_pair_are_read(tmp_path):
    assert read(tmp_path / "a", b'\xef\xbb\xbf{"a": "\\ud83d\\ude00"}') == {"a": "\U0001f600"}
    assert read(tmp_path / "b", b"[" * DEEPEST + b"]" * DEEPEST)


def test_what_is_no_file_is_refused(tmp_path):
    (tmp_path / "folder").mkdir()
    os.mkfifo(tmp_path / "pipe")  # opening it would wait for ever
    for name, says in (("folder", "is not a file"), ("pipe", "is not a file"), ("absent", "is missing")):
        with pytest.raises(BadInput, match=says):
            read_json(tmp_path / name, REMEDY)


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(tmp_path_factory, content):
    path = tmp_path_factory.mktemp("bytes") / "run.json"
    try:
        read(path, content)
    except BadInput as error:
        assert str(path) in str(error)


@given(st.text(max_size=60))
def test_what_is_read_can_be_written_again(tmp_path_factory, text):
    path = tmp_path_factory.mktemp("text") / "run.json"
    found = read(path, json.dumps({text: [text, None, 1.5]}).encode())
    assert json.loads(json.dumps(found, ensure_ascii=False).encode()) == found
