"""The study that `docs/own-study.md` shows is one, and what it says of it is so."""

from __future__ import annotations

import re

from core.experiment.studies.read import parse_study
from tests.support.paths import ROOT


def test_the_shown_file_is_a_study():
    text = (ROOT / "docs" / "own-study.md").read_text(encoding="utf-8")
    [shown] = re.findall(r"```toml\n(.*?)```", text, re.DOTALL)
    study = parse_study(shown)
    assert [one.stored_split for one in study.benchmarks] == ["two-way.test", "americasnli.test", "test", "validation"]
    assert [one.chance for one in study.benchmarks[:2]] == [50.0, 100 / 3]
    assert study.benchmark().name == "two-way" and study.benchmark("americasnli").source_language == ""
    for name in re.findall(r"`((?:core|tests)/[\w/.]+\.(?:py|toml))`", text):
        assert (ROOT / name).is_file(), name
