"""A file as bounded streams of bytes: gzip, bzip2, xz, zstd and zip are opened on the way, and a bomb stops early.

Nothing is ever extracted to disk, and no name inside an archive is used as a path.
"""

from __future__ import annotations

import io
import struct
import zipfile
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, cast

from core.bitext.limits import MAX_BYTES, MAX_DIRECTORY, MAX_MEMBERS, too_many_bytes
from core.data.packed import BROKEN, PACKED, unpacker
from core.errors import BadInput

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_ZIP = b"PK\x03\x04"
_PACKED_ENDINGS = (".gz", ".gzip", ".bz2", ".xz", ".zst", ".zstd")
_BROKEN = (*BROKEN, zipfile.BadZipFile, NotImplementedError)
#: Other documents that are zip files, by a member or by what they declare themselves to be.
_DOCUMENTS = {
    "word/document.xml": "a Word document", "ppt/presentation.xml": "a PowerPoint presentation",
    "xl/workbook.bin": "a binary Excel workbook", "application/vnd.oasis.opendocument": "an OpenDocument file",
    "application/epub": "an e-book", "META-INF/MANIFEST.MF": "a Java archive",
}  # fmt: skip


class CutShort(BadInput):
    """Compressed data that ends early or is damaged: what came before it has been read."""


@dataclass(frozen=True)
class Part:
    """One stream of a file: the file itself, or one member of a zip. `name` has no `.gz` or the like any more;
    `book` is "xlsx" or "ods" for a spreadsheet, which is a zip of its own and is read whole."""

    path: Path
    name: str
    compression: str = ""
    member: str = ""
    size: int = 0
    book: str = ""
    _reached: list[int] = field(default_factory=lambda: [0], compare=False, repr=False)

    def open(self) -> io.BufferedReader:
        """A stream of at most `MAX_BYTES` decompressed bytes; reading past them raises `BadInput`.

        Damaged compressed data raises `CutShort` where it is met.
        """
        try:
            raw = base = self._member() if self.member else self.path.open("rb")
        except OSError as error:
            raise BadInput(f"{self.path.name} cannot be read ({error.strerror}).") from error
        except (*_BROKEN, RuntimeError) as error:
            raise CutShort(f"{self.path.name} is damaged: {self.member[:80]!r} in it cannot be opened.") from error
        raw = unpacker(self.compression, raw)
        packed = bool(self.compression or self.member)
        return io.BufferedReader(_Bounded(raw, base, self.name, packed, self._reached), 1 << 20)

    @property
    def share_read(self) -> float:
        """How far the last stream has come, 0 to 1."""
        return min(1.0, self._reached[0] / max(1, self.size))

    def head(self, size: int = 1 << 16) -> bytes:
        """The first bytes, fewer if the data is damaged before."""
        found = bytearray()
        with self.open() as stream:
            try:
                while len(found) < size and (chunk := stream.read1(1 << 14)):
                    found += chunk
            except CutShort:
                pass
        return bytes(found[:size])

    @property
    def suffix(self) -> str:
        """The ending of the name in lower case, with its dot."""
        return PurePosixPath(self.name).suffix.lower()

    def _member(self) -> io.BufferedReader:
        archive = zipfile.ZipFile(self.path)
        return cast(io.BufferedReader, archive.open(self.member))


def open_file(path: Path, name: str | None = None) -> tuple[Part, ...]:
    """The parts of a file: one, or those members of a zip that may hold text. `name` is what the person calls it.

    Raises `BadInput` for a file that is missing, empty or too large, and for a zip that is encrypted, damaged, or
    lists names outside its own folder.
    """
    called = name or path.name
    try:
        size = path.stat().st_size
        with path.open("rb") as file:
            head = file.read(8)
    except OSError as error:
        raise BadInput(f"{called} cannot be read ({error.strerror}).") from error
    if size == 0:
        raise BadInput(f"{called} is empty.")
    if size > MAX_BYTES:
        raise too_many_bytes(called)
    if head.startswith(_ZIP):
        _check_directory(path, called)
        if book := _office(path, called):
            return (Part(path, called, "", "", size, book),)
        return _members(path, called)
    return (_part(path, called, head, size),)


def _part(path: Path, name: str, head: bytes, size: int, member: str = "") -> Part:
    compression = next((packing for packing, begins in PACKED.items() if head.startswith(begins)), "")
    ending = PurePosixPath(name).suffix.lower()
    if compression and ending in _PACKED_ENDINGS:
        name = name[: -len(ending)]
    return Part(path, name, compression, member, size)


