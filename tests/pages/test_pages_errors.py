"""The errors page over stored runs: filters, views, one item, what-if and marks say what the tables hold."""

from __future__ import annotations

import json
import shlex
from typing import Any

import numpy as np
import pandas as pd
import pytest

from core.arms.names import main_arms
from core.cli import main
from core.data.catalog import starter_catalog
from core.languages import LOW_RESOURCE, XNLI_CODES
from core.notation import plural, signed
from core.workspace import open_workspace
from store.results.errors.doubtful import doubted_items
from store.results.importer import sync
from store.results.predictions import read
from store.results.premise_costs import premise_answers
from store.results.rankings import reciprocal_ranks
from store.results.runs import list_runs
from store.results.selection import Selection
from store.user import marks
from tests.support.page_text import charts, check_whole, markup, words
from tests.support.synthetic_runs import ARMS, write_run, write_weights

VIEWS = ("Confusion", "Flips", "Slices", "Calibration", "Premise by hypothesis", "Alignment and accuracy")
#: The arms that the page compares until others are chosen.
MAIN = main_arms(ARMS)


@pytest.fixture(scope="module")
def stored(stored_workspace) -> pd.DataFrame:
    """Every stored prediction, with its arm."""
    runs = list_runs(stored_workspace)
    table = read(stored_workspace, list(runs["run_id"]), "test").merge(runs[["run_id", "arm"]], on="run_id")
    return table.assign(correct=table["predicted"] == table["gold"])


def table_with(page, column):
    """The first table of the page that has this column."""
    return next(frame.value for frame in page.dataframe if column in frame.value.columns)


def claims(page):
    return [code.value for code in page.code]


def test_filters_count_what_the_store_holds(open_page, stored_workspace, stored):
    wrong = stored[(stored["arm"] == "transport") & (stored["language"] == "ur") & ~stored["correct"]]
    page = open_page(stored_workspace, "errors", run="transport", languages="Urdu (ur)", outcome="wrong")
    check_whole(page)
    assert f"{len(wrong)} predictions of 135 pass the filters" in words(page)
    table = table_with(page, "outcome")
    assert sorted(table["item"]) == sorted(wrong["item_id"])
    assert set(table["language"]) == {"Urdu (ur)"} and set(table["outcome"]) == {"wrong"}
    assert set(table["run"]) == {"transport"} and all(table["premise"])


def test_the_main_arms_are_shown_unless_some_are_chosen(open_page, stored_workspace, stored):
    link = {"english": "other than in English", "agreement": "all agree"}
    page = open_page(stored_workspace, "errors", **link)
    check_whole(page)
    labels = stored.groupby(["language", "item_id"])["predicted"].transform("nunique")
    english = stored[stored["language"] == "en"].set_index(["run_id", "item_id"])["predicted"].rename("english")
    wanted = stored.join(english, on=["run_id", "item_id"])
    wanted = wanted[(labels == 1) & (wanted["predicted"] != wanted["english"])]
    main = wanted[wanted["arm"].isin(MAIN)]
    assert f"{len(main):,} prediction" in words(page) and "of 405 pass the filters" in words(page)
    assert 0 < len(main) < len(wanted)
    page = open_page(stored_workspace, "errors", run=list(ARMS), **link)
    assert f"{len(wanted):,} prediction" in words(page) and "of 540 pass the filters" in words(page)


def test_an_empty_selection_names_the_filter_that_emptied_it(open_page, stored_workspace, stored):
    page = open_page(stored_workspace, "errors", gold="neutral", predicted="neutral", outcome="wrong")
    check_whole(page)
    assert "0 predictions of 405" in words(page)
    assert "gold and predicted are set to the same labels, so none can be wrong" in words(page)
    page = open_page(
        stored_workspace, "errors", run="transport", languages="Urdu (ur)", outcome="wrong", confidence=["100", "100"]
    )
    check_whole(page)
    wrong = stored[(stored["arm"] == "transport") & (stored["language"] == "ur") & ~stored["correct"]]
    assert f"without confidence there are {len(wrong)}" in words(page)


