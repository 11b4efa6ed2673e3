"""`align`: Pharaoh links for a stream of sentence pairs."""

from __future__ import annotations

import dataclasses
import json as json_
import sys
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from core.cli.common import (
    Backend,
    Device,
    Home,
    Json,
    NoData,
    Precision,
    ReadingEncoder,
    emit,
    load_reader,
    tell,
)
from core.errors import BadInput
from core.workspace import open_workspace

if TYPE_CHECKING:
    from core.alignment.word_links import LinkSettings
    from core.data.pair_text import PairText
    from core.encoder.encoder import Encoder

_SHOWN = 10
#: The encoder that the default layer was chosen with.
EMBEDDED = "embedded"
Words = Literal["auto", "given", "split"]
Form = Literal["links", "words", "spans"]


def align(
    file: Annotated[Path, typer.Argument(help="Sentence pairs: TSV, source ||| target, or the sources of a pair.")],
    target: Annotated[Path | None, typer.Argument(help="The targets, line by line, if FILE has sources only.")] = None,
    columns: Annotated[
        str, typer.Option("--columns", help="Columns of source and target in a file of more than two, as 2,3.")
    ] = "",
    words: Annotated[
        Words, typer.Option("--words", help="auto: scripts without spaces are split; given: as spaces part; split.")
    ] = "auto",
    form: Annotated[
        Form, typer.Option("--form", help="links: i-j; words: source, target, links; spans: characters a:b-c:d.")
    ] = "links",
    arm: Annotated[str, typer.Option("--arm", help="The arm whose newest run of seed 0 reads.")] = "untrained",
    run: Annotated[str | None, typer.Option("--run", help="A run by its identity instead.")] = None,
    encoder: ReadingEncoder = None,
    layer: Annotated[int | None, typer.Option("--layer", min=0, help="0: embeddings; else the chosen one.")] = None,
    decoding: Annotated[str | None, typer.Option("--decoding", help="How links are found; see README.")] = None,
    epsilon: Annotated[float | None, typer.Option("--epsilon", help="As a fraction of the median cost.")] = None,
    cost: Annotated[str | None, typer.Option("--cost", help="cosine, centred-cosine or euclidean.")] = None,
    marginals: Annotated[str | None, typer.Option("--marginals", help="uniform, norm, frequency, attention.")] = None,
    transport: Annotated[str | None, typer.Option("--transport", help="balanced, unbalanced, partial, exact.")] = None,
    strength: Annotated[float | None, typer.Option("--strength", help="Of unbalanced and partial transport.")] = None,
    threshold: Annotated[float | None, typer.Option("--threshold", help="Of grow, threshold and softmax.")] = None,
    whole: Annotated[
        bool, typer.Option("--whole", help="Link long texts in one plan, not sentence by sentence.")
    ] = False,
    out: Annotated[Path | None, typer.Option("--out", help="Write links here; a killed command then goes on.")] = None,
    scores: Annotated[bool, typer.Option("--scores", help="Write i-j:score.")] = False,
    plans: Annotated[Path | None, typer.Option("--plans", help="Write the plans to this Parquet (with --out).")] = None,
    precision: Precision = "auto",
    backend: Backend = "auto",
    device: Device = "auto",
    data: NoData = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Link the words of sentence pairs, one line of links a pair, in constant memory.

    Words are what spaces separate; a side in a script without spaces is split into the pages' words. Files may be
    packed (gzip, xz), and --out LINKS.gz packs. Without --out links go to standard output.
    """
    from core.alignment.defaults import chosen_settings
    from core.alignment.word_splitting import sides_to_split
    from core.data.pair_text import PairText

    if plans is not None and out is None:
        raise BadInput("--plans needs --out, so that both files are written in step.")
    pairs = PairText(file, target, _columns(columns))
    settings = chosen_settings(decoding)
    given: dict[str, Any] = {
        "epsilon": epsilon, "cost": cost, "marginals": marginals, "kind": transport, "strength": strength
    }  # fmt: skip
    plan = dataclasses.replace(settings.plan, **{name: value for name, value in given.items() if value is not None})
    settings = dataclasses.replace(
        settings,
        plan=plan,
        layer=settings.layer if layer is None else layer,
        threshold=settings.threshold if threshold is None else threshold,
    )
    settings = dataclasses.replace(settings, by_sentence=not whole)
    settings.check()
    split = sides_to_split(file, target, pairs.columns, words)
    for side, name in zip(split, ("source", "target"), strict=True):
        if side and words == "auto":
            tell(f"The {name} is written without spaces: links count the pages' words (--form words shows them).")
    read = load_reader(open_workspace(home), encoder, arm, run, device, precision, backend)
    reader, run_id = read.encoder, read.run_id
    settings = _with_layer(reader, pairs, settings, split)
    begun = time.monotonic()
    tallies: dict[str, Any]
    if out is None:
        tallies, problems, cuts = _to_output(reader, pairs, settings, scores, json, split, form)
        resumed = 0
    else:
        tallies, problems, cuts, resumed = _to_file(
            reader, run_id, pairs, settings, scores, out, plans, split, form
        )  # fmt: skip
    seconds = time.monotonic() - begun
    for line, reason in problems[:_SHOWN]:
        tell(f"{file}, line {line}: {reason}; its line of links is empty.")
    if tallies.get("without_words", 0) > len(problems[:_SHOWN]):
        tell(f"{tallies['without_words']} lines of links are empty because a side had no words.")
    for line, reason in cuts[:_SHOWN]:
        tell(f"{file}, line {line}: {reason}; the words after it have no links.")
    if tallies.get("truncated", 0) > len(cuts[:_SHOWN]):
        tell(f"{tallies['truncated']} pairs in all were longer than is read; the words after that have no links.")
    extra = {"cuts": [list(cut) for cut in cuts[:_SHOWN]], "split": list(split)}
    summary: dict[str, Any] = {
        **tallies,
        **extra,
        "seconds": round(seconds, 3),
        "resumed_after": resumed,
        **read.as_dict(),
    }
    if not json:
        tell(read.sentence)
    if out is None:
        if json:
            print("], " + json_.dumps(summary)[1:])
        return
    rate = (tallies["pairs"] - resumed) / max(seconds, 1e-9)
    emit(summary, json, f"{tallies['pairs']:,} pairs, {tallies['links']:,} links in {out} ({rate:,.0f} pairs a second)")


def _with_layer(reader: Encoder, pairs: PairText, settings: LinkSettings, split: tuple[bool, bool]) -> LinkSettings:
    """The settings with the layer that the first pairs speak for, where none is named and the encoder is another than
    the one that the default was chosen with."""
    if settings.layer is not None or reader.name == EMBEDDED:
        return settings
    from itertools import islice

    from core.alignment.layer_choice import MOST_PAIRS, choose_layer

    lines = [line for line in islice(iter(pairs), 4 * MOST_PAIRS) if not line.problem]
    pairs.start_at([0] * len(pairs.paths), 0)
    if not lines:
        return settings
    sides = [
        (line.source_text if split[0] else line.source, line.target_text if split[1] else line.target) for line in lines
    ]
    chosen = choose_layer(reader, sides, settings)
    tell(
        f"Layer {chosen.layer} of {reader.name} is read: there the plans of the first pairs agree most "
        f"({100 * chosen.agreement[chosen.layer]:.1f} % of the mass); --layer takes another."
    )
    return dataclasses.replace(settings, layer=chosen.layer)


def _to_output(
    encoder: Encoder, pairs: PairText, settings: LinkSettings, scores: bool, as_json: bool,
    split: tuple[bool, bool], form: Form,
) -> tuple[Counter[str], list[tuple[int, str]], list[tuple[int, str]]]:  # fmt: skip
    """Links to standard output; as JSON the document's beginning, its list of links."""
    from core.alignment.link_stream import link_stream

    tallies: Counter[str] = Counter(pairs=0, links=0, without_words=0, truncated=0)
    problems: list[tuple[int, str]] = []
    cuts: list[tuple[int, str]] = []
    for step in link_stream(encoder, pairs, settings, scores=scores, split=split, form=form):
        if as_json:
            lines = ", ".join(json_.dumps(line) for line in step.text.split("\n")[:-1])
            print((", " if tallies["pairs"] else '{"links_of_lines": [') + lines, end="")
        else:
            sys.stdout.write(step.text)
        sys.stdout.flush()
        tallies.update(step.tallies)
        problems += step.problems[: _SHOWN - len(problems)]
        cuts += step.cuts[: _SHOWN - len(cuts)]
    return tallies, problems, cuts


def _to_file(
    encoder: Encoder, run_id: str | None, pairs: PairText, settings: LinkSettings, scores: bool, out: Path,
    plans: Path | None, split: tuple[bool, bool], form: Form,
) -> tuple[dict[str, int], list[tuple[int, str]], list[tuple[int, str]], int]:  # fmt: skip
    """Links to a file, in steps; returns the tallies of the whole file and the lines that were there already."""
    from core.alignment.link_stream import link_stream
    from core.alignment.resumable_output import Journal
    from core.encoder.identity import encoder_identity

    stats = [path.stat() for path in pairs.paths]
    identity = {
        "columns": pairs.columns,
        "split": list(split),
        "form": form,
        "input": [[str(path.resolve()), s.st_size, s.st_mtime_ns] for path, s in zip(pairs.paths, stats, strict=True)],
        "encoder": encoder_identity(encoder),
        "run": run_id,
        "settings": dataclasses.asdict(settings),
        "scores": scores,
        "plans": None if plans is None else str(plans.resolve()),
    }
    for path in (out, *([] if plans is None else [plans])):
        if not path.parent.is_dir():
            raise BadInput(f"The folder {path.parent} is not there; make it, or write elsewhere.")
    total = sum(s.st_size for s in stats)
    problems: list[tuple[int, str]] = []
    cuts: list[tuple[int, str]] = []
    with Journal(out, identity, plans) as journal:
        tallies: Counter[str] = Counter({"pairs": 0, "links": 0, "without_words": 0, "truncated": 0})
        resumed = 0
        if journal.resumed:
            resumed = journal.state.lines
            tallies.update(journal.state.tallies)
            if journal.state.offsets:
                pairs.start_at(journal.state.offsets, journal.state.lines)
            tell(f"Going on after {resumed:,} pairs.")
        if not journal.state.complete:
            from core.progress import bar

            progress = bar("align")
            steps = link_stream(
                encoder, pairs, settings, scores=scores, plans=plans is not None, split=split, form=form
            )  # fmt: skip
            for step in steps:
                tallies.update(step.tallies)
                problems += step.problems[: _SHOWN - len(problems)]
                cuts += step.cuts[: _SHOWN - len(cuts)]
                journal.commit(step.text, pairs.offsets, pairs.lines, dict(tallies), step.plans)
                progress(min(sum(pairs.offsets), total), total, f"{tallies['pairs']:,} pairs")
        journal.finish()
    return dict(tallies), problems, cuts, resumed


def _columns(text: str) -> tuple[int, int] | None:
    if not text:
        return None
    numbers = [part.strip() for part in text.split(",")]
    if len(numbers) != 2 or not all(part.isdecimal() for part in numbers):
        raise BadInput(f"--columns takes two numbers, source,target, not {text[:40]!r}.")
    return int(numbers[0]), int(numbers[1])
