"""`retrieve`: queries over a collection, and how well the right candidates rank."""

from __future__ import annotations

import time
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.bitext.limits import MAX_PAIRS
from core.cli.common import Data, Device, Home, Json, emit, load_reader
from core.errors import BadInput
from core.files import atomic_write
from core.progress import Progress, bar, silent
from core.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from core.data.catalog import Catalog
    from core.retrieval.removal import Removals
    from core.retrieval.search import Source
    from core.retrieval.vector_cache import VectorReader

_SHOWN = 5


def retrieve(
    queries: Annotated[str, typer.Option("--queries", help="File, or lareqa:hi, tatoeba:sw, bitext:NAME.")],
    collection: Annotated[str, typer.Option("--collection", help="File, or lareqa:en, lareqa:all, tatoeba:sw.")],
    qrels: Annotated[Path | None, typer.Option("--qrels", help="TREC qrels; named sets bring their own.")] = None,
    arm: Annotated[str, typer.Option("--arm", help="The arm whose newest run of seed 0 reads both.")] = "untrained",
    run: Annotated[str | None, typer.Option("--run", help="A run by its identity instead.")] = None,
    query_encoder: Annotated[
        str | None, typer.Option("--query-encoder", help="An arm of retrieval-experiment reads the queries alone.")
    ] = None,
    encoder: Annotated[str, typer.Option("--encoder", help="embedded, a folder, or a Hub name.")] = "embedded",
    lang: Annotated[str, typer.Option("--lang", help="Language of candidates that do not tell theirs.")] = "",
    query_lang: Annotated[str, typer.Option("--query-lang", help="Language of queries that do not tell theirs.")] = "",
    depth: Annotated[int, typer.Option("--depth", min=10, max=10_000, help="Candidates ranked for each query.")] = 1000,
    precision: Annotated[
        str | None, typer.Option("--precision", help="float32, bfloat16 or int8; else the native of the first two.")
    ] = None,
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

    Measured are accuracy@1, MRR@10, recall, nDCG@10 and MAP, x100. The collection is indexed once, in bounded memory;
    a killed command goes on where it ended.
    """
    from core.retrieval.metrics import by_query, summary
    from core.retrieval.search import hubness, indexed, own_language_share, query_vectors, search, trec_run

    workspace, catalog = open_workspace(home), _catalog(data, centre or components > 0, queries, collection)
    shown = silent if json else bar("retrieve")
    asked, judged, candidates = _sources(queries, collection, qrels, lang, query_lang, workspace, catalog, shown)
    documents, reader = _readers(workspace, encoder, arm, run, query_encoder, precision, device)
    began = time.monotonic()
    removes = centre or components > 0
    of_candidates = _removals(documents, candidates, asked, catalog, centre, components) if removes else None
    of_queries = _removals(reader, asked, candidates, catalog, centre, components) if removes else None
    index = indexed(workspace.cache, candidates, documents, shown, of_candidates)
    built = time.monotonic() - began
    vectors = query_vectors(workspace.cache, asked, reader, shown, of_queries)
    began = time.monotonic()
    hits = search(index, vectors, depth, shown)
    searched = time.monotonic() - began
    rankings = hits.rankings(asked, candidates)
    if out is not None:
        lines = "".join(f"{line}\n" for line in trec_run(rankings, hits.scores, arm))
        atomic_write(out, lines, what=f"The run file {out}", advice="name another with --out")
    entries = list(asked.entries())
    tops = [entry.lang for entry in candidates.at(hits.rows[:, 0].tolist())]
    payload: dict[str, Any] = {
        "queries": len(entries), "candidates": len(candidates), "arm": query_encoder or arm, "metrics": {},
        "seconds": {"indexing": round(built, 2), "a_query": round(searched / len(entries), 5)},
        "hubness": hubness(hits.rows[:, :10], len(candidates)),
    }  # fmt: skip
    if of_candidates is not None and of_queries is not None:
        payload["unchanged"] = sorted({*of_candidates.without, *of_queries.without})
    known = [(query.lang, top) for query, top in zip(entries, tops, strict=True) if query.lang and top]
    if known:
        payload["own_language"] = own_language_share([query for query, _ in known], [top for _, top in known])
    if judged is not None:
        table = by_query(judged, rankings)
        language_of = {entry.id: entry.lang for entry in entries}
        table["language"] = [language_of[query] for query in table["query"]]
        payload["judged"] = len(table)
        scores = summary(table)
        payload["metrics"] = _plain(scores)
        payload["intervals"] = {name: [score.low, score.high] for name, score in scores.items()}
        payload["languages"] = {
            str(code): _plain(summary(rows)) for code, rows in table.groupby("language", sort=False)
        }
    emit(payload, json, _text(payload, entries, rankings))


def _plain(values: dict[str, Any]) -> dict[str, float]:
    return {name: score.value for name, score in values.items()}


def _catalog(data: Path | None, removes: bool, *names: str) -> Catalog:
    """The data sets, if they are named or needed: files need none."""
    from core.data.catalog import open_catalog, starter_catalog
    from core.retrieval.named import is_named

    return open_catalog(data) if data or removes or any(is_named(name) for name in names) else starter_catalog()


def _removals(
    reader: VectorReader, texts: Source, others: Source, catalog: Catalog, centre: bool, components: int
) -> Removals:
    """What is removed from the vectors of each language of `texts`. Raises `BadInput` if none of them is known."""
    from core.retrieval.removal import Removals

    codes = texts.languages
    removals = Removals(catalog, codes, others.languages, reader.vectors, centre, components)
    if set(removals.without) == set(codes):
        without = ", ".join(code for code in codes if code) or "these texts, which tell no language"
        raise BadInput(
            f"There is no training bitext of {without} to measure a mean on; name the languages with --lang and "
            "--query-lang, and data sets with --data."
        )
    return removals


def _sources(
    queries: str, collection: str, qrels: Path | None, lang: str, query_lang: str, workspace: Workspace,
    catalog: Catalog, progress: Progress,
) -> tuple[Source, dict[str, dict[str, int]] | None, Source]:  # fmt: skip
    """Queries, judgements and candidates; everything is checked before anything is encoded."""
    from core.retrieval.collection import check_qrels, read_qrels, read_through
    from core.retrieval.named import CollectionSources, candidates_of, is_named, qrels_of, queries_of
    from core.retrieval.search import Listed
    from store.user.bitexts import as_bitext

    sources = CollectionSources(catalog, lambda name: as_bitext(workspace, name, limit=MAX_PAIRS))
    marks = read_qrels(qrels) if qrels is not None else None
    asked: Source
    candidates: Source
    if is_named(queries):
        asked = Listed(queries_of(queries, sources))
    else:
        asked = read_through(Path(queries), "file of queries", query_lang)[0]
    wanted = {candidate for judged in (marks or {}).values() for candidate in judged}
    if is_named(collection):
        candidates = Listed(candidates_of(collection, sources))
        present = {entry.id for entry in candidates.entries()} & wanted
    else:
        candidates, present = read_through(Path(collection), "collection", lang, wanted, progress)
    if marks is not None:
        assert qrels is not None
        names = {entry.id for entry in asked.entries()}
        return asked, check_qrels(marks, qrels.name, names, present), candidates
    if is_named(queries) and is_named(collection):
        return asked, qrels_of(queries, collection, sources), candidates
    return asked, None, candidates


def _readers(
    workspace: Workspace,
    encoder: str,
    arm: str,
    run: str | None,
    query_encoder: str | None,
    precision: str | None,
    device: str,
) -> tuple[VectorReader, VectorReader]:
    """Who reads candidates, and who reads queries."""
    from core.encoder.device import find_device
    from core.model.precision import native_precision
    from core.query_encoders.query_encoder import load_query_encoder
    from core.query_encoders.results import find_query_encoder
    from core.retrieval.precision import check_format
    from core.retrieval.vector_cache import VectorReader

    form = native_precision(find_device(device)) if precision is None else check_format(precision)
    loaded, run_id = load_reader(workspace, encoder, arm, run, device)
    documents = VectorReader(loaded, form)
    if query_encoder is None:
        return documents, documents
    if run_id is not None:
        raise BadInput("--query-encoder reads the queries beside the frozen encoder: leave out --arm and --run.")
    folder = find_query_encoder(workspace, query_encoder)
    return documents, VectorReader(load_query_encoder(folder, loaded), form)


def _text(payload: dict[str, Any], entries: list[Any], rankings: Any) -> str:
    lines = [f"{payload['queries']:,} queries over {payload['candidates']:,} candidates ({payload['arm']})"]
    for name, value in payload["metrics"].items():
        low, high = payload["intervals"][name]
        lines.append(f"{name:<12}{value:6.1f}  [{low:.1f}, {high:.1f}]")
    if not payload["metrics"]:
        lines += [f"{entry.id}: {' '.join(rankings[entry.id][:_SHOWN])}" for entry in entries[:_SHOWN]]
    if len(payload.get("languages", {})) > 1:
        for code, values in payload["languages"].items():
            lines.append(f"{code or 'no language'}: " + ", ".join(f"{n} {v:.1f}" for n, v in values.items()))
    if payload.get("unchanged"):
        names = ", ".join(code or "?" for code in payload["unchanged"])
        lines.append(f"no training bitext, so nothing was taken out of: {names}")
    if "own_language" in payload:
        lines.append(f"top hit in the query's own language: {payload['own_language']:.1f} %")
    return "\n".join(lines)
