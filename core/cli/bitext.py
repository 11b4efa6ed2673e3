"""`bitext`: check a bitext file, clean it, store it, score what is stored, write it out, delete it."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable
from pathlib import Path
from typing import Annotated, Any

import typer

from core.bitext.check import DEFAULT_ON, MEANING, REASONS, Settings, applicable
from core.bitext.formats import FORMATS, WRITTEN
from core.bitext.propose import Proposal, propose
from core.bitext.reading import Opened, open_bitext
from core.bitext.records import Layout
from core.bitext.report import Report, mask_of
from core.bitext.staging import Watch, examine, kept
from core.bitext.writing import Written, format_for, write_file
from core.cli.common import Backend, Device, Home, Json, NoData, NoHome, Precision, emit, tell
from core.errors import BadInput
from core.languages import language
from core.progress import bar, throttled
from core.workspace import open_workspace

app = typer.Typer(no_args_is_help=True, help="Your own bitext: check, clean, store, score, export, delete.")

File = Annotated[
    Path,
    typer.Argument(
        help="TSV, CSV, JSON, Parquet, XLSX, ODS, Moses file or zip, TMX, XLIFF, PO; gzip, bzip2, xz or zstd of any."
    ),
]
Other = Annotated[
    list[Path] | None, typer.Argument(help="The other side of a Moses pair, Tatoeba's links, more files of one format.")
]
SourceColumn = Annotated[str | None, typer.Option("--source", help="Column of the source; else proposed.")]
TargetColumn = Annotated[str | None, typer.Option("--target", help="Column of the target; else proposed.")]
SourceLanguage = Annotated[str | None, typer.Option("--source-language", help="Its language (en); else proposed.")]
TargetLanguage = Annotated[str | None, typer.Option("--target-language", help="Its language (sw); else proposed.")]
Encoding = Annotated[str | None, typer.Option("--encoding", help="Encoding of the text; else detected.")]
Keep = Annotated[list[str] | None, typer.Option("--keep", help=f"Switch a filter off: {', '.join(REASONS)}.")]
_OFF = ", ".join(reason for reason in REASONS if reason not in DEFAULT_ON)
Drop = Annotated[list[str] | None, typer.Option("--drop", help=f"Switch a filter on; off at first: {_OFF}.")]
Longest = Annotated[int, typer.Option("--longest", min=1, help="Characters a side may have.")]
Yes = Annotated[bool, typer.Option("--yes", help="Go on where filters would drop more than half of the pairs.")]
Ratio = Annotated[float, typer.Option("--ratio", min=1.1, help="How many times longer than typical a side may be.")]
_SETTINGS = Settings()


@app.command()
def check(
    file: File, other: Other = None, source: SourceColumn = None, target: TargetColumn = None,
    source_language: SourceLanguage = None, target_language: TargetLanguage = None, encoding: Encoding = None,
    keep: Keep = None, drop: Drop = None, longest: Longest = _SETTINGS.longest, ratio: Ratio = _SETTINGS.ratio,
    data: NoData = None, home: NoHome = None, json: Json = False,
) -> None:  # fmt: skip
    """Read a whole file and say what it holds; nothing is stored."""
    opened = open_bitext([file, *(other or [])], encoding=encoding)
    proposal = propose(opened)
    layout = _layout(opened, source, target, source_language, target_language, proposal)
    report = examine(opened, layout, Settings(longest, ratio), watch=_bar())
    switched = _switched(keep, drop)
    emit(
        _document(opened, layout, report, switched, Settings(longest, ratio)) | {"proposed": _evidence(proposal)},
        json,
        _text(opened, layout, report, switched),
    )


@app.command()
def clean(
    file: File, other: Other = None,
    out: Annotated[Path | None, typer.Option("--out", help="Where to; the ending says the format.")] = None,
    source: SourceColumn = None, target: TargetColumn = None, source_language: SourceLanguage = None,
    target_language: TargetLanguage = None, encoding: Encoding = None, keep: Keep = None, drop: Drop = None,
    longest: Longest = _SETTINGS.longest, ratio: Ratio = _SETTINGS.ratio,
    data: NoData = None, home: NoHome = None, json: Json = False,
) -> None:  # fmt: skip
    """Write the pairs that no filter takes out, in any format that is read; by default beside FILE as NAME.clean.*."""
    opened = open_bitext([file, *(other or [])], encoding=encoding)
    layout = _layout(opened, source, target, source_language, target_language)
    own = opened.format if opened.format in WRITTEN else "tsv"
    place = out or file.with_name(f"{file.name.split('.')[0]}.clean{FORMATS[own].ending}")
    form = format_for(place) if out else own
    if place.exists() and place.resolve() in {path.resolve() for path in (file, *(other or []))}:
        raise BadInput(f"{place} is the file that is read; choose another name for --out.")
    switched = _switched(keep, drop)
    with tempfile.TemporaryDirectory() as folder:
        staged = Path(folder) / "pairs.parquet"
        report = examine(opened, layout, Settings(longest, ratio), staged, _bar())
        pairs = ((pair.source, pair.target) for pair in kept(staged, mask_of(switched)))
        written = write_file(place, form, pairs, (layout.source_language, layout.target_language))
    document = _document(opened, layout, report, switched, Settings(longest, ratio))
    document |= {"out": str(place), "changed": written.changed}
    emit(document, json, f"{_text(opened, layout, report, switched)}\nWritten to {place}{written.told}")


@app.command("store")
def store_(
    file: File, other: Other = None,
    name: Annotated[str | None, typer.Option("--name", help="What to call it; else the file's name.")] = None,
    licence: Annotated[str, typer.Option("--licence", help="A note on its licence.")] = "",
    provenance: Annotated[str, typer.Option("--provenance", help="A note on where it is from.")] = "",
    source: SourceColumn = None, target: TargetColumn = None, source_language: SourceLanguage = None,
    target_language: TargetLanguage = None, encoding: Encoding = None, keep: Keep = None, drop: Drop = None,
    longest: Longest = _SETTINGS.longest, ratio: Ratio = _SETTINGS.ratio,
    yes: Yes = False, data: NoData = None, home: Home = None, json: Json = False,
) -> None:  # fmt: skip
    """Check a file and store the pairs that no filter takes out.

    Where the filters would drop more than half of them, nothing is stored without --yes.
    """
    from store.user.bitexts import NewBitext, store

    workspace = open_workspace(home)
    opened = open_bitext([file, *(other or [])], encoding=encoding)
    layout = _layout(opened, source, target, source_language, target_language)
    switched = _switched(keep, drop)
    with tempfile.TemporaryDirectory(dir=workspace.cache) as folder:
        staged = Path(folder) / "pairs.parquet"
        report = examine(opened, layout, Settings(longest, ratio), staged, _bar())
        if report.takes_most(switched) and not yes:
            raise BadInput(_most(opened, report, switched))
        document = _document(opened, layout, report, switched, Settings(longest, ratio))
        new = NewBitext(
            name or file.name, opened.sha256, opened.name, opened.format, licence, provenance,
            layout.source_language, layout.target_language, document,
        )  # fmt: skip
        identity = store(workspace, new, staged, mask_of(switched))
    emit(document | {"bitext": identity}, json, f"{_text(opened, layout, report, switched)}\nStored as {identity}")


@app.command("list")
def list_(data: NoData = None, home: Home = None, json: Json = False) -> None:
    """List what is stored."""
    from store.user.bitexts import list_bitexts

    names = ["bitext_id", "name", "source_language", "target_language", "pairs", "scored", "sha256", "file", "licence"]
    rows = list_bitexts(open_workspace(home))[names].to_dict("records")
    lines = [
        f"{row['bitext_id']}  {row['pairs']:>9,}  {row['source_language']}-{row['target_language']}  {row['name']}"
        for row in rows
    ]
    emit({"ok": True, "bitexts": rows}, json, "\n".join(lines) or "No bitext is stored.")


@app.command()
def delete(bitext: str, data: NoData = None, home: Home = None, json: Json = False) -> None:
    """Delete a stored bitext with its scores."""
    from store.user.bitexts import delete, get

    workspace = open_workspace(home)
    row = get(workspace, bitext)
    delete(workspace, row["bitext_id"])
    emit({"ok": True, "deleted": row["bitext_id"]}, json, f"{row['name']} is deleted.")


def _layout(
    opened: Opened, source: str | None, target: str | None, source_language: str | None, target_language: str | None,
    proposal: Proposal | None = None,
) -> Layout:  # fmt: skip
    """What was asked for, and for the rest what is proposed; says on standard error what was taken."""
    proposal = proposal or propose(opened)
    names = {side.name: side for side in proposal.sides}
    proposed = proposal.layout
    left, right = source or proposed.source, target or proposed.target
    if left == right and not (source and target):  # one was named, and is what was proposed for the other
        rest = [name for name in (proposed.source, proposed.target, *names) if name != (source or target)]
        left, right = (left, rest[0]) if source else (rest[0], right)
    spoken = [
        language(given).code if given else names[column].language if column in names else "und"
        for given, column in ((source_language, left), (target_language, right))
    ]
    taken = "" if source or target or not proposal.because else f" ({proposal.because})"
    tell(f"{opened.title}: source {left!r} ({spoken[0]}), target {right!r} ({spoken[1]}){taken}")
    for side in proposal.sides:
        if side.against and side.name in (left, right):
            tell(f"{side.name}: its name tells {side.against}, its text is in {side.language}")
    return Layout(left, right, spoken[0], spoken[1])


def _evidence(proposal: Proposal) -> dict[str, Any]:
    """Why these columns are proposed, and what every column seems to be."""
    fields = ("name", "language", "evidence", "share", "holds", "against")
    columns = [{field: getattr(side, field) for field in fields} for side in proposal.sides]
    return {"because": proposal.because, "columns": columns}


def _switched(keep: Iterable[str] | None, drop: Iterable[str] | None) -> set[str]:
    """The filters that are on."""
    for reason in (*(keep or ()), *(drop or ())):
        if reason not in REASONS:
            raise BadInput(f"{reason[:40]!r} is not a filter; they are {', '.join(REASONS)}.")
    return (set(DEFAULT_ON) | set(drop or ())) - set(keep or ())


def _most(opened: Opened, report: Report, switched: set[str]) -> str:
    """Why nothing is stored before the person confirms."""
    taken = ", ".join(f"{reason} {n:,}" for reason, n in report.dropped(switched).items() if n)
    kept = report.kept(switched)
    return (
        f"The filters would drop {report.read - kept:,} of {report.read:,} pairs of {opened.name} ({taken}); nothing "
        f"was stored. Give --yes to store the other {kept:,}, or --keep REASON to switch a filter off."
    )


def _bar() -> Watch:
    show = throttled(bar("pairs"), 0.5)

    def watch(read: int, share: float, report: Report) -> None:
        show(read, max(read, round(read / share)) if share > 0 else 0)

    return watch


def _document(opened: Opened, layout: Layout, report: Report, switched: set[str], settings: Settings) -> dict[str, Any]:
    return report.document(switched) | {
        "file": opened.name,
        "sha256": opened.sha256,
        "format": opened.format,
        "encoding": opened.encoding or None,
        "columns": [layout.source, layout.target],
        "limits": [settings.longest, settings.ratio],
        "reasons": {reason: MEANING[reason] for reason in applicable(FORMATS[opened.format].states)},
        "takes_most": report.takes_most(switched),
        "languages": [layout.source_language, layout.target_language],
    }


def _text(opened: Opened, layout: Layout, report: Report, switched: set[str]) -> str:
    lines = [f"{opened.name}: {report.read:,} pairs read, {report.kept(switched):,} kept"]
    dropped = report.dropped(switched)
    for reason in REASONS:
        if report.found(reason):
            gone = f"{dropped[reason]:,} dropped" if reason in switched else "filter off"
            lines.append(f"  {reason:<16} {report.found(reason):>9,} found, {gone}")
    for apart in report.apart[:10]:
        one, other = (", ".join(side) or "none" for side in (apart.source, apart.target))
        lines.append(f"    line {apart.line}: numbers {one} against {other}")
    if report.unreadable:
        lines.append(f"  {'unreadable':<16} {report.unreadable:>9,} lines:")
        lines += [f"    line {error.line}: {error.reason}" for error in report.errors[:10]]
    lines += [f"  {what} ({n:,} times)" if n > 1 else f"  {what}" for what, n in report.remarks.most_common()]
    return "\n".join(lines)


@app.command()
def score(
    bitext: Annotated[str, typer.Argument(help="A stored bitext, by name or identity.")],
    pairs: Annotated[int, typer.Option("--pairs", min=2, help="Score a sample of so many pairs.")] = 20_000,
    every: Annotated[bool, typer.Option("--all", help="Score every pair.")] = False,
    encoder: Annotated[
        str | None, typer.Option("--encoder", help="embedded, a folder, or a Hub name; else as before, or embedded.")
    ] = None,
    device: Device = "auto",
    precision: Precision = "auto",
    backend: Backend = "auto",
    good: Annotated[
        Path | None, typer.Option("--good", help="A file of right pairs (machine translations): are they lost?")
    ] = None,
    data: NoData = None, home: Home = None, json: Json = False,
) -> None:  # fmt: skip
    """Score a stored bitext's pairs, and plant damage of eight kinds among them to see what the scores find.

    Pairs that have scores are passed over, so a run that was stopped goes on where it was.
    """
    from core.cli.bitext_scoring import score_stored, text

    done = score_stored(
        open_workspace(home), bitext, None if every else pairs, bar("pairs"), device, good, precision, backend, encoder
    )
    emit({"ok": True} | done, json, text(done))


@app.command()
def export(
    bitext: Annotated[str, typer.Argument(help="A stored bitext, by name or identity.")],
    out: Annotated[Path | None, typer.Option("--out", help="A file; its ending says the format.")] = None,
    data: Annotated[
        Path | None, typer.Option("--data", help="A data folder: add the bitext to it as training bitext.")
    ] = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Write a stored bitext to a file, or into a data folder, where every experiment on it trains with it."""
    from core.bitext.training import add_to_data
    from store.user.bitexts import get, iterate_pairs

    if (out is None) == (data is None):
        raise BadInput("Name either a file with --out or a data folder with --data.")
    workspace = open_workspace(home)
    row = get(workspace, bitext)
    languages = row["source_language"], row["target_language"]
    stream = ((source, target) for _, source, target in iterate_pairs(workspace, row["bitext_id"]))
    if out is not None:
        written = write_file(out, format_for(out), stream, languages)
        place = out
    else:
        assert data is not None
        place = add_to_data(data, row["name"], row["bitext_id"], languages, row["licence"], stream)
        written = Written(int(row["pairs"]), 0)
    document = {"ok": True, "out": str(place), "pairs": int(row["pairs"]), "changed": written.changed}
    emit(document, json, f"{row['pairs']:,} pairs in {place}{written.told}")


