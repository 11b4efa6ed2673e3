"""The HTML report: its numbers are the store's, it needs nothing from outside, and untrusted text stays text."""

from __future__ import annotations

import base64
import json
import re

import numpy as np
import pytest
from lxml import html

from core.experiment.studies.read import find_study
from core.experiment.studies.sheet import study_sheet
from core.languages import LOW_RESOURCE, language
from core.notation import interval, p_value, rate, signed
from core.report import words
from core.report.material import Choices
from core.report.page import SECTIONS, _plotted, report_page
from store.report.material import gather
from store.results.predictions import item, read
from store.results.runs import list_runs
from store.results.scores import read_scores


@pytest.fixture(scope="session")
def tree(page):
    return html.fromstring(page)


@pytest.fixture(scope="session")
def recomputed(reported):
    """The sheet made anew from the stored predictions."""
    runs = list_runs(reported)
    table = read(reported, list(runs["run_id"]), "test")
    ids = list(runs["run_id"])
    return study_sheet(
        find_study("quick"), table.merge(runs[["run_id", "arm", "seed"]], on="run_id"), None, read_scores(reported, ids)
    )


def _table(tree, section: str, number: int) -> list[list[str]]:
    table = tree.xpath(f"//section[@id='{section}']//table")[number]
    return [[_first(cell) for cell in row.xpath("./th|./td")] for row in table.xpath(".//tr")]


def _first(cell) -> str:
    """A cell without its second line and without the shape of an arm."""
    hidden = {*cell.xpath(".//span[@class='small']//text()"), *cell.xpath(".//span[@aria-hidden]//text()")}
    return "".join(text for text in cell.xpath(".//text()") if text not in hidden).strip()


def test_accuracies_are_those_of_the_stored_predictions(tree, stored):
    head, *rows = _table(tree, "evidence", 1)
    by_name = {row[0]: row[1:] for row in rows}
    for place, arm in enumerate(head[1:]):
        own = stored[stored["arm"] == arm].set_index("language")["accuracy"]
        low = sum(own[code] for code in LOW_RESOURCE) / 5
        assert by_name["Low-resource mean"][place].split(" ")[0] == rate(low)
        assert by_name["Gap: English minus low-resource mean"][place].split(" ")[0] == rate(own["en"] - low)
        for code, value in own.items():
            assert by_name[language(code).label][place].split(" ")[0] == rate(value)


def test_the_figure_draws_the_stored_accuracies(tree, stored):
    drawn = json.loads(tree.xpath("//script[@id='by-language-data']")[0].text)
    traces = {trace["name"]: trace for trace in drawn["data"] if trace.get("customdata")}
    assert set(traces) == {"english-only", "transport", "adversarial"} < set(stored["arm"])
    for arm, trace in traces.items():
        own = stored[stored["arm"] == arm].set_index("language")["accuracy"]
        drawn_at = np.frombuffer(base64.b64decode(trace["x"]["bdata"]), trace["x"]["dtype"])
        for (_, code), x in zip(trace["customdata"], drawn_at, strict=True):
            assert x == pytest.approx(own[code])


def test_controls_have_a_table_of_their_own_unless_arms_are_chosen(tree, material, reported, stored):
    heads, row = _table(tree, "evidence", 2)
    own = stored[stored["arm"] == "mean-matching"].set_index("language")["accuracy"]
    assert row[0].endswith("mean-matching") and len(heads) == len(row)
    assert row[heads.index("Swahili (sw)")].startswith(rate(own["sw"]))
    chosen = gather(reported, Choices(arms=("transport", "mean-matching")))
    assert chosen.drawn == chosen.arms == ("transport", "mean-matching")
    assert len(html.fromstring(report_page(chosen, script=False)).xpath("//section[@id='evidence']//table")) == 2


def test_every_number_with_a_decimal_is_one_that_the_store_gives(tree, recomputed, material, reported):
    known = {rate(100 / 3), "95"}
    for row in recomputed["levels"]:
        known |= {rate(row["value"]), *interval(row["low"], row["high"]).split(" to ")}
    after = [q["prior_corrected"] for q in recomputed["questions"] if q["prior_corrected"]]
    for row in [*recomputed["questions"], *recomputed["controls"], *after]:
        known |= {signed(row[key]) for key in ("difference", "low", "high")} | {p_value(row["p"])}
        known |= {rate(row[key]) for key in ("first_value", "second_value", "smallest") if key in row}
    for one in material.examples:
        seen = item(reported, list(list_runs(reported)["run_id"]), "test", one.item_id)
        for row in seen[seen["language"] == one.language].to_dict("records"):
            known |= {rate(100 * row[label]) for label in ("entailment", "neutral", "contradiction")}
        change = [answer.probabilities[one.gold] for answer in one.answers]
        known.add(signed(100 * (change[1] - change[0])))
    told = " ".join(
        text
        for section in ("verdict", "evidence", "controls", "examples")
        for text in tree.xpath(f"//section[@id='{section}']//text()")
    )
    found = re.findall(r"(?<![\w.])[−+]?\d*\.\d+", told)
    assert len(found) > 200
    assert [number for number in found if number not in known and number != ".05"] == []


