"""`score-alignment`: alignment error rate of any file of links against gold links."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from core.cli.common import Json, NoData, NoHome, emit, tell
from core.errors import BadInput

_SHOWN = 20


def score_alignment(
    gold: Annotated[Path, typer.Option("--gold", help="Gold links: Pharaoh, Talp, NAACL, or TSV with sentences.")],
    links: Annotated[Path, typer.Option("--links", help="The links to score, line by line with the gold file.")],
    base: Annotated[
        int | None,
        typer.Option("--base", min=0, max=1, help="From where words count in both files; 0 is no NULL under base 0."),
    ] = None,
    links_base: Annotated[
        int | None, typer.Option("--links-base", min=0, max=1, help="From where they count in --links, if elsewhere.")
    ] = None,
    columns: Annotated[
        str, typer.Option("--columns", help="Columns of source, target and links in a gold TSV of more, as 2,3,4.")
    ] = "",
    text: Annotated[
        Path | None,
        typer.Option("--text", help="The sentences (TSV or |||); else a file beside the gold ending in .src-tgt."),
    ] = None,
    target_text: Annotated[
        Path | None, typer.Option("--target-text", help="The targets, if --text holds the sources only.")
    ] = None,
    data: NoData = None,
    home: NoHome = None,
    json: Json = False,
) -> None:
    """AER, precision, recall and F1, x100, micro-averaged, with a 95 % interval of the AER."""
    from core.alignment.alignment_error import alignment_error
    from core.data.gold_alignment import read_links
    from core.data.links import same_number

    for path in (gold, links):
        if not path.is_file():
            raise BadInput(f"There is no file {path}.")
    wanted = read_links(gold, base, text, target_text, columns=_columns(columns))
    lengths = None if wanted.pairs is None else [(len(source), len(target)) for source, target in wanted.pairs]
    scored = read_links(links, base if links_base is None else links_base, lengths=lengths)
    if wanted.header and len(scored.links) == len(wanted.links) - 1:
        wanted = wanted.without_header()
        scored = read_links(links, base if links_base is None else links_base, lengths=None if lengths is None else
                            lengths[1:])  # fmt: skip
    same_number(links, len(scored.links), gold, len(wanted.links))
    score = alignment_error(wanted.links, [sentence.possible for sentence in scored.links])
    problems = [
        {"file": str(file.path), "line": problem.line, "reason": problem.reason}
        for file in (wanted, scored)
        for problem in file.problems
    ]
    notes = [*wanted.notes, *scored.notes]
    for note in notes:
        tell(f"{note[:1].upper()}{note[1:]}.")
    for problem in problems[:_SHOWN]:
        tell(f"{problem['file']}, line {problem['line']}: {problem['reason']}")
    if len(problems) > _SHOWN:
        tell(f"… and {len(problems) - _SHOWN} more.")
    numbers = dataclasses.asdict(score)
    payload = {**numbers, "gold_base": wanted.base, "links_base": scored.base, "problems": problems, "notes": notes}
    line = (
        f"AER {score.aer:.1f} [{score.low:.1f}, {score.high:.1f}]   precision {score.precision:.1f}   "
        f"recall {score.recall:.1f}   F1 {score.f1:.1f}   {score.sentences:,} sentences"
    )
    emit(payload, json, line)


def _columns(text: str) -> tuple[int, int, int] | None:
    if not text:
        return None
    numbers = [part.strip() for part in text.split(",")]
    if len(numbers) != 3 or not all(part.isdecimal() and int(part) > 0 for part in numbers) or len(set(numbers)) != 3:
        raise BadInput(f"--columns takes three different numbers from 1 on, source,target,links, not {text[:40]!r}.")
    return int(numbers[0]), int(numbers[1]), int(numbers[2])
