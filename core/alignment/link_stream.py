"""Word links of a stream of sentence pairs: in steps, in constant memory, each step's output whole or absent."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Literal

import pyarrow as pa

from core.alignment.linking import link_pairs
from core.alignment.word_links import LinkSettings, PairLinks
from core.alignment.word_splitting import spans_of, tabs_out
from core.data.pair_text import PairLine, PairText
from core.data.pharaoh import format_links
from core.encoder.encoder import Encoder
from core.encoder.states import Text
from core.errors import BadInput

STEP = 256
#: How a line of links is written: indices alone, beside the words they count, or as spans of characters.
Form = Literal["links", "words", "spans"]
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
    truncated. cuts: the lines of the last, and what was read of them.
    """

    lines: int
    text: str
    tallies: dict[str, int]
    problems: list[tuple[int, str]] = field(default_factory=list)
    plans: pa.Table | None = None
    cuts: list[tuple[int, str]] = field(default_factory=list)


def link_stream(
    encoder: Encoder, pairs: PairText, settings: LinkSettings, *, scores: bool = False, plans: bool = False,
    step: int = STEP, split: tuple[bool, bool] = (False, False), form: Form = "links",
) -> Iterator[Step]:  # fmt: skip
    """Links from where `pairs` stands to its end, `step` lines at a time; every input line gives one output line.

    A line without words on either side gives an empty one and a problem. With `scores` links are `i-j:score`. `split`
    says which sides are split into the pages' words, which the links then count. `form` "words" writes source words,
    target words and links between tabs, as a file of gold links has them; "spans" each link as `a:b-c:d`, the
    characters of its line's source and target from a up to b and from c up to d. When a
    step is yielded, `pairs.offsets` and `pairs.lines` are where the next begins. Raises `BadInput` at once for settings
    that the encoder cannot be used with.
    """
    link_pairs(encoder, [(["a"], ["a"])], settings)
    rows = iter(pairs)
    while lines := list(islice(rows, step)):
        linked, problems = _link(encoder, lines, settings, plans, split)
        made = [one for one in linked if one is not None]
        text = "".join(_written(*each, scores, form) + "\n" for each in zip(lines, linked, strict=True))
        tallies = {
            "pairs": len(lines),
            "links": sum(len(one.links) for one in made),
            "without_words": len(lines) - len(made),
            "truncated": sum(one.truncated for one in made),
        }
        cuts = [(line.line, _cut(one)) for line, one in zip(lines, linked, strict=True) if one and one.truncated]
        yield Step(len(lines), text, tallies, problems, _table(lines, linked) if plans else None, cuts)


def _written(line: PairLine, pair: PairLinks | None, scores: bool, form: Form) -> str:
    if pair is None:
        return ""
    links = format_links(pair.links, pair.scores if scores else None)
    if form == "words":
        return "\t".join([*(" ".join(map(tabs_out, side)) for side in (pair.source_words, pair.target_words)), links])
    if form == "links":
        return links
    left, right = spans_of(line.source_text, pair.source_words), spans_of(line.target_text, pair.target_words)
    parts = []
    for (i, j), score in sorted(zip(pair.links, pair.scores, strict=True)):
        (a, b), (c, d) = left[i], right[j]
        parts.append(f"{a}:{b}-{c}:{d}" + (f":{score:.3f}" if scores else ""))
    return " ".join(parts)


def _cut(pair: PairLinks) -> str:
    """What was read of a pair that is too long, in words."""
    sides = zip(("source", "target"), pair.read, (len(pair.source_words), len(pair.target_words)), strict=True)
    said = [
        f"the {name} was read up to word {read:,}" + (f" of {words:,}" if words > read else "")
        for name, read, words in sides
    ]
    return ", ".join(said)


def _link(
    encoder: Encoder, lines: Sequence[PairLine], settings: LinkSettings, plans: bool, split: tuple[bool, bool]
) -> tuple[list[PairLinks | None], list[tuple[int, str]]]:
    problems = [(line.line, line.problem) for line in lines if line.problem]
    linked: list[PairLinks | None] = [None] * len(lines)
    readable = [at for at, line in enumerate(lines) if not line.problem]
    if not readable:
        return linked, problems
    try:
        pairs: list[tuple[Text, Text]] = [
            (
                lines[at].source_text if split[0] else lines[at].source,
                lines[at].target_text if split[1] else lines[at].target,
            )
            for at in readable
        ]
        made = link_pairs(encoder, pairs, settings, with_plans=plans)
    except BadInput:
        if len(lines) == 1:
            return linked, [*problems, (lines[0].line, "a side has no word that the encoder reads")]
        for at in readable:  # one pair's text has no word that the encoder reads: find it
            alone, wrong = _link(encoder, [lines[at]], settings, plans, split)
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
                "line": line.line, "source": pair.source_words, "target": pair.target_words, "cost": plan.cost,
                "entropy": plan.entropy, "epsilon": plan.epsilon,
                "kept_mass": float(plan.plan[cells].sum()), "i": i, "j": j, "mass": plan.plan[cells],
            }
        )  # fmt: skip
    return pa.Table.from_pylist(rows, schema=PLANS)
