"""Word links of a stream of sentence pairs: in steps, in constant memory, each step's output whole or absent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice

import pyarrow as pa

from core.alignment.word_links import LinkSettings, PairLinks, link_pairs
from core.data.pair_text import PairLine, PairText
from core.data.pharaoh import format_links
from core.encoder.encoder import Encoder
from core.errors import BadInput

STEP = 256
#: Cells of a plan below this share of the pair's mass are not written.
THRESHOLD = 1e-3

PLANS = pa.schema(
    [
        ("line", pa.int64()), ("source", pa.list_(pa.string())), ("target", pa.list_(pa.string())),
        ("cost", pa.float32()), ("entropy", pa.float32()), ("epsilon", pa.float32()), ("kept_mass", pa.float32()),
        ("i", pa.list_(pa.int32())), ("j", pa.list_(pa.int32())), ("mass", pa.list_(pa.float32())),
    ]
)  # fmt: skip


@dataclass(frozen=True)
class Step:
    """The output of some lines: one line of links each, plans where wanted, tallies, and what was passed over.

    tallies: pairs (lines), links, without_words (lines that gave no links because there was nothing to read) and
    truncated.
    """

    lines: int
    text: str
    tallies: dict[str, int]
    problems: list[tuple[int, str]] = field(default_factory=list)
    plans: pa.Table | None = None


def link_stream(
    encoder: Encoder, pairs: PairText, settings: LinkSettings, *, scores: bool = False, plans: bool = False,
    step: int = STEP,
) -> Iterator[Step]:  # fmt: skip
    """Links from where `pairs` stands to its end, `step` lines at a time; every input line gives one output line.

    A line without words on either side gives an empty one and a problem. With `scores` links are `i-j:score`. When a
    step is yielded, `pairs.offsets` and `pairs.lines` are where the next begins. Raises `BadInput` at once for settings
    that the encoder cannot be used with.
    """
    link_pairs(encoder, [(["a"], ["a"])], settings)
    rows = iter(pairs)
    while lines := list(islice(rows, step)):
        linked, problems = _link(encoder, lines, settings, plans)
        made = [one for one in linked if one is not None]
        text = "".join(
            ("" if one is None else format_links(one.links, one.scores if scores else None)) + "\n" for one in linked
        )
        tallies = {
            "pairs": len(lines),
            "links": sum(len(one.links) for one in made),
            "without_words": len(lines) - len(made),
            "truncated": sum(one.truncated for one in made),
        }
        yield Step(len(lines), text, tallies, problems, _table(lines, linked) if plans else None)


def _link(
    encoder: Encoder, lines: Sequence[PairLine], settings: LinkSettings, plans: bool
) -> tuple[list[PairLinks | None], list[tuple[int, str]]]:
    problems = [(line.line, line.problem) for line in lines if line.problem]
    linked: list[PairLinks | None] = [None] * len(lines)
    readable = [at for at, line in enumerate(lines) if not line.problem]
    if not readable:
        return linked, problems
    try:
        made = link_pairs(
            encoder, [(lines[at].source, lines[at].target) for at in readable], settings, with_plans=plans
        )
    except BadInput:
        if len(lines) == 1:
            return linked, [*problems, (lines[0].line, "a side has no word that the encoder reads")]
        for at in readable:  # one pair's text has no word that the encoder reads: find it
            alone, wrong = _link(encoder, [lines[at]], settings, plans)
            linked[at] = alone[0]
            problems += wrong
        return linked, sorted(problems)
    for at, one in zip(readable, made, strict=True):
        linked[at] = one
    return linked, problems


def _table(lines: Sequence[PairLine], linked: Sequence[PairLinks | None]) -> pa.Table:
    rows = []
    for line, pair in zip(lines, linked, strict=True):
        if pair is None or pair.plan is None:
            continue
        plan = pair.plan
        cells = plan.plan >= THRESHOLD
        i, j = cells.nonzero()
        rows.append(
            {
                "line": line.line, "source": line.source, "target": line.target, "cost": plan.cost,
                "entropy": plan.entropy, "epsilon": plan.epsilon,
                "kept_mass": float(plan.plan[cells].sum()), "i": i, "j": j, "mass": plan.plan[cells],
            }
        )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=PLANS)
