"""`suites run`: stored models' answers to the suites, by category, group of languages and arm."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Annotated, Any

import typer

from core.cli.common import Backend, Device, Home, Json, NoData, Precision, Read, ReadingEncoder, emit, load_classifier
from core.cli.suites.app import Languages, app
from core.errors import BadInput
from core.workspace import open_workspace

if TYPE_CHECKING:
    import pandas as pd


@app.command("run")
def run(
    runs: Annotated[
        list[str] | None, typer.Option("--run", help="A run by its identity; may be repeated, two are also compared.")
    ] = None,
    category: Annotated[
        list[str] | None,
        typer.Option("--category", help="roles, negation, numbers or overlap; may be repeated. Else all."),
    ] = None,
    lang: Languages = None,
    items: Annotated[bool, typer.Option("--items", help="Print every item with its answers, too.")] = False,
    encoder: ReadingEncoder = None,
    precision: Precision = "float32",
    backend: Backend = "torch",
    device: Device = "auto",
    data: NoData = None,
    home: Home = None,
    json: Json = False,
) -> None:
    """Run the suites on stored models; what they answered once is kept in the workspace."""
    workspace = open_workspace(home)
    if not runs:
        raise BadInput("Name at least one run that has weights with --run; `python -m core runs` lists them.")
    from core.suites.items import load_suite

    suite = load_suite(lang, category)
    from core.encoder.read_as import read_as
    from core.model.weights import adapted_encoder, read_model_as
    from core.progress import bar
    from core.suites.run import run_suite

    answered: dict[str, tuple[Read, pd.DataFrame]] = {}
    for name in dict.fromkeys(runs):
        asked = load_classifier(workspace, encoder, "", name, device)
        read = read_as(adapted_encoder(asked.model, asked.encoder), precision, backend)
        model = read_model_as(asked.model, read.reading)
        answers = run_suite(model, asked.encoder, suite, workspace.cache / "suites", bar(asked.arm))
        answered[asked.run_id] = (Read(read, asked.arm, asked.run_id), answers)
    _show(answered, suite.categories, items, json)


def _show(answered: dict[str, tuple[Read, pd.DataFrame]], categories: tuple[str, ...], items: bool, json: bool) -> None:
    from core.suites.summary import OVER, by_language, by_language_group, differences

    document: dict[str, Any] = {"interval": OVER, "runs": [], "differences": []}
    lines = []
    for who, answers in answered.values():
        groups = by_language_group(answers)
        document["runs"].append(
            who.as_dict()
            | {"groups": groups.to_dict("records"), "languages": by_language(answers).to_dict("records")}
            | ({"items": answers.to_dict("records")} if items else {})
        )
    for category in categories:
        lines.append(f"{category}{'':<{50 - len(category)}}said: entailment, neutral, contradiction")
        for who, answers in answered.values():
            rows = by_language_group(answers)
            lines += [_line(who.arm, row) for row in rows[rows["category"] == category].to_dict("records")]
    pairs = list(answered)
    for other in pairs[1:]:
        (first, answers), (second, others) = answered[pairs[0]], answered[other]
        table = differences(others, answers)
        document["differences"].append({"run": other, "minus": pairs[0], "languages": table.to_dict("records")})
        lines += [_difference(second.arm, first.arm, name, table[table["category"] == name]) for name in categories]
    if items:
        lines += [_item(who.arm, row) for who, answers in answered.values() for row in answers.to_dict("records")]
    lines.append(f"Accuracy x100; {OVER}.")
    lines += [who.sentence for who, _ in answered.values()]
    emit(document, json, "\n".join(lines))


def _line(arm: str, row: Mapping[Any, Any]) -> str:
    from core.notation import interval, rate

    said = [row[f"said {name}"] for name in ("entailment", "neutral", "contradiction")]
    between = interval(row["low"], row["high"])
    return (
        f"  {arm:<24}{row['languages']:<14}{rate(row['accuracy']):>6}  {between:<14}"
        f"{said[0]:>5}{said[1]:>5}{said[2]:>5}  of {row['items']} ({row['groups']} groups)"
    )


def _difference(arm: str, base: str, category: str, rows: pd.DataFrame) -> str:
    from core.notation import signed

    total = 100.0 * float(rows["gained"].sum() - rows["lost"].sum()) / float(rows["items"].sum())
    return (
        f"{category}: {arm} minus {base} {signed(total)} (passes {rows['gained'].sum()} that {base} does not, "
        f"fails {rows['lost'].sum()} that it does not, of {rows['items'].sum()}; descriptive)"
    )


def _item(arm: str, row: Mapping[Any, Any]) -> str:
    outcome = "passed" if row["passed"] else "failed"
    return f"{row['language']}  {row['id']:<13}{arm:<24}{row['predicted']:<14}{outcome} (right: {row['expected']})"
