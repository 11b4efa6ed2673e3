"""The list of measures: their order and the scores they give, progress that ends, and a stop among them."""

from __future__ import annotations

import dataclasses
import importlib

import pandas as pd
import pytest

from core.config import EvaluationConfig
from core.errors import Cancelled
from core.evaluation.scores import Score
from core.languages import LOW_RESOURCE
from core.workspace import open_workspace
from tests.core.experiment.test_preregistered import hand_linked
from tests.support.late import COLLECTING
from tests.support.paths import ROOT
from tests.support.tiny import configuration

if not COLLECTING:
    from core.experiment.context import EvaluationContext
    from core.experiment.measures import registry
    from core.experiment.measures.registry import MEASURES, measure_all
    from core.experiment.run import execute
    from core.model.weights import load_arm

pytestmark = pytest.mark.slow  # they train and read

#: Names of the scores of a run with the extended evaluation, as scores.parquet has had them from the first.
ORDER = [
    *("accuracy", "macro_f1"),
    *("temperature", "accuracy_validation", "ece", "ece_scaled"),
    *("accuracy_generalised", "accuracy_clean", "accuracy_noise", "accuracy_code_switch"),
    *("alignment_error", "alignment_error_grow"),
    *("bitext_cost_start", "bitext_cost", "bitext_token", "bitext_posterior"),
    *("language_probe_start", "language_probe"),
    *("state_deviation", "state_deviation_start", "unrelated_distance", "unrelated_distance_start"),
    *("effective_rank", "effective_rank_start", "held_out_retrieval", "held_out_retrieval_start"),
    *("held_out_retrieval_change", "collapsed", "driven_apart", "language_probe_chance"),
    *("retrieval_accuracy@1", "retrieval_accuracy@1_from_english"),
    "language_probe_layer",
]
EXTENDED = EvaluationConfig(
    split="test", other_items=6, held_out_pairs=30, plan_pairs=1, everywhere=("english-only",),
    languages=("en", *LOW_RESOURCE), robust_seeds=(0,), generalised_items=2, robust_items=3, calibrate=True,
)  # fmt: skip


@pytest.fixture(scope="module")
def trained(tmp_path_factory, tiny, starter):
    """A workspace with a warm start, and the context of an english-only run made from it."""
    workspace = open_workspace(tmp_path_factory.mktemp("home"))
    start = execute(configuration("warm-start"), workspace, starter, tiny).folder.name
    config = configuration("english-only", warm_start=start)
    folder = execute(config, workspace, starter, tiny).folder
    models = load_arm(folder, tiny), load_arm(workspace.run(start), tiny)
    return workspace, EvaluationContext(*models, tiny, starter, config, workspace.cache)


def test_scores_come_in_the_order_of_the_list_and_progress_of_each_measure_ends(trained, tmp_path, monkeypatch):
    monkeypatch.setattr("core.experiment.measures.alignment_scores.gold_sets", hand_linked)
    _, context = trained
    context = dataclasses.replace(context, config=dataclasses.replace(context.config, evaluation=EXTENDED))
    seen: dict[str, list[tuple[int, int]]] = {}
    for name, measure in MEASURES.items():
        steps = seen.setdefault(name, [])

        def recorded(context, folder, progress, measure=measure, steps=steps):
            return measure(context, folder, lambda done, total, text="": steps.append((done, total)))

        monkeypatch.setitem(MEASURES, name, recorded)
    scores = measure_all(context, tmp_path)
    assert list(dict.fromkeys(score.name for score in scores)) == ORDER
    stored = pd.read_parquet(tmp_path / "scores.parquet")
    assert list(stored["name"]) == [score.name for score in scores]
    for name, steps in seen.items():
        done, totals = [step[0] for step in steps], {step[1] for step in steps}
        assert len(totals) == 1 and done == sorted(done) and done[-1] in totals, name
    assert {path.name for path in tmp_path.iterdir()} == {
        "scores.parquet", "predictions", "predictions.parquet", "robust.parquet", "plans.parquet",
        "plan_cells.parquet", "rankings.parquet",
    }  # fmt: skip


def test_a_run_is_measured_without_what_its_configuration_does_not_ask_for(trained, tmp_path):
    _, context = trained
    names = {score.name for score in measure_all(context, tmp_path)}
    assert names == set(ORDER) - {
        "temperature", "accuracy_validation", "ece", "ece_scaled", "accuracy_generalised", "accuracy_clean",
        "accuracy_noise", "accuracy_code_switch", "alignment_error", "alignment_error_grow",
        "language_probe_layer",
    }  # fmt: skip
    assert not (tmp_path / "robust.parquet").exists()


def test_every_file_of_the_folder_is_a_row_of_the_list():
    files = {path.stem for path in (ROOT / "core" / "experiment" / "measures").glob("*.py")} - {"__init__", "registry"}
    modules = [importlib.import_module(f"core.experiment.measures.{name}") for name in sorted(files)]
    assert sorted(map(id, MEASURES.values())) == sorted(id(module.measure) for module in modules)


def test_a_score_that_two_measures_give_is_refused_by_name(trained, tmp_path, monkeypatch):
    def again(context, folder, progress):
        return [Score("bitext_cost", "held-out", "sw", 1.0)]

    monkeypatch.setattr(registry, "MEASURES", {"held-out bitext": MEASURES["held-out bitext"], "again": again})
    with pytest.raises(ValueError, match="'again' gives bitext_cost again, which 'held-out bitext'"):
        measure_all(trained[1], tmp_path)
    assert not (tmp_path / "scores.parquet").exists()


def test_a_run_stopped_among_the_measures_is_not_trained_or_read_again(trained, tiny, starter, monkeypatch):
    workspace, context = trained
    config = dataclasses.replace(context.config, seed=1)

    def stop(done: int, total: int, text: str = "") -> None:
        if text.startswith("retrieval"):
            raise KeyboardInterrupt

    with pytest.raises(Cancelled):
        execute(config, workspace, starter, tiny, progress=stop)

    def never(*arguments, **settings):
        raise AssertionError("made again")

    monkeypatch.setattr("core.experiment.train_run.train_arm", never)
    monkeypatch.setattr("core.experiment.measures.predictions.predict_encoded", never)
    folder = execute(config, workspace, starter, tiny).folder
    names = list(dict.fromkeys(pd.read_parquet(folder / "scores.parquet")["name"]))
    assert names[:2] == ["accuracy", "macro_f1"] and names[-1] == "retrieval_accuracy@1_from_english"
    assert not (folder / "predictions").exists()
