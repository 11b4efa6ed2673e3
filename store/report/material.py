"""What a report is made of, read from the store: one group of comparable runs, its sheet, items and plans."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from importlib.metadata import PackageNotFoundError, version
from typing import Any

import pandas as pd

from core.arms.names import BASELINE, FIRST, SECOND, sort_arms
from core.data.catalog import Catalog, open_catalog, starter_catalog
from core.errors import BadInput, IsoglossError
from core.languages import sort_codes
from core.reference.floors import shipped_floors
from core.report.material import TITLE, TITLE_LENGTH, Choices, Example, Material, ReportedPlan
from core.report.preregistered import preregistered
from core.workspace import Workspace
from store.report.items import automatic, named
from store.report.plans import kept, stored
from store.results.benchmarks import SPLITS, data_kind, stored_benchmark
from store.results.collapse import collapsed_arms
from store.results.groups import find_comparison
from store.results.outside import beside
from store.results.predictions import coverage
from store.results.reference_import import REFERENCE
from store.results.runs import get_run, list_imports
from store.results.sheets import answer_sheet

_PACKAGES = ("torch", "transformers", "peft", "numpy", "scipy", "pandas", "duckdb", "plotly", "python-pptx")
#: Gives the encoder whose words a stored plan is over.
Load = Callable[[], Any]


def gather(
    workspace: Workspace, choices: Choices, catalog: Catalog | None = None, load: Load | None = None
) -> Material:
    """Everything that a report of `choices` says; what cannot be filled is told in `missing`.

    Item text comes from `catalog` (else from what is found on this machine) and is nowhere kept. Raises `MissingData`
    where no predictions are stored, `BadInput` for a choice that is not stored.
    """
    compared = find_comparison(workspace, choices.group)
    runs, split = compared.runs, compared.split
    sheet = answer_sheet(workspace, runs, split)
    all_arms = tuple(sort_arms(set(runs["arm"])))
    covered = coverage(workspace, list(runs["run_id"]))
    all_codes = tuple(sort_codes(sorted(set(covered.loc[covered["split"] == split, "language"]))))
    arms = _among(choices.arms, all_arms, "arm")
    codes = _among(choices.languages, all_codes, "language")
    missing: list[str] = list(compared.odd)
    if not any(question["primary"] for question in sheet["questions"]):
        missing.append(
            f"The primary question, {FIRST} against {SECOND}, is not answered: it takes a run of both with a seed in "
            "common."
        )
    if shown := stored_benchmark(runs, split).sentence:
        missing.append(shown)
    if split.split(".")[-1] != SPLITS[0]:
        missing.append(
            f"No predictions on the {SPLITS[0]} split are stored: these numbers are of the {split} split, a preview "
            "and not the experiment's result."
        )
    kind = data_kind(runs, split)
    examples = _examples(workspace, choices, runs, split, arms, codes, _catalog(kind, catalog), missing)
    plans = _plans(workspace, choices, runs, arms, codes, load, missing)
    records = tuple(get_run(workspace, run_id) for run_id in runs["run_id"])
    return Material(
        title=_title(choices.title),
        made=datetime.now(UTC).strftime("%Y-%m-%d"),
        split=split,
        data_kind=kind,
        sheet=sheet,
        runs=records,
        origin=_origin(workspace, runs),
        arms=arms,
        all_arms=all_arms,
        languages=codes,
        all_languages=all_codes,
        examples=examples,
        plans=plans,
        preregistered=preregistered(records),
        versions=_versions(),
        collapsed=collapsed_arms(workspace, runs),
        missing=tuple(missing),
        floors=shipped_floors(kind, split),
        outside=tuple({str(k): v for k, v in row.items()} for row in beside(workspace, split, kind).to_dict("records")),
    )


def main_pair(arms: Sequence[str]) -> tuple[str, str] | None:
    """The two arms whose items and plans are shown: the baseline and the arm in question, as far as they are there."""
    wanted = [arm for arm in (BASELINE, FIRST, SECOND) if arm in arms] + [arm for arm in arms if arm not in
              (BASELINE, FIRST, SECOND)]  # fmt: skip
    return (wanted[0], wanted[1]) if len(wanted) > 1 else None


def _examples(
    workspace: Workspace, choices: Choices, runs: pd.DataFrame, split: str, arms: tuple[str, ...],
    codes: tuple[str, ...], catalog: tuple[Catalog | None, str], missing: list[str],
) -> tuple[Example, ...]:  # fmt: skip
    if choices.items:
        return named(workspace, choices.items, _one_seed(runs, arms), split, catalog)
    pair = main_pair(arms)
    if pair is None:
        missing.append("An error fixed and an error broken take two arms; only one is shown.")
        return ()
    found = automatic(workspace, _one_seed(runs, pair), split, codes, catalog)
    for kind in ("fixed", "broken"):
        if not any(kind in one.heading for one in found):
            missing.append(f"No item of the languages shown was {kind} by {pair[1]}.")
    return found


def _plans(
    workspace: Workspace, choices: Choices, runs: pd.DataFrame, arms: tuple[str, ...], codes: tuple[str, ...],
    load: Load | None, missing: list[str],
) -> tuple[ReportedPlan, ...]:  # fmt: skip
    if choices.plans:
        return tuple(plan for one in choices.plans for plan in kept(workspace, one))
    shown = main_pair(arms) or arms[:1]
    try:
        found = stored(workspace, _one_seed(runs, shown), codes, load)
    except IsoglossError as error:
        missing.append(f"No token plan is shown: {error}")
        return ()
    if not found:
        missing.append("No token plan is shown: the runs shown kept none in these languages; keep one on Alignment.")
    return found


def _one_seed(runs: pd.DataFrame, arms: Sequence[str]) -> pd.DataFrame:
    """One run an arm, of the lowest seed that they share, else of each one's lowest; arms in the order given."""
    seeds = [set(runs.loc[runs["arm"] == arm, "seed"]) for arm in arms]
    shared = set.intersection(*seeds) if seeds else set()
    rows = []
    for arm, own in zip(arms, seeds, strict=True):
        seed = min(shared or own)
        rows.append(runs[(runs["arm"] == arm) & (runs["seed"] == seed)].iloc[[0]])
    found: pd.DataFrame = pd.concat(rows).reset_index(drop=True)
    return found


