"""Another model's predictions on the pages: told, mended by a checkbox, stored, chosen beside arms, removed."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from core.data.records import LABELS
from core.exchange.outside.fitting import Mend, mended
from core.workspace import Workspace, open_workspace
from store.results.importer import sync
from store.results.outside import list_predictions, stored_gold
from store.results.runs import list_runs
from tests.support import make_run
from tests.support.outside_files import drawn
from tests.support.page_text import accuracies, check_whole, words
from tests.support.synthetic_runs import write_run

ARM = "mine b x /b (another model)"


@pytest.fixture
def workspace(tmp_path) -> Workspace:
    """Two drawn runs whose 40 items a language have gold labels in no order."""
    workspace = open_workspace(tmp_path / "home")
    rng = np.random.default_rng(5)
    gold = rng.integers(0, 3, 40)
    for arm in ("english-only", "transport"):
        folder = write_run(workspace, arm, tables=("predictions",))
        parts = [
            make_run.prediction_table(
                "test", np.repeat(code, 40), np.arange(40), gold, rng.normal(size=(40, 3)) + 2 * np.eye(3)[gold]
            )
            for code in ("en", "sw", "ur")
        ]
        make_run.write_table(folder, "predictions", pd.concat(parts, ignore_index=True))
        (folder / "run.json").write_text(_without_files(folder / "run.json"), encoding="utf-8")
    sync(workspace)
    return workspace


def _without_files(path: Path) -> str:
    record = json.loads(path.read_text(encoding="utf-8"))
    record.pop("files", None)
    return json.dumps(record)


def test_a_file_is_told_mended_stored_shown_and_removed(open_page, workspace):
    gold = stored_gold(workspace, list(list_runs(workspace)["run_id"]), "test")
    table = mended(drawn(gold, 0.9), Mend((2, 1, 0)))
    labels = table[["language", "item_id"]].assign(prediction=[LABELS[k] for k in table[list(LABELS)].values.argmax(1)])
    page = open_page(workspace, "errors")
    page.file_uploader(key="outside-file").set_value([("<b>x.csv", labels.to_csv(index=False).encode(), "text/csv")])
    page.run()
    check_whole(page)
    assert "The labels look reversed or in another order" in words(page) and "calibration" in words(page)
    assert list_predictions(workspace).empty
    box = next(one for one in page.checkbox if one.key.startswith("outside-mend"))
    box.check().run()
    assert "On request: read entailment (0) as contradiction" in words(page)
    page.text_input(key="outside-name").set_value("mine <b>x</b>").run()
    page.button(key="outside-store").click().run()
    check_whole(page)
    stored = list_predictions(workspace)
    assert list(stored["arm"]) == [ARM] and float(stored["right"].iloc[0]) > 80 and bool(stored["certain"].iloc[0])
    assert f"{ARM} is stored" in words(page)

    page = open_page(workspace, "errors", view="Calibration")
    assert ARM in page.multiselect(key="run").options and page.multiselect(key="run").value == []
    assert "labels without probabilities" not in words(page)
    page.multiselect(key="run").set_value([ARM, "transport"]).run()
    check_whole(page)
    assert f"{ARM}: The file has labels without probabilities" in words(page)
    for view in ("Languages by arms", "Flips", "Slices", "Confusion"):
        page.segmented_control(key="view").set_value(view).run()
        check_whole(page)

    page = open_page(workspace, "overview")
    check_whole(page)
    assert sorted(accuracies(page)) == ["english-only", "transport"]
    assert "Beside the arms: predictions of another model" in [head.value for head in page.subheader]

    page = open_page(workspace, "errors")
    page.button(key="outside-remove").click().run()
    check_whole(page)
    assert list_predictions(workspace).empty and "is taken out" in words(page)
    assert ARM not in page.multiselect(key="run").options
