"""`data`: which data sets are on this machine, how much they hold, and how to get those that are not."""

from __future__ import annotations

from typing import Any

from core.cli.common import Data, Json, NoHome, emit
from core.data.catalog import Catalog, open_catalog


def data(data: Data = None, home: NoHome = None, json: Json = False) -> None:
    """List the data sets that were found, with their items, and say how to get the missing ones."""
    catalog = open_catalog(data)
    emit(payload(catalog), json, text(catalog))


def payload(catalog: Catalog) -> dict[str, Any]:
    """The listing as JSON: `shown` is "real" or "starter"; a set that cannot be read has a `problem`."""
    return {
        "shown": catalog.kind,
        "root": str(catalog.root) if catalog.root else None,
        "sources": [
            {
                "name": source.name,
                "kind": source.kind,
                "role": source.role,
                "path": source.path,
                "languages": list(source.languages),
                "items": source.items,
                "items_by_language": source.items_by_language,
                "licence": source.licence,
                "problem": source.problem or None,
            }
            for source in catalog.sources
        ],
        "missing": [{"name": missing.name, "how": missing.how} for missing in catalog.missing],
    }


def text(catalog: Catalog) -> str:
    """The listing for a terminal: one line a data set, then what is missing."""
    where = f"from {catalog.root}" if catalog.kind == "real" else "the project's own starter set, not XNLI"
    lines = [f"Data shown: {catalog.kind} ({where})"]
    width = max(len(source.name) for source in catalog.sources)
    for source in catalog.sources:
        languages = " ".join(source.languages)
        lines.append(f"  {source.name:<{width}}  {source.items:>9,}  {source.role:<18}  {languages}")
        if source.problem:
            lines.append(f"    cannot be read: {source.problem}")
    if catalog.missing:
        lines.append("Not found:")
        lines += [f"  {missing.name}: {missing.how}" for missing in catalog.missing]
    return "\n".join(lines)
