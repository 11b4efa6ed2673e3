"""`study floors`: between what accuracies of a study's benchmark lie."""

from __future__ import annotations

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
    from core.experiment.studies.read import find_study
    from core.experiment.studies.runnable import check_runnable
    from core.files import atomic_write
    from core.reference.floors import make_floors

    read = find_study(study)
    check_runnable(read)
    catalog = open_catalog(data)
    tell("Training a classifier of hypotheses…")
    payload = make_floors(read, study, catalog)
    if out is not None:
        text = encoder.dumps(payload, indent=1, ensure_ascii=False, sort_keys=True) + "\n"
        atomic_write(out.expanduser(), text, what=f"The floors {out}", advice="name another with --out")
    lines = [f"chance {payload['chance']:.1f}"]
    lines += [
        f"{floor['language']:>3}  hypothesis alone {floor['accuracy']:.1f} ({floor['low']:.1f} to {floor['high']:.1f})"
        f"  at most {top['ceiling']:.2f} ({top['two_labels']} of {top['identical']} identical texts have two labels)"
        for floor, top in zip(payload["hypothesis_only"], payload["ceiling"], strict=True)
    ]
    emit(payload, json, "\n".join(lines))