def _catalog(kind: str, catalog: Catalog | None) -> tuple[Catalog | None, str]:
    """The data set that the runs were read on, or the sentence that says why its text is not shown."""
    if kind == "own":
        return None, "The benchmark is a study's own, so items are given by number, without their text."
    try:
        if kind == "starter":
            return starter_catalog(), ""
        found = catalog or open_catalog()
    except IsoglossError as error:
        return None, str(error)
    if found.kind != "real":
        return (
            None,
            "XNLI is not on the machine that made this report, so items are given by number, without their text.",
        )
    return found, ""


def _among(chosen: Sequence[str], known: tuple[str, ...], what: str) -> tuple[str, ...]:
    for one in chosen:
        if one not in known:
            raise BadInput(f"No stored run has the {what} {one[:40]!r}; there are {', '.join(known)}.")
    return tuple(one for one in known if one in chosen) if chosen else known


def _title(given: str) -> str:
    title = " ".join("".join(c if c.isprintable() else " " for c in given).split()) or TITLE
    if len(title) > TITLE_LENGTH:
        raise BadInput(f"The title has {len(title)} characters; give at most {TITLE_LENGTH}.")
    return title


def _origin(workspace: Workspace, runs: pd.DataFrame) -> str:
    imports = list_imports(workspace)
    own = imports[imports["run_id"].isin(runs["run_id"])].groupby("run_id")["folder"].first()
    shipped = [folder == REFERENCE for folder in own]
    if shipped and all(shipped):
        return "reference runs that ship with the project"
    return "reference runs and runs made here" if any(shipped) else "runs made on this machine"


def _versions() -> dict[str, str]:
    found = {}
    for name in _PACKAGES:
        try:
            found[name] = version(name)
        except PackageNotFoundError:
            continue
    return found