@pytest.mark.slow
def test_a_link_of_another_page_names_one_run(open_page, tmp_path):
    workspace = open_workspace(tmp_path / "home")
    ids = [write_run(workspace, arm, seed).name for arm in ("english-only", "transport") for seed in (0, 1)]
    sync(workspace)
    for name in ("transport, seed 1", f"transport, seed 1 ({ids[3][:6]})"):
        page = open_page(workspace, "errors", run=name, languages="Urdu (ur)")
        check_whole(page)
        assert page.multiselect(key="run").value == ["transport"]
        assert page.multiselect(key="seeds").value == ["1"]
        assert "9 predictions of 135 pass" in words(page)


def test_the_glance_gives_accuracy_change_and_the_worst_language(open_page, stored_workspace, stored):
    page = open_page(stored_workspace, "errors", run=list(ARMS))
    check_whole(page)
    means = 100 * stored.groupby(["language", "arm"])["correct"].mean()
    assert f"The lowest accuracy is {means.min():.1f}" in words(page)
    table = table_with(page, "change").set_index(["language", "arm"])
    assert len(table) == len(XNLI_CODES) * len(ARMS)
    for key in (("sw", "transport"), ("en", "adversarial"), ("zh", "mean-matching")):
        assert table.loc[key, "accuracy"] == pytest.approx(means[key])
        assert table.loc[key, "change"] == pytest.approx(means[key] - means[key[0], "english-only"])
    cells = json.loads(charts(page)[0])["data"][-1]["customdata"]
    assert ["transport", "sw"] in cells and len(cells) == len(table)


@pytest.mark.parametrize("view", VIEWS)
def test_every_view_opens_by_its_link_and_saves_what_it_shows(open_page, stored_workspace, view):
    page = open_page(stored_workspace, "errors", view=view)
    check_whole(page)
    assert page.segmented_control(key="view").value == view
    if view == "Premise by hypothesis":
        assert "so there is no map to draw" in words(page)
    elif view == "Alignment and accuracy":
        assert "rankings of translations that both kept" in words(page)
    else:
        assert claims(page) and all("python -m core errors" in claim for claim in claims(page))
        assert all(claim.endswith("Read by embedded, float32, torch.") for claim in claims(page))
        names = [button.proto.label for button in page.get("download_button")]
        assert "CSV" in names, "the view's table"
        assert any(name.startswith("CSV, all ") and name.endswith(" predictions") for name in names)


def test_confusions_stand_beside_each_other(open_page, stored_workspace, stored):
    page = open_page(stored_workspace, "errors", view="Confusion", languages="Thai (th)", outcome="wrong")
    figures = [json.loads(chart) for chart in charts(page)]
    drawn = [f for f in figures if f["layout"]["title"]["text"] == "<b>Gold against predicted</b>"]
    assert len(drawn) == len(MAIN)
    counts = [int(note["text"].split("<b>")[1].split("</b>")[0]) for note in drawn[1]["layout"]["annotations"]]
    own = stored[(stored["arm"] == MAIN[1]) & (stored["language"] == "th")]
    wanted = [((own["gold"] == g) & (own["predicted"] == p)).sum() for g in range(3) for p in range(3)]
    assert counts == wanted


@pytest.mark.slow
def test_flips_are_described_and_a_selection_says_why_too(open_page, stored_workspace, stored):
    link = {"view": "Flips", "second": "transport", "languages": "Swahili (sw)"}
    page = open_page(stored_workspace, "errors", **link, flip="both right")
    check_whole(page)
    wide = stored[stored["language"] == "sw"].pivot(index="item_id", columns="arm", values="correct")
    a, b = wide["english-only"], wide["transport"]
    told = words(page)
    assert f"transport fixes {(~a & b).sum()} that english-only has wrong and breaks {(a & ~b).sum()}" in told
    assert "one run, descriptive." in told and "McNemar" not in told
    assert sorted(table_with(page, "second")["item"]) == sorted(wide.index[a & b])
    for more in ({"gold": "neutral"}, {"languages": ""}):
        told = words(open_page(stored_workspace, "errors", **(link | more)))
        assert "one run, descriptive (" in told


