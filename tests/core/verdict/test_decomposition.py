"""The parts of a difference: they add up, and those of the shipped answer are what plain pandas finds."""

from __future__ import annotations

import json

import numpy as np
import pandas as pd
import pytest

from core.reference.unpack import read_reference
from core.shipped import SHIPPED as REFERENCE
from core.verdict.decomposition import decompositions

LABELS = ["entailment", "neutral", "contradiction"]


def question(**changes):
    again = {"difference": 1.5, "low": 1.0, "high": 2.0, "outcome": "ahead", "ahead": "transport", "tested": True}
    return {
        "name": "accuracy", "primary": False, "first": "transport", "second": "adversarial", "difference": 2.0,
        "low": 1.2, "high": 2.8, "languages": ["sw"], "prior_corrected": again,
    } | changes  # fmt: skip


def test_parts_add_up_and_what_is_not_tested_is_not_called():
    main, other = decompositions([question(name="other"), question(primary=True), question(prior_corrected=None)])
    assert (main.name, other.name) == ("accuracy", "other")
    assert main.shift == pytest.approx(0.5) and main.shift + main.rest == pytest.approx(main.difference)
    assert main.sentence.endswith("+0.5 go when answers are balanced over the labels and +1.5 are left (+1.0 to +2.0; "
                                  "transport is ahead).")  # fmt: skip
    again = question()["prior_corrected"] | {"tested": False}
    assert decompositions([question(prior_corrected=again)])[0].sentence.endswith("(+1.0 to +2.0).")


def balanced(rows: pd.DataFrame) -> pd.Series:
    """Whether each prediction is right once labels are scaled until all are as probable, one after the other."""
    given = rows[LABELS].to_numpy(np.float64).clip(1e-4)
    scale = np.ones(3)
    for _ in range(2000):
        shares = given * scale
        shares /= shares.sum(1, keepdims=True)
        scale /= 3 * shares.mean(0)
    return pd.Series((given * scale).argmax(1) == rows["gold"], index=rows.index)


def test_the_shipped_difference_is_taken_apart_as_pandas_takes_it():
    sheet = json.loads((REFERENCE / "verdict.json").read_text(encoding="utf-8"))["sheet"]
    one = decompositions(sheet["questions"])[0]
    table = read_reference(REFERENCE).predictions("test")
    table = table[table["arm"].isin([one.first, one.second]) & table["language"].isin(one.languages)]
    runs = table.groupby(["arm", "seed", "language"], group_keys=False)
    table = table.assign(plain=table["predicted"] == table["gold"], again=pd.concat([balanced(r) for _, r in runs]))
    means = 100 * table.groupby("arm")[["plain", "again"]].mean()
    whole, rest = means.loc[one.first] - means.loc[one.second]
    assert (round(whole, 2), round(rest, 2)) == (2.97, 1.88)
    assert one.difference == pytest.approx(whole, abs=1e-9) and one.rest == pytest.approx(rest, abs=0.02)
    assert one.rest_low < rest < one.rest_high and one.shift == pytest.approx(whole - rest, abs=0.02)
