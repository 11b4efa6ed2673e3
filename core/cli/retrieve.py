"""`retrieve`: queries over a collection, and how well the right candidates rank."""

from __future__ import annotations

import time
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from core.bitext.limits import MAX_PAIRS
from core.cli.common import Backend, Data, Device, Home, Json, Precision, Read, ReadingEncoder, emit, load_reader, tell
from core.errors import BadInput
from core.files import atomic_write
from core.progress import Progress, bar, silent
from core.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from core.data.catalog import Catalog
    from core.encoder.encoder import Encoder
    from core.retrieval.ranked import Ranked
    from core.retrieval.removal import Removals
    from core.retrieval.search import Source

_SHOWN = 5
Prompting = Literal["auto", "search", "same"]
Method = Literal["dense", "bm25", "fused"]


def retrieve(
    queries: Annotated[str, typer.Option("--queries", help="File, BEIR folder, lareqa:hi, tatoeba:sw, bitext:NAME.")],
    collection: Annotated[
        str, typer.Option("--collection", help="File, BEIR folder, or lareqa:en, lareqa:all, tatoeba:sw.")
    ],
    qrels: Annotated[
        Path | None, typer.Option("--qrels", help="Judgements, TREC's, BEIR's or MTEB's; sets bring their own.")
    ] = None,
    split: Annotated[str, typer.Option("--split", help="A BEIR folder's judgements and queries.")] = "test",
    strict: Annotated[
        bool, typer.Option("--strict", help="Stop at an empty text, an unread field, an unknown id or language.")
    ] = False,
    ignore_identical_ids: Annotated[
        bool, typer.Option("--ignore-identical-ids", help="A query's own id is no candidate for it (ArguAna, Quora).")
    ] = False,
    arm: Annotated[str, typer.Option("--arm", help="The arm whose newest run of seed 0 reads both.")] = "untrained",
    run: Annotated[str | None, typer.Option("--run", help="A run by its identity instead.")] = None,
    query_encoder: Annotated[
        str | None, typer.Option("--query-encoder", help="An arm of retrieval-experiment reads the queries alone.")
    ] = None,
    encoder: ReadingEncoder = None,
    prompts: Annotated[
        Prompting, typer.Option("--prompts", help="search, or same (one for both); auto: same for translations.")
    ] = "auto",
    query_prompt: Annotated[str | None, typer.Option("--query-prompt", help="Before queries; else its own.")] = None,
    document_prompt: Annotated[
        str | None, typer.Option("--document-prompt", help="Before candidates; else the encoder's own.")
    ] = None,
    lang: Annotated[str, typer.Option("--lang", help="Language of candidates that do not tell theirs.")] = "",
    query_lang: Annotated[str, typer.Option("--query-lang", help="Language of queries that do not tell theirs.")] = "",
    depth: Annotated[int, typer.Option("--depth", min=10, max=10_000, help="Candidates ranked for each query.")] = 1000,
    precision: Precision = "auto",
    backend: Backend = "auto",
    method: Annotated[
        Method, typer.Option("--method", help="dense (vectors), bm25 (words), or fused (ranks of both).")
    ] = "dense",
    passages: Annotated[
        int | None,
        typer.Option("--passages", min=8, help="Read candidates in passages of so many tokens; best counts."),
    ] = None,
    overlap: Annotated[int, typer.Option("--overlap", min=0, help="Tokens that passages have in common.")] = 32,
    centre: Annotated[bool, typer.Option("--centre", help="Subtract each language's mean.")] = False,
    components: Annotated[
        int, typer.Option("--components", min=0, max=64, help="Take out so many top directions of each language.")
    ] = 0,
    out: Annotated[Path | None, typer.Option("--out", help="Write the rankings here as a TREC run file.")] = None,
    device: Device = "auto",
    data: Data = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Rank a collection for every query, and measure how well where judgements are known.

    Measured are accuracy@1, MRR@10, recall, nDCG@10 and MAP, x100, as trec_eval measures the file that --out writes.
    Vectors are indexed once, in bounded memory, and a killed command goes on where it ended; words (bm25, fused) are
    indexed anew in memory. Queries and candidates
    are read after the encoder's own prompts for a search; translations of each other, and everything with --prompts
    same, after the one for texts that are compared.
    """
    from core.encoder.tokens import count_cut
    from core.retrieval.collection import TextFile
    from core.retrieval.dense import Windows, cut_candidates, dense_search
    from core.retrieval.fields import UNKNOWN
    from core.retrieval.lexical import Bm25
    from core.retrieval.metrics import CUTS, by_query, summary
    from core.retrieval.ranked import check_ids, fuse, run_lines, without_own
    from core.retrieval.search import languages_of, own_language_share

    workspace, catalog = open_workspace(home), _catalog(data, centre or components > 0, queries, collection)
    shown = silent if json else bar("retrieve")
    asked, judged, candidates, notes = _sources(
        queries, collection, qrels, lang, query_lang, split, strict, workspace, catalog, shown
    )
    if out is not None:
        check_ids([entry.id for entry in asked.entries()])
        check_ids([candidates.remarks.spaced] if isinstance(candidates, TextFile) and candidates.remarks.spaced else [])
    for note in notes:
        tell(note)
    wanted = depth + ignore_identical_ids
    several: list[Ranked] = []
    payload: dict[str, Any] = {"queries": len(asked), "candidates": len(candidates), "metrics": {}, "seconds": {}}
    called, sentence = "bm25", ""
    if method != "bm25":
        searches = _searches(prompts, queries, collection, query_encoder)
        asked_for = (query_prompt, document_prompt)
        who, reader = _readers(
            workspace, encoder, arm, run, query_encoder, precision, backend, device, searches, asked_for
        )  # fmt: skip
        documents, removes = who.encoder, centre or components > 0
        of_candidates = _removals(documents, candidates, asked, catalog, centre, components) if removes else None
        of_queries = _removals(reader, asked, candidates, catalog, centre, components) if removes else None
        windows = Windows(passages, overlap) if passages else None
        found = dense_search(
            workspace.cache, asked, candidates, reader, documents, wanted, windows, (of_queries, of_candidates), shown
        )  # fmt: skip
        several.append(found.ranked)
        called, sentence = who.tag(query_encoder), f"\n{who.sentence}"
        payload |= who.as_dict() | {"arm": query_encoder or who.arm} | found.told | {"seconds": found.seconds}
        payload["prompts"] = {"query": reader.prefix, "document": documents.prefix}
        payload["cut"] = {
            "queries": count_cut(reader, (entry.text for entry in asked.entries()), prefix=True),
            "candidates": 0 if windows else cut_candidates(workspace.cache, candidates, documents),
        }
        if of_candidates is not None and of_queries is not None:
            payload["unchanged"] = sorted({*of_candidates.without, *of_queries.without})
    if method != "dense":
        began = time.monotonic()
        several.append(Bm25(candidates, shown).search(asked, wanted, shown))
        payload["seconds"] |= {"words": time.monotonic() - began}
    if method == "fused":
        called = f"fused-{called}"
    ranked = several[0] if len(several) == 1 else fuse(several, wanted)
    if ignore_identical_ids:
        ranked = without_own(ranked, depth)
    if out is not None:
        lines = "".join(f"{line}\n" for line in run_lines(ranked, called))
        atomic_write(out, lines, what=f"The run file {out}", advice="name another with --out")
    entries = list(asked.entries())
    payload |= {"method": method, "depth": ranked.depth, "notes": notes}
    payload.setdefault("arm", "bm25")
    payload["seconds"] = {name: round(value, 5) for name, value in payload["seconds"].items()}
    tops = {query: found[0] for query, found in ranked.rankings.items() if found}
    languages = languages_of(candidates, set(tops.values()))
    pairs = [(query.lang, languages[tops[query.id]]) for query in entries if query.id in tops]
    known = [pair for pair in pairs if not {*pair} & {"", UNKNOWN}]
    if known:
        payload["own_language"] = own_language_share([query for query, _ in known], [top for _, top in known])
    if judged is not None:
        whole = depth >= len(candidates) - ignore_identical_ids
        table = by_query(judged, ranked.rankings, ranked.scores, None if whole else depth)
        payload["not_measured"] = [name for name in CUTS if name not in table]
        language_of = {entry.id: entry.lang for entry in entries}
        table["language"] = [language_of[query] for query in table["query"]]
        payload["judged"] = len(table)
        scores = summary(table)
        payload["metrics"] = _plain(scores)
        payload["intervals"] = {name: [score.low, score.high] for name, score in scores.items()}
        payload["languages"] = {
            str(code): _plain(summary(rows)) for code, rows in table.groupby("language", sort=False)
        }
    emit(payload, json, f"{_text(payload, entries, ranked.rankings)}{sentence}")


def _plain(values: dict[str, Any]) -> dict[str, float]:
    return {name: score.value for name, score in values.items()}


def _catalog(data: Path | None, removes: bool, *names: str) -> Catalog:
    """The data sets, if they are named or needed: files need none."""
    from core.data.catalog import open_catalog, starter_catalog
    from core.retrieval.named import is_named

    return open_catalog(data) if data or removes or any(is_named(name) for name in names) else starter_catalog()


def _removals(
    encoder: Encoder, texts: Source, others: Source, catalog: Catalog, centre: bool, components: int
) -> Removals:
    """What is removed from the vectors of each language of `texts`. Raises `BadInput` if none of them is known."""
    from core.encoder.vectors import sentence_vectors
    from core.retrieval.removal import Removals

    codes = texts.languages
    removals = Removals(catalog, codes, others.languages, partial(sentence_vectors, encoder), centre, components)
    if set(removals.without) == set(codes):
        without = ", ".join(code for code in codes if code) or "these texts, which tell no language"
        raise BadInput(
            f"There is no training bitext of {without} to measure a mean on; name the languages with --lang and "
            "--query-lang, and data sets with --data."
        )
    return removals


def _sources(
    queries: str, collection: str, qrels: Path | None, lang: str, query_lang: str, split: str, strict: bool,
    workspace: Workspace, catalog: Catalog, progress: Progress,
) -> tuple[Source, dict[str, dict[str, int]] | None, Source, list[str]]:  # fmt: skip
    """Queries, judgements, candidates, and what is told of them; everything is checked before anything is encoded."""
    from core.retrieval.collection import TextFile, read_through
    from core.retrieval.forms import Opened, open_side
    from core.retrieval.judgements import Marks, check_qrels, read_qrels
    from core.retrieval.named import CollectionSources, candidates_of, is_named, qrels_of, queries_of
    from core.retrieval.search import Listed
    from store.user.bitexts import as_bitext

    sources = CollectionSources(catalog, lambda name: as_bitext(workspace, name, limit=MAX_PAIRS))
    sides: dict[str, Opened] = {}
    if not is_named(queries):
        sides["query"] = open_side(Path(queries).expanduser(), "query", workspace.cache, split, progress)
    if not is_named(collection):
        sides["document"] = open_side(Path(collection).expanduser(), "document", workspace.cache, split, progress)
    marks: Marks | None = None
    name, brought = "", qrels is not None
    if qrels is not None:
        marks, name = read_qrels(qrels), qrels.name
    else:
        for side in sides.values():
            if marks is None and side.marks:
                marks, name = side.marks, side.judged_by
    asked: Source
    candidates: Source
    if questions := sides.get("query"):
        asked = read_through(
            questions.path, "file of queries", query_lang, role="query", called=questions.called, only=questions.only
        )[0]  # fmt: skip
    else:
        asked = Listed(queries_of(queries, sources))
    names = {entry.id for entry in asked.entries()}
    wanted = {candidate for judged in (marks or {}).values() for candidate in judged}
    if texts := sides.get("document"):
        candidates, present = read_through(
            texts.path, "collection", lang, wanted, progress, called=texts.called
        )  # fmt: skip
    else:
        candidates = Listed(candidates_of(collection, sources))
        present = {entry.id for entry in candidates.entries()} & wanted
    told = [sentence for one in (asked, candidates) if isinstance(one, TextFile) for sentence in one.sentences]
    if strict and told:
        raise BadInput(f"{told[0].rstrip('.')}; without --strict that is told and nothing stops.")
    if marks is not None and (brought or (present and names & marks.keys())):
        part = set(marks) if not brought and sides.get("query") and sides["query"].only else None
        judged = check_qrels(marks, name, names, present, strict, part)
        return asked, judged.marks, candidates, [*told, *judged.told]
    if is_named(queries) and is_named(collection):
        return asked, qrels_of(queries, collection, sources), candidates, told
    return asked, None, candidates, told


def _searches(prompts: Prompting, queries: str, collection: str, query_encoder: str | None) -> bool:
    """Whether queries and candidates are read after their own prompts: unless both are sentences of named pairs, or a
    query encoder asks, which was trained beside candidates that were read as queries are."""
    from core.retrieval.named import is_translation

    if prompts == "auto":
        return query_encoder is None and not (is_translation(queries) and is_translation(collection))
    return prompts == "search"


def _readers(
    workspace: Workspace,
    encoder: str | None,
    arm: str,
    run: str | None,
    query_encoder: str | None,
    precision: str,
    backend: str,
    device: str,
    searches: bool,
    prompts: tuple[str | None, str | None],
) -> tuple[Read, Encoder]:
    """Who reads candidates, and who reads queries."""
    from core.encoder.prompts import Role, in_role
    from core.query_encoders.query_encoder import load_query_encoder
    from core.query_encoders.results import find_query_encoder

    read = load_reader(workspace, encoder, arm, run, device, precision, backend)
    query, document = prompts
    documents = replace(read, encoder=in_role(read.encoder, "document" if searches else "text", document))
    asking: Role = "query" if searches else "text"
    if query_encoder is None:
        return documents, in_role(read.encoder, asking, query)
    if read.run_id is not None:
        raise BadInput("--query-encoder reads the queries beside the frozen encoder: leave out --arm and --run.")
    folder = find_query_encoder(workspace, query_encoder)
    return documents, in_role(load_query_encoder(folder, read.encoder), asking, query)


def _text(payload: dict[str, Any], entries: list[Any], rankings: Any) -> str:
    lines = [f"{payload['queries']:,} queries over {payload['candidates']:,} candidates ({payload['arm']})"]
    if "judged" in payload:
        depth = f"{payload['depth']:,}"
        lines.append(f"{payload['judged']:,} queries are judged; MAP is of the first {depth} candidates of each")
    for name, value in payload["metrics"].items():
        low, high = payload["intervals"][name]
        lines.append(f"{name:<12}{value:6.1f}  [{low:.1f}, {high:.1f}]")
    if payload.get("not_measured"):
        lines.append(f"not measured at this --depth: {', '.join(payload['not_measured'])}")
    if not payload["metrics"]:
        lines += [f"{entry.id}: {' '.join(rankings.get(entry.id, [])[:_SHOWN])}" for entry in entries[:_SHOWN]]
    if len(payload.get("languages", {})) > 1:
        for code, values in payload["languages"].items():
            lines.append(f"{code or 'no language'}: " + ", ".join(f"{n} {v:.1f}" for n, v in values.items()))
    for what, count in payload.get("cut", {}).items():
        if count:
            lines.append(f"{count:,} {what} are longer than the encoder reads; their ends do not count")
    if payload.get("unchanged"):
        names = ", ".join(code or "?" for code in payload["unchanged"])
        lines.append(f"no training bitext, so nothing was taken out of: {names}")
    if "own_language" in payload:
        lines.append(f"top hit in the query's own language: {payload['own_language']:.1f} %")
    return "\n".join(lines)
