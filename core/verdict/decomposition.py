"""What a difference in accuracy is made of: a shift of answers between the labels, and the rest."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from core.notation import signed


@dataclass(frozen=True)
class Decomposition:
    """A question's difference, first minus second in points, and its two parts: `shift` goes when each run's mean
    probabilities are made equal over the labels in each language (`core.evaluation.prior`), `rest` stays. `low` and
    `high` are the 95 % interval of the whole, `rest_low` and `rest_high` that of the rest, by the study's rule;
    `rest_outcome` is what the rest is called, "" where it is not tested. shift + rest = difference."""

    name: str
    first: str
    second: str
    languages: tuple[str, ...]
    difference: float
    low: float
    high: float
    rest: float
    rest_low: float
    rest_high: float
    rest_outcome: str

    @property
    def shift(self) -> float:
        return self.difference - self.rest

    @property
    def label(self) -> str:
        """The question in a few words."""
        return f"{self.name}: {self.first} minus {self.second}"

    @property
    def sentence(self) -> str:
        """Both parts, the rest with its interval."""
        called = f"; {self.rest_outcome}" if self.rest_outcome else ""
        return (
            f"Of {signed(self.difference)} points between {self.first} and {self.second} ({self.name}), "
            f"{signed(self.shift)} go when answers are balanced over the labels and {signed(self.rest)} are left "
            f"({signed(self.rest_low)} to {signed(self.rest_high)}{called})."
        )


def decompositions(questions: Sequence[Mapping[str, Any]]) -> list[Decomposition]:
    """Of a sheet's questions those whose difference was also made with balanced answers, the primary ones first."""
    found = [(not q["primary"], k, q) for k, q in enumerate(questions) if q.get("prior_corrected")]
    return [_decomposed(q) for _, _, q in sorted(found, key=lambda one: one[:2])]


def _decomposed(question: Mapping[str, Any]) -> Decomposition:
    again = question["prior_corrected"]
    ahead = f"{again['ahead']} is ahead" if again["outcome"] == "ahead" else str(again["outcome"])
    return Decomposition(
        str(question["name"]), str(question["first"]), str(question["second"]), tuple(question["languages"]),
        float(question["difference"]), float(question["low"]), float(question["high"]), float(again["difference"]),
        float(again["low"]), float(again["high"]), ahead if again["tested"] else "",
    )  # fmt: skip
