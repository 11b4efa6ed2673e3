"""A contrast has one interval, one p and one mark, wherever it is shown; and what it is not marked by."""

from __future__ import annotations

import io
import json
import re
from collections import defaultdict

import numpy as np
import pandas as pd
import pytest
from lxml import html

from core.cli import main
from core.figures.accuracy_table import accuracy_table
from core.figures.answer import questions_table
from core.figures.controls import controls_table
from core.figures.table_latex import latex_table
from core.languages import LOW_RESOURCE
from core.notation import p_value, signed
from core.report import words
from core.report.deck import deck
from core.report.material import Choices
from core.report.page import report_page
from core.report.slides import report_slides
from core.verdict.marks import ABOVE, BELOW
from core.workspace import Workspace, open_workspace
from store.report.material import gather
from store.results.importer import sync
from store.results.runs import list_runs
from tests.support.generated_reference import write_reference
from tests.support.make_run import write_run
from tests.support.planted import planted

#: Each makes whole sheets, reports and slides of drawn runs.
pytestmark = pytest.mark.slow
LOW = "low-resource accuracy"
#: first, second, languages: the primary one, one of the study's, a single run, one that covers two languages.
CONTRASTS = {
    "primary": ("transport", "adversarial", ""),
    "secondary": ("transport", "english-only", ""),
    "single run": ("mean-matching", "english-only", ""),
    "translated": ("translate-test", "english-only", ""),
    "Swahili": ("transport", "english-only", "sw"),
    "single run, Swahili": ("mean-matching", "english-only", "sw"),
}
ARMS = ("english-only", "transport", "adversarial", "mean-matching", "translate-test")


def ask(capsys, workspace: Workspace, *arguments: str):
    assert main([*arguments, "--home", str(workspace.home), "--json"]) == 0
    return json.loads(capsys.readouterr().out)


@pytest.fixture(scope="module", params=["reference", "custom"])
def workspace(request, tmp_path_factory) -> Workspace:
    """The first study's runs, which answer by its rule, and the same ones of no known study, whose rule is crossed."""
    workspace = open_workspace(tmp_path_factory.mktemp("one") / "home")
    for folder in write_reference(workspace.runs, premises=60, arms=ARMS):
        if request.param != "reference":
            record = json.loads((folder / "run.json").read_text())
            (folder / "run.json").write_text(json.dumps(record | {"preset": request.param}))
    sync(workspace)
    return workspace


class Seen:
    """By contrast what was shown of it: intervals, p (where one was) and marks, each with the place."""

    def __init__(self) -> None:
        self.intervals = defaultdict(lambda: defaultdict(list))
        self.p = defaultdict(lambda: defaultdict(list))
        self.marks = defaultdict(lambda: defaultdict(list))

    def add(self, place, name, low, high, p=None, mark=None):
        low, high = (signed(x) if isinstance(x, float | int) else x for x in (low, high))
        self.intervals[name][f"{low} to {high}"].append(place)
        if p is not None:
            self.p[name][p if isinstance(p, str) else p_value(p)].append(place)
        if mark is not None:
            self.marks[name][mark].append(place)


def _named(first, second, language=""):
    return next((name for name, key in CONTRASTS.items() if key == (first, second, language)), None)


def _mark(q):
    return "" if q["outcome"] != "ahead" else ABOVE if q["difference"] > 0 else BELOW


def _tables(slides: bytes):
    from pptx import Presentation

    for slide in Presentation(io.BytesIO(slides)).slides:
        for shape in slide.shapes:
            if shape.has_table:
                yield [[cell.text for cell in row.cells] for row in shape.table.rows]


def _bars(slides: bytes):
    """(title, series, low, high) of every point of the slides' charts that is of one of the controls' questions."""
    from pptx import Presentation
    from pptx.oxml.ns import qn

    for slide in Presentation(io.BytesIO(slides)).slides:
        title = slide.shapes.title.text_frame.text
        for shape in slide.shapes:
            if not shape.has_chart or not title.endswith("?"):
                continue
            for series in shape.chart.plots[0].series:
                (value,) = [v for v in series.values if v is not None]
                bars = series._element.find(qn("c:errBars"))
                plus, minus = (
                    float(bars.find(qn(f"c:{end}")).find(".//" + qn("c:v")).text) for end in ("plus", "minus")
                )
                yield title, series.name, value - minus, value + plus


