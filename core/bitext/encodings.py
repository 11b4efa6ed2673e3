"""Which encoding a text is in: a byte order mark, else UTF-8 if it is, else UTF-16 by its zeros, else a guess.

The guess is charset-normalizer's, over lines from the whole file that hold something else than ASCII. A text that is
UTF-8 but for a few damaged lines is read as UTF-8, and those lines are reported.
"""

from __future__ import annotations

import codecs
from collections.abc import Iterator

from core.bitext.opening import CutShort, Part
from core.errors import BadInput

#: Encodings that the guess may name: what text files are found in, not every codec that Python has.
GUESSED = (
    "cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp1258", "cp874",
    "latin_1", "iso8859_2", "iso8859_5", "iso8859_6", "iso8859_7", "iso8859_9", "koi8_r", "koi8_u",
    "gb18030", "big5", "shift_jis", "euc_jp", "euc_kr",
)  # fmt: skip
#: Encodings that a person may name, with the names they know them by.
KNOWN = {
    "utf-8": "UTF-8", "utf-16": "UTF-16", "utf-16-le": "UTF-16 LE", "utf-16-be": "UTF-16 BE",
    "latin_1": "Latin-1 (ISO 8859-1)", "cp1252": "Windows 1252 (Western)", "cp1250": "Windows 1250 (Central European)",
    "cp1251": "Windows 1251 (Cyrillic)", "cp1253": "Windows 1253 (Greek)", "cp1254": "Windows 1254 (Turkish)",
    "cp1255": "Windows 1255 (Hebrew)", "cp1256": "Windows 1256 (Arabic)", "cp1257": "Windows 1257 (Baltic)",
    "cp1258": "Windows 1258 (Vietnamese)", "cp874": "Windows 874 (Thai)", "iso8859_2": "ISO 8859-2",
    "iso8859_5": "ISO 8859-5 (Cyrillic)", "iso8859_6": "ISO 8859-6 (Arabic)", "iso8859_7": "ISO 8859-7 (Greek)",
    "iso8859_9": "ISO 8859-9 (Turkish)", "iso8859_3": "ISO 8859-3 (South European)", "iso8859_4": "ISO 8859-4 (Baltic)",
    "iso8859_8": "ISO 8859-8 (Hebrew)", "iso8859_13": "ISO 8859-13 (Baltic)", "iso8859_15": "ISO 8859-15 (Western)",
    "koi8_r": "KOI8-R", "koi8_u": "KOI8-U", "mac_roman": "Mac Roman",
    "gb18030": "GB 18030", "big5": "Big5", "shift_jis": "Shift JIS", "cp932": "Windows 932 (Japanese)",
    "euc_jp": "EUC-JP", "euc_kr": "EUC-KR", "cp949": "Windows 949 (Korean)", "utf-32": "UTF-32",
}  # fmt: skip
_MARKS = (
    (codecs.BOM_UTF8, "utf-8"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
#: Character sets that a file may declare, read by the codec that holds all of them and more.
_WITHIN = {
    "gb2312": "gb18030", "gbk": "gb18030", "tis-620": "cp874", "iso8859-11": "cp874", "windows-874": "cp874",
    "windows-31j": "cp932", "x-sjis": "cp932",
}  # fmt: skip
_SAMPLE_LINES, _SAMPLE_BYTES = 3000, 1 << 17


def encoding_of(part: Part, declared: str = "") -> str:
    """The codec of a part's text, one of `KNOWN`; reads the part once from end to end.

    `declared` is the character set that the text itself names, if any. It is believed where it is known here, the text
    is not UTF-8, and it decodes at least half of those lines that hold something else than ASCII.
    """
    head = part.head(1 << 14)
    for mark, name in _MARKS:
        if head.startswith(mark):
            return name
    if wide := _wide(head):
        return wide
    if _is_utf8(part):
        return "utf-8"
    good, lines = _other_lines(part)
    if (codec := declared_codec(declared)) and sum(_decodes(line, codec) for line in lines) * 2 >= len(lines):
        return codec
    if good >= len(lines):
        return "utf-8"
    return _guess(b"\n".join(lines))


def checked(name: str) -> str:
    """A codec's name as a person may write it, made one of `KNOWN`. Raises `BadInput`."""
    cleaned = name.strip().lower()
    for known, title in KNOWN.items():
        if cleaned in (known, title.lower()):
            return known
    try:
        wanted = codecs.lookup(cleaned).name
    except (LookupError, ValueError):
        wanted = ""
    for known in KNOWN:
        if codecs.lookup(known).name == wanted:
            return known
    raise BadInput(f"{name[:40]!r} is not an encoding that is read here; they are {', '.join(KNOWN)}.")


def declared_codec(name: str) -> str:
    """The codec of a declared character set; "" for none, an unknown one, and UTF, which the bytes themselves tell."""
    try:
        codec = codecs.lookup(_WITHIN.get(name.lower(), name)).name
    except (LookupError, ValueError):
        return ""
    codec = _WITHIN.get(codec, codec)
    return next((known for known in KNOWN if not known.startswith("utf") and codecs.lookup(known).name == codec), "")


def _decodes(line: bytes, codec: str) -> bool:
    try:
        line.decode(codec)
    except UnicodeDecodeError:
        return False
    return True


def _wide(head: bytes) -> str:
    """UTF-16 without a mark: in most scripts' text every second byte is zero, or one and the same."""
    if len(head) < 4:
        return ""
    even, odd = head[0::2].count(0) / len(head[0::2]), head[1::2].count(0) / len(head[1::2])
    if odd > 0.2 and even < 0.02:
        return "utf-16-le"
    return "utf-16-be" if even > 0.2 and odd < 0.02 else ""


def _chunks(part: Part) -> Iterator[bytes]:
    with part.open() as stream:
        try:
            while chunk := stream.read1(1 << 20):
                yield chunk
        except CutShort:
            return


def _is_utf8(part: Part) -> bool:
    decoder = codecs.getincrementaldecoder("utf-8")()
    try:
        for chunk in _chunks(part):
            decoder.decode(chunk)
    except UnicodeDecodeError:
        return False
    return True  # an unfinished last character is the matter of its line


def _other_lines(part: Part) -> tuple[int, list[bytes]]:
    """How many lines are UTF-8 beyond ASCII, and a sample of those that are neither."""
    wrong: list[bytes] = []
    good, size = 0, 0
    tail = b""
    for chunk in _chunks(part):
        lines = (tail + chunk).split(b"\n")
        tail = lines.pop()[-4096:]
        for line in lines:
            if line.isascii():
                continue
            try:
                line.decode()
                good += 1
            except UnicodeDecodeError:
                if len(wrong) < _SAMPLE_LINES and size < _SAMPLE_BYTES:
                    wrong.append(line[:4096])
                    size += min(len(line), 4096)
    if tail and not wrong:
        wrong.append(tail)
    return good, wrong


def _guess(sample: bytes) -> str:
    from charset_normalizer import from_bytes

    found = from_bytes(sample, steps=10, chunk_size=2048, cp_isolation=list(GUESSED), threshold=0.6).best()
    if found is None or found.encoding not in KNOWN:
        return "cp1252"
    return "cp1252" if _reads_the_same(sample, found.encoding, "cp1252") else found.encoding


def _reads_the_same(sample: bytes, one: str, other: str) -> bool:
    """Whether two codecs agree on a text; of such the one that more files are in is told."""
    try:
        return sample.decode(one) == sample.decode(other)
    except UnicodeDecodeError:
        return False
