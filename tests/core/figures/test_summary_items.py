"""English may be read on more items than the other languages: each number stands beside its own count."""

from __future__ import annotations

import pandas as pd

from core.figures.summary import by_arm, by_language, finding


def test_items_are_those_of_the_low_resource_languages_and_english_has_its_own():
    sizes = {"en": 2490, "de": 1000, "sw": 1000, "th": 1000}
    rows = [
        {
            "run_id": "r",
            "arm": "transport",
            "seed": 0,
            "language": code,
            "items": n,
            "correct": n // 2,
            "accuracy": 50.0,
        }
        for code, n in sizes.items()
    ]
    arms = by_arm(by_language(pd.DataFrame(rows)))
    assert arms["items"].tolist() == [1000] and arms["english_items"].tolist() == [2490]
    assert "1,000 items each" in finding(arms, "validation", "XNLI")
