"""Overview, report and verdict compare the same runs, whatever else the store holds."""

from __future__ import annotations

import json

import pandas as pd
import pytest

from core.cli import main
from core.cli.verdict import judge
from core.reference.manifest import read_manifest
from core.reference.stored_verdict import read_verdict
from store.results.groups import check_comparable, comparable_runs, find_comparison, list_groups, newest_of_each
from store.results.importer import sync
from store.results.runs import list_runs
from tests.support.page_text import check_whole, words
from tests.support.synthetic_runs import write_run

LATER = "2027-03-01T10:00:00+00:00"


@pytest.fixture
def compared(open_page, monkeypatch, capsys, tmp_path):
    """`compared(workspace)` gives the runs that verdict, report and overview compare."""

    def asked(workspace, **link):
        home = str(workspace.home)
        found = {}
        assert main(["verdict", "--home", home, "--json", *(f"--{k}={v}" for k, v in link.items())]) == 0
        judged = json.loads(capsys.readouterr().out)
        found["verdict"] = set(judged["runs"])
        out = str(tmp_path / "report.html")
        assert main(["report", "--out", out, "--home", home, "--json", *(f"--{k}={v}" for k, v in link.items())]) == 0
        found["report"] = set(json.loads(capsys.readouterr().out)["runs"])
        seen = []
        from pages.parts.overview import sheet

        real = sheet.key_of
        monkeypatch.setattr(
            sheet, "key_of", lambda home, imports, runs, split: seen.append(runs) or real(home, imports, runs, split)
        )
        page = open_page(workspace, "overview", tab="Why")
        if link:
            labels = page.sidebar.selectbox(key="group")
            named = next(label for label in labels.options if label.endswith(f"({link['group'][:6]})"))
            seen.clear()
            labels.select(named).run()
        check_whole(page)
        found["overview"] = set(seen[-1]["run_id"])
        first = judged["questions"][0]
        assert f"{first['first']} {first['first_value']:.1f}, {first['second']}" in words(page)
        return found

    return asked


def agreed(found):
    assert found["verdict"] == found["report"] == found["overview"]
    return found["verdict"]


@pytest.mark.slow
def test_a_warm_start_that_was_made_since_changes_nothing(fresh, compared, shipped):
    reference = set(read_manifest(shipped).runs)
    before = agreed(compared(fresh))
    assert len(before) == 17 and before < reference
    record = json.loads((shipped / "runs.json").read_text())[0]
    write_run(fresh, "warm-start", 8, created=LATER, data_kind="xnli", group=record["group"])  # in the arms' own group
    write_run(fresh, "warm-start", 9, created=LATER, group="of its own")
    sync(fresh)
    assert list_runs(fresh)["arm"].tolist()[-2:] == ["warm-start", "warm-start"]
    assert agreed(compared(fresh)) == before


def test_the_verdict_of_shipped_runs_is_their_shipped_sheet(fresh, shipped, monkeypatch):
    def never(*args: object, **options: object) -> None:
        raise AssertionError("the shipped sheet should have been taken")

    monkeypatch.setattr("store.results.sheets.study_sheet", never)
    sheet = read_verdict(shipped)[1]
    payload = judge(fresh)
    assert payload["questions"] == sheet["questions"] and payload["languages"] == sheet["languages"]
    assert payload["runs"] == [run["run_id"] for run in sheet["runs"]]
    low = {row["arm"]: row["low_resource"] for row in payload["arms"]}
    seeds = [run["low_resource"] for run in sheet["runs"] if run["arm"] == "transport"]
    assert len(seeds) == 3 and low["transport"] == pytest.approx(sum(seeds) / 3)


@pytest.mark.slow
def test_of_several_groups_the_newest_is_compared_and_another_by_its_name(fresh, compared):
    own = {write_run(fresh, arm, items=36, created=LATER).name for arm in ("english-only", "transport", "adversarial")}
    write_run(fresh, "transport", 5, created="2026-01-01T00:00:00+00:00", group="older")
    sync(fresh)
    groups = list_groups(list_runs(fresh))
    assert [set(group["run_id"]) == own for group in groups] == [True, False, False]
    assert agreed(compared(fresh)) == own
    assert len(agreed(compared(fresh, group=str(groups[1]["group_id"].iloc[0])))) == 17


def test_a_newer_group_that_allows_no_comparison_names_the_others(fresh, capsys):
    write_run(fresh, "transport", created=LATER)
    sync(fresh)
    reference = str(list_groups(list_runs(fresh))[1]["group_id"].iloc[0])
    assert main(["verdict", "--home", str(fresh.home)]) == 2
    told = capsys.readouterr().err
    assert "allow no comparison" in told and f"another group with --group ({reference})" in told
    assert main(["verdict", "--home", str(fresh.home), "--group", reference]) == 0
    assert main(["verdict", "--home", str(fresh.home), "--group", "nothing"]) == 2
    assert f"there are {list_groups(list_runs(fresh))[0]['group_id'].iloc[0]}, {reference}" in capsys.readouterr().err


def test_what_is_left_out_of_a_group_is_counted(own_workspace):
    write_run(own_workspace, "transport", 1, created="2026-01-01T00:00:00+00:00", config={"settings": {"weight": 9}})
    write_run(own_workspace, "adversarial", tables=("scores",))
    sync(own_workspace)
    found = find_comparison(own_workspace)
    assert sorted(found.runs["arm"]) == ["english-only", "transport"]
    assert (found.split, found.superseded, found.without_predictions) == ("test", 1, 1)


def test_one_run_a_seed_and_one_recipe_an_arm_in_their_order():
    rows = [("a", "x", 0, 1, "{}"), ("b", "x", 0, 2, "{}"), ("c", "x", 1, 1, "{}"),
            ("d", "y", 0, 3, '{"settings": 1}'), ("e", "y", 1, 2, '{"settings": 2}')]  # fmt: skip
    runs = pd.DataFrame(rows, columns=["run_id", "arm", "seed", "created", "config"])
    assert newest_of_each(runs)["run_id"].tolist() == ["b", "c", "d"]
    covered = pd.DataFrame({"run_id": ["a", "c", "e"], "split": ["test", "validation", "test"]})
    assert comparable_runs(runs, covered, "test")["run_id"].tolist() == ["a", "e"]


@pytest.mark.slow
@pytest.mark.parametrize("what", ["change", "flips", "slices", "alignment", "flip-odds"])
def test_runs_of_two_groups_are_not_set_against_each_other(own_workspace, capsys, what):
    first = write_run(own_workspace, "english-only", 3).name
    other = write_run(own_workspace, "transport", 3, group="another").name
    start = write_run(own_workspace, "warm-start", 3).name
    sync(own_workspace)
    for runs, reason in ((f"{first},{other}", "may not be compared"), (f"{first},{start}", "is a warm start")):
        assert main(["errors", what, "--runs", runs, "--home", str(own_workspace.home)]) == 2
        assert reason in capsys.readouterr().err
    assert main(["errors", "accuracy", "--runs", f"{first},{other}", "--home", str(own_workspace.home)]) == 0
    assert main(["errors", "count", "--agreement=differ", "--runs", first, "--compared", other,
                 "--home", str(own_workspace.home)]) == 2  # fmt: skip
    assert check_comparable(own_workspace, [first])["arm"].tolist() == ["english-only"]
