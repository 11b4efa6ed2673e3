"""Rankings over the starter sentences: what the app shows of a run's retrieval without any data set."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from core.data.catalog import starter_catalog
from core.encoder.vectors import sentence_vectors
from core.evaluation.retrieval import rank_vectors
from core.evaluation.scores import Score
from core.experiment.context import EvaluationContext
from core.experiment.run_tables import RANKINGS, write_rows
from core.progress import Progress, silent

COLLECTION = "starter"
TOP = 10


def measure(context: EvaluationContext, folder: Path, progress: Progress = silent) -> list[Score]:
    """No score: the ten nearest starter test sentences, from every language to English and back, go to
    `folder` / rankings.parquet."""
    encoder, catalog = context.adapted, starter_catalog()
    rows: list[dict[str, Any]] = []
    languages = catalog.retrieval_languages()
    english = sentence_vectors(encoder, [s for s, _ in catalog.retrieval(languages[0]).pairs])
    for done, language in enumerate(languages):
        progress(done, len(languages), f"rankings {language}")
        target = sentence_vectors(encoder, [t for _, t in catalog.retrieval(language).pairs])
        for names, queries, candidates in (
            (("en", language), english, target),
            ((language, "en"), target, english),
        ):
            order, scores = rank_vectors(queries, candidates, TOP)
            rows += [
                {
                    "collection": COLLECTION, "query_language": names[0], "candidate_language": names[1],
                    "query_id": query, "rank": rank + 1, "candidate_id": int(order[query, rank]),
                    "score": float(scores[query, rank]),
                }
                for query in range(len(order)) for rank in range(order.shape[1])
            ]  # fmt: skip
    write_rows(folder / "rankings.parquet", RANKINGS, rows)
    progress(len(languages), len(languages), "rankings")
    return []