@app.command()
def gold(
    bitext: Annotated[str, typer.Argument(help="A stored bitext, by name or identity.")],
    links: Annotated[Path, typer.Argument(help="Pharaoh, Talp or NAACL links: a row for each stored pair or line.")],
    base: Annotated[int | None, typer.Option("--base", min=0, max=1, help="From where words count.")] = None,
    data: NoData = None, home: Home = None, json: Json = False,
) -> None:  # fmt: skip
    """Keep word links that people drew with a stored bitext; the alignment page judges plans by them."""
    from core.bitext.gold import link_pairs
    from store.user.bitext_gold import write_gold
    from store.user.bitexts import get, read_pairs

    workspace = open_workspace(home)
    row = get(workspace, bitext)
    table = read_pairs(workspace, row["bitext_id"])
    pairs = list(zip(table["source"], table["target"], strict=True))
    linked = link_pairs(links, str(links), table["line"].tolist(), pairs, base)
    write_gold(workspace, row["bitext_id"], linked.links)
    problems = [{"line": problem.line, "reason": problem.reason} for problem in linked.problems]
    document = {"ok": True, "bitext": row["bitext_id"], "linked": len(linked.links), "base": linked.base}
    count = f"{len(linked.links):,} of {len(pairs):,}"
    lines = [f"{count} pairs of {row['name']} got links; words count from {linked.base}"]
    lines += [f"  line {problem.line}: {problem.reason}" for problem in linked.problems[:10]]
    emit(document | {"problems": problems}, json, "\n".join(lines))
