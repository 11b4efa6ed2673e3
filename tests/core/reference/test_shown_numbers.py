"""Every number of the answer sheet and of the tables on the overview, recomputed from the folder with pandas alone."""

from __future__ import annotations

import json
from pathlib import Path

import pandas as pd
import pytest

from core.figures.accuracy_table import accuracy_table
from core.figures.answer import questions_table
from core.figures.costs import cost_by_arm
from core.figures.further import further_table
from core.reference.layout import VERDICT
from core.reference.manifest import sha256_of
from core.reference.stored_verdict import FORMER_NAMES, TOLERANCE, compare_verdict, read_verdict
from core.reference.unpack import read_reference
from core.shipped import MANIFEST, SHIPPED
from tests.support.generated_reference import read_table

LOW = ["sw", "ur", "hi", "th", "tr"]
FOLDERS = ["generated", pytest.param("shipped", marks=pytest.mark.skipif(
    not (SHIPPED / "manifest.json").exists(), reason="no reference results are shipped yet"))]  # fmt: skip


@pytest.fixture(params=FOLDERS, scope="module")
def folder(request: pytest.FixtureRequest) -> Path:
    return SHIPPED if request.param == "shipped" else request.getfixturevalue("exported")


@pytest.fixture(scope="module")
def sheet(folder):
    return read_verdict(folder)[1]


@pytest.fixture(scope="module")
def right(folder) -> pd.DataFrame:
    """arm, seed, language, item_id, right, predicted of the test split, read with pandas alone."""
    runs = pd.DataFrame(pd.read_json(folder / "runs.json", dtype=False))[["run_id", "arm", "seed"]]
    table = read_table(folder, "predictions").query("split == 'test'").merge(runs, left_on="run", right_on="run_id")
    return table.assign(right=100.0 * (table["predicted"] == table["gold"]))


@pytest.fixture(scope="module")
def by_language(right) -> pd.DataFrame:
    """Accuracy x100, arms and seeds as rows, languages as columns."""
    return right.groupby(["arm", "seed", "language"])["right"].mean().unstack()


def test_levels(sheet, by_language):
    means = by_language.groupby("arm").mean()
    others = [code for code in means if code != "en"]
    expected = {("low-resource", arm): row[LOW].mean() for arm, row in means.iterrows() if row[LOW].notna().all()}
    expected |= {("others", arm): row[others].mean() for arm, row in means.iterrows() if row[others].notna().all()}
    expected |= {("gap", arm): means.loc[arm, "en"] - value for (_, arm), value in list(expected.items())
                 if ("low-resource", arm) in expected and (_ == "low-resource")}  # fmt: skip
    expected |= {(code, arm): row[code] for arm, row in means.iterrows() for code in means if pd.notna(row[code])}
    shown = {(row["unit"], row["arm"]): row["value"] for row in sheet["levels"]}
    assert shown.keys() == expected.keys()
    for key, value in expected.items():
        assert shown[key] == pytest.approx(value, abs=1e-9), key
    assert all(row["low"] <= row["value"] <= row["high"] for row in sheet["levels"])


@pytest.fixture(scope="module")
def labels(right) -> dict[str, pd.DataFrame]:
    """By arm the predicted labels, seeds and items as rows, languages as columns."""
    groups = right.groupby("arm")
    return {arm: own.pivot(index=["seed", "item_id"], columns="language", values="predicted") for arm, own in groups}


def measure(name: str, by_language: pd.DataFrame, labels: dict[str, pd.DataFrame], arm: str, against: str) -> float:
    """A question's measure of one arm, on the languages and seeds that it shares with another."""
    own, other = by_language.loc[arm].dropna(axis=1), by_language.loc[against].dropna(axis=1)
    codes, seeds = own.columns.intersection(other.columns), own.index.intersection(other.index)
    cells = own.loc[seeds, codes].mean()
    low = [code for code in LOW if code in codes]
    if name == "low-resource accuracy":
        return cells[low].mean()
    if name == "English accuracy":
        return cells["en"]
    if name == "transfer gap":
        return cells["en"] - cells[low].mean()
    if name == "accuracy in languages without bitext":
        return cells.drop([*LOW, "en"]).mean()
    answers = labels[arm].loc[list(seeds), list(codes)]
    assert name == "consistency with English", name
    return 100.0 * answers.drop(columns="en").eq(answers["en"], axis=0).groupby("seed").mean().to_numpy().mean()


