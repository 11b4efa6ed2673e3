"""The items of a report: the clearest one fixed and broken, or those a person named, with text where it is here."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pandas as pd

from core.data.catalog import Catalog
from core.data.records import LABELS, NLIItem
from core.errors import BadInput, IsoglossError
from core.languages import LOW_RESOURCE, language
from core.notation import plural, signed
from core.report.examples import ExampleItem, clearest, paired
from core.report.material import Answer, Example
from core.workspace import Workspace
from store.results.predictions import item, read

#: The data set, or None and the sentence that says why it is not here.
Source = tuple[Catalog | None, str]


def automatic(
    workspace: Workspace, runs: pd.DataFrame, split: str, codes: Sequence[str], source: Source
) -> tuple[Example, ...]:
    """The clearest item that the second of two runs (run_id, arm, seed) fixed, and the clearest it broke.

    Looked for in the low-resource languages among `codes`; where there are none, in all of them but English.
    """
    wanted = [code for code in codes if code in LOW_RESOURCE] or [code for code in codes if code != "en"] or list(codes)
    first, second = (str(run_id) for run_id in runs["run_id"])
    table = read(workspace, [first, second], split, wanted)
    pairs = paired(table[table["run_id"] == first], table[table["run_id"] == second])
    names = tuple(str(arm) for arm in runs["arm"])
    examples = []
    for kind, fixed in (("fixed", True), ("broken", False)):
        chosen = clearest(pairs, fixed)
        if chosen is not None:
            note = _note(chosen, kind, names, int(runs["seed"].iloc[0]))
            examples.append(
                _example(workspace, f"An error {kind}", note, chosen.language, chosen.item_id, runs, split, source)
            )
    return tuple(examples)


def named(
    workspace: Workspace, items: Sequence[tuple[str, int]], runs: pd.DataFrame, split: str, source: Source
) -> tuple[Example, ...]:
    """The items (language, number) that a person named. Raises `BadInput` if a run shown never read one."""
    return tuple(
        _example(workspace, "An item", "Chosen by whoever made this report.", language(code).code, number, runs, split,
                 source)
        for code, number in items
    )  # fmt: skip


def _note(chosen: ExampleItem, kind: str, arms: tuple[str, ...], seed: int) -> str:
    was, now = ("wrong", "right") if kind == "fixed" else ("right", "wrong")
    return (
        f"{was.capitalize()} with {arms[0]}, {now} with {arms[1]} (seed {seed}): of "
        f"{plural(chosen.among, 'prediction')} {kind}, the one whose gold label's probability changed most "
        f"({signed(chosen.change)} points). It is the clearest case, not a typical one."
    )


def _example(
    workspace: Workspace, heading: str, note: str, code: str, item_id: int, runs: pd.DataFrame, split: str,
    source: Source,
) -> Example:  # fmt: skip
    rows = item(workspace, list(runs["run_id"]), split, item_id)
    rows = rows[rows["language"] == code]
    if rows.empty:
        raise BadInput(
            f"No run shown read item {item_id} in {language(code).name} on the {split} split; choose another item."
        )
    answers = tuple(
        Answer(str(row["arm"]), str(row["arm"]), int(row["predicted"]), _probabilities(row))
        for row in rows.to_dict("records")
    )
    gold = int(rows["gold"].iloc[0])
    shown, english, problem = _texts(source, split, code, item_id, gold)
    where = f"{heading}: item {item_id} in {language(code).name}"
    return Example(
        where, note, code, item_id, gold, answers,
        shown.premise if shown else "", shown.hypothesis if shown else "",
        english.premise if shown and english and code != "en" else "",
        english.hypothesis if shown and english and code != "en" else "",
        "" if shown else problem,
    )  # fmt: skip


def _probabilities(row: Mapping[Any, Any]) -> tuple[float, float, float]:
    first, second, third = (float(row[label]) for label in LABELS)
    return first, second, third


def _texts(
    source: Source, split: str, code: str, item_id: int, gold: int
) -> tuple[NLIItem | None, NLIItem | None, str]:
    catalog, problem = source
    if catalog is None:
        return None, None, problem
    texts: list[NLIItem | None] = []
    for wanted in (code, "en"):
        try:
            items = catalog.xnli(split, wanted).items
        except IsoglossError as error:
            texts.append(None)
            problem = problem or str(error)
            continue
        texts.append(next((item for item in items if item.id == item_id and item.label == gold), None))
    return texts[0], texts[1], problem or "The data on this machine has no such item with this label."
