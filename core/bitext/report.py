"""What a pass over a bitext found: counts by reason, examples, and the lines that could not be read."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from core.bitext.check import BIT, NUMBERS, REASONS, Checked
from core.bitext.digits import numbers
from core.bitext.records import Pair, Remark, Unreadable

EXAMPLES = 5
#: Unreadable lines that are listed; all are counted.
LISTED = 1000
#: Different remarks that are counted.
_REMARKS = 100
_TEXT = 240


class NumbersApart(NamedTuple):
    """A pair of which one side has numbers that the other has not, as their digits."""

    line: int
    source: tuple[str, ...]
    target: tuple[str, ...]


@dataclass
class Report:
    """Tallied while pairs pass by. `masks` counts pairs by their set of reasons, so that switches need no rereading;
    `remarks` counts what readers have to say of lines that cost no pair.

    `examples` holds the first pairs of each reason, their texts cut to 240 characters; `apart` the numbers of the
    first `LISTED` pairs whose numbers differ, for a person to look through.
    """

    read: int = 0
    unreadable: int = 0
    masks: Counter[int] = field(default_factory=Counter)
    examples: dict[str, list[Pair]] = field(default_factory=lambda: {reason: [] for reason in REASONS})
    errors: list[Unreadable] = field(default_factory=list)
    remarks: Counter[str] = field(default_factory=Counter)
    apart: list[NumbersApart] = field(default_factory=list)

    def tally(self, checked: Iterable[Checked]) -> Iterator[tuple[Pair, int]]:
        """Pass the readable pairs on, counting everything."""
        for one in checked:
            if isinstance(one, Unreadable):
                self.unreadable += 1
                if len(self.errors) < LISTED:
                    self.errors.append(one)
                continue
            if isinstance(one, Remark):
                if one.what in self.remarks or len(self.remarks) < _REMARKS:
                    self.remarks[one.what] += 1
                continue
            pair, mask = one
            self.read += 1
            self.masks[mask] += 1
            if mask:
                self._keep(pair, mask)
            if mask & BIT[NUMBERS] and len(self.apart) < LISTED:
                left, right = numbers(pair.source), numbers(pair.target)
                self.apart.append(
                    NumbersApart(pair.line, tuple((left - right).elements()), tuple((right - left).elements()))
                )
            yield pair, mask

    def found(self, reason: str) -> int:
        """Pairs that have the reason, whatever else they have."""
        return sum(n for mask, n in self.masks.items() if mask & BIT[reason])

    def dropped(self, switched: Collection[str]) -> dict[str, int]:
        """Pairs left out with these filters on, each counted under the first of its reasons."""
        counts = {reason: 0 for reason in REASONS if reason in switched}
        for mask, n in self.masks.items():
            first = next((reason for reason in counts if mask & BIT[reason]), None)
            if first is not None:
                counts[first] += n
        return counts

    def kept(self, switched: Collection[str]) -> int:
        """Pairs that stay with these filters on."""
        return self.read - sum(self.dropped(switched).values())

    def takes_most(self, switched: Collection[str]) -> bool:
        """Whether these filters would drop more than half of the pairs: then a person is asked before any is stored."""
        return 2 * self.kept(switched) < self.read

    def document(self, switched: Collection[str]) -> dict[str, Any]:
        """The report as JSON: read = kept + all dropped; unreadable lines are counted apart and the first listed."""
        return {
            "read": self.read,
            "kept": self.kept(switched),
            "dropped": self.dropped(switched),
            "errors": [{"line": error.line, "reason": error.reason} for error in self.errors],
            "unreadable": self.unreadable,
            "found": {reason: self.found(reason) for reason in REASONS},
            "numbers": [{"line": n.line, "source": list(n.source), "target": list(n.target)} for n in self.apart],
            "remarks": [{"what": what, "times": n} for what, n in self.remarks.most_common()],
        }

    def _keep(self, pair: Pair, mask: int) -> None:
        for reason, shown in self.examples.items():
            if mask & BIT[reason] and len(shown) < EXAMPLES:
                shown.append(Pair(pair.line, pair.source[:_TEXT], pair.target[:_TEXT]))


def mask_of(switched: Collection[str]) -> int:
    """The bits of the filters that are on; a pair is left out if its mask shares one."""
    return sum(BIT[reason] for reason in switched)
