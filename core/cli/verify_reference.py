"""`verify-reference`: do the shipped results hold what they claim?"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli.common import Data, Json, NoHome, emit, tell
from core.errors import BadInput, MissingData
from core.progress import bar
from core.shipped import SETTING, reference_folder

if TYPE_CHECKING:
    from core.data.catalog import Catalog
    from core.reference.unpack import Reference


def verify_reference(
    reference: Annotated[Path | None, typer.Option("--reference", help="Folder of them; else the shipped one.")] = None,
    sample: Annotated[int, typer.Option("--sample", min=1, help="Predictions to make again, at least.")] = 600,
    seed: Annotated[int, typer.Option("--seed", min=0, help="Which ones are drawn.")] = 0,
    data: Data = None,
    home: NoHome = None,
    json: Json = False,
) -> None:
    """Check the shipped results' sums, their verdict and, with XNLI, a sample of their predictions.

    Verdict and sample are computed again, the one from the packed predictions, the other from the packed weights; so
    are, with XNLI, the floors of accuracy, from the training sets.
    """
    from core.data.catalog import open_catalog
    from core.reference.floors import check_floors
    from core.reference.manifest import check_sums
    from core.reference.select import SourceRun, missing
    from core.reference.stored_verdict import compare_verdict
    from core.reference.unpack import read_reference

    catalog = open_catalog(data)
    folder = reference.expanduser().resolve() if reference else reference_folder()
    if folder is None:
        raise MissingData(f"There are no reference results here; name their folder with --reference or {SETTING}.")
    stored = read_reference(folder)
    problems = check_sums(folder)
    payload: dict[str, Any] = {
        "sampled": 0, "agreed": 0, "worst_difference": None, "runs": len(stored.records),
        "files": len(stored.manifest.files), "complete": stored.manifest.complete,
    }  # fmt: skip
    lacking = missing([SourceRun(stored.folder, record) for record in stored.records])
    payload["missing"] = lacking
    lines = [
        f"runs        {len(stored.records)}, {'still missing: ' + ', '.join(lacking) if lacking else 'none missing'}",
        f"sums        {len(stored.manifest.files)} files, {len(problems)} wrong",
    ]
    if not problems:
        tell("Recomputing the verdict from the packed predictions…")
        compared = compare_verdict(stored)
        payload |= {"verdict_numbers": compared.numbers, "verdict_worst": compared.worst}
        problems += [f"The stored verdict differs from the recomputed one in {name}." for name in compared.disagree[:5]]
        lines.append(
            f"verdict     {compared.numbers:,} numbers recomputed, {len(compared.disagree)} differ; largest difference "
            f"{compared.worst:.1g}"
        )
        lines += _predictions(stored, catalog, sample, seed, payload, problems)
        line, wrong = check_floors(folder, catalog if _has_xnli(catalog) else None)
        payload["floors"] = line.removeprefix("floors").strip()
        lines += [line] if line else []
        problems += wrong
    payload |= {"ok": not problems, "problems": problems}
    emit(payload, json, "\n".join(lines + problems))
    if problems:
        for problem in problems if json else []:
            tell(problem)
        raise typer.Exit(1)


def _has_xnli(catalog: Catalog) -> bool:
    return catalog.kind == "real" and "en" in catalog.xnli_languages("test")


def _predictions(
    stored: Reference, catalog: Catalog, sample: int, seed: int, payload: dict[str, Any], problems: list[str]
) -> list[str]:
    if not _has_xnli(catalog):
        payload["data"] = False
        return ["predictions not recomputed: XNLI's test split is not on this machine (see `python -m core data`)"]
    from core.encoder.load import load_encoder
    from core.reference.verify import PRECISION, verify_predictions

    encoder = load_encoder("embedded")
    if any(record["encoder_sha256"] != encoder.fingerprint for record in stored.records):
        raise BadInput(f"The reference runs are of another encoder than {encoder.name}.")
    again = verify_predictions(stored, catalog, encoder, sample, seed, bar("predicting again"))
    payload |= {
        "data": True, "sampled": again.sampled, "agreed": again.agreed, "worst_difference": again.worst,
        "precision": PRECISION, "same_label": again.same_label, "sampled_runs": len(again.runs),
        "sampled_languages": list(again.languages),
    }  # fmt: skip
    if again.agreed < again.sampled:
        problems.append(
            f"{again.sampled - again.agreed} of {again.sampled} predictions differ by more than the stored precision "
            f"of {PRECISION:.4f}; the largest difference is {again.worst:.4f}."
        )
    return [
        f"predictions {again.agreed} of {again.sampled} agree within {PRECISION:.4f} ({len(again.runs)} runs, "
        f"{len(again.languages)} languages); largest difference {again.worst:.4f}; same label {again.same_label}"
    ]