def test_slices_say_how_many_were_looked_at(open_page, stored_workspace):
    page = open_page(stored_workspace, "errors", view="Slices")
    table = table_with(page, "p over slices")
    assert len(table) == 15 + 3 + 45
    assert f"Of {len(table)} slices" in words(page)
    assert table[["p", "p over slices", "q"]].isna().all().all(), "one run against one run has none"
    assert "one run, descriptive" in words(page)
    assert table["at least"].is_monotonic_decreasing
    with_texts = open_page(stored_workspace, "errors", view="Slices", texts="true")
    check_whole(with_texts)
    assert {"length", "subwords per word"} <= set(table_with(with_texts, "p over slices")["by"])


def test_the_text_filters_use_the_measured_text(open_page, stored_workspace):
    page = open_page(stored_workspace, "errors", texts="true")
    check_whole(page)
    slider = page.slider(key="length")
    assert slider.value == (slider.min, slider.max)
    files = list((stored_workspace.cache / "texts").glob("texts-*.parquet"))
    table = pd.read_parquet(files[0])
    assert len(files) == 1 and set(table["language"]) == set(XNLI_CODES)
    half = int(table["length"].median())
    slider.set_value((slider.min, half)).run()
    check_whole(page)
    passing = table[(table["item_id"] < 9) & (table["length"] <= half)]
    assert f"{len(passing) * len(MAIN)} predictions of 405 pass" in words(page)


def test_alignment_and_accuracy_by_language(open_page, tmp_path):
    workspace = open_workspace(tmp_path / "home")
    for arm in MAIN:
        write_run(workspace, arm, tables=("curves", "scores", "predictions", "rankings"))
    sync(workspace)
    page = open_page(workspace, "errors", view="Alignment and accuracy")
    table = table_with(page, "mrr_low")
    assert set(table["language"]) == set(LOW_RESOURCE) and set(table["arm"]) == set(MAIN[1:])
    assert "points for each 10 points of mean reciprocal rank gained" in words(page)
    ranks = reciprocal_ranks(workspace, list(list_runs(workspace)["run_id"]))
    means = 100 * ranks.groupby(["arm", "language"])["reciprocal"].mean()
    for row in table.to_dict("records"):
        gain = means[row["arm"], row["language"]] - means["english-only", row["language"]]
        assert row["mrr"] == pytest.approx(gain) and row["mrr_low"] <= gain <= row["mrr_high"]


def test_the_generalised_map_is_drawn_where_a_run_stores_it(open_page, tmp_path):
    workspace = open_workspace(tmp_path / "home")
    for arm, lift in (("english-only", 0.0), ("transport", 2.5)):
        folder = write_run(workspace, arm)
        table = pd.read_parquet(folder / "scores.parquet")
        codes = ("en", "sw", "zh")
        rows = [("accuracy_generalised", "test", f"{a}-{b}", 50.0 + lift) for a in codes for b in codes]
        more = pd.DataFrame(rows, columns=["name", "split", "language", "value"])
        more = more.assign(layer=np.int32(-1), low=np.nan, high=np.nan, items=np.int32(150))
        pd.concat([table, more[table.columns]]).to_parquet(folder / "scores.parquet", index=False)
    sync(workspace)
    page = open_page(workspace, "errors", view="Premise by hypothesis", against="true")
    check_whole(page)
    figures = [json.loads(chart) for chart in charts(page)]
    assert "change against the baseline" in figures[1]["layout"]["title"]["text"]
    assert "premise Chinese (zh), hypothesis Swahili (sw): +2.5, 150 items" in json.dumps(figures[1]["data"][0])
    open_page(workspace, "overview")


