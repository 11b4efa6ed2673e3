"""NLI training sets, without pairs that share a premise with what is tested."""

from __future__ import annotations

from collections.abc import Set as AbstractSet

from core.data.nli import read_nli
from core.data.overlap import key
from core.data.records import NLIItem, NLISet
from core.data.registry import Found
from core.data.training_bitext import DUPLICATE, OVERLAP, UNLABELLED, Removed
from core.data.xnli import read_language


def read_source(found: Found, tested_premises: AbstractSet[int]) -> tuple[NLISet, Removed]:
    """The training set of one source, its files joined in order, and what was removed from it.

    A pair is left out if its premise is one of `tested_premises` (keys), which takes with it every pair
    that is itself an XNLI pair; where the source asks for it, also if an equal pair came before. Ids
    count the rows of the source's files, removed ones included. Raises `BadInput`.
    """
    declared = found.declared
    reasons = dict.fromkeys((OVERLAP, DUPLICATE, UNLABELLED), 0)
    kept: list[NLIItem] = []
    seen: set[tuple[str, str]] = set()
    offset = 0
    for file in found.files:
        parquet = file.path.suffix == ".parquet"
        read = read_language([file.path]) if parquet else read_nli(file.path, declared.quoting)
        reasons[UNLABELLED] += read.unlabelled
        for item in read.items:
            pair = item.premise.strip(), item.hypothesis.strip()
            if key(item.premise) in tested_premises:
                reasons[OVERLAP] += 1
            elif declared.deduplicate and pair in seen:
                reasons[DUPLICATE] += 1
            else:
                seen.add(pair)
                kept.append(NLIItem(offset + item.id, *pair, item.label))
        offset += len(read.items) + read.unlabelled
    language = found.files[0].language or "en"
    removed = Removed(declared.name, language, offset, len(kept), reasons)
    return NLISet(declared.name, "train", language, tuple(kept)), removed
