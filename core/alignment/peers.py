"""Aligners that others have published, run in a process of their own on the same sentences: eflomal and fast_align.

simalign, which reads with an encoder, is in `core.alignment.simalign_peer`. These two are trained on the text they
align, the sentences that are scored and, where that is asked for, further bitext of the same languages. fast_align is
SYSTRAN's build of it (`systran-align`). No peer is a requirement: `python` names the interpreter that has them, and
only files go to it and come back.
"""

from __future__ import annotations

import resource
import subprocess
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from core.data.gold_alignment import GoldSet, Words
from core.data.links import Link
from core.data.pharaoh import parse_links
from core.data.text import read_lines
from core.encoder.words import word_spans
from core.errors import BadInput, IsoglossError, MissingData
from core.transport.growing import grow_diagonal

#: The package of each, and what it is called in tables.
PEERS = {"eflomal": "eflomal", "fast_align": "systran_align", "simalign": "simalign"}
#: Those that learn from the sentences themselves.
LEARNING = ("eflomal", "fast_align")
#: Those that are also given further bitext, which fast_align takes minutes a set for.
WITH_EXTRA = ("eflomal",)
#: Pairs of further bitext at most, and words of one of its sides.
MOST_EXTRA, _LONGEST = 2_000, 100
_SCRIPTS = {
    "eflomal": """
import sys, pathlib
import eflomal
folder = pathlib.Path(sys.argv[1])
with (folder / "source").open(encoding="utf-8") as source, (folder / "target").open(encoding="utf-8") as target:
    forward, backward = (str(folder / name) for name in ("forward", "backward"))
    eflomal.Aligner().align(source, target, links_filename_fwd=forward, links_filename_rev=backward)
""",
    "fast_align": """
import sys, pathlib
import systran_align
folder = pathlib.Path(sys.argv[1])
sides = [(folder / name).read_text(encoding="utf-8").split("\\n")[:-1] for name in ("source", "target")]
(folder / "both").write_text("".join(f"{s} ||| {t}\\n" for s, t in zip(*sides)), encoding="utf-8")
probabilities = [str(folder / name) for name in ("forward.p", "backward.p")]
systran_align.generate_alignment_probabilities(
    str(folder / "both"), *probabilities, favor_diagonal=True, optimize_tension=True, variational_bayes=True)
aligner = systran_align.Aligner(*probabilities)
lines = [aligner.align(s.split(), t.split())["alignments"] for s, t in zip(*sides)]
text = "".join(" ".join(f"{i}-{j}" for i, j in line) + "\\n" for line in lines)
(folder / "forward").write_text(text), (folder / "backward").write_text(text)
""",
}


@dataclass(frozen=True)
class PeerLinks:
    """The links of each pair, and the processor time that training and linking took, in seconds."""

    links: list[frozenset[Link]]
    seconds: float


def is_installed(name: str, python: str) -> bool:
    """Whether the interpreter has this peer."""
    made = subprocess.run([python, "-c", f"import {PEERS[name]}"], capture_output=True, check=False)
    return made.returncode == 0


def peer_links(name: str, python: str, pairs: Sequence[Words], extra: Sequence[Words] = ()) -> PeerLinks:
    """The links of a peer, its two directions joined by grow-diag-final-and; trained on `pairs` and on `extra`.

    A pair without words on a side has none. Raises `MissingData` if the peer is not there, `IsoglossError` if it fails.
    """
    if not is_installed(name, python):
        raise MissingData(f"{python} has no {PEERS[name]}; install it there, or leave {name} out of --peer.")
    readable = [at for at, (source, target) in enumerate(pairs) if source and target]
    told = [pairs[at] for at in readable] + [pair for pair in extra if all(pair)][:MOST_EXTRA]
    with tempfile.TemporaryDirectory(prefix="isogloss-peer-") as place:
        folder = Path(place)
        for side, file in enumerate(("source", "target")):
            text = "".join(" ".join(pair[side]).replace("|||", "|") + "\n" for pair in told)
            (folder / file).write_text(text.lower(), encoding="utf-8")
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        made = subprocess.run(
            [python, "-c", _SCRIPTS[name], place], capture_output=True, text=True, errors="replace", check=False
        )
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        if made.returncode:
            last = (made.stderr.strip().splitlines() or ["nothing was said"])[-1]
            raise IsoglossError(f"{name} failed: {last[:200]}.")
        rows = [read_lines(folder / file, blank=True) for file in ("forward", "backward")]
    found: list[frozenset[Link]] = [frozenset()] * len(pairs)
    for line, at in enumerate(readable):
        source, target = pairs[at]
        masks = []
        for row in rows:
            mask = np.zeros((len(source), len(target)), bool)
            for link in parse_links(row[line], Path(name), line + 1):
                mask[link.source, link.target] = True
            masks.append(mask)
        found[at] = frozenset((int(i), int(j)) for i, j in np.argwhere(grow_diagonal(*masks)))
    seconds = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return PeerLinks(found, seconds)


def extra_bitext(gold: GoldSet, texts: Sequence[tuple[str, str]]) -> list[Words]:
    """Further pairs for a gold set, in its own order of sides: the sentences of a `train.tsv` beside the gold file,
    then `texts` (English first), split as the pages split them; those that the gold set has are left out."""
    pairs: list[Words] = []
    beside = gold.file.path.with_name("train.tsv")
    if beside.is_file():
        cells = [line.split("\t") for line in read_lines(beside)]
        pairs += [(row[0].split(), row[1].split()) for row in cells if len(row) > 1]
    turned = gold.source_language != "en"
    for english, other in texts:
        sides = _split(english), _split(other)
        pairs.append((sides[1], sides[0]) if turned else sides)
    own = {" ".join(source).lower() for source, _ in gold.file.pairs or ()}
    kept = [pair for pair in pairs if all(0 < len(side) <= _LONGEST for side in pair)]
    return [pair for pair in kept if " ".join(pair[0]).lower() not in own][:MOST_EXTRA]


def check_peer(name: str) -> str:
    """The name of a peer. Raises `BadInput` for another."""
    if name not in PEERS:
        raise BadInput(f"There is no peer {name[:30]!r}; choose {', '.join(PEERS)}.")
    return name


def _split(text: str) -> list[str]:
    return [text[a:b] for a, b in word_spans(text)]
