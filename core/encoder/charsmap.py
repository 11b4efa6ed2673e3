"""A code-point map as the `precompiled_charsmap` that `tokenizers.normalizers.Precompiled` reads.

Thousands of `Replace` normalisers would take milliseconds a sentence; a trie takes microseconds and keeps
offsets.
"""

from __future__ import annotations

import struct
from collections import deque
from collections.abc import Mapping

_LEAF = 1 << 8
_VALUE = 1 << 31
_Trie = dict[int, "_Trie | int"]  # a byte leads on; key 0 holds the value of the code point that ends here


def precompiled_charsmap(mapping: Mapping[int, str]) -> bytes:
    """The map as bytes: u32 size of the trie, the trie, then the replacements, each ended by a zero byte.

    The trie is the double array of Darts-clone [Yata, github.com/s-yata/darts-clone] over the UTF-8 bytes
    of a code point. Replacements must not be empty and must not hold U+0000; U+0000 itself cannot be mapped
    (ValueError).
    """
    root: _Trie = {}
    values = bytearray()
    for code, text in mapping.items():
        if not text or "\0" in text or code == 0:
            raise ValueError(f"U+{code:04X} cannot be mapped to {text!r} in a charsmap")
        node = root
        for byte in chr(code).encode("utf-8"):
            child = node.setdefault(byte, {})
            assert isinstance(child, dict)
            node = child
        node[0] = len(values)
        values += text.encode("utf-8") + b"\0"
    units = _double_array(root)
    return struct.pack("<I", 4 * len(units)) + struct.pack(f"<{len(units)}I", *units) + bytes(values)


def _double_array(root: _Trie) -> list[int]:
    """Place every node's children at `base ^ byte`; a base serves one node, because a unit is checked by label only."""
    units: dict[int, int] = {0: 0}
    bases = {0}
    first = 1  # nothing below it is free for a node that only holds a value
    queue: deque[tuple[int, _Trie]] = deque([(0, root)])
    while queue:
        position, node = queue.popleft()
        while first in bases or first in units:
            first += 1
        base = first
        while base in bases or any(base ^ byte in units for byte in node):
            base += 1
        bases.add(base)
        units[position] |= _offset(base ^ position) | (_LEAF if 0 in node else 0)
        for byte, child in node.items():
            if isinstance(child, int):
                units[base] = _VALUE | child
            else:
                units[base ^ byte] = byte
                queue.append((base ^ byte, child))
    # The reader looks up base ^ byte for any byte without a bounds check: fill the last block of 256 with
    # empty units.
    size = (max(max(units), max(bases)) // 256 + 1) * 256
    return [units.get(position, 0) for position in range(size)]


def _offset(offset: int) -> int:
    if offset >= 1 << 21:
        raise ValueError("the code-point map is too large for one double array")
    return offset << 10
