"""`rankings measure`: a run file's figures, and beside another's the difference with its interval."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Any

import typer

from core.cli.common import Json, NoData, NoHome, emit, tell
from core.cli.rankings.app import Run, app
from core.errors import BadInput
from core.notation import plural, signed


@app.command()
def measure(
    run: Run,
    qrels: Annotated[Path, typer.Option("--qrels", help="Judgements, TREC's, BEIR's or MTEB's.")],
    against: Annotated[Path | None, typer.Option("--against", help="Another run over the same judgements.")] = None,
    data: NoData = None,
    home: NoHome = None,
    json: Json = False,
) -> None:
    """Measure a TREC run file as trec_eval does, x100 with 95 % intervals over queries; --against compares two.

    Every judged query counts, one without a ranking as 0. Two runs are compared query by query: the interval is of the
    difference, and one that holds 0 tells no difference.
    """
    from core.retrieval.judgements import check_qrels, read_qrels
    from core.retrieval.metrics import CUTS, differences, summary
    from core.retrieval.ranked import read_run

    marks = read_qrels(qrels)
    ranked = [read_run(path) for path in (run, against) if path is not None]
    judged = check_qrels(marks, qrels.name, set(marks), {c for own in marks.values() for c in own}).marks
    if not any(query in one.rankings for one in ranked for query in judged):
        raise BadInput(f"{run.name} ranks none of the queries of {qrels.name}; name the judgements of its queries.")
    missing = {path.name: sum(query not in one.rankings for query in judged)
               for path, one in zip((run, against), ranked, strict=False) if path is not None}  # fmt: skip
    for name, count in missing.items():
        if count:
            tell(f"{name} ranks nothing for {plural(count, 'judged query')}; they count as 0.")
    tables = [_table(judged, one) for one in ranked]
    names = [path.name for path in (run, against) if path is not None]
    payload: dict[str, Any] = {
        "judged": len(judged), "missing": missing,
        "runs": [
            {"run": name, "depth": one.depth, "metrics": _plain(summary(table))}
            for name, one, table in zip(names, ranked, tables, strict=True)
        ],
    }  # fmt: skip
    lines = [f"{plural(len(judged), 'judged query')}"]
    if against is None:
        lines += [f"{k:<12}{v[0]:6.1f}  [{v[1]:.1f}, {v[2]:.1f}]" for k, v in payload["runs"][0]["metrics"].items()]
    else:
        found = differences(*tables)
        payload["differences"] = _plain(found)
        lines.append(f"{'':<12}{names[0][:20]:>20} {names[1][:20]:>20}  difference (95 % interval)")
        first, second = (one["metrics"] for one in payload["runs"])
        lines += [
            f"{k:<12}{first[k][0]:20.1f} {second[k][0]:20.1f}  {signed(v.value)} ({signed(v.low)} to {signed(v.high)})"
            for k, v in found.items()
        ]
    if short := [name for name in CUTS if any(name not in table for table in tables)]:
        payload["not_measured"] = short
        lines.append(f"not measured, since rankings are shorter: {', '.join(short)}")
    emit(payload, json, "\n".join(lines))


def _plain(values: dict[str, Any]) -> dict[str, list[float]]:
    return {name: [one.value, one.low, one.high] for name, one in values.items()}


def _table(judged: dict[str, dict[str, int]], ranked: Any) -> Any:
    """Measures by query; those that rankings of this depth cannot answer are left out."""
    from core.retrieval.metrics import by_query

    return by_query(judged, ranked.rankings, ranked.scores, ranked.depth)
