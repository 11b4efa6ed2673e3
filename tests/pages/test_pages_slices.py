"""The slice workbench: a line is counted at once, kept by name, brought back by a link, compared for any two arms."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from core.cli import main
from core.data.catalog import starter_catalog
from core.evaluation.slicing.query import LONGEST
from core.languages import XNLI_CODES
from core.notation import plural
from store.results.predictions import read
from store.results.runs import list_runs
from store.user import item_columns, kept_slices
from tests.support.page_text import charts, check_whole, words

LINE = "on english: hypothesis.words < 8 and not gold = neutral"


@pytest.fixture
def stored(own_workspace) -> pd.DataFrame:
    runs = list_runs(own_workspace)
    table = read(own_workspace, list(runs["run_id"]), "test").merge(runs[["run_id", "arm"]], on="run_id")
    return table.assign(correct=table["predicted"] == table["gold"])


def english_short() -> set[int]:
    """The starter items of the line, counted by blanks: the starter hypotheses hold no dash between blanks."""
    items = starter_catalog().xnli("test", "en").items
    return {item.id for item in items if len(item.hypothesis.split()) < 8 and item.label != 1}


def table_with(page, column):
    return next(frame.value for frame in page.dataframe if column in frame.value.columns)


def test_a_line_is_counted_and_kept_and_brought_back_by_its_link(open_page, own_workspace, stored):
    wanted = stored[stored["item_id"].isin(english_short())]
    page = open_page(own_workspace, "errors", view="Slices", query=LINE)
    check_whole(page)
    items = plural(wanted["item_id"].nunique(), "item")
    assert 0 < wanted["item_id"].nunique() < 9 and f"{items} in 15 languages" in words(page)
    table = table_with(page, "accuracy ×100").set_index("arm")
    right = wanted.groupby("arm")["correct"].mean()
    for arm in ("transport", "english-only"):
        assert table.loc[arm, "accuracy ×100"] == pytest.approx(100 * right[arm])
        assert table.loc[arm, "predictions"] == (wanted["arm"] == arm).sum()
    page.text_input(key="slice-name").set_value("short")
    page.button(key="slice-keep").click().run()
    check_whole(page)
    assert "Kept as “short”." in words(page) and kept_slices.list_slices(own_workspace)["query"].tolist() == [LINE]
    assert page.selectbox(key="slice").value == "short"
    linked = open_page(own_workspace, "errors", view="Slices", slice="short")
    check_whole(linked)
    assert linked.text_input(key="query").value == LINE and f"{items} in 15 languages" in words(linked)
    family = table_with(linked, "p over slices")
    assert (family["slice"] == "kept slice: short").sum() == 1 and len(family) == 64
    assert json.loads(charts(linked)[0])["layout"]["yaxis"]["ticktext"][0] == "kept slice: short"
    assert "--kept" in linked.code[0].value
    gone = open_page(own_workspace, "errors", view="Slices", slice="no such")
    check_whole(gone)
    assert "which is not here" in words(gone)


def test_kept_slices_are_renamed_and_removed(open_page, own_workspace):
    kept_slices.keep_slice(own_workspace, "one", "negation")
    kept_slices.keep_slice(own_workspace, "same as neutral", "gold = neutral")
    page = open_page(own_workspace, "errors", view="Slices")
    check_whole(page)
    assert "“same as neutral” has exactly the items of gold label: neutral and counts once, as that" in words(page)
    page.text_input(key="slice-renamed").set_value("two")
    page.button(key="slice-rename").click().run()
    check_whole(page)
    assert set(kept_slices.list_slices(own_workspace)["name"]) == {"two", "same as neutral"}
    page.button(key="slice-remove").click().run()
    check_whole(page)
    assert len(kept_slices.list_slices(own_workspace)) == 1


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("overlap >", "cannot be read at character 10: a number is missing after “>”."),
        ("genre = fiction", "at character 1: there is no column “genre”"),
        ("premise ~ /(/", "The regular expression at character 1 cannot be used"),
        ("<script>alert(1)</script>", "cannot be read at character 1"),
    ],
)
def test_a_fault_is_one_sentence_and_the_rest_stands(open_page, own_workspace, line, said):
    assert len(line) < LONGEST
    page = open_page(own_workspace, "errors", view="Slices", query=line)
    check_whole(page)
    assert said in words(page) and len(table_with(page, "p over slices")) == 63


def test_columns_of_ones_own_are_asked_for_by_name(open_page, own_workspace):
    rows = pd.DataFrame({"name": "genre", "language": "", "item_id": [1, 2], "value": ["fiction", "letters"]})
    item_columns.keep_columns(own_workspace, "starter", "test", rows.astype({"item_id": "int32"}))
    page = open_page(own_workspace, "errors", view="Slices", query="genre = fiction", columns="true")
    check_whole(page)
    assert "1 item in 15 languages" in words(page) and "The column genre has no such value" in words(page)


def test_any_two_arms_are_compared(open_page, stored_workspace):
    link = {"run": ["transport", "adversarial"]}
    page = open_page(stored_workspace, "errors", view="Flips", **link)
    check_whole(page)
    runs = list_runs(stored_workspace).set_index("arm")["run_id"]
    assert page.selectbox(key="first").value == runs["transport"]
    assert page.selectbox(key="second").value == runs["adversarial"]
    page = open_page(stored_workspace, "errors", view="Slices", **link)
    check_whole(page)
    assert (page.selectbox(key="base").value, page.selectbox(key="arm").value) == ("transport", "adversarial")
    assert "slices, adversarial and transport differ most surely" in words(page)
    page.multiselect(key="run").set_value(["mean-matching"]).run()
    assert (page.selectbox(key="base").value, page.selectbox(key="arm").value) == ("english-only", "mean-matching")
    same = open_page(stored_workspace, "errors", view="Slices", arm="transport", base="transport")
    assert "Both sides are the same arm" in words(same)


def test_the_verb_prints_what_the_page_shows(open_page, own_workspace, capsys):
    kept_slices.keep_slice(own_workspace, "short", LINE)
    kept_slices.keep_slice(own_workspace, "neutral", "gold = neutral")
    page = open_page(own_workspace, "errors", view="Slices")
    shown = table_with(page, "p over slices").set_index("slice").loc["kept slice: short"]
    runs = list_runs(own_workspace)["run_id"]
    options = ["--runs", ",".join(runs), "--home", str(own_workspace.home), "--json"]
    assert main(["errors", "slices", *options, "--kept"]) == 0
    out, err = capsys.readouterr()
    row = next(row for row in json.loads(out)["rows"] if row["value"] == "short")
    assert row["difference"] == pytest.approx(shown["difference"]) and row["items"] == shown["items"]
    assert "kept slice “neutral” has exactly the items of gold label “neutral”" in err
    assert len(XNLI_CODES) == 15 and main(["errors", "count", *options, "--kept"]) == 2