def test_the_verdict_is_the_sheets_and_does_not_depend_on_what_is_shown(reported, material, recomputed):
    few = gather(reported, Choices(languages=("sw", "en"), arms=("transport", "english-only"), plans=("A hen",)))
    assert words.verdict(few) == words.verdict(material)
    primary = next(q for q in recomputed["questions"] if q["primary"])
    assert f"difference {signed(primary['difference'])} points" in words.beside(few)
    shown = html.fromstring(report_page(few, script=False))
    names = [row[0] for row in _table(shown, "evidence", 1)]
    assert "Swahili (sw)" in names and "Urdu (ur)" not in names
    told = shown.xpath("string(//section[@id='limits'])")
    assert "left out of this report's figures and tables: adversarial, mean-matching" in told and "Urdu" in told


def test_examples_are_an_error_fixed_and_one_broken_with_the_projects_own_text(tree, material):
    fixed, broken = material.examples
    a, b = fixed.answers
    assert (a.arm, b.arm) == ("english-only", "transport")
    assert a.predicted != fixed.gold == b.predicted
    assert broken.answers[0].predicted == broken.gold != broken.answers[1].predicted
    shown = tree.xpath("//section[@id='examples']//p[@lang]")
    assert fixed.premise and fixed.premise in [p.text for p in shown]
    assert fixed.language in LOW_RESOURCE and shown[0].get("dir") == "auto"


def test_the_recommendation_opens_the_report(tree, material):
    first, second = tree.xpath("//section[@id='verdict']/p")[:2]
    assert plain(first) == words.recommended(material).sentence and plain(second) == words.verdict(material)


def plain(node):
    return " ".join(node.text_content().replace("\u00a0", " ").replace("\u2060", "").split())


def test_nothing_comes_from_outside_and_texts_stay_texts(page, tree):
    assert not tree.xpath("//*[@src] | //link | //a[not(starts-with(@href, '#'))]")
    assert "default-src 'none'" in tree.xpath("//meta[@http-equiv]/@content")[0]
    assert tree.xpath("string(//h1)") == "A <i>title</i> & more" and not tree.xpath("//h1/*")
    assert "&lt;b&gt;hen&lt;/b&gt;" in page and "<b>hen</b>" not in page
    assert page.count("plotly.js v") <= 2


def test_every_part_is_there_and_every_picture_has_words(tree):
    there = [section.get("id") for section in tree.xpath("//section")]
    assert there == [name for name, _ in SECTIONS]
    assert all(len(one.get("aria-label")) > 20 for one in tree.xpath("//*[@role='group']"))
    assert not tree.xpath("//svg//*[@tabindex]")
    assert all(table.xpath("./caption") for table in tree.xpath("//table"))


def test_what_is_missing_is_said(reported, tmp_path, monkeypatch):
    monkeypatch.delenv("ISOGLOSS_DATA", raising=False)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path))
    from core.workspace import open_workspace
    from store.results.importer import sync
    from tests.support.synthetic_runs import write_run

    workspace = open_workspace(tmp_path / "home")
    for arm in ("english-only", "transport"):
        write_run(workspace, arm, items=30, split="validation", data_kind="xnli")
    sync(workspace)
    made = gather(workspace, Choices())
    assert any("primary question" in one for one in made.missing)
    assert any("No predictions on the test split" in one for one in made.missing)
    assert any("No token plan is shown" in one for one in made.missing)
    assert all(not one.premise and "XNLI is not on the machine" in one.missing for one in made.examples)
    told = html.fromstring(report_page(made, script=False)).xpath("string(//main)")
    assert all(one in told for one in made.missing) and "393,000" in told


@pytest.mark.parametrize("name", ["<!--<script>", "</script><b>", "a & b"])
def test_no_name_ends_or_opens_what_a_figure_is_written_in(name):
    import plotly.graph_objects as go

    figures: list[str] = []
    made = go.Figure(go.Scatter(x=[1], y=[2], name=name), layout={"height": 300})
    _plotted("drawn", made, "Title", "told", "note", "", figures)
    page = html.fromstring(f"<main>{figures[0]}<script>after</script></main>")
    drawn, after = page.xpath("//script")
    assert json.loads(drawn.text)["data"][0]["name"] == name and after.text == "after" and not page.xpath("//b")
