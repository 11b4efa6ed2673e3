"""README's account of the retrieval experiment is what the shipped runs say."""

from __future__ import annotations

import pytest

from core.notation import signed
from core.query_encoders.results import finished_runs, query_table
from core.query_encoders.verdict import MEASURES, OWN_LANGUAGE, POOL, PRIMARY, TATOEBA_FIRST, levels, verdict
from core.shipped import RETRIEVAL, SHIPPED
from tests.test_readme import README

TOLD = " ".join(README.split("## Retrieval")[1].split("## How it is built")[0].split())


@pytest.fixture(scope="module")
def rows():
    return query_table(finished_runs(SHIPPED / RETRIEVAL))


def test_the_answers_it_quotes_are_those_of_the_runs(rows):
    answers = {(one.name, one.first, one.second): one for one in verdict(rows)}
    primary = answers[PRIMARY.name, "transport", "adversarial"]
    assert primary.primary and primary.outcome == "undecided" and len(primary.seeds) == 3
    told = f"({signed(primary.difference)} points, interval {signed(primary.low)} to {signed(primary.high)}"
    assert f"undecided {told}" in TOLD
    for measure, first, second, ahead in (
        (PRIMARY, "transport", "no-adaptation", "no-adaptation"),
        (PRIMARY, "transport", "mean-matching", "mean-matching"),
        (TATOEBA_FIRST, "transport", "adversarial", "adversarial"),
        (TATOEBA_FIRST, "adversarial", "no-adaptation", "adversarial"),
    ):
        assert answers[measure.name, first, second].ahead == ahead
    shuffled = answers[PRIMARY.name, "transport", "transport-shuffled"]
    assert shuffled.outcome == "described" and shuffled.low > 0, "one run of shuffled pairs is described, not tested"
    compared = {tuple(key[1:]) for key in answers if key[0] in (POOL.name, OWN_LANGUAGE.name)}
    assert compared == {("transport", "adversarial")} and "no test was planned" in TOLD


def test_the_values_it_quotes_are_those_of_the_runs(rows):
    value = {(one.measure, one.arm): f"{one.value:.1f}" for one in levels(rows, repetitions=20)}
    assert len({measure for measure, _ in value}) == len(MEASURES)

    def of(measure, arm):
        return value[measure.name, arm]

    for said in (
        f"transport ({of(PRIMARY, 'transport')}) and adversarial ({of(PRIMARY, 'adversarial')})",
        f"ahead of transport ({of(PRIMARY, 'no-adaptation')})",
        f"ahead of transport ({of(PRIMARY, 'mean-matching')})",
        f"finds nothing ({of(PRIMARY, 'transport-shuffled')})",
        f"adversarial ({of(TATOEBA_FIRST, 'adversarial')}) is ahead of transport ({of(TATOEBA_FIRST, 'transport')})",
        f"and of no-adaptation ({of(TATOEBA_FIRST, 'no-adaptation')})",
        f"from {of(POOL, 'no-adaptation')} to {of(POOL, 'transport')} (transport) and {of(POOL, 'adversarial')}",
        f"from {of(OWN_LANGUAGE, 'no-adaptation')} to {of(OWN_LANGUAGE, 'transport')} and "
        f"{of(OWN_LANGUAGE, 'adversarial')} of 100",
    ):
        assert said in TOLD, said
