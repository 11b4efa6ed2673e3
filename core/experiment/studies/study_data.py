"""The data that a study reads: the catalogue with the study's own bitext and declared benchmarks in it."""

from __future__ import annotations

import dataclasses

from core.config import BenchmarkReading
from core.data.benchmarks import DeclaredBenchmark, DeclaredSplit, hash_items
from core.data.catalog import Catalog
from core.data.records import NLIItem
from core.data.registry import Declared, Found, find
from core.errors import BadInput, MissingData
from core.experiment.studies.schema import Benchmark, BitextPart, Study
from core.languages import language, sort_codes

#: The source that a study's own bitext is.
OWN_BITEXT = "the study's bitext"
_ROLE = "bitext-training"
#: Pairs of the held-out tenth that a language needs: the probe of the language is cross-validated over them.
FEWEST_HELD_OUT = 10


def study_catalog(study: Study, catalog: Catalog) -> Catalog:
    """`catalog` as the study reads it: itself, unless the study declares benchmarks or bitext of its own.

    Raises `MissingData` where the study's bitext is not there.
    """
    declared = tuple(
        DeclaredSplit(DeclaredBenchmark(one.name, one.files, one.columns, one.labels, one.values), one.split)
        for one in study.benchmarks
        if one.files
    )
    found = catalog.found
    if study.bitext.files:
        found = (*(one for one in found if one.declared.role != _ROLE), _own_bitext(study.bitext, catalog))
    if found is catalog.found and declared == catalog.declared:
        return catalog
    return dataclasses.replace(catalog, found=found, declared=declared)


def benchmark_readings(study: Study, catalog: Catalog) -> tuple[BenchmarkReading, ...]:
    """The study's benchmarks as its runs read them; none where it reads XNLI alone, as runs do unless told otherwise.

    `catalog` is `study_catalog`'s. Raises `BadInput`, `MissingData`.
    """
    if len(study.benchmarks) == 1 and study.benchmark().is_whole_xnli:
        return ()
    return tuple(_reading(one, study, catalog) for one in study.benchmarks)


def benchmark_languages(benchmark: Benchmark, catalog: Catalog) -> tuple[str, ...]:
    """The languages of a benchmark that its runs read, in the order of figures. Raises `BadInput` for one not there."""
    there = list(catalog.benchmark(benchmark.name).sets) if benchmark.files else catalog.xnli_languages(benchmark.split)
    wanted = [language(tag).code for tag in benchmark.languages] or there
    absent = [code for code in wanted if code not in there]
    if absent:
        raise BadInput(f"The benchmark {benchmark.name} has no {absent[0]}; it has {', '.join(there)}.")
    return tuple(sort_codes(wanted))


def benchmark_items(benchmark: Benchmark, code: str, catalog: Catalog) -> tuple[NLIItem, ...]:
    """The items of one language that the benchmark's ids allow."""
    if benchmark.files:
        items = catalog.benchmark(benchmark.name).sets[code].items
    else:
        items = catalog.xnli(benchmark.split, code).items
    first, last = benchmark.ids or (0, 2**31)
    return tuple(item for item in items if first <= item.id <= last)


def check_own_bitext(study: Study, catalog: Catalog) -> None:
    """Raises `BadInput` where the study's own bitext is too small for what is measured on its held-out tenth;
    `catalog` is `study_catalog`'s. Bitext of the catalogue is not read for it."""
    if not study.bitext.files:
        return
    for code in study.bitext.languages or catalog.bitext_languages():
        pairs = len(catalog.held_out_bitext(code).pairs)
        if pairs < FEWEST_HELD_OUT:
            raise BadInput(
                f"The study's bitext in {code} leaves {pairs} pair(s) for what is measured on pairs that no arm trains "
                f"on, about a tenth of it, and {FEWEST_HELD_OUT} are needed; give some {10 * FEWEST_HELD_OUT} pairs or "
                "more that stand in no test set."
            )


def data_notes(study: Study, catalog: Catalog) -> list[str]:
    """What is not read, measured or comparable of the study's data, a sentence each; `catalog` is `study_catalog`'s."""
    notes = []
    for one in study.benchmarks:
        if one.files:
            notes += [f"{one.name}, {note}" for note in catalog.benchmark(one.name).notes]
            notes += _unbalanced(one, catalog)
    there = catalog.bitext_languages(study.bitext.sources)
    aligned = study.bitext.languages or tuple(there)
    absent = [code for code in aligned if code not in there]
    if absent:
        notes.append(f"No bitext is here in {', '.join(absent)}: runs are trained without.")
    unsearched = sorted(set(aligned) - set(absent) - set(catalog.retrieval_languages()))
    if unsearched:
        notes.append(f"No retrieval set is here in {', '.join(unsearched)}: retrieval is not measured there.")
    return notes


def _reading(one: Benchmark, study: Study, catalog: Catalog) -> BenchmarkReading:
    codes = benchmark_languages(one, catalog)
    items = {code: benchmark_items(one, code, catalog) for code in codes}
    empty = [code for code, rows in items.items() if not rows]
    if empty:
        raise BadInput(
            f"The benchmark {one.name} has no item in {empty[0]} with an id from {one.ids[0]} to {one.ids[1]}."
        )
    named = one.aligned or study.bitext.languages or tuple(catalog.bitext_languages())
    aligned = tuple(language(tag).code for tag in named)
    source = language(one.source_language).code if one.source_language else ""
    return BenchmarkReading(
        name=one.name, source=one.source, split=one.split, content=hash_items(items) if one.files else "",
        labels=one.labels, source_language=source, languages=codes,
        aligned=tuple(code for code in aligned if code in codes and code != source), everywhere=one.everywhere,
        ids=one.ids, seeds=one.seeds,
    )  # fmt: skip


def _own_bitext(part: BitextPart, catalog: Catalog) -> Found:
    if catalog.root is None:
        raise MissingData("The study's own bitext lies in a data folder; name it by --data.")
    declared = Declared(OWN_BITEXT, "bitext", _ROLE, (part.files,), english=part.english or None)
    found = find(declared, catalog.root)
    if found is None:
        raise MissingData(f"No bitext is at {part.files} in {catalog.root}; put it there, or change the study's files.")
    for file in found.files:
        if file.english is not None and not file.english.is_file():
            raise MissingData(f"{file.path} has no {file.english.name} beside it, its lines in English.")
    return found


def _unbalanced(one: Benchmark, catalog: Catalog) -> list[str]:
    """A correction of the label prior takes all labels to be as frequent; so does chance."""
    labels = [item.label for code in benchmark_languages(one, catalog) for item in benchmark_items(one, code, catalog)]
    most = max(labels.count(label) for label in set(labels)) / max(len(labels), 1)
    if most <= 1 / len(one.labels) + 0.05:
        return []
    return [
        f"{one.name}: one label has {100 * most:.0f} % of the items, so chance is that and not {one.chance:.0f}, and "
        "its differences after correction of the label prior, which takes labels to be equally frequent, mean little."
    ]
