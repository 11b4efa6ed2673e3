"""Arms against one arm, premise by premise: the sums that tests and intervals of slices are made from."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from core.workspace import Workspace
from store.results.query import frame
from store.results.selection import COLUMNS, TEXT, Selection, looking, passing

_GOLD = "CASE gold WHEN 0 THEN 'entailment' WHEN 1 THEN 'neutral' ELSE 'contradiction' END"
_QUARTERS = "ntile(4) OVER (PARTITION BY arm, language ORDER BY {0}, item_id)"

#: How a selection is sliced, as SQL for a slice's name; those after the third need the items' text.
SLICES = {
    "language": "language",
    "gold label": _GOLD,
    "language and gold label": f"language || ', ' || {_GOLD}",
    "length": "'quarter ' || length_quarter || ' of 4'",
    "subwords per word": "'quarter ' || fertility_quarter || ' of 4'",
    "overlap with the training bitext": "'quarter ' || overlap_quarter || ' of 4'",
}
PLAIN = tuple(SLICES)[:3]


def premise_differences(
    workspace: Workspace, selection: Selection, arms: Sequence[str], against: str, slices: Sequence[str] = ("language",)
) -> pd.DataFrame:
    """arm, slice, value, premise, place, difference, items, seeds, content; a row for each arm, slice, premise that has
    items and seed that both arms have, whose place among them is counted from 0.

    difference is the sum over the premise's items of (arm right) - (`against` right) at that seed; content names the
    premise's items, so that slices of the same items can be told. An
    item counts where all those runs answered it and it passes the filters of items. Quarters of
    a text's measure are made within each language. An arm that has two runs of a seed on a split must not be asked
    for: choose among them first.
    """
    measures = [name for name in TEXT if selection.texts]
    quarters = "".join(
        f", CASE WHEN {name} IS NOT NULL THEN {_QUARTERS.format(f'{name} NULLS LAST')} END AS {name}_quarter"
        for name in measures
    )
    placed, parameters = _placed(selection, arms, against, quarters, measures)
    parts = [
        f"""SELECT arm, '{name}' AS slice, {SLICES[name]} AS value, item_id // 3 AS premise, place,
                sum(difference)::DOUBLE AS difference, count(*) AS items, max(seeds) AS seeds,
                bit_xor(hash(language, item_id))::VARCHAR AS content
            FROM placed WHERE {SLICES[name]} IS NOT NULL GROUP BY ALL"""
        for name in slices
        if measures or name in PLAIN
    ]
    with looking(workspace, selection) as con:
        return frame(
            con, f"{placed} {' UNION ALL '.join(parts)} ORDER BY arm, slice, value, premise, place", parameters
        )


def paired_items(
    workspace: Workspace, selection: Selection, arm: str, against: str, codes: Sequence[str]
) -> pd.DataFrame:
    """arm, language (its place in `codes`), item_id, gold, place, difference, seeds, mark: a row for each item and seed
    of `premise_differences`, of the languages `codes`; `mark` is what its `content` is made of."""
    placed, parameters = _placed(selection, [arm], against)
    with looking(workspace, selection) as con:
        return frame(
            con,
            f"""{placed} SELECT (list_position(?::VARCHAR[], language) - 1)::INTEGER AS language, item_id, gold, place,
                difference::TINYINT AS difference, seeds, hash(language, item_id) AS mark
                FROM placed WHERE list_contains(?::VARCHAR[], language)""",
            [*parameters, list(codes), list(codes)],
        ).assign(arm=arm)


def item_answers(workspace: Workspace, selection: Selection, codes: Sequence[str]) -> pd.DataFrame:
    """run (its place in the selection's), language (its place in `codes`), item_id, gold, correct: a row for each
    prediction on an item that passes the filters of items, of the languages `codes`."""
    sql, parameters = passing(selection.of_items(), "p.run_id, p.language, p.item_id, p.gold, p.predicted")
    with looking(workspace, selection) as con:
        return frame(
            con,
            f"""SELECT (list_position(?::VARCHAR[], run_id) - 1)::SMALLINT AS run,
                (list_position(?::VARCHAR[], language) - 1)::SMALLINT AS language, item_id, gold,
                predicted = gold AS correct
                FROM ({sql}) WHERE list_contains(?::VARCHAR[], language)""",
            [list(selection.run_ids), list(codes), *parameters, list(codes)],
        )


def _placed(
    selection: Selection, arms: Sequence[str], against: str, quarters: str = "", measures: Sequence[str] = ()
) -> tuple[str, list[object]]:
    """WITH ... placed, a row for each arm, item that all its runs and `against`'s answered, and seed."""
    sql, parameters = passing(
        selection.of_items(), COLUMNS + "".join(f", t.{name}" for name in TEXT) * bool(selection.texts)
    )
    carried = "".join(f", any_value(c.{name}) AS {name}" for name in measures)
    return (
        f"""WITH chosen AS MATERIALIZED (
                SELECT r.arm, r.seed, s.*, (s.predicted = s.gold)::INTEGER AS correct
                FROM ({sql}) s JOIN runs r USING (run_id)),
            shared AS (
                SELECT a.arm, count(DISTINCT a.seed) AS seeds FROM chosen a
                JOIN (SELECT DISTINCT seed FROM chosen WHERE arm = ?) b USING (seed) GROUP BY a.arm),
            paired AS (
                SELECT c.arm, c.language, c.item_id, c.gold, list(c.correct - b.correct ORDER BY seed) AS by_seed,
                    count(*) AS seeds{carried}
                FROM chosen c JOIN chosen b USING (seed, language, item_id)
                WHERE b.arm = ? AND list_contains(?::VARCHAR[], c.arm)
                GROUP BY c.arm, c.language, c.item_id, c.gold),
            sliced AS MATERIALIZED (
                SELECT p.*{quarters} FROM paired p JOIN shared USING (arm) WHERE p.seeds = shared.seeds),
            placed AS MATERIALIZED (
                SELECT * EXCLUDE by_seed, unnest(by_seed) AS difference,
                    generate_subscripts(by_seed, 1) - 1 AS place FROM sliced)""",
        [*parameters, against, against, list(arms)],
    )
