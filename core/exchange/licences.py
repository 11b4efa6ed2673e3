"""Whether a benchmark's gold labels may be passed on with its item ids: as its licence says, never its sentences."""

from __future__ import annotations

import re

from core.experiment.studies.schema import Benchmark

#: Licences under which labels may be given to others, with the name of their source.
_OPEN = re.compile(r"(CC0|CC[ -]BY|Apache|MIT\b|BSD|ODC|ODbL|PDDL|OANC|public domain)", re.IGNORECASE)
_CLOSED = re.compile(r"(\bND\b|-ND\b|no derivat)", re.IGNORECASE)


def may_pass_on(benchmark: Benchmark) -> bool:
    """Whether the licence that a study states of its benchmark lets its labels go along.

    >>> from core.experiment.studies.schema import Benchmark
    >>> [may_pass_on(Benchmark("b", licence=text)) for text in ("CC BY-NC 4.0", "CC BY-ND 4.0", "not stated")]
    [True, False, False]
    """
    return bool(_OPEN.match(benchmark.licence.strip())) and not _CLOSED.search(benchmark.licence)
