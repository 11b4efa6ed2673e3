"""`study floors`: between what accuracies of a study's benchmark lie."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Annotated

import typer

from core.cli.common import Data, Json, NoHome, emit, tell
from core.cli.study.app import Named, app


@app.command()
def floors(
    study: Named,
    out: Annotated[Path | None, typer.Option("--out", help="Write the numbers to this JSON file too.")] = None,
    data: Data = None,
    home: NoHome = None,
    json: Json = False,
) -> None:
    """Chance, a classifier of the hypothesis alone, and the most that the gold labels allow, by language."""
    import json as encoder

    from core.data.catalog import open_catalog
    from core.evaluation.floors import hypothesis_only, label_ceiling
    from core.experiment.studies.read import find_study
    from core.experiment.studies.runnable import check_runnable
    from core.experiment.studies.study_data import (
        benchmark_items,
        benchmark_languages,
        benchmark_readings,
        study_catalog,
    )
    from core.files import atomic_write

    read = find_study(study)
    check_runnable(read)
    catalog, benchmark = study_catalog(read, open_catalog(data)), read.benchmark()
    benchmark_readings(read, catalog)  # says what of the benchmark is not here
    tests = {code: benchmark_items(benchmark, code, catalog) for code in benchmark_languages(benchmark, catalog)}
    tell("Training a classifier of hypotheses…")
    found = hypothesis_only(catalog.nli_training(), read.training_sets, tests, len(benchmark.labels))
    ceilings = [label_ceiling(code, items) for code, items in tests.items()]
    payload = {
        "study": read.name, "benchmark": benchmark.name, "split": benchmark.split, "data": catalog.kind,
        "command": f"python -m core study floors {study}", "chance": benchmark.chance,
        "hypothesis_only": [dataclasses.asdict(one) for one in found],
        "ceiling": [dataclasses.asdict(one) for one in ceilings],
    }  # fmt: skip
    if out is not None:
        text = encoder.dumps(payload, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        atomic_write(out.expanduser(), text, what=f"The floors {out}", advice="name another with --out")
    lines = [f"chance {benchmark.chance:.1f}"]
    lines += [
        f"{floor.language:>3}  hypothesis alone {floor.accuracy:.1f} ({floor.low:.1f} to {floor.high:.1f})  at most "
        f"{top.ceiling:.2f} ({top.two_labels} of {top.identical} identical texts have two labels)"
        for floor, top in zip(found, ceilings, strict=True)
    ]
    emit(payload, json, "\n".join(lines))
