"""Files as streams of bytes, unpacked on the way: gzip, bzip2, xz and zstd by how they begin, CR as a line's end."""

from __future__ import annotations

import bz2
import gzip
import io
import lzma
import shutil
import zlib
from collections.abc import Callable
from gzip import BadGzipFile, GzipFile
from pathlib import Path
from typing import IO, TYPE_CHECKING, cast

from backports import zstd

from core.errors import BadInput
from core.files import atomic_draft

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

#: How packed data begins, by the name of its packing.
PACKED = {"gzip": b"\x1f\x8b", "bzip2": b"BZh", "xz": b"\xfd7zXZ\x00", "zstd": b"\x28\xb5\x2f\xfd"}
#: What decompressors raise on damaged data; bzip2 and zstd also an `OSError` without a number.
BROKEN = (EOFError, BadGzipFile, zlib.error, lzma.LZMAError, zstd.ZstdError)
#: Bytes that a file read whole may have, unpacked.
MOST_UNPACKED = 1 << 30
#: Memory that an xz stream may ask for; `xz -9` needs 65 MB.
_XZ_MEMORY = 128 * 1024 * 1024
#: The same for zstd, as the logarithm to base 2 of the window.
_ZSTD_WINDOW = 27
#: What is looked at to see how lines end.
_HEAD = 1 << 16


def open_bytes(path: Path) -> io.BufferedReader:
    """A stream of a file's bytes, unpacked; lines that end in CR alone end in LF, so that all bytes keep their places.

    Only a stream of an unpacked file can seek. Raises `BadInput` for a file that cannot be read, and where damaged
    data is met.
    """
    try:
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        raise BadInput(f"{path} cannot be read ({error.strerror}).") from error
    packing = next((name for name, begins in PACKED.items() if head.startswith(begins)), "")
    with io.BufferedReader(_Told(path, packing)) as stream:
        head = stream.read(_HEAD)
    ends_in_cr = b"\r" in head and b"\n" not in head
    return io.BufferedReader(_Told(path, packing, ends_in_cr), 1 << 18)


def read_bytes(path: Path) -> bytes:
    """All bytes of a file, unpacked; raises `BadInput` as `open_bytes`, and for more than `MOST_UNPACKED`."""
    with open_bytes(path) as stream:
        data = stream.read(MOST_UNPACKED + 1)
    if len(data) > MOST_UNPACKED:
        raise BadInput(f"{path} holds more than {MOST_UNPACKED >> 30} GiB; give a smaller file.")
    return data


def is_packed_name(path: Path) -> bool:
    """Whether a file of this name is to be written packed."""
    return path.suffix.lower() in (".gz", ".xz")


def pack(source: Path, out: Path) -> None:
    """Write `out`, whose name ends in .gz or .xz, from an unpacked file; whole or not at all."""
    with atomic_draft(out) as draft, source.open("rb") as plain, draft.open("wb") as file:
        kind = gzip.GzipFile("", "wb", fileobj=file, mtime=0) if out.suffix.lower() == ".gz" else lzma.open(file, "wb")
        with kind as packed:
            shutil.copyfileobj(plain, cast(IO[bytes], packed), 1 << 20)


def unpacker(packing: str, raw: io.BufferedReader) -> io.BufferedReader:
    """A stream that unpacks another; "" for one that is not packed."""
    if packing == "gzip":
        return cast(io.BufferedReader, GzipFile(fileobj=raw))
    new: dict[str, Callable[[], lzma.LZMADecompressor | bz2.BZ2Decompressor | zstd.ZstdDecompressor]] = {
        "xz": _new_xz, "bzip2": bz2.BZ2Decompressor, "zstd": _new_zstd
    }  # fmt: skip
    return io.BufferedReader(Stepwise(raw, new[packing]), 1 << 18) if packing else raw


def _new_zstd() -> zstd.ZstdDecompressor:
    return zstd.ZstdDecompressor(options={zstd.DecompressionParameter.window_log_max: _ZSTD_WINDOW})


def _new_xz() -> lzma.LZMADecompressor:
    return lzma.LZMADecompressor(memlimit=_XZ_MEMORY)


class Stepwise(io.RawIOBase):
    """Decompresses in bounded memory, which `lzma.open` cannot promise, and gives all that comes before damage."""

    def __init__(
        self,
        raw: io.BufferedReader,
        new: Callable[[], lzma.LZMADecompressor | bz2.BZ2Decompressor | zstd.ZstdDecompressor],
    ) -> None:
        self._raw, self._new = raw, new
        self._inner = new()

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        while True:
            if self._inner.eof:
                left = self._inner.unused_data or self._raw.read(1 << 16)
                left = left.lstrip(b"\0")  # padding between streams
                if not left:
                    return 0
                self._inner = self._new()
                data = self._inner.decompress(left, len(view))
            elif self._inner.needs_input:
                given = self._raw.read(1 << 16)
                if not given:
                    raise EOFError("the stream ends early")
                data = self._inner.decompress(given, len(view))
            else:
                data = self._inner.decompress(b"", len(view))
            if data:
                view[: len(data)] = data
                return len(data)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
        super().close()


class _Told(io.RawIOBase):
    """The unpacked bytes of a file, CR as LF if `ends_in_cr`; damage is told in one sentence."""

    def __init__(self, path: Path, packing: str, ends_in_cr: bool = False) -> None:
        self._path, self._packing, self._cr = path, packing, ends_in_cr
        try:
            self._raw = path.open("rb")
        except OSError as error:
            raise BadInput(f"{path} cannot be read ({error.strerror}).") from error
        self._inner = unpacker(packing, self._raw)

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return not self._packing

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if self._packing:
            raise io.UnsupportedOperation("seek")
        return self._inner.seek(offset, whence)

    def tell(self) -> int:
        return self._inner.tell()

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self._inner.read1(len(view))
        except BROKEN as error:
            raise BadInput(f"{self._path} is damaged: it ends early or is broken; pack it anew.") from error
        except OSError as error:
            if self._packing and error.errno is None:
                raise BadInput(f"{self._path} is damaged: it is broken; pack it anew.") from error
            raise BadInput(f"{self._path} cannot be read ({error.strerror or 'input error'}).") from error
        view[: len(data)] = data.replace(b"\r", b"\n") if self._cr else data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._inner.close()
            self._raw.close()
        super().close()
