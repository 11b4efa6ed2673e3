"""The overview of a fresh workspace: it opens on the results that ship with the project."""

from __future__ import annotations

import json
import shutil

import pytest

from core.reference.stored_verdict import read_verdict
from core.shipped import SHIPPED
from core.verdict.decomposition import decompositions
from pages.parts.errors.decomposition import VIEW
from store.results.importer import sync
from tests.support.generated_reference import EFFECTS
from tests.support.page_text import accuracies, charts, check_whole, markup, words
from tests.support.synthetic_runs import write_run


def test_a_fresh_workspace_opens_on_the_answer(open_page, fresh, shipped, monkeypatch):
    def never(*args: object, **options: object) -> None:
        raise AssertionError("the shipped sheet should have been taken")

    monkeypatch.setattr("store.results.sheets.study_sheet", never)
    page = open_page(fresh, "overview")
    check_whole(page)
    told = words(page) + words(open_page(fresh, "overview", tab="Why"))
    sheet = read_verdict(shipped)[1]
    primary = sheet["questions"][0]
    assert f"transport {primary['first_value']:.1f}, adversarial {primary['second_value']:.1f}, difference" in told
    assert "On the test split of XNLI," in told and "3 seeds, 180 items a language" in told
    assert "Runs: 17 reference runs , preset reference" in told and "Trained and tested on XNLI" in told
    assert set(accuracies(page)) == set(EFFECTS)
    assert {trace["name"] for trace in json.loads(charts(page)[1])["data"]} == {
        "span", "english-only", "transport", "adversarial"
    }  # fmt: skip
    forest = json.loads(charts(open_page(fresh, "overview", tab="Why"))[1])
    assert len(forest["data"]) == len(sheet["controls"])
    assert "Published, XNLI test, 393k labelled English pairs" in told and "393k" in told
    marked = sum(row["tested"] and row["p"] < 0.05 for row in sheet["languages"]
                 if row["second"] == "english-only" and row["language"] != "en")  # fmt: skip
    table = next(part for part in markup(page).split("<table") if "iso-figures" in part)
    assert table.count("<sup") >= marked
    page = open_page(fresh, "overview", tab="Runs and cost")
    cost = next(d.value for d in page.dataframe if "tokens backward" in d.value)
    assert cost["arm"].iloc[0] == "warm-start" and cost["runs"].tolist()[:4] == [3, 3, 3, 3]


def test_the_headline_leads_to_what_its_difference_is_made_of(open_page, fresh, shipped, monkeypatch, tmp_path):
    folder = shutil.copytree(shipped, tmp_path / "with floors")
    shutil.copy(SHIPPED / "floors.json", folder)
    monkeypatch.setenv("ISOGLOSS_REFERENCE", str(folder))
    one = decompositions(read_verdict(shipped)[1]["questions"])[0]
    overview = open_page(fresh, "overview")
    assert any("errors?view=Parts+of+a+difference" in block.proto.body for block in overview.get("html"))
    page = open_page(fresh, "errors", view=VIEW)
    check_whole(page)
    assert one.sentence in words(page)
    parts = next(d.value for d in page.dataframe if "part" in d.value)
    assert parts["points"].tolist() == pytest.approx([one.difference, one.shift, one.rest])
    by_language = next(d.value for d in page.dataframe if "over-confidence" in d.value)
    assert set(by_language["arm"]) == {one.first, one.second} and len(by_language) == 2 * len(one.languages)
    assert set(by_language["chance"].round(1)) == {33.3} and by_language["hypothesis alone"].between(25, 55).all()
    other = page.selectbox(key="difference").options[1]
    page.selectbox(key="difference").select(other).run()
    check_whole(page)
    assert other.split(": ")[1].split(" minus ")[0] in words(page)


@pytest.mark.slow
def test_own_runs_are_a_group_of_their_own_beside_them(open_page, fresh):
    write_run(fresh, "transport")
    sync(fresh)
    page = open_page(fresh, "overview")
    check_whole(page)
    options = page.sidebar.selectbox(key="group").options
    assert (
        len(options) == 2 and options[0].startswith("quick, starter data") and options[1].startswith("reference, XNLI")
    )
    page.sidebar.selectbox(key="group").select(options[1]).run()
    assert "17 reference runs" in words(page)


def test_a_workspace_that_cannot_be_written_is_told_and_the_answer_still_shown(open_page, fresh, monkeypatch):
    from core.errors import BadInput
    from pages.parts import stored

    home = str(fresh.home)
    real = stored.open_workspace

    def refused(named: object = None):
        if named is None or str(named) == home:
            raise BadInput("The workspace cannot be written; name another with --home.")
        return real(named)

    monkeypatch.setattr(stored, "open_workspace", refused)  # the tests may run as root, who may write anywhere
    page = open_page(fresh, "overview")
    check_whole(page)
    assert "The workspace cannot be written: nothing made here is kept" in words(page)
    assert "Rests on: The test split of XNLI" in words(page)
    assert not fresh.results.exists()
