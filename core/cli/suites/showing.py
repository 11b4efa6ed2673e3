"""`suites list` and `suites show`: what there is to run."""

from __future__ import annotations

from dataclasses import asdict
from typing import Annotated, Any

import typer

from core.cli.common import Json, NoData, NoHome, emit
from core.cli.suites.app import Languages, app


@app.command("list")
def list_(data: NoData = None, home: NoHome = None, json: Json = False) -> None:
    """The categories: what each tests, how many items a language, and what saying one label always would pass."""
    from core.notation import rate
    from core.suites.items import CATEGORIES, load_suite
    from core.suites.summary import constant_passes

    suite = load_suite()
    rows: list[dict[str, Any]] = []
    lines = []
    for category, meaning in CATEGORIES.items():
        items = suite.of(category, "en")
        groups, constant = len({item.group for item in items}), constant_passes(items)
        rows.append({"category": category, "meaning": meaning, "items": len(items), "groups": groups}
                    | {"always": constant})  # fmt: skip
        always = ", ".join(f"{name} {rate(share)}" for name, share in constant.items())
        lines += [
            f"{category:<10}{len(items):>3} items of {groups} groups. {meaning}",
            f"{'':<10}Always said: {always}.",
        ]
    lines.append(f"In {len(suite.languages)} languages: {', '.join(suite.languages)}. The same items in each.")
    emit({"categories": rows, "languages": list(suite.languages)}, json, "\n".join(lines))


@app.command("show")
def show(
    category: Annotated[str, typer.Argument(help="roles, negation, numbers or overlap.")],
    lang: Languages = None,
    data: NoData = None,
    home: NoHome = None,
    json: Json = False,
) -> None:
    """The items of a category: premise, hypothesis, and which labels are right."""
    from core.suites.items import load_suite

    suite = load_suite(lang or ["en"], [category])
    items = [item for code in suite.languages for item in suite.of(category, code)]
    lines = [
        f"{item.language}  {item.id:<13}{item.form}: {item.expectation}\n    {item.premise}\n    {item.hypothesis}"
        for item in items
    ]
    told = [asdict(item) | {"expected": item.expectation.split(" or ")} for item in items]
    emit({"category": category, "items": told}, json, "\n".join(lines))
