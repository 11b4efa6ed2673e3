"""`run`: train, evaluate and store the arms of a preset."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.arms.names import WARM_START
from core.cli.common import Data, Device, Home, Json, emit
from core.errors import BadInput, IsoglossError
from core.evaluation.objective_wording import in_todays_words
from core.languages import sort_codes
from core.progress import Progress, bar
from core.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    from core.config import RunConfig
    from core.data.catalog import Catalog
    from core.experiment.studies.schema import Study
    from core.experiment.studies.seal import Seal


def run(
    preset: Annotated[str, typer.Option("--preset", help="quick or reference")] = "quick",
    arms: Annotated[
        list[str] | None, typer.Option("--arms", help="One or more arms; else the preset's. warm-start: no arm.")
    ] = None,
    seeds: Annotated[int | None, typer.Option("--seeds", min=1, help="How many; else the preset's.")] = None,
    first_seed: Annotated[int, typer.Option("--first-seed", min=0, help="Begin at this seed.")] = 0,
    encoder: Annotated[str, typer.Option("--encoder", help="embedded, a folder, or a Hub name.")] = "embedded",
    threads: Annotated[int | None, typer.Option("--threads", min=1, help="Processor threads to use.")] = None,
    device: Device = "auto",
    data: Data = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Train, evaluate and store the arms of a preset; what is already done is not done again."""
    from core.data.catalog import open_catalog
    from core.experiment.studies.read import find_preset

    workspace, catalog = open_workspace(home), open_catalog(data)
    study = find_preset(preset, catalog.kind)
    chosen = _arms(arms or []) or [arm.name for arm in study.arms]
    wanted = range(first_seed, first_seed + (seeds or max(1, len(study.seeds) - first_seed)))
    trained = [arm for arm in chosen if arm != WARM_START]
    planned = planned_runs(study, catalog, encoder, trained, wanted)
    rows = make_runs(planned, workspace, catalog, encoder, preset, threads, device=device)
    emit({"runs": rows}, json, runs_table(rows, catalog))


def _arms(given: Iterable[str]) -> list[str]:
    """Arms as given, by repeating the option or separated by commas."""
    names = [name.strip() for value in given for name in value.split(",") if name.strip()]
    return list(dict.fromkeys(names))


def encoder_sha256(encoder: str) -> str:
    """The encoder's identity, without building it where that is known beforehand."""
    if encoder == "embedded":
        from core.encoder.packed import SHA256

        return SHA256
    from core.encoder.load import load_encoder

    return load_encoder(encoder).fingerprint


def depth_for(study: Study, encoder: str) -> int:
    """How many layers the study's shares of depth are of; the encoder is only built where there are any."""
    from core.experiment.studies.depth import EMBEDDED_LAYERS, has_shares

    if encoder == "embedded" or not has_shares(study):
        return EMBEDDED_LAYERS
    from core.encoder.load import load_encoder

    return load_encoder(encoder).layers


def planned_runs(
    study: Study,
    catalog: Catalog,
    encoder: str,
    arms: Sequence[str] | None = None,
    seeds: Sequence[int] | None = None,
) -> list[RunConfig]:
    """The study's runs on an encoder, in the order in which they are to be made (`plan_study`)."""
    from core.experiment.studies.plan import plan_study

    depth = depth_for(study, encoder)
    return plan_study(study, catalog, encoder_sha256(encoder), arms, seeds, depth)


def make_runs(
    planned: list[RunConfig],
    workspace: Workspace,
    catalog: Catalog,
    encoder: str,
    preset: str,
    threads: int | None,
    allowed: frozenset[str] = frozenset(),
    device: str = "cpu",
    seal: Seal | None = None,
    watched: Callable[[Progress], Progress] = lambda progress: progress,
    kept: Callable[[], None] | None = None,
) -> list[dict[str, Any]]:
    """Make what is not there of `planned`, store each run as it ends, and describe them all; a row a run.

    Sealed runs (`seal`) are stored when their study is complete. `watched` may let a run's progress stop it; `kept` is
    called as each is in.
    """
    from core.experiment.finished import find_finished

    done = [finished for config in planned if (finished := find_finished(workspace, config.run_id))]
    if len(done) == len(planned):
        for finished in done:
            _store(workspace, finished.folder)
    else:
        import torch

        from core.encoder.load import load_encoder
        from core.experiment.run import execute

        if threads:
            torch.set_num_threads(threads)
        loaded = load_encoder(encoder, device)
        done = []
        for number, config in enumerate(planned, 1):
            title = f"{config.name} seed {config.seed} ({number}/{len(planned)})"
            try:
                finished = execute(
                    config, workspace, catalog, loaded, preset=preset, progress=watched(bar(title)), allowed=allowed,
                    seal=seal,
                )  # fmt: skip
                # Each run as it ends, so that the app shows it and a kill loses nothing.
                _store(workspace, finished.folder)
                if kept:
                    kept()
                done.append(finished)
            except IsoglossError:
                raise
            except (OSError, RuntimeError, ArithmeticError) as error:
                raise IsoglossError(
                    f"{title} failed ({str(error).splitlines()[0][:200]}); the same command goes on from there."
                ) from error
    return [_row(finished.folder, finished.describe(), finished.cached) for finished in done]