def test_an_item_shows_in_every_language_with_every_arm(open_page, stored_workspace, stored):
    page = open_page(stored_workspace, "errors", item="4", panels="true")
    check_whole(page)
    html = markup(page)
    own = stored[stored["item_id"] == 4]
    english = own[own["language"] == "en"].set_index("run_id")["predicted"]
    departs = int((own["predicted"] != own["run_id"].map(english)).sum())
    assert (
        f"Item 4, gold label neutral: {own['correct'].sum()} predictions of {len(own)} right, {departs} other"
        in words(page)
    )
    assert html.count('class="iso-bars"') == len(XNLI_CODES) * len(ARMS) and html.count("≠ en") == departs + 1
    assert 'lang="ur" dir="rtl"' in html and 'lang="hi" dir="ltr"' in html
    assert html.count('href="alignment?sentences=Type+a+pair&amp;source=') == 2 * (len(XNLI_CODES) - 1)
    figure = json.loads(charts(page)[-1])
    assert len([trace for trace in figure["data"] if trace["type"] == "bar"]) == 3 * len(ARMS)
    assert "csv-item" in [button.key for button in page.get("download_button")]


def test_the_list_has_its_item_beside_it_with_the_two_arms_that_are_compared(open_page, stored_workspace, stored):
    page = open_page(stored_workspace, "errors", run=["transport", "adversarial"], languages="Urdu (ur)")
    check_whole(page)
    html = markup(page)
    assert "Item 0, Urdu, gold label" in " ".join(text.value for text in page.markdown)
    assert html.count('class="iso-bars"') == 3 * 2, "the two arms and the baseline, in Urdu and in English"
    assert 'lang="ur" dir="rtl"' in html and "hypothesis’ tokens" in html
    page.button(key="open-item").click().run()
    assert "Item 0, gold label" in words(page)
    page = open_page(stored_workspace, "errors", row="4 th")
    assert "Item 4, Thai, gold label neutral" in " ".join(text.value for text in page.markdown)
    page = open_page(stored_workspace, "errors", row="4 <b>")
    assert "Item 0, " in " ".join(text.value for text in page.markdown)
    assert "The link asks for the row '4 <b>', which no run here has read" in words(page)


def test_an_item_that_no_run_read(open_page, stored_workspace):
    page = open_page(stored_workspace, "errors", item="4000")
    check_whole(page)
    assert "No stored run read item 4000" in words(page)


@pytest.mark.slow
def test_runs_on_xnli_without_xnli_show_numbers_how_to_get_the_text_and_a_starter_item(open_page, tmp_path, encoder):
    workspace = open_workspace(tmp_path / "home")
    write_weights(write_run(workspace, "transport", data_kind="xnli"), encoder)
    sync(workspace)
    page = open_page(workspace, "errors")
    check_whole(page)
    told = words(page)
    assert "XNLI's text is not on this machine, so items are shown by their number." in told
    assert "premise" not in table_with(page, "outcome").columns
    assert "Trained and tested on XNLI" in told
    assert "errors were found in XNLI's translations" in words(open_page(workspace, "errors", tab="One item"))
    told = words(open_page(workspace, "errors", tab="What if"))
    assert "here is one of the project's starter items to change" in told
    assert "Every arm says" in told
    assert "The texts cannot be measured" in words(open_page(workspace, "errors", texts="true"))


@pytest.mark.slow
def test_what_if_answers_to_edited_sentences(open_page, own_workspace, encoder):
    runs = list_runs(own_workspace)
    for run_id in runs["run_id"]:
        write_weights(own_workspace.run(run_id), encoder, 0.02 if run_id == runs["run_id"].iloc[0] else 0.05)
    page = open_page(own_workspace, "errors", item="2", tab="What if")
    check_whole(page)
    first = markup(page).split("<th>Answer</th>")[1]
    box = next(area for area in page.text_area if area.label == "Premise")
    box.set_value("<b>Nobody</b> sleeps & eats").run()
    check_whole(page)
    second = markup(page).split("<th>Answer</th>")[1]
    assert first != second and "<b>Nobody" not in markup(page)
    page.selectbox(key="whatif-premise").select("ur").run()
    check_whole(page)
    assert markup(page).split("<th>Answer</th>")[1] not in (first, second)
    next(area for area in page.text_area if area.label == "Hypothesis").set_value("  ").run()
    check_whole(page)
    assert "The hypothesis is empty; type a sentence." in words(page)
    link = {"whatif-from": "A starter item", "whatif-premise": "Swahili (sw)"}
    page = open_page(own_workspace, "errors", item="2", **link)
    check_whole(page)
    box = next(area for area in page.text_area if area.label == "Premise")
    assert box.value == starter_catalog().xnli("test", "sw").items[0].premise
    assert "Its label, as it was written: entailment." in words(page)


