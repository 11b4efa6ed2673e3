"""`errors`: the numbers of the errors page on the command line, so that what was copied from it can be had again."""

from __future__ import annotations

import math
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

from core.arms.names import BASELINE
from core.cli.common import Home, Json, emit
from core.data.records import LABELS
from core.errors import BadInput, MissingData
from core.workspace import Workspace, open_workspace

if TYPE_CHECKING:
    import pandas as pd

    from core.data.catalog import Catalog

What = Literal[
    "count", "accuracy", "change", "confusion", "flips", "slices", "calibration", "alignment", "flip-odds", "items"
]  # fmt: skip
Range = Annotated[str, typer.Option(help="Two numbers, LOW,HIGH; both ends are included.")]


def errors(
    what: Annotated[What, typer.Argument(help="What to print.")],
    runs: Annotated[str, typer.Option(help="Runs, by their identifiers, between commas.")],
    split: Annotated[str, typer.Option(help="The split they were read on.")] = "test",
    languages: Annotated[str, typer.Option(help="Languages between commas; else all.")] = "",
    gold: Annotated[str, typer.Option(help="Gold label.")] = "",
    predicted: Annotated[str, typer.Option(help="Predicted label.")] = "",
    outcome: Annotated[str, typer.Option(help="right or wrong.")] = "",
    english: Annotated[str, typer.Option(help="same or other: the prediction beside the one in English.")] = "",
    agreement: Annotated[str, typer.Option(help="agree or differ: the labels that the runs give.")] = "",
    compared: Annotated[str, typer.Option(help="Runs whose agreement is meant; else those of --runs.")] = "",
    confidence: Range = "",
    length: Range = "",
    fertility: Range = "",
    overlap: Range = "",
    texts: Annotated[str, typer.Option(help="File with the texts' measures, as the page names it.")] = "",
    unmarked: Annotated[bool, typer.Option("--unmarked", help="Leave out items marked doubtful.")] = False,
    against: Annotated[str, typer.Option(help="The arm that others are compared with.")] = BASELINE,
    kept: Annotated[bool, typer.Option("--kept", help="Slices: with the kept ones, corrected together.")] = False,
    data: Annotated[Path | None, typer.Option(help="Data folder of the texts that --kept reads.")] = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Print what stored predictions show under filters: counts, accuracy, changes, flips, slices and more."""
    from core.data.catalog import open_catalog
    from store.results.groups import check_comparable
    from store.results.selection import Selection

    workspace, catalog = open_workspace(home), open_catalog(data) if data else None
    ids, others = tuple(_listed(runs)), tuple(_listed(compared))
    kind = _kind(workspace, ids)
    if kept and what != "slices":
        raise BadInput("--kept adds the kept slices to `errors slices`; leave it out here.")
    if what in _COMPARING or agreement:
        check_comparable(workspace, list(dict.fromkeys((*ids, *others))))
    asked = Selection(
        run_ids=ids,
        split=split,
        languages=tuple(_listed(languages)) or None,
        gold=_label(gold),
        predicted=_label(predicted),
        correct=_either(outcome, "right", "wrong", "--outcome"),
        like_english=_either(english, "same", "other", "--english"),
        runs_agree=_either(agreement, "agree", "differ", "--agreement"),
        compared=others,
        confidence=_range(confidence, "--confidence"),
        length=_range(length, "--length"),
        fertility=_range(fertility, "--fertility"),
        overlap=_range(overlap, "--overlap"),
        texts=texts,
        without=_marked(workspace, kind, split) if unmarked else (),
    )
    table = _kept_slices(workspace, asked, against, kind, catalog) if kept else _TABLES[what](workspace, asked, against)
    rows = [
        {str(k): None if isinstance(v, float) and not math.isfinite(v) else v for k, v in row.items()}
        for row in table.to_dict("records")
    ]
    text = table.to_string(index=False, float_format=lambda v: f"{v:.3f}" if abs(v) < 1 else f"{v:.1f}")
    emit({"rows": rows, "data": kind}, json, text)


def _count(workspace: Workspace, s: Any, against: str) -> pd.DataFrame:
    import pandas as pd

    from store.results.selected import count

    return pd.DataFrame([count(workspace, s)._asdict()])


def _accuracy(workspace: Workspace, s: Any, against: str) -> pd.DataFrame:
    from store.results.selected import accuracy

    return accuracy(workspace, s)


def _confusion(workspace: Workspace, s: Any, against: str) -> pd.DataFrame:
    """The cells and, beside each run, its accuracy (x100)."""
    from store.results.selected import confusion

    table = confusion(workspace, s)
    right = table["items"].where(table["gold"] == table["predicted"], 0).groupby(table["run_id"]).transform("sum")
    table["accuracy"] = 100.0 * right / table.groupby("run_id")["items"].transform("sum")
    return table


def _calibration(workspace: Workspace, s: Any, against: str) -> pd.DataFrame:
    """run_id, items, ece (x100)."""
    import pandas as pd

    from core.figures.reliability import expected_error
    from store.results.selected import calibration

    bins = calibration(workspace, s.of_items())
    by_run = bins.groupby("run_id", sort=False)
    rows = [(run, int(run_bins["items"].sum()), expected_error(run_bins)) for run, run_bins in by_run]
    return pd.DataFrame(rows, columns=["run_id", "items", "ece"])


def _flips(workspace: Workspace, s: Any, against: str) -> pd.DataFrame:
    """The first run of --runs against the second."""
    import pandas as pd

    from store.results.flips import compare_flips

    if len(s.run_ids) != 2:
        raise BadInput("Flips are of two runs; give two identifiers with --runs.")
    return pd.DataFrame([vars(compare_flips(workspace, s, *s.run_ids))])


def _change(workspace: Workspace, s: Any, against: str) -> pd.DataFrame:
    from store.results.changes import language_changes

    return language_changes(workspace, s, _others(workspace, s, against), against)


def _slices(workspace: Workspace, s: Any, against: str) -> pd.DataFrame:
    from store.results.changes import slice_changes

    return slice_changes(workspace, s, _others(workspace, s, against), against)


def _kept_slices(workspace: Workspace, s: Any, against: str, kind: str, catalog: Catalog | None) -> pd.DataFrame:
    """The fixed slices and those kept by name, of one arm against another; what is left out is told."""
    from core.data.catalog import open_catalog, starter_catalog
    from core.encoder.load import load_encoder
    from core.evaluation.slicing.opening import open_table, slice_keys
    from store.results.changes import slice_family
    from store.user.item_columns import read_columns
    from store.user.kept_slices import list_slices

    others = _others(workspace, s, against)
    if len(others) != 1:
        raise BadInput("Kept slices are compared of two arms; give the runs of one beside those of --against.")
    if kind == "own" or "." in s.split:
        raise MissingData("Slices by text are made of XNLI's items alone; leave --kept out.")
    texts = starter_catalog() if kind == "starter" else catalog or open_catalog()
    table = open_table(texts, s.split, workspace.cache / "texts", load_encoder)
    table = table.with_own(read_columns(workspace, kind, s.split))
    listed = list_slices(workspace)
    own, told = slice_keys(table, dict(zip(listed["name"], listed["query"], strict=True)))
    family = slice_family(workspace, s, others[0], against, list(table.codes), own)
    told += [f"The kept slice “{name}” has no item that both arms answered." for name in family.without]
    told += [
        f"{name} “{value}” has exactly the items of {same} “{other}” and counts once."
        for (name, value), (same, other) in family.again.items()
    ]
    for sentence in told:
        typer.echo(sentence, err=True)
    return family.table


def _alignment(workspace: Workspace, s: Any, against: str) -> pd.DataFrame:
    import pandas as pd

    from core.evaluation.explained import changes, slopes
    from store.results.rankings import reciprocal_ranks

    ranks = reciprocal_ranks(workspace, s.run_ids)
    return pd.DataFrame([vars(slope) for slope in slopes(changes(ranks, _change(workspace, s, against), against))])


def _flip_odds(workspace: Workspace, s: Any, against: str) -> pd.DataFrame:
    from core.evaluation.flip_odds import flip_odds
    from store.results.premise_costs import premise_answers

    _others(workspace, s, against)
    return flip_odds(premise_answers(workspace, s.run_ids, s.split, s.languages), against)


def _items(workspace: Workspace, s: Any, against: str) -> pd.DataFrame:
    """The items whose gold label the runs doubt most, 200 at most."""
    from store.results.errors.doubtful import doubted_items

    return doubted_items(workspace, s, 200)


_TABLES = {
    "count": _count, "accuracy": _accuracy, "change": _change, "confusion": _confusion, "flips": _flips,
    "slices": _slices, "calibration": _calibration, "alignment": _alignment,
    "flip-odds": _flip_odds, "items": _items,
}  # fmt: skip


#: Tables that set runs against each other: only runs that may be compared.
_COMPARING = ("change", "flips", "slices", "alignment", "flip-odds")


def _others(workspace: Workspace, s: Any, against: str) -> list[str]:
    from store.results.runs import list_runs

    runs = list_runs(workspace)
    arms = list(dict.fromkeys(runs.loc[runs["run_id"].isin(s.run_ids), "arm"]))
    if against not in arms:
        raise BadInput(f"None of the runs is of the arm {against[:40]!r}; name another with --against.")
    return [arm for arm in arms if arm != against]


def _kind(workspace: Workspace, ids: tuple[str, ...]) -> str:
    from store.results.runs import get_run

    if not ids:
        raise BadInput("No run is named; give identifiers with --runs.")
    return str([get_run(workspace, run_id) for run_id in ids][0]["data_kind"])


def _marked(workspace: Workspace, kind: str, split: str) -> tuple[tuple[str, int], ...]:
    from store.user.marks import read_marks

    table = read_marks(workspace, kind, split)
    return tuple((str(code), int(item)) for code, item in zip(table["language"], table["item_id"], strict=True))


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]


def _label(text: str) -> tuple[int, ...] | None:
    if text and text not in LABELS:
        raise BadInput(f"{text[:40]!r} is not a label; the labels are {', '.join(LABELS)}.")
    return (LABELS.index(text),) if text else None


def _either(text: str, yes: str, no: str, option: str) -> bool | None:
    if text and text not in (yes, no):
        raise BadInput(f"{option} is {yes} or {no}, not {text[:40]!r}.")
    return text == yes if text else None


def _range(text: str, option: str) -> tuple[float, float] | None:
    if not text:
        return None
    try:
        low, high = (float(part) for part in text.split(","))
    except ValueError:
        raise BadInput(f"{option} takes two numbers with a comma between them, not {text[:40]!r}.") from None
    return low, high