def _store(workspace: Workspace, folder: Path) -> None:
    from store.results.gold_labels.sealed import StillSealed
    from store.results.importer import import_run

    with suppress(StillSealed):  # it waits for the last run of its study
        import_run(workspace, folder)


def _row(folder: Path, described: dict[str, Any], cached: bool) -> dict[str, Any]:
    import pandas as pd

    from core.run_folder.files import COPY_AGAIN
    from core.run_folder.tables import BY_NAME

    path = folder / BY_NAME["scores"].file
    if not path.is_file():  # of a folder from before run.json listed its files
        raise BadInput(f"{path} is missing; {COPY_AGAIN}.")
    scores = pd.read_parquet(path)
    evaluation = described["config"]["evaluation"]
    every = scores[scores["name"] == "accuracy"]
    accuracy = every[every["split"] == evaluation["split"]]
    others = every[every["split"] != evaluation["split"]]
    named = [code for one in evaluation.get("benchmarks", [])[:1] for code in one["aligned"]]
    return {
        "run_id": described["run_id"], "arm": described["arm"], "seed": described["seed"],
        "split": evaluation["split"], "data": described["data_kind"],
        "aligned": named or list(described["config"]["data"]["bitext_languages"]),
        "items": {code: int(n) for code, n in zip(accuracy["language"], accuracy["items"], strict=True)},
        "accuracy": {code: round(float(v), 2) for code, v in zip(accuracy["language"], accuracy["value"], strict=True)},
        "others": {
            split: {code: round(float(v), 2) for code, v in zip(part["language"], part["value"], strict=True)}
            for split, part in others.groupby("split")
        },
        "seconds": described["seconds"], "cached": cached,
        "took": described["took"], "took_sentence": described["took_sentence"],
    }  # fmt: skip


def runs_table(rows: list[dict[str, Any]], catalog: Catalog) -> str:
    """Accuracy x100 per language: one line a run, in front the means, where the run has read all languages of one."""
    rows = [row for row in rows if row["arm"] != WARM_START]
    if not rows:
        return "No run was asked for."
    codes = sort_codes(sorted({code for row in rows for code in row["accuracy"]}))
    lines = ["arm                    seed aligned   mean  " + "".join(f"{code:>6}" for code in codes)]
    for row in rows:
        values = row["accuracy"]
        front = " ".join(_cell([values.get(code) for code in part]) for part in (row["aligned"], codes))
        cells = "".join(_cell([values.get(code)]) for code in codes)
        lines.append(f"{row['arm']:<22} {row['seed']:>4}  {front}  {cells}")
    shown = "the starter set, whose numbers are not XNLI's, split "
    if catalog.kind == "real":
        shown = "" if "." in rows[0]["split"] else "XNLI, split "
    aligned = ", ".join(rows[0]["aligned"])
    lines.append(f"Accuracy x100 on {shown}{rows[0]['split']}{f'; aligned: the mean of {aligned}' if aligned else ''}.")
    lines += [
        f"{row['arm']} (seed {row['seed']}) on {split}: {', '.join(f'{code} {v:.1f}' for code, v in values.items())}."
        for row in rows
        for split, values in row["others"].items()
    ]
    lines += [
        f"{row['arm']} (seed {row['seed']}): {in_todays_words(row['took_sentence'])}"
        for row in rows
        if row["took"] is not None
    ]
    return "\n".join(lines)


def _cell(values: list[float | None]) -> str:
    """The mean, or a dash where a language was not read."""
    known = [value for value in values if value is not None]
    return f"{sum(known) / len(known):6.1f}" if known and len(known) == len(values) else "     -"
