"""What was fixed and what was tried, read from the files as they are."""

from __future__ import annotations

import pytest

from core.errors import BadInput
from core.reference.preregistration import FIXED, flat, read_fixed, read_trials


def test_the_committed_file_is_shown_value_by_value():
    found = read_fixed()
    assert found is not None
    text, content = found
    table = flat(content).set_index("setting")["value"]
    assert text == FIXED.read_text(encoding="utf-8")
    assert table["readings.precision"] == content["readings"]["precision"]
    assert table["arm.adversarial.settings.radius"] == "0.01"
    assert table["question.low-resource accuracy.margin"] == "1.0"


def test_trials(tmp_path):
    path = tmp_path / "tuning.tsv"
    assert read_trials(path) is None and read_fixed(path) is None
    path.write_text("took\tarm\tsettings\tenglish\tobjective\tminutes\nyes\ttransport\t{}\t68.4\t0.31\t4.5\n")
    table = read_trials(path)
    assert list(table.columns) == ["arm", "settings", "english", "objective", "minutes", "took"]
    assert table["english"].tolist() == [68.4]
    path.write_text("arm\tsettings\tenglish\tobjective\tminutes\nx\ty\n")
    with pytest.raises(BadInput, match="tuning.tsv, line 2: 2 columns where the header has 5"):
        read_trials(path)
    path.write_text("arm\tenglish\n")
    with pytest.raises(BadInput, match="line 1: no column 'settings'"):
        read_trials(path)
    path.write_text("= 3")
    with pytest.raises(BadInput, match="is not valid TOML"):
        read_fixed(path)
