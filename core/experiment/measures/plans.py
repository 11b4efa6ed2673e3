"""Plans over the starter sentences, which the app shows of a run without any data set, and over XNLI premises."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from core.alignment.token_alignment import align_states
from core.data.catalog import Catalog, starter_catalog
from core.encoder.encoder import Encoder
from core.encoder.states import token_states
from core.evaluation.scores import Score
from core.experiment.context import EvaluationContext
from core.experiment.run_tables import PLAN_CELLS, PLANS, write_rows
from core.progress import Progress, silent

COLLECTION = "starter"
THRESHOLD = 1e-3
#: Layers whose plans every run stores: a middle one, and the last.
LAYERS = (8, 12)
#: XNLI premises whose plans a run keeps, if it has the extended evaluation.
PREMISES = 100


@dataclass(frozen=True)
class PlanSource:
    """Sentences in English and, row by row, in other languages; `origins` say where each row is from."""

    name: str
    origins: list[str]
    english: list[str]
    targets: dict[str, list[str]]


def starter_source(limit: int) -> PlanSource:
    """The first `limit` starter test sentences in every language."""
    catalog = starter_catalog()
    pairs = {code: catalog.retrieval(code).pairs[:limit] for code in catalog.retrieval_languages()}
    english = [source for source, _ in next(iter(pairs.values()))]
    origins = [f"starter/sentences/test/{row}" for row in range(len(english))]
    return PlanSource(COLLECTION, origins, english, {code: [t for _, t in rows] for code, rows in pairs.items()})


def premise_source(catalog: Catalog, split: str, languages: Sequence[str]) -> PlanSource:
    """The first `PREMISES` XNLI premises in English and `languages`; only their numbers go into a run folder."""
    english = [item for item in catalog.xnli(split, "en").items if item.id % 3 == 0][:PREMISES]
    rows = {code: {item.id: item.premise for item in catalog.xnli(split, code).items} for code in languages}
    return PlanSource(
        "xnli", [f"xnli/{split}/{item.id}" for item in english], [item.premise for item in english],
        {code: [premises[item.id] for item in english] for code, premises in rows.items()},
    )  # fmt: skip


def measure(context: EvaluationContext, folder: Path, progress: Progress = silent) -> list[Score]:
    """No score: the plans of `plan_pairs` starter sentences, and of XNLI premises in the aligned languages for the runs
    that have the extended evaluation where XNLI is the first benchmark, go to `folder` / plans.parquet and
    plan_cells.parquet."""
    reading, encoder = context.config.evaluation, context.adapted
    sources = [starter_source(reading.plan_pairs)]
    if context.has_extended_evaluation and reading.main.source == "xnli":
        there = context.catalog.xnli_languages(reading.split)
        languages = [code for code in context.config.aligned_languages if code in there]
        sources.append(premise_source(context.catalog, reading.split, languages))
    layers = sorted({min(layer, encoder.layers) for layer in LAYERS})
    write_plans(folder, encoder, layers, sources, progress)
    return []


def write_plans(
    folder: Path, encoder: Encoder, layers: list[int], sources: Sequence[PlanSource], progress: Progress = silent
) -> None:
    """Sparse plans between English and every language of each source, at each layer."""
    steps, done = sum(len(source.targets) for source in sources), 0
    heads: list[dict[str, Any]] = []
    cells: list[dict[str, Any]] = []
    for source in sources:
        english_states = {layer: token_states(encoder, source.english, layer) for layer in layers}
        for language, target_texts in source.targets.items():
            progress(done, steps, f"plans {source.name} {language}")
            done += 1
            for layer, english in english_states.items():
                target = token_states(encoder, target_texts, layer)
                plans = align_states(english, target)
                for row, (left, right, plan) in enumerate(zip(english, target, plans, strict=True)):
                    kept = plan.plan_tokens >= THRESHOLD
                    plan_id = f"{source.name}/{row}/en-{language}/{layer}"
                    heads.append(
                        {
                            "plan_id": plan_id, "layer": layer, "source_language": "en",
                            "target_language": language, "origin": source.origins[row],
                            "tokens_source": len(left.tokens), "tokens_target": len(right.tokens),
                            "epsilon": plan.epsilon, "cost": plan.cost, "entropy": plan.entropy,
                            "kept_mass": float(plan.plan_tokens[kept].sum()), "threshold": THRESHOLD,
                        }
                    )  # fmt: skip
                    cells += [
                        {"plan_id": plan_id, "i": int(i), "j": int(j), "mass": float(plan.plan_tokens[i, j])}
                        for i, j in zip(*np.nonzero(kept), strict=True)
                    ]
    write_rows(folder / "plans.parquet", PLANS, heads)
    write_rows(folder / "plan_cells.parquet", PLAN_CELLS, cells)
    progress(steps, steps, "plans")