def test_one_interval_one_p_and_one_mark_everywhere(workspace, capsys):
    seen = Seen()
    told = ask(capsys, workspace, "verdict")
    # The verdict's document, its sentences, the Overview's table, CSV and LaTeX.
    for q in told["questions"]:
        if q["name"] == LOW and (name := _named(q["first"], q["second"])):
            p = q["p"] if q["tested"] else None
            seen.add("verdict", name, q["low"], q["high"], p, _mark(q))
            low, high = re.search(r"95 % interval (\S+) to ([^\s,)]+)", q["sentence"]).groups()
            seen.add("sentence", name, low, high)
    table = questions_table(told["questions"])
    for row in table.to_dict("records"):
        if row["question"].startswith(LOW + " (primary)") or row["question"] == LOW:
            if name := _named(row["first"], row["second"]):
                p = None if np.isnan(row["p"]) else row["p"]
                mark = {f"{row['first']} ahead": ABOVE, f"{row['second']} ahead": BELOW}.get(row["outcome"], "")
                seen.add("Overview", name, row["low"], row["high"], p, mark)
    latex = latex_table(table, "x", ("difference", "low", "high"))
    for line in latex.splitlines():
        cells = [cell.strip().replace("$-$", "−") for cell in line.rstrip("\\ ").split("&")]
        if cells[0] in (LOW, LOW + " (primary)") and (name := _named(cells[1], cells[2])):
            seen.add("LaTeX", name, cells[6], cells[7])
    # What explains it: figure, CSV, report.
    controls = pd.DataFrame(told["controls"])
    for row in controls_table(controls).to_dict("records"):
        name = _named(row["arm"], "english-only")
        codes = frozenset(row["languages"].split())
        if name and (codes == set(LOW_RESOURCE) or row["arm"] == "translate-test"):
            seen.add("controls", name, row["low"], row["high"], None if np.isnan(row["p"]) else row["p"])
    # By language: the sheet, the Errors page's verb, and marks in the table of accuracies.
    runs = list_runs(workspace)
    ids = {arm: ",".join(runs.loc[runs["arm"] == arm, "run_id"]) for arm in ARMS}
    rows = {(r["first"], r["second"], r["language"]): r for r in told["languages"]}
    for name in ("Swahili", "single run, Swahili"):
        first, second, code = CONTRASTS[name]
        row = rows[first, second, code]
        p = row["p"] if row["tested"] else None
        seen.add("languages", name, row["low"], row["high"], p)
        both = f"{ids[first]},{ids[second]}"
        for what in ("change", "slices"):
            for languages in ([], ["--languages", "sw"], ["--languages", "sw,ur"]):
                made = ask(capsys, workspace, "errors", what, "--runs", both, *languages)["rows"]
                (own,) = [r for r in made if r["value"] == "sw" and r["slice"] == "language"]
                seen.add(
                    f"errors {what} {languages}", name, own["low"], own["high"], own["p"] if own["tested"] else None
                )
                assert own.get("p_holm") is None, "the study's own p stands, not another over slices"
    single = ids["mean-matching"]
    base = runs.loc[(runs["arm"] == "english-only") & (runs["seed"] == 0), "run_id"].iloc[0]
    [flips] = ask(capsys, workspace, "errors", "flips", "--runs", f"{base},{single}", "--languages", "sw")["rows"]
    seen.add("flips", "single run, Swahili", flips["low"], flips["high"])
    assert "p" not in flips
    made = gather(workspace, Choices())
    accuracies = accuracy_table(
        pd.DataFrame(made.sheet["levels"]), pd.DataFrame(made.sheet["languages"]), made.sheet["questions"], {}
    )
    for arm_row in accuracies.rows:
        for unit, cell in zip(accuracies.units, arm_row.cells, strict=True):
            code = "" if unit == "low-resource" else unit
            if name := _named(arm_row.name, "english-only", code):
                seen.marks[name][cell.mark].append("table of accuracies")
    # The report and the slides.
    page = html.fromstring(report_page(made, script=False))
    grids = [[[" ".join(c.itertext()) for c in row] for row in t.iter("tr")] for t in page.iter("table")]
    for place, tables in (("report", grids), ("slides", list(_tables(report_slides(made))))):
        for grid in tables:
            for cells in grid:
                found = re.match(rf"{LOW}(?: \(primary\))?: (\S+) minus (\S+)$", cells[0].strip())
                if found and (name := _named(*found.groups())):
                    p = cells[3] if cells[3].strip() != "not tested" else None
                    seen.add(place, name, *cells[2].split(" to "), p)
    # The recommendation, which opens Overview, report, slides and presentation, and their native charts.
    for one in words.recommended(made).numbers[1:]:
        name = _named(one.arm, "english-only")
        told = {"better": ABOVE, "worse": BELOW}.get(one.standing, "")
        for place, text in (("recommendation", one.beside), ("presentation", deck(made)[0].body)):
            low, high = re.search(rf"{re.escape(signed(one.difference))} points \((\S+) to (\S+?)\)", text).groups()
            if name:
                seen.add(place, name, low, high, mark=told)
    for question, arm, low, high in _bars(report_slides(made)):
        row = next(r for r in made.sheet["controls"] if (r["question"], r["arm"]) == (question, arm))
        assert (low, high) == pytest.approx((row["low"], row["high"]))
    for name in CONTRASTS:
        assert len(seen.intervals[name]) == 1, (name, dict(seen.intervals[name]))
        assert len(seen.p[name]) <= 1, (name, dict(seen.p[name]))
        assert len(seen.marks[name]) <= 1, (name, dict(seen.marks[name]))
    places = {place.split()[0] for found in seen.intervals["secondary"].values() for place in found}
    assert places >= {
        "verdict", "sentence", "Overview", "LaTeX", "controls", "report", "slides", "recommendation", "presentation"
    }  # fmt: skip
    assert seen.p["primary"] and seen.p["secondary"] and seen.p["Swahili"]
    for name in ("single run", "single run, Swahili", "translated"):
        assert not seen.p[name] and set(seen.marks[name]) <= {""}, "one run against one run is never marked"