@pytest.fixture(scope="module")
def beside(folder) -> dict[str, pd.DataFrame]:
    """By question beside the verdict's own, a value x100 for each arm (rows) and seed (columns)."""
    runs = pd.DataFrame(pd.read_json(folder / "runs.json", dtype=False))[["run_id", "arm", "seed"]]
    robust, scores = (read_table(folder, n).merge(runs, left_on="run", right_on="run_id") for n in ("robust", "scores"))
    robust = robust[robust["language"].isin(LOW)].assign(right=lambda t: 100.0 * (t["predicted"] == t["gold"]))
    found = {}
    for kind, name in (("noise", "low-resource accuracy under typing errors"),
                       ("code_switch", "low-resource accuracy under code-switching")):  # fmt: skip
        own = robust[robust["split"] == kind]
        if len(own):
            each = own.groupby(["arm", "seed", "language"])["right"].mean()
            found[name] = each.groupby(["arm", "seed"]).mean().unstack()
    retrieved = scores[scores["name"].str.startswith("retrieval_accuracy@1") & scores["language"].isin(LOW)]
    if len(retrieved):
        found["low-resource retrieval"] = retrieved.groupby(["arm", "seed"])["value"].mean().unstack()
    aligned = scores[(scores["name"] == "alignment_error") & (scores["layer"] == 7)]
    if len(aligned):
        found["word alignment error at layer 7"] = aligned.groupby(["arm", "seed"])["value"].mean().unstack()
    return found


def test_questions(sheet, by_language, labels, beside):
    table = questions_table(sheet["questions"])
    assert len(table) == len(sheet["questions"]) > 20
    for row in table.to_dict("records"):
        name, arms = row["question"].removesuffix(" (primary)"), (row["first"], row["second"])
        if name in beside:
            shared = beside[name].loc[list(arms)].dropna(axis=1).mean(axis=1)
            assert row["first ×100"] == pytest.approx(shared[arms[0]], abs=1e-9)
            assert row["difference"] == pytest.approx(shared[arms[0]] - shared[arms[1]], abs=1e-9)
            continue
        first = measure(name, by_language, labels, *arms)
        second = measure(name, by_language, labels, *arms[::-1])
        assert row["first ×100"] == pytest.approx(first, abs=1e-9), row
        assert row["second ×100"] == pytest.approx(second, abs=1e-9), row
        assert row["difference"] == pytest.approx(first - second, abs=1e-9)
        assert row["low"] <= row["difference"] <= row["high"]
    assert set(beside) <= set(table["question"])
    primary = table[table["question"].str.endswith("(primary)")]
    assert primary[["first", "second"]].to_numpy().tolist() == [["transport", "adversarial"]]


def test_languages(sheet, by_language):
    means = by_language.groupby("arm").mean()
    for row in sheet["languages"]:
        seeds = by_language.loc[row["first"]].index.intersection(by_language.loc[row["second"]].index)
        pair = [by_language.loc[(arm, list(seeds)), row["language"]].mean() for arm in (row["first"], row["second"])]
        assert row["difference"] == pytest.approx(pair[0] - pair[1], abs=1e-9)
    assert {row["first"] for row in sheet["languages"]} >= set(means.index) - {"english-only"}


def test_controls(sheet, by_language):
    assert {row["arm"] for row in sheet["controls"] if row["control"]} == set(by_language.reset_index()["arm"]) - {
        "english-only", "transport", "adversarial"
    }  # fmt: skip
    for row in sheet["controls"]:
        codes = row["languages"].split()
        own, base = by_language.loc[row["arm"]][codes], by_language.loc["english-only"][codes]
        seeds = own.index.intersection(base.index)
        assert row["difference"] == pytest.approx((own.loc[seeds] - base.loc[seeds]).to_numpy().mean(), abs=1e-9)
        assert row["low"] <= row["difference"] <= row["high"]
        if row["control"]:
            about = next(r["arm"] for r in sheet["controls"] if r["question"] == row["question"])
            ahead = (by_language.loc[about][codes] - own).dropna().to_numpy().mean()
            assert row["ahead_by"] == pytest.approx(ahead, abs=1e-9)