@pytest.mark.slow
def test_a_mark_is_kept_shown_left_out_and_taken_back(open_page, own_workspace):
    page = open_page(own_workspace, "errors", item="3")
    before = words(page)
    assert "270 predictions of 270 pass" in before
    next(box for box in page.text_input if box.label == "Reason").set_value("<i>odd</i>")
    next(button for button in page.button if button.label == "Mark").click().run()
    check_whole(page)
    assert "Marked doubtful (label): <i>odd</i>" in words(page) and "<i>odd" not in markup(page)
    kept = marks.read_marks(own_workspace, "starter", "test")
    assert kept[["item_id", "language", "reason"]].values.tolist() == [[3, "", "<i>odd</i>"]]
    left = open_page(own_workspace, "errors", item="3", unmarked="true")
    assert "240 predictions of 270 pass" in words(left)
    for view in VIEWS[:4]:
        check_whole(open_page(own_workspace, "errors", view=view, unmarked="true"))
    next(button for button in page.button if button.label == "Take back").click().run()
    assert "Marked doubtful" not in words(page)
    assert marks.read_marks(own_workspace, "starter", "test").empty


@pytest.mark.slow
def test_a_claims_command_prints_the_claims_number(open_page, stored_workspace, monkeypatch, capsys):
    monkeypatch.setenv("ISOGLOSS_HOME", str(stored_workspace.home))
    link = {"languages": "Turkish (tr)", "gold": "neutral", "second": "adversarial"}
    # Alignment and accuracy needs rankings, which these runs have not: the test of its claims has runs with them.
    for view in ("Languages by arms", "Flips", "Slices", "Calibration", "Confusion"):
        claim = claims(open_page(stored_workspace, "errors", view=view, **link))[0]
        command = claim.split("`")[1].split("  #")[0]
        assert main(shlex.split(command)[3:]) == 0
        printed = capsys.readouterr().out
        number = claim.split(": ")[-1 if "Holm" not in claim else 2].split(" ")[0].replace("−", "-").lstrip("+")
        assert number in printed.replace("+", ""), (view, claim, printed)


def write_premise_plans(folder, saves, premises=40):
    """Plans of XNLI's first premises in two languages, each `saves` cheaper than at the start."""
    rows = [
        (f"xnli/{k}/en-{code}/8", 8, "en", code, f"xnli/test/{3 * k}", 4, 4, 0.1,
         0.7 - (saves * (1 + k % 5) if saves else 0.0), 0.4, 1.0, 0.001)
        for code in ("sw", "ur")
        for k in range(premises)
    ]  # fmt: skip
    names = ["plan_id", "layer", "source_language", "target_language", "origin", "tokens_source", "tokens_target",
             "epsilon", "cost", "entropy", "kept_mass", "threshold"]  # fmt: skip
    table = pd.DataFrame(rows, columns=names).astype({n: "int32" for n in ("layer", "tokens_source", "tokens_target")})
    table.to_parquet(folder / "plans.parquet", index=False)
    cells = pd.DataFrame({"plan_id": [rows[0][0]], "i": [0], "j": [0], "mass": [1.0]})
    cells.astype({"i": "int32", "j": "int32", "mass": "float32"}).to_parquet(folder / "plan_cells.parquet", index=False)


