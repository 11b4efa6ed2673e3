"""`data list`: what is here, what can be fetched, and what is got by hand."""

from __future__ import annotations

from shlex import quote
from typing import Any

from core.cli.common import Data, Json, NoHome, emit
from core.cli.data.app import app
from core.data.catalog import Catalog, open_catalog
from core.data.listing import Missing, absent
from core.data.registry import KNOWN, known_sources, read_declarations


@app.command("list")
def list_(data: Data = None, home: NoHome = None, json: Json = False) -> None:
    """List the data sets that were found, with their items, and say how to get the missing ones."""
    catalog = open_catalog(data)
    emit(payload(catalog), json, text(catalog))


def payload(catalog: Catalog) -> dict[str, Any]:
    """The listing as JSON: `shown` is "real" or "starter"; a set that cannot be read has a `problem`.

    Of a missing set `fetched` is the bytes that `data get` fetches, 0 where it is got by hand.
    """
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
                "bytes": source.bytes,
                "problem": source.problem or None,
            }
            for source in catalog.sources
        ],
        "missing": [_missing(one) for one in catalog.missing],
        "optional": [_missing(one) for one in _optional(catalog)],
    }


def text(catalog: Catalog) -> str:
    """The listing for a terminal: one line a data set, then what is missing."""
    where = f"from {catalog.root}" if catalog.kind == "real" else "the project's own starter set, not XNLI"
    lines = [f"Data shown: {catalog.kind} ({where})"]
    width = max(len(source.name) for source in catalog.sources)
    for source in catalog.sources:
        languages = " ".join(source.languages)
        size = f"{source.items:>9,}  {source.bytes / 1e6:>6.1f} MB"
        lines.append(f"  {source.name:<{width}}  {size}  {source.role:<18}  {source.licence:<26}  {languages}".rstrip())
        if source.problem:
            lines.append(f"    cannot be read: {source.problem}")
    fetched = [one for one in (*catalog.missing, *_optional(catalog)) if one.fetched]
    if fetched:
        lines.append("Can be fetched (`python -m core data get NAME`, or `--study NAME` for all that a study needs):")
        lines += [f"  {quote(one.name):<31} {one.fetched / 1e6:>5.1f} MB  {one.licence}" for one in fetched]
    if catalog.missing:
        lines.append("Not found: how each is got by hand")
        lines += [f"  {one.name}: {one.how}" for one in catalog.missing]
    return "\n".join(lines)


def _missing(one: Missing) -> dict[str, Any]:
    return {"name": one.name, "how": one.how, "licence": one.licence, "fetched": one.fetched}


def _optional(catalog: Catalog) -> list[Missing]:
    known = known_sources(catalog.root) if catalog.root else read_declarations(KNOWN)
    return [one for one in absent(known, catalog.found) if one.optional]