def test_a_study_answers_by_the_one_rule_of_its_file(workspace, capsys):
    told = ask(capsys, workspace, "verdict")
    first = set(list_runs(workspace)["preset"]) == {"reference"}
    assert told["analysis"]["method"] == ("first" if first else "crossed")
    assert {q["method"] for q in told["questions"]} == {told["analysis"]["method"]}
    if first:
        study = ask(capsys, workspace, "study", "verdict", "xnli-first")
        assert study["questions"] == told["questions"]


@pytest.mark.parametrize("workspace", ["reference"], indirect=True)
def test_another_model_flips_no_answer(workspace, capsys):
    """Twelve arms from elsewhere, of several seeds and far ahead, change no number of the study's."""
    before = ask(capsys, workspace, "verdict")
    effects = {f"model-{k}": 4.0 + k for k in range(12)}
    table = planted(np.random.default_rng(9), effects, seeds=3, languages=("en", *LOW_RESOURCE), premises=60)
    record = json.loads((workspace.runs / list_runs(workspace)["run_id"].iloc[0] / "run.json").read_text())
    for (arm, seed), own in table.groupby(["arm", "seed"], sort=False):
        predictions = own.drop(columns=["run_id", "arm", "seed"]).assign(split="test")
        predictions = predictions.astype({"item_id": "int32", "gold": "int8"})
        predictions = predictions.astype(dict.fromkeys(["entailment", "neutral", "contradiction"], "float32"))
        order = ["split", "language", "item_id", "gold", "entailment", "neutral", "contradiction"]
        same = {key: record[key] for key in ("encoder_sha256", "data_kind", "group") if key in record}
        write_run(workspace.runs, str(arm), int(seed), tables={"predictions": predictions[order]}, **same)
    sync(workspace)
    after = ask(capsys, workspace, "verdict")
    assert {q["first"] for q in after["questions"]} >= set(effects), "they are compared"
    own = [q for q in after["questions"] if q["family_name"] != "added"]
    assert own == before["questions"]
    assert {q["family_name"] for q in after["questions"] if q["first"].startswith("model-")} == {"added"}
    told = [row for row in after["controls"] if not row["question"].startswith("How do arms from elsewhere")]
    assert told == before["controls"]
    kept = [row for row in after["languages"] if not row["first"].startswith("model-")]
    assert kept == before["languages"]