@pytest.mark.slow
def test_the_odds_of_a_flip_are_set_against_its_own_premises_cost(open_page, tmp_path):
    workspace = open_workspace(tmp_path / "home")
    for arm, saves in (("english-only", 0.0), ("transport", 0.01)):
        write_premise_plans(write_run(workspace, arm, items=120), saves)
    sync(workspace)
    answers = premise_answers(workspace, list(list_runs(workspace)["run_id"]), "test")
    assert len(answers) == 2 * 2 * 120 and set(answers["language"]) == {"sw", "ur"}
    wide = answers.pivot(index=["language", "item_id"], columns="arm", values="right").astype(bool)
    page = open_page(workspace, "errors", view="Alignment and accuracy")
    check_whole(page)
    table = table_with(page, "odds").set_index("flip")
    assert table.loc["fixed", "items"] == (~wide["english-only"]).sum()
    assert table.loc["fixed", "flips"] == (~wide["english-only"] & wide["transport"]).sum()
    assert table.loc["broken", "flips"] == (wide["english-only"] & ~wide["transport"]).sum()
    assert "for each standard deviation of cost saved" in words(page)


@pytest.mark.slow
def test_the_claims_of_alignment_and_accuracy_are_what_their_commands_print(open_page, tmp_path, monkeypatch, capsys):
    """Every claim of the view, with rankings for the slopes and kept plans for the odds: value and interval."""
    workspace = open_workspace(tmp_path / "home")
    monkeypatch.setenv("ISOGLOSS_HOME", str(workspace.home))
    tables = ("curves", "scores", "predictions", "rankings")
    for arm, saves in (("english-only", 0.0), ("transport", 0.01), ("adversarial", 0.02)):
        write_premise_plans(write_run(workspace, arm, items=120, tables=tables), saves)
    sync(workspace)
    told = claims(open_page(workspace, "errors", view="Alignment and accuracy"))
    printed: dict[str, list[dict[str, Any]]] = {}
    for what in ("alignment", "flip-odds"):
        (command,) = {claim.split("`")[1].split("  #")[0] for claim in told if f" errors {what} " in claim}
        assert main([*shlex.split(command)[3:], "--json"]) == 0
        printed[what] = json.loads(capsys.readouterr().out)["rows"]
    slopes = sorted(claim for claim in told if claim.startswith("Points of accuracy"))
    lines = sorted(printed["alignment"], key=lambda row: row["arm"])
    assert [row["arm"] for row in lines] == sorted(MAIN[1:]) and len(slopes) == len(lines)
    for claim, row in zip(slopes, lines, strict=True):
        assert f"that {row['arm']} gains against english-only" in claim
        between = f"95 % interval {signed(row['low'])} to {signed(row['high'])}; {row['languages']} languages"
        assert f": {signed(row['slope'])} points ({between}" in claim
    odds = [row for row in printed["flip-odds"] if row["odds"] is not None]
    own = [claim for claim in told if "odds association" in claim]
    assert odds and len(own) == len(odds)
    for claim, row in zip(own, odds, strict=True):
        assert claim.startswith(f"{row['arm']}, layer {row['layer']}: odds association of being {row['flip']} ")
        assert f"{row['odds']:.2f} ({row['low']:.2f} to {row['high']:.2f})" in claim
        assert f"({row['flips']:,} flips of {row['items']:,} items, {row['premises']} premises; runs" in claim


def test_without_kept_premise_plans_the_page_says_who_keeps_them(open_page, stored_workspace):
    page = open_page(stored_workspace, "errors", view="Alignment and accuracy")
    assert "kept the plans of XNLI's premises" in words(page)


def test_doubted_items_are_marked_in_bulk_and_read_back(open_page, own_workspace, stored):
    link = {"view": "Doubtful items", "run": ["english-only", "transport"], "languages": "Thai (th)"}
    page = open_page(own_workspace, "errors", **link)
    check_whole(page)
    runs = tuple(list_runs(own_workspace)["run_id"])
    doubted = len(doubted_items(own_workspace, Selection(runs, "test", languages=("th",)), 200))
    assert doubted and f"{plural(doubted, 'item')} whose gold label the runs doubt most" in words(page)
    marks.mark_all(own_workspace, "starter", "test", [(3, "", "unsure"), (4, "th", "garbled"), (4, "sw", "x")])
    page = open_page(own_workspace, "errors", **link)
    check_whole(page)
    table = table_with(page, "with ×100").set_index("arm")
    every, rest = table["predictions with"], table["predictions without"]
    assert (every - rest == 2).all()
    assert any(b.proto.label == "CSV, 3 marks with texts" for b in page.get("download_button"))
