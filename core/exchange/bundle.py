"""A study's bundle: predictions, cards, lock, printed contrasts, and the one file that recomputes them.

It holds no sentence of any benchmark: item numbers and labels alone, and no label where the benchmark's licence does
not let it go along. The same results give the same bytes.
"""

from __future__ import annotations

import hashlib
import io
import json
import zipfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from core.errors import BadInput
from core.exchange.bundle_metadata import citation_bib, citation_cff, crate
from core.exchange.bundle_texts import data_statement, readme, table_csv, table_tex
from core.exchange.card import card_text, make_card
from core.exchange.crossed_contrasts import crossed_contrasts, crossed_settings
from core.exchange.first_contrasts import first_contrasts, settings
from core.exchange.licences import may_pass_on
from core.exchange.results import BenchmarkPredictions, StudyResults
from core.exchange.tables import csv_bytes, dense_probabilities, gzip_bytes, npz_bytes, wide_agreement, wide_labels
from core.files import atomic_draft, atomic_folder, refusing
from core.languages import sort_codes
from core.verdict.further_questions import HARDER

SCHEMA, VERSION = "isogloss-contrasts", 1
#: Lines of `recompute.py` at most.
LINES = 200
_HERE = Path(__file__).parent


@dataclass(frozen=True)
class Contrasts:
    """`entries`, what is printed contrast by contrast; `settings` of the method; what is printed and not recomputed."""

    method: str
    entries: Sequence[Mapping[str, Any]]
    settings: Mapping[str, Any]
    left_out: Sequence[str]


def printed_contrasts(results: StudyResults) -> Contrasts:
    """What is printed of a study, from its answers. Raises `BadInput` where nothing is."""
    open_ = all(may_pass_on(part.benchmark) for part in results.benchmarks)
    method = results.study.analysis.method
    if method == "first":
        codes = sort_codes([str(code) for code in results.benchmarks[0].predictions["language"].unique()])
        entries, left_out = first_contrasts(results.answers, codes, open_)
        if not open_:  # whether labels agree goes along in a table of its own, which is counted as accuracy is
            agreement = {"table": "agreement", "count": "accuracy"}
            entries = [entry | agreement if entry["count"] == "agreement" else entry for entry in entries]
        constants = settings()
    else:
        name = results.study.benchmark().name
        entries, left_out = crossed_contrasts(results.answers["questions"], name, open_)
        constants = crossed_settings(results.study)
    if not entries:
        raise BadInput(f"Nothing can be printed of {results.study.name}: none of its questions has an answer yet.")
    return Contrasts(method, entries, constants, left_out)


def bundle_files(results: StudyResults, authors: Sequence[str] = ()) -> dict[str, bytes]:
    """Every file of the bundle by its path in it."""
    open_ = all(may_pass_on(part.benchmark) for part in results.benchmarks)
    contrasts = printed_contrasts(results)
    files = _tables(results, contrasts, open_)
    files["recompute.py"] = (_HERE / f"recompute_{contrasts.method}.py").read_bytes()
    files["contrasts.json"] = _json(
        {"schema": SCHEMA, "version": VERSION, "study": results.study.name, "method": contrasts.method,
         "settings": contrasts.settings, "not_recomputed": list(contrasts.left_out), "contrasts": contrasts.entries}
    )  # fmt: skip
    files["contrasts.csv"] = table_csv(contrasts.entries).encode()
    files["contrasts.tex"] = table_tex(results, contrasts.entries).encode()
    files["study.toml"] = results.text.encode()
    if results.lock:
        files["study.lock.json"] = results.lock.encode()
    for record in results.records:
        card, content = make_card(results, record)
        files[f"cards/{card['run']['run_id']}.json"] = card_text(card).encode()
        files[f"cards/{card['run']['run_id']}.parquet"] = content
    files["CITATION.cff"] = citation_cff(results, authors).encode()
    files["citation.bib"] = citation_bib(results, authors).encode()
    files["DATA.md"] = data_statement(results, open_).encode()
    files["README.md"] = readme(results, contrasts.entries, contrasts.left_out, sorted(files)).encode()
    files["ro-crate-metadata.json"] = _json(crate(results, files, authors))
    sums = {name: hashlib.sha256(content).hexdigest() for name, content in sorted(files.items())}
    files["manifest.json"] = _json({"files": sums})
    return dict(sorted(files.items()))


def write_bundle(results: StudyResults, out: Path, authors: Sequence[str] = ()) -> dict[str, int]:
    """Write the bundle as the folder `out`, or as the file `out` if its name ends in .zip; bytes of each file.

    Raises `BadInput` if something is there already, or it cannot be written.
    """
    if out.exists() and (out.is_file() or any(out.iterdir())):
        raise BadInput(f"{out} is already there; name another folder or file with --out.")
    files = bundle_files(results, authors)
    what, advice = f"The bundle {out}", "name another folder or file with --out"
    with refusing(what, advice):
        out.parent.mkdir(parents=True, exist_ok=True)
        if out.suffix == ".zip":
            with atomic_draft(out) as draft:
                draft.write_bytes(_zipped(files, out.stem))
        else:
            with atomic_folder(out) as folder:
                for name, content in files.items():
                    (folder / name).parent.mkdir(exist_ok=True)
                    (folder / name).write_bytes(content)
    return {name: len(content) for name, content in files.items()}


def _tables(results: StudyResults, contrasts: Contrasts, labels: bool) -> dict[str, bytes]:
    """The tables that `recompute.py` reads."""
    wide = wide_labels(results.benchmarks, labels)
    files = {"predictions.csv.gz": gzip_bytes(csv_bytes(wide))}
    records = pd.DataFrame([(r["run_id"], r["arm"], r["seed"]) for r in results.records])
    files["runs.csv"] = csv_bytes(records.set_axis(["run_id", "arm", "seed"], axis=1))
    if any(entry.get("table") == "balanced" or "prior_corrected" in entry["printed"] for entry in contrasts.entries):
        files["probabilities.npz"] = npz_bytes(dense_probabilities(results.benchmarks, wide))
    if contrasts.method == "crossed":
        return files
    first = results.benchmarks[0]
    if any(entry["table"] == "agreement" for entry in contrasts.entries):
        source = first.benchmark.source_language
        files["agreement.csv.gz"] = gzip_bytes(csv_bytes(wide_agreement(results.benchmarks, source)))
    for kind in {entry["table"] for entry in contrasts.entries} & set(HARDER):
        rows_of_kind = results.robust[results.robust["split"] == kind]
        part = BenchmarkPredictions(first.benchmark, rows_of_kind, first.clusters)
        files[f"{kind}.csv.gz"] = gzip_bytes(csv_bytes(wide_labels([part], labels)))
    if any(entry["count"] == "scores" for entry in contrasts.entries):
        asked = {name for entry in contrasts.entries for name in entry["scores"]}
        files["scores.csv.gz"] = gzip_bytes(csv_bytes(results.scores[results.scores["name"].isin(asked)]))
    return files


def _json(content: Mapping[str, Any]) -> bytes:
    return (json.dumps(content, indent=1, ensure_ascii=False) + "\n").encode()


def _zipped(files: Mapping[str, bytes], folder: str) -> bytes:
    """A ZIP archive with the files in one folder; without times, so that the same files give the same bytes."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            entry = zipfile.ZipInfo(f"{folder}/{name}")
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, content)
    return buffer.getvalue()
