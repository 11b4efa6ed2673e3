"""What a study reads that has to be on this machine: the data sets by name."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.data.catalog import USED_ROLES
from core.data.fetch.manifest import Download
from core.data.registry import Declared, matches
from core.experiment.studies.schema import Study

#: Read by every study beside the roles that decide its numbers: bitext is cleaned of the sentences of these.
_CLEANED_OF = "question-retrieval"
_TRANSLATED = "translate-test"


@dataclass(frozen=True)
class Needs:
    """`sources`: names of known data sets; `unknown`: a sentence for each file of the study's that no known one has."""

    sources: tuple[str, ...]
    unknown: tuple[str, ...]


def study_needs(
    study: Study, known: Sequence[Declared], downloads: Mapping[str, Download], fixed: bool = False
) -> Needs:
    """The data sets of a study: those that benchmarks name, NLI training sets, bitext, and retrieval sets, of which
    bitext is also cleaned.

    Where the study names its sources of bitext, the others are not needed; an optional set is, where it is named. With
    `fixed`, for a study whose runs were preregistered, all that decides a run's identity is needed, so that the runs
    made of it are the same runs: every set of these roles that can be fetched, the optional ones too.
    """
    needed: dict[str, None] = {}
    unknown = []
    for benchmark in study.benchmarks:
        if benchmark.source:
            needed |= dict.fromkeys(one.name for one in known if one.role == benchmark.source and not one.optional)
            continue
        holding = [
            name for name, one in downloads.items() if any(matches(benchmark.files, file.path) for file in one.files)
        ]
        needed |= dict.fromkeys(holding)
        if not holding:
            unknown.append(f"The benchmark {benchmark.name} reads {benchmark.files}: put its files there by hand.")
    if study.bitext.files:
        unknown.append(f"The bitext is read from {study.bitext.files}: put its files there by hand.")
    read = [study.bitext_of(arm).sources for arm in study.arms] or [study.bitext.sources]
    sources = {name for names in read for name in names}
    translated = any(arm.method == _TRANSLATED for arm in study.arms)
    for source in known:
        if source.role in USED_ROLES:
            asked = source.name in (*study.training_sets, *sources)
            left_out = source.role == "bitext-training" and bool(all(read) or study.bitext.files)
            wanted = asked or not (source.optional or left_out)
            if fixed:
                wanted = wanted or source.name in downloads
        else:
            wanted = source.role == _CLEANED_OF or (translated and source.role == _TRANSLATED)
        if wanted:
            needed[source.name] = None
    order = {source.name: number for number, source in enumerate(known)}
    return Needs(tuple(sorted(needed, key=lambda name: order.get(name, len(order)))), tuple(unknown))
