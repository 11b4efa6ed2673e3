"""A bundle's metadata: how it is cited (CITATION.cff 1.2.0, BibTeX), and what it holds for machines (RO-Crate 1.1)."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping, Sequence
from typing import Any

from core.exchange.results import StudyResults
from core.figures.table_latex import escape

NOBODY = "The authors of the study"
_TYPES = {
    "json": "application/json", "csv": "text/csv", "gz": "application/gzip", "md": "text/markdown",
    "py": "text/x-python", "toml": "application/toml", "parquet": "application/vnd.apache.parquet",
    "tex": "application/x-tex", "bib": "application/x-bibtex", "cff": "application/yaml",
}  # fmt: skip
_CONTEXT = "https://w3id.org/ro/crate/1.1/context"


def made_on(results: StudyResults) -> str:
    """The day of the newest run, YYYY-MM-DD: that of the bundle, whenever it is written."""
    return max((str(record.get("created", ""))[:10] for record in results.records), default="")


def citation_cff(results: StudyResults, authors: Sequence[str]) -> str:
    """CITATION.cff; YAML whose values are JSON texts, which YAML reads as they are."""
    lines = [
        "cff-version: 1.2.0", "message: Please cite this study and the benchmarks it was read on.", "type: dataset",
        f"title: {_quoted(_title(results))}", "authors:",
        *(f"  - name: {_quoted(name)}" for name in authors or [NOBODY]),
    ]  # fmt: skip
    if made_on(results):
        lines.append(f"date-released: {_quoted(made_on(results))}")
    return "\n".join(lines) + "\n"


def citation_bib(results: StudyResults, authors: Sequence[str]) -> str:
    """A BibTeX entry."""
    year = made_on(results)[:4]
    key = re.sub(r"[^a-z0-9]+", "", results.study.name.lower()) + year
    fields = {
        "author": " and ".join(f"{{{escape(name)}}}" for name in authors or [NOBODY]),
        "title": f"{{{escape(_title(results))}}}",
        "year": year,
        "note": escape(f"Predictions, cards and recomputation of the study {results.study.name}"),
    }
    body = ",\n".join(f"  {name} = {{{value}}}" for name, value in fields.items() if value)
    return f"@misc{{{key},\n{body}\n}}\n"


def crate(results: StudyResults, files: Mapping[str, bytes], authors: Sequence[str]) -> dict[str, Any]:
    """The RO-Crate of the files."""
    licences = sorted({part.benchmark.licence for part in results.benchmarks})
    names = sorted(files)
    root = {
        "@id": "./", "@type": "Dataset", "name": _title(results),
        "description": results.study.summary or f"Results of the study {results.study.name}.",
        "datePublished": made_on(results), "license": "; ".join(licences),
        "author": [{"@id": f"#author-{i}"} for i, _ in enumerate(authors or [NOBODY])],
        "hasPart": [{"@id": name} for name in names],
    }  # fmt: skip
    about = {
        "@id": "ro-crate-metadata.json", "@type": "CreativeWork", "about": {"@id": "./"},
        "conformsTo": {"@id": "https://w3id.org/ro/crate/1.1"},
    }  # fmt: skip
    people = [
        {"@id": f"#author-{i}", "@type": "Person" if authors else "Organization", "name": name}
        for i, name in enumerate(authors or [NOBODY])
    ]
    parts = [
        {
            "@id": name, "@type": "File", "contentSize": str(len(files[name])),
            "encodingFormat": _TYPES.get(name.rsplit(".", 1)[-1], "application/octet-stream"),
            "sha256": hashlib.sha256(files[name]).hexdigest(),
        }
        for name in names
    ]  # fmt: skip
    return {"@context": _CONTEXT, "@graph": [about, root, *people, *parts]}


def _title(results: StudyResults) -> str:
    return results.study.title or results.study.name


def _quoted(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
