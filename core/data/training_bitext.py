"""Training bitext: sources joined, cleaned of what is tested on, shuffled, and a tenth held out."""

from __future__ import annotations

from collections.abc import Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from hashlib import sha256

from core.data.bitext import Pair, read_bitext
from core.data.overlap import is_held_out, key
from core.data.registry import DataFile, Found

#: Why a pair or an item is left out.
EMPTY, OVERLAP, DUPLICATE, UNLABELLED = "empty", "overlap", "duplicate", "unlabelled"


@dataclass(frozen=True)
class Removed:
    """What one source lost in one language: rows read, rows kept, and rows removed by reason."""

    source: str
    language: str
    read: int
    kept: int
    reasons: dict[str, int]


@dataclass(frozen=True)
class Split:
    """The pairs of one language: for training, and the tenth that never trains."""

    training: tuple[Pair, ...]
    held_out: tuple[Pair, ...]
    removed: tuple[Removed, ...]


def assemble(sources: Sequence[Found], language: str, tested: AbstractSet[int]) -> Split:
    """Join the pairs of one language, English first.

    A pair is left out if a side is empty after normalisation, if either side's key is among `tested`
    (keys of every sentence of the retrieval sets and of XNLI), or if an equal pair came before. The rest is
    ordered by the SHA-256 of source name and pair, so that the first N are a fair mix of the sources.
    """
    pairs: list[tuple[bytes, Pair]] = []
    removed: list[Removed] = []
    seen: set[tuple[int, int]] = set()
    for found in sources:
        name = found.declared.name
        reasons = dict.fromkeys((EMPTY, OVERLAP, DUPLICATE), 0)
        read = kept = 0
        for file in found.files:
            if file.language != language:
                continue
            for source, target in read_file(found, file):
                read += 1
                keys = key(source), key(target)
                if 0 in keys:
                    reasons[EMPTY] += 1
                elif keys[0] in tested or keys[1] in tested:
                    reasons[OVERLAP] += 1
                elif keys in seen:
                    reasons[DUPLICATE] += 1
                else:
                    seen.add(keys)
                    kept += 1
                    pairs.append((sha256(f"{name}\n{source}\n{target}".encode()).digest(), (source, target)))
        if read:
            removed.append(Removed(name, language, read, kept, reasons))
    ordered = [pair for _, pair in sorted(pairs)]
    return Split(
        tuple(pair for pair in ordered if not is_held_out(pair[0])),
        tuple(pair for pair in ordered if is_held_out(pair[0])),
        tuple(removed),
    )


def read_file(found: Found, file: DataFile) -> tuple[Pair, ...]:
    """The pairs of one file of a source, English first, in the file's order."""
    languages = ("en", file.language or "und")
    if file.english is not None:
        return read_bitext(file.english, file.path, languages)
    return read_bitext(file.path, None, languages, found.declared.quoting)
