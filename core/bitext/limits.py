"""How much is read: beyond this a file is refused in one sentence, or a line reported as unreadable."""

from __future__ import annotations

from core.errors import BadInput

MAX_PAIRS = 1_000_000
#: Bytes of a file, as it lies on disk and again when decompressed.
MAX_BYTES = 200 * 1024 * 1024
#: Bytes of one line, one field or one segment; a longer one is reported and passed over, never held in memory.
MAX_LINE = 1024 * 1024
#: Bytes of a zip file's table of contents, and the members it may list.
MAX_DIRECTORY = 1024 * 1024
MAX_MEMBERS = 1000


def too_many_bytes(name: str, decompressed: bool = False) -> BadInput:
    """The refusal of a file that is too big."""
    how = " when decompressed" if decompressed else ""
    return BadInput(f"{name} is larger than {MAX_BYTES // 2**20} MB{how}; split it and bring the parts one by one.")


def too_many_pairs(name: str) -> BadInput:
    """The refusal of a file with too many pairs."""
    return BadInput(f"{name} holds more than {MAX_PAIRS:,} pairs; split it and bring the parts one by one.")
