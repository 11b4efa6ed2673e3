"""SimAlign's own package, run in a process of its own on the encoder that is measured: same weights, same layer.

Jalili Sabet et al. 2020, "SimAlign: High Quality Word Alignments without Parallel Training Data using Static and
Contextualized Embeddings" (Findings of EMNLP). It reads one pair at a time in float32. Its third rule, match, is not
measured here; of every matrix tried ours has the same sum and size.
"""

from __future__ import annotations

import json
import subprocess
import tempfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from core.alignment.peers import PEERS, PeerLinks, is_installed
from core.data.gold_alignment import Words
from core.encoder.encoder import Encoder
from core.errors import IsoglossError, MissingData

#: What the package calls the rules that are measured, by our names for them.
RULES = {"argmax": "inter", "itermax": "itermax"}
_SCRIPT = """
import json, sys, time
from pathlib import Path
import torch
from simalign import SentenceAligner
folder, model, layer = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
torch.set_num_threads(1)
aligner = SentenceAligner(model=model, token_type="bpe", matching_methods="ai", layer=layer)
pairs = json.loads((folder / "pairs.json").read_text(encoding="utf-8"))
began = time.process_time()
found = [{k: [list(map(int, c)) for c in v] for k, v in aligner.get_word_aligns(s, t).items()} for s, t in pairs]
(folder / "links.json").write_text(json.dumps({"links": found, "seconds": time.process_time() - began}))
"""


@dataclass(frozen=True)
class SavedEncoder:
    """An encoder's folder as transformers reads it, and the layer whose states are compared."""

    folder: Path
    layer: int


@contextmanager
def saved(encoder: Encoder, layer: int) -> Iterator[SavedEncoder]:
    """`encoder` written out for as long as it is needed."""
    with tempfile.TemporaryDirectory(prefix="isogloss-simalign-") as place:
        encoder.model.save_pretrained(place)
        encoder.tokenizer.save_pretrained(place)
        yield SavedEncoder(Path(place), layer)


def simalign_links(python: str, encoder: SavedEncoder, pairs: Sequence[Words]) -> dict[str, PeerLinks]:
    """The package's links of each pair by rule, with the processor seconds of one thread that it read and linked.

    A pair without words on a side has none. Raises `MissingData` if the interpreter has no simalign, `IsoglossError`
    if it fails.
    """
    if not is_installed("simalign", python):
        raise MissingData(f"{python} has no {PEERS['simalign']}; install it there, or leave simalign out of --peer.")
    readable = [at for at, pair in enumerate(pairs) if all(pair)]
    with tempfile.TemporaryDirectory(prefix="isogloss-peer-") as place:
        folder = Path(place)
        told = json.dumps([[list(side) for side in pairs[at]] for at in readable])
        (folder / "pairs.json").write_text(told, encoding="utf-8")
        made = subprocess.run(
            [python, "-c", _SCRIPT, place, str(encoder.folder), str(encoder.layer)],
            capture_output=True, text=True, errors="replace", check=False,
        )  # fmt: skip
        if made.returncode:
            last = (made.stderr.strip().splitlines() or ["nothing was said"])[-1]
            raise IsoglossError(f"simalign failed: {last[:200]}.")
        document = json.loads((folder / "links.json").read_text(encoding="utf-8"))
    links = {rule: [frozenset[tuple[int, int]]()] * len(pairs) for rule in RULES}
    for at, found in zip(readable, document["links"], strict=True):
        for rule, name in RULES.items():
            links[rule][at] = frozenset((int(i), int(j)) for i, j in found[name])
    return {rule: PeerLinks(list(rows), float(document["seconds"])) for rule, rows in links.items()}
