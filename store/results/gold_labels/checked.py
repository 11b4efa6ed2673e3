"""Gold labels of an incoming run against those that are stored, and the odd one among stored runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

import duckdb
import numpy as np
import pandas as pd
import pyarrow as pa

from core.arms.names import OUTSIDE
from core.errors import BadInput
from core.run_folder.tables import BY_NAME
from core.verdict.gold_agreement import Fit, find_disagreement, fit_gold
from core.workspace import Workspace
from store.results.query import among, fetch, frame
from store.results.reference_import import REFERENCE
from store.results.run_folder import RunFolder
from store.results.run_record import group_id
from store.results.runs import list_imports
from store.results.sheets import find_sheet, key_of

#: Gives item -> gold label of a split of the data set that is on this machine; None where it is not.
Catalogue = Callable[[str, str], Mapping[int, int] | None]
_TABLES = ("predictions", "robust")
HOW_TO_REMOVE = "take it out of the store with `python -m core runs remove {}`, or under Stored runs on the Overview"


def check_gold(con: duckdb.DuckDBPyConnection, run: RunFolder, catalogue: Catalogue | None = None) -> None:
    """Raises `BadInput`, naming the file, if the run's gold labels are not those that are stored for its data.

    Runs of its group have to agree with it; so do other runs on the same kind of data, and the data set itself where
    `catalogue` has it, if another order of labels or another first item id would make them fit. A run that most of
    the stored ones agree with, or the data set, is taken: the odd one is then among the stored (`find_odd_runs`).
    """
    kind = str(run.record["data_kind"])
    for name in _TABLES:
        if name not in run.tables:
            continue
        incoming = run.tables[name].select(["split", "language", "item_id", "gold"])
        judged = _by_catalogue(run, incoming, kind, catalogue) if name == "predictions" else None
        if judged is None:
            _by_stored(con, run, name, incoming, kind)


def _by_catalogue(run: RunFolder, incoming: pa.Table, kind: str, catalogue: Catalogue | None) -> bool | None:
    """True if the data set has these labels, None if it cannot say. Raises `BadInput` as `check_gold` does."""
    if catalogue is None:
        return None
    rows = incoming.to_pandas()
    agrees = None
    for split, part in rows.groupby("split", sort=False):
        gold = catalogue(kind, str(split))
        if not gold:
            continue
        ids, labels = np.fromiter(gold.keys(), np.int64), np.fromiter(gold.values(), np.int64)
        expected = pd.Series(labels, index=ids).reindex(part["item_id"]).to_numpy(float)
        differs = np.isfinite(expected) & (expected != part["gold"].to_numpy())
        agrees = not differs.any() and agrees is not False
        if differs.any():
            language = str(part["language"].to_numpy()[differs][0])
            one = part[part["language"] == language]
            fit = fit_gold(one["item_id"].to_numpy(np.int64), one["gold"].to_numpy(np.int64), ids, labels)
            if fit.convincing:
                whose = f"those of the data set on this machine on {int(differs.sum()):,} of {len(part):,} items"
                raise _refusal(run, "predictions", f"{split}, {language}", whose, fit)
    return True if agrees else None


def _by_stored(con: duckdb.DuckDBPyConnection, run: RunFolder, name: str, incoming: pa.Table, kind: str) -> None:
    con.register("incoming", incoming)
    try:
        compared = frame(
            con,
            f"""SELECT p.run_id, r.group_id, r.arm, r.seed, count(*) AS items,
                    count(*) FILTER (p.gold <> i.gold) AS differing,
                    coalesce(any_value(p.split || ', ' || p.language) FILTER (p.gold <> i.gold), '') AS place,
                    r.run_id IN (SELECT run_id FROM imports WHERE folder = ?) AS shipped
                FROM {name} p JOIN incoming i USING (split, language, item_id) JOIN runs r ON r.run_id = p.run_id
                WHERE r.data_kind = ? AND p.run_id <> ? AND r.preset <> ?
                GROUP BY p.run_id, r.group_id, r.arm, r.seed, r.run_id
                ORDER BY shipped DESC, differing DESC, p.run_id""",
            [REFERENCE, kind, run.record["run_id"], OUTSIDE],
        )
    finally:
        con.unregister("incoming")
    differing, agreeing = compared[compared["differing"] > 0], compared[compared["differing"] == 0]
    own_group = differing[differing["group_id"] == group_id(run.record)]
    if differing.empty or agreeing["shipped"].any():
        return
    if not differing["shipped"].any() and len(agreeing) >= len(differing):
        return
    other = (own_group if len(own_group) else differing).iloc[0]
    split, language = str(other["place"]).rsplit(", ", 1)
    fit = _fit(con, name, incoming.to_pandas(), str(other["run_id"]), split, language)
    if len(own_group) or fit.convincing:
        whose = (
            f"those of the stored run {other['run_id']} ({other['arm']}, seed {other['seed']}) on "
            f"{other['differing']:,} of {other['items']:,} items"
        )
        raise _refusal(run, name, str(other["place"]), whose, fit, str(other["run_id"]))


def _fit(
    con: duckdb.DuckDBPyConnection, name: str, rows: pd.DataFrame, other: str, split: str, language: str
) -> Fit:  # fmt: skip
    stored = frame(
        con,
        f"SELECT item_id, gold FROM {name} WHERE run_id = ? AND split = ? AND language = ?",
        [other, split, language],
    )
    one = rows[(rows["split"] == split) & (rows["language"] == language)]
    return fit_gold(*(table[column].to_numpy(np.int64) for table in (one, stored) for column in ("item_id", "gold")))


def _refusal(run: RunFolder, name: str, place: str, whose: str, fit: Fit, other: str = "") -> BadInput:
    odd = f"; if the stored run is the wrong one, {HOW_TO_REMOVE.format(other)}" if other else ""
    return BadInput(
        f"{run.path / BY_NAME[name].file}: its gold labels are not {whose} (as in {place}); {fit.sentence}{odd}."
    )


def without_odd_runs(workspace: Workspace, runs: pd.DataFrame, split: str) -> tuple[pd.DataFrame, list[str]]:
    """`runs` without those whose gold labels on `split` are not most runs', and a sentence on each left out.

    Raises `BadInput`, naming them, where as many say the one as the other.
    """
    if find_sheet(workspace, key_of(workspace, list_imports(workspace), runs, split)) is not None:
        return runs, []  # a sheet was made of them, which takes runs that agree
    odd = find_odd_runs(workspace, runs, split)
    return runs[~runs["run_id"].isin(list(odd))].reset_index(drop=True), [f"Left out: {text}" for text in odd.values()]


def find_odd_runs(workspace: Workspace, runs: pd.DataFrame, split: str | None = None) -> dict[str, str]:
    """Run to a sentence that says how its gold labels differ from most others' of `runs`, and how to take it out.

    `runs` has run_id, arm and seed. Raises `BadInput` where it cannot be told who is odd.
    """
    ids = list(runs["run_id"])
    disputed = _disputed(workspace, ids, split)
    if disputed.empty:
        return {}
    imports = fetch(workspace, "SELECT DISTINCT run_id FROM imports WHERE folder = ?", [REFERENCE])
    found = find_disagreement(disputed, list(imports["run_id"]))
    names = {str(run): f"run {run} ({arm}, seed {seed})" for run, arm, seed in runs[["run_id", "arm", "seed"]].values}
    if found.tied:
        either = " and ".join(names[run] for run in found.tied[:4])
        raise BadInput(
            f"{either} disagree on gold labels, and nothing stored says which is right: read them on the same data, or "
            f"take one out with `python -m core runs remove RUN_ID` or under Stored runs on the Overview."
        )
    kept = [run for run in ids if run not in found.odd]
    return {
        run: f"{names[run]} has other gold labels than the other runs on {found.odd[run]:,} items; "
        f"{_why(workspace, disputed, run, kept)}; {HOW_TO_REMOVE.format(run)}."
        for run in ids
        if run in found.odd
    }


def _disputed(workspace: Workspace, ids: Sequence[str], split: str | None) -> pd.DataFrame:
    """source, split, language, item_id, run_id, gold of the items that runs disagree on."""
    of_runs, runs = among("run_id", ids)
    of_split, splits = among("split", None if split is None else [split])
    table = fetch(
        workspace,
        f"""WITH gold AS (
                SELECT 'predictions' AS source, split, language, item_id, run_id, gold FROM predictions
                WHERE {of_runs} AND {of_split}
                UNION ALL SELECT 'robust', split, language, item_id, run_id, gold FROM robust WHERE {of_runs}),
            disputed AS (SELECT source, split, language, item_id FROM gold GROUP BY ALL HAVING min(gold) <> max(gold))
            SELECT gold.* FROM gold JOIN disputed USING (source, split, language, item_id)""",
        [*runs, *splits, *runs],
    )
    return table.assign(split=table["source"] + " " + table["split"])


def _why(workspace: Workspace, disputed: pd.DataFrame, run: str, kept: Sequence[str]) -> str:
    """What would make the labels of `run` fit those of a run that is kept, as half a sentence."""
    row = disputed[disputed["run_id"] == run].iloc[0]
    name, split = str(row["source"]), str(row["split"]).split(" ", 1)[1]
    others = disputed[disputed["run_id"].isin(list(kept)) & (disputed["language"] == row["language"])]
    place = [split, str(row["language"])]
    sql = f"SELECT item_id, gold FROM {name} WHERE run_id = ? AND split = ? AND language = ?"
    other = str(others["run_id"].iloc[0]) if len(others) else ""
    tables = [fetch(workspace, sql, [run_id, *place]) for run_id in (run, other)]
    fit = fit_gold(*(table[column].to_numpy(np.int64) for table in tables for column in ("item_id", "gold")))
    return fit.sentence