def _office(path: Path, called: str) -> str:
    """Which spreadsheet a zip is ("xlsx", "ods", "": none). Raises `BadInput` for another document that is a
    zip."""
    try:
        with zipfile.ZipFile(path) as archive:
            names = set(archive.namelist())
            with archive.open("mimetype") if "mimetype" in names else io.BytesIO() as stream:
                kind = stream.read(80).decode("ascii", "replace").strip()
    except (*_BROKEN, OSError, RuntimeError, struct.error):
        return ""
    if "xl/workbook.xml" in names or kind == "application/vnd.oasis.opendocument.spreadsheet":
        return "xlsx" if "xl/workbook.xml" in names else "ods"
    for member, what in _DOCUMENTS.items():
        if member in names or kind.startswith(member):
            raise BadInput(f"{called} is {what}, not a bitext; save its two columns as TSV, XLSX or ODS.")
    return ""


def _members(path: Path, called: str) -> tuple[Part, ...]:
    try:
        with zipfile.ZipFile(path) as archive:
            infos = [info for info in archive.infolist() if not info.is_dir()]
            heads = {}
            for info in infos:
                _check_member(info, called)
                with archive.open(info) as stream:
                    heads[info.filename] = stream.read(8)
    except (*_BROKEN, OSError, RuntimeError, struct.error) as error:
        raise BadInput(f"{called} is a damaged zip file; make it again.") from error
    if sum(info.file_size for info in infos) > MAX_BYTES:
        raise too_many_bytes(called, decompressed=True)
    sizes = {info.filename: info.file_size for info in infos}
    parts = [_part(path, PurePosixPath(n).name, head, sizes[n], n) for n, head in heads.items() if head]
    if any(head.startswith(_ZIP) for head in heads.values()):
        raise BadInput(f"{called} holds another zip file; unpack it first.")
    if not parts:
        raise BadInput(f"{called} is a zip file without any file that holds something.")
    return tuple(parts)


def _check_directory(path: Path, called: str) -> None:
    """A zip's table of contents is read whole by the library: refuse one that is larger than any bitext needs."""
    with path.open("rb") as file:
        file.seek(0, io.SEEK_END)
        file.seek(max(0, file.tell() - 65_557))
        tail = file.read()
    at = tail.rfind(b"PK\x05\x06")
    if at < 0 or len(tail) < at + 22:
        raise BadInput(f"{called} is a zip file that ends early; make it again.")
    members, size = struct.unpack_from("<HI", tail, at + 10)
    if size > MAX_DIRECTORY or members > MAX_MEMBERS:
        raise BadInput(f"{called} lists more than {MAX_MEMBERS:,} files; put the bitext alone into a zip file.")


def _check_member(info: zipfile.ZipInfo, called: str) -> None:
    name = info.filename.replace("\\", "/")
    if name.startswith("/") or ".." in name.split("/") or name[1:2] == ":":
        raise BadInput(f"{called} lists {info.filename[:80]!r}, a name outside its own folder, and was not opened.")
    if info.flag_bits & 1:
        raise BadInput(f"{called} is encrypted; bring it without a password.")


class _Bounded(io.RawIOBase):
    """Counts what is read, stops at `MAX_BYTES`, and tells of damage as `CutShort`."""

    def __init__(
        self, raw: io.BufferedReader, base: io.BufferedReader, name: str, packed: bool, reached: list[int]
    ) -> None:
        self._raw, self._base, self._name, self._packed, self._reached = raw, base, name, packed, reached
        self._count = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return not self._packed

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        if self._packed:
            raise io.UnsupportedOperation("seek")
        return self._raw.seek(offset, whence)

    def tell(self) -> int:
        return self._raw.tell()

    def readinto(self, buffer: WriteableBuffer) -> int:
        view = memoryview(buffer).cast("B")
        try:
            data = self._raw.read1(min(len(view), 1 << 18))  # what comes before damage is not lost with it
        except _BROKEN as error:
            raise CutShort(f"{self._name} is cut short: its compressed data is damaged or ends early.") from error
        except OSError as error:
            if self._packed and error.errno is None:  # bzip2 and zstd tell damage so
                raise CutShort(f"{self._name} is cut short: its compressed data is damaged.") from error
            raise BadInput(f"{self._name} cannot be read ({error.strerror or 'input error'}).") from error
        if self._packed:
            self._count += len(data)
            if self._count > MAX_BYTES:
                raise too_many_bytes(self._name, decompressed=True)
        self._reached[0] = self._base.tell()
        view[: len(data)] = data
        return len(data)

    def close(self) -> None:
        if not self.closed:
            self._raw.close()
            self._base.close()
        super().close()
