"""What a bundle says to people: its README, the statement on its data, and its contrasts as CSV and LaTeX."""

from __future__ import annotations

import csv
import io
from collections.abc import Mapping, Sequence
from typing import Any

from core.csv_cells import guarded
from core.exchange.results import StudyResults
from core.figures.table_latex import escape
from core.languages import sort_codes
from core.notation import MISSING, p_value, plural, signed

Entry = Mapping[str, Any]
_CSV = ("id", "label", "difference", "low", "high", "p", "outcome", "ahead", "seeds", "items", "premises")
#: What each file of a bundle is, the first that fits.
_FILES = {
    "recompute.py": "recomputes every number of contrasts.json; pandas and numpy alone, no code of the project",
    "contrasts.json": "what is printed, number by number, and what each is made of",
    "contrasts.csv": "the same contrasts as a table",
    "contrasts.tex": "the study's questions as a LaTeX table (booktabs)",
    "predictions.csv.gz": "a row an item: benchmark, language, item_id, cluster, gold, then each run's label",
    "noise.csv.gz": "the same under typing errors",
    "code_switch.csv.gz": "the same under code-switching",
    "agreement.csv.gz": "1 where a run gives an item the label that it gives it in English, else 0",
    "probabilities.npz": "probabilities [run, row of predictions.csv.gz, label], for the correction of the label prior",
    "scores.csv.gz": "stored scores that some contrasts rest on, with their intervals",
    "runs.csv": "run_id, arm and seed of each run",
    "study.toml": "the study as its file says it",
    "study.lock.json": "the lock: what was fixed, and when",
    "cards/": "a card a run, for `study compare`: what the run is, its scores, and its predictions with probabilities",
    "DATA.md": "which data the numbers are of, and what may be done with them",
    "CITATION.cff": "how to cite this bundle",
    "citation.bib": "the same as BibTeX",
    "manifest.json": "the SHA-256 of every file",
    "ro-crate-metadata.json": "the same for machines (RO-Crate 1.1)",
}


def readme(results: StudyResults, entries: Sequence[Entry], left_out: Sequence[str], names: Sequence[str]) -> str:
    """The bundle's README."""
    study = results.study
    questions = [question["sentence"] for question in results.answers["questions"]]
    numbers = sum(_numbers(entry["printed"]) for entry in entries)
    listed = [*names, "README.md", "manifest.json", "ro-crate-metadata.json"]
    files = [
        f"| `{name}` | {what} |"
        for name, what in _FILES.items()
        if any(one == name or (name.endswith("/") and one.startswith(name)) for one in listed)
    ]
    missing = f"\nNot complete: {', '.join(results.missing)} not in.\n" if results.missing else ""
    skipped = [f"- Not answered: {text}." for text in results.answers.get("skipped", [])]
    return "\n".join(
        [
            f"# {study.title or study.name}", "", *([study.summary, ""] if study.summary else []),
            f"{plural(len(results.records), 'run')} of the study `{study.name}`; {plural(len(entries), 'contrast')} "
            "and levels are printed.", missing,
            "## Check it", "", "    pip install numpy pandas", "    python recompute.py", "",
            f"The second line recomputes all {numbers:,} numbers and words of `contrasts.json` from the predictions "
            "and compares each with what is printed. It ends with status 1 if one differs by more than the rounding it "
            "is printed with, or if a file is not the one of `manifest.json`. It is one short file to read.", "",
            *(["Not recomputed:", "", *(f"- {text}" for text in left_out), ""] if left_out else []),
            "## Answers", "", *(f"- {text}" for text in questions), *skipped, "",
            "## Files", "", "| file | what it is |", "|---|---|", *files, "",
        ]
    )  # fmt: skip


def data_statement(results: StudyResults, labels: bool) -> str:
    """Which data the numbers are of, what of it is here, and what may be done with it."""
    lines = [
        "# Data", "",
        "No sentence of any data set is in this bundle. Items are named by the numbers that their benchmark gives "
        "them; to see them, get the benchmark from its own source.", "",
    ]  # fmt: skip
    for part in results.benchmarks:
        one, items = part.benchmark, part.predictions["item_id"].nunique()
        codes = sort_codes([str(code) for code in part.predictions["language"].unique()])
        lines += [
            f"## {one.title or one.name}", "",
            f"Split {one.split}, {plural(items, 'item')} in {', '.join(codes)}; labels {', '.join(one.labels)} (0 on); "
            f"licence: {one.licence}.", "",
        ]  # fmt: skip
    lines += [
        "Gold labels and predicted labels are here, by item number, under the licence of their benchmark, which binds "
        "whoever uses them (a non-commercial one: non-commercial use alone), with attribution to its authors."
        if labels else
        "The licence of a benchmark does not let its labels go along (or the study does not state it), so that only "
        "whether a run was right is here: gold is 1 in every row, and a run's label is 1 where it was right, else 0.",
        "",
        "Predictions and measures were made by models trained on the data that each card names by a fingerprint.", "",
    ]  # fmt: skip
    return "\n".join(lines)


def table_csv(entries: Sequence[Entry]) -> str:
    """The contrasts as CSV."""
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(_CSV)
    for entry in entries:
        printed = _plain(entry)
        writer.writerow([guarded(entry["id"]), guarded(entry["label"]), *(printed.get(name) for name in _CSV[2:])])
    return buffer.getvalue()


def table_tex(results: StudyResults, entries: Sequence[Entry]) -> str:
    """The study's questions as a LaTeX table."""
    rows = []
    for entry in entries:
        printed = _plain(entry)
        if not entry["id"].startswith("questions/") or entry["id"].count("/") > 1:
            continue
        p = p_value(printed["p"]) if printed["outcome"] != "described" and printed.get("tested", True) else MISSING
        cells = [
            entry["label"], signed(printed["difference"]), f"{signed(printed['low'])} to {signed(printed['high'])}", p,
            str(printed["outcome"]) + (f": {printed['ahead']}" if printed.get("ahead") else ""),
        ]  # fmt: skip
        rows.append(" & ".join(escape(cell) for cell in cells) + r" \\")
    head = " & ".join(escape(cell) for cell in ("Contrast", "Difference", "95 % interval", "p", "Outcome"))
    caption = escape(f"{results.study.title or results.study.name}: differences x100.")
    return "\n".join(
        [
            r"\begin{table}", r"\centering", rf"\caption{{{caption}}}", r"\begin{tabular}{lrrrl}", r"\toprule",
            head + r" \\", r"\midrule", *rows, r"\bottomrule", r"\end{tabular}", r"\end{table}", "",
        ]
    )  # fmt: skip


def _plain(entry: Entry) -> dict[str, Any]:
    """The printed numbers under the names of the table: a level has its value, not a difference."""
    back = {key: name for key, name in entry.get("names", {}).items() if name in _CSV}
    printed = {back.get(key, key): value for key, value in entry["printed"].items()}
    seeds = printed.get("seeds")
    return printed | ({"seeds": len(seeds)} if isinstance(seeds, list) else {})


def _numbers(printed: Any) -> int:
    if isinstance(printed, Mapping):
        return sum(map(_numbers, printed.values()))
    return sum(map(_numbers, printed)) if isinstance(printed, list) else 1