def test_the_table_of_accuracies(sheet, by_language):
    made = accuracy_table(pd.DataFrame(sheet["levels"]), pd.DataFrame(sheet["languages"]), sheet["questions"], {})
    frame = made.frame().set_index("Arm")
    means = by_language.groupby("arm").mean()
    for arm in means.index:
        assert frame.loc[arm, "English (en)"] == pytest.approx(means.loc[arm, "en"])
        if means.loc[arm, LOW].notna().all():
            assert frame.loc[arm, "Low-5"] == pytest.approx(means.loc[arm, LOW].mean())
            assert frame.loc[arm, "Hindi (hi)"] == pytest.approx(means.loc[arm, "hi"])
    marked = {
        (row.name, unit): cell.mark for row in made.rows for unit, cell in zip(made.units, row.cells, strict=True)
    }
    for row in sheet["languages"]:
        if row["second"] == "english-only" and row["language"] != "en":
            sign = "above" if row["difference"] > 0 else "below"
            assert marked[row["first"], row["language"]] == (sign if row["tested"] and row["p"] < 0.05 else "")


def test_costs(folder):
    records = pd.DataFrame(pd.read_json(folder / "runs.json", dtype=False))
    shown = cost_by_arm(read_reference(folder).records).set_index("arm")
    for arm, own in records.groupby("arm"):
        assert shown.loc[arm, "runs"] == len(own)
        assert shown.loc[arm, "minutes"] == pytest.approx(own["seconds"].mean() / 60)
        assert shown.loc[arm, "training minutes"] == pytest.approx(own["training_seconds"].mean() / 60)
        for name, key in (("tokens forward", "tokens_forward"), ("tokens backward", "tokens_backward"),
                          ("English pairs", "nli_pairs"), ("bitext pairs", "bitext_pairs")):  # fmt: skip
            assert shown.loc[arm, name] == round(own[key].mean())


def test_harder_inputs(folder):
    """Scores under noise, mixed words and two languages are those of the predictions kept beside them."""
    scores = read_table(folder, "scores").set_index(["run", "name", "language"])["value"]
    robust = read_table(folder, "robust")
    right = 100.0 * (robust["predicted"] == robust["gold"])
    means = right.groupby([robust["run"], robust["split"], robust["language"]]).mean()
    assert len(means) >= 3 * 8
    for (run, name, code), value in means.items():
        assert scores[run, f"accuracy_{name}", code] == pytest.approx(value, abs=1e-9)


def test_further_measures(folder):
    runs = pd.DataFrame(pd.read_json(folder / "runs.json", dtype=False))[["run_id", "arm"]]
    scores = read_table(folder, "scores").merge(runs, left_on="run", right_on="run_id")
    shown = further_table(scores).set_index("arm")
    noise = scores[(scores["name"] == "accuracy_noise") & scores["language"].isin(LOW)]
    expected = noise.groupby("arm")["value"].mean()
    assert shown["noise"].dropna().to_dict() == pytest.approx(expected.to_dict())
    pairs = scores[scores["name"] == "accuracy_generalised"]
    pairs = pairs[[a != b for a, b in pairs["language"].str.split("-")]]
    assert shown["generalised"].dropna().to_dict() == pytest.approx(pairs.groupby("arm")["value"].mean().to_dict())


@pytest.mark.slow
def test_a_sheet_with_the_former_names_is_still_that_sheet(folder, tmp_path):
    """Of an older reference folder only what questions are called differs, and that is no disagreement."""
    for path in folder.iterdir():
        (tmp_path / path.name).symlink_to(path)
    for name in (VERDICT, MANIFEST):
        (tmp_path / name).unlink()
    text = (folder / VERDICT).read_text(encoding="utf-8")
    for former, name in FORMER_NAMES.items():
        assert folder != SHIPPED or text.count(f'"{name}"') == 1
        text = text.replace(f'"{name}"', f'"{former}"')
    (tmp_path / VERDICT).write_text(text, encoding="utf-8")
    manifest = json.loads((folder / MANIFEST).read_text(encoding="utf-8"))
    manifest["files"][VERDICT] = sha256_of(tmp_path / VERDICT)
    (tmp_path / MANIFEST).write_text(json.dumps(manifest), encoding="utf-8")
    compared = compare_verdict(read_reference(tmp_path))
    assert compared.disagree == () and compared.worst < TOLERANCE
