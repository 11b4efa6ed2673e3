"""A board merges cards from several places, pairs what may be paired, and marks nothing that a single run shows."""

from __future__ import annotations

import csv
import io
import json
import shutil
from dataclasses import replace

import numpy as np
import pytest

from core.errors import BadInput
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.exchange.board import make_board
    from core.exchange.board_text import COLUMNS, board_csv, board_text, row_record
    from core.exchange.card import write_card
    from core.exchange.card_reader import find_cards
    from core.exchange.results import BenchmarkPredictions
    from core.verdict.answers import read_answers
    from core.verdict.paired_values import consecutive
    from core.verdict.study_answers import Contrast, answer_study
    from tests.support.study_results import ARMS, small_results


@pytest.fixture(scope="module")
def results():
    return small_results()


def written(results, folder, keep=lambda record: True):
    folder.mkdir(exist_ok=True)
    for record in results.records:
        if keep(record):
            write_card(results, record, folder)
    return folder


def board_of(*folders, **options):
    return make_board(find_cards(folders)[0], **options)


def row_of(board, first, second="english-only", group="languages with bitext"):
    return next(
        row
        for row in board.rows
        if (row.answer.contrast.first, row.answer.contrast.second, row.group) == (first, second, group)
    )


def test_seeds_from_several_places_are_answered_as_if_from_one(results, tmp_path):
    parts = [written(results, tmp_path / f"at-{s}", lambda record, s=s: record["seed"] == s) for s in (2, 0, 1)]
    board = board_of(*parts)
    arms = [("transport", "english-only"), ("adversarial", "english-only"), ("mean-matching", "english-only")]
    asked = [Contrast("low", *pair, ("sw", "th")) for pair in arms]
    direct, _ = answer_study(read_answers(results.benchmarks[0].predictions), asked, consecutive(3))
    for answer in direct:
        row = row_of(board, answer.contrast.first).answer
        assert row.difference == pytest.approx(answer.difference) and row.low == pytest.approx(answer.low)
        assert row.p == pytest.approx(answer.p) and (row.outcome, row.seeds) == (answer.outcome, answer.seeds)
    assert row_of(board, "transport").answer.clusters == 30


def test_one_run_against_one_run_is_described_and_carries_no_mark(results, tmp_path):
    board = board_of(written(results, tmp_path / "one", lambda record: record["seed"] == 0))
    assert {row.status for row in board.rows} == {"one run, descriptive"}
    assert all(row.answer.ahead is None and row_record(row)["p"] is None for row in board.rows)
    text = board_text(board)
    assert " p " not in text and " ahead" not in text and "one run, descriptive" in text
    two = board_of(written(results, tmp_path / "two", lambda record: record["seed"] < 2))
    assert row_of(two, "transport").status == "2 seeds, descriptive"


def test_every_row_is_a_contrast_with_its_interval(results, tmp_path):
    board = board_of(written(results, tmp_path / "all"), pairs=True)
    assert {(row.answer.contrast.first, row.answer.contrast.second) for row in board.rows} == {
        ("transport", "english-only"), ("adversarial", "english-only"), ("mean-matching", "english-only"),
        ("adversarial", "transport"), ("mean-matching", "transport"), ("mean-matching", "adversarial"),
    }  # fmt: skip
    records = list(csv.DictReader(io.StringIO(board_csv(board))))
    assert len(records) == len(board.rows) and tuple(records[0]) == COLUMNS
    assert all(float(row["low"]) <= float(row["difference"]) <= float(row["high"]) for row in records)
    assert not any("value" in column or "accuracy" in column or "mean" in column for column in COLUMNS)
    groups = {row.group: row.answer.contrast.languages for row in board.rows}
    assert groups == {"languages with bitext": ("sw", "th"), "source language": ("en",), "other languages": ("fr",)}
    named = board_of(tmp_path / "all", languages=("fr", "sw"))
    assert {row.answer.contrast.languages for row in named.rows} == {("fr", "sw")}


def test_a_seed_without_counterpart_and_an_arm_alone_are_told(results, tmp_path):
    folder = written(results, tmp_path / "all", lambda record: (record["arm"], record["seed"]) != ("transport", 1))
    board = board_of(folder)
    assert row_of(board, "transport").answer.seeds == (0, 2)
    assert "english-only seed 1: not paired with transport, of which no run of that seed is here." in board.unpaired
    alone = board_of(written(results, tmp_path / "alone", lambda record: record["arm"] == "transport"))
    assert not alone.rows and "it has no other arm" in alone.unpaired[0]
    assert "No two cards can be compared." in board_text(alone)
    with pytest.raises(BadInput, match="No card is of the arm 'nobody'; there are"):
        board_of(folder, against="nobody")


def test_runs_on_other_items_are_not_paired_and_the_languages_are_named(results, tmp_path):
    here = written(results, tmp_path / "here", lambda record: record["arm"] == "english-only")
    shifted = small_results(first_item=300)
    there = written(shifted, tmp_path / "there", lambda record: record["arm"] == "transport")
    board = board_of(here, there)
    assert not board.rows
    told = next(text for text in board.unpaired if "read other items, clusters or labels of xnli (test)" in text)
    assert set(told.split(" in ")[1].split(" than")[0].split(", ")) == {"en", "sw", "th", "fr"}


def test_runs_judged_by_other_labels_are_not_paired(results, tmp_path):
    predictions = results.benchmarks[0].predictions
    turned = predictions.assign(gold=((predictions["gold"] + (predictions["language"] == "sw")) % 3).astype("int8"))
    part = BenchmarkPredictions(results.study.benchmark(), turned, consecutive(3))
    other = replace(results, benchmarks=(part,))
    here = written(results, tmp_path / "here", lambda record: record["arm"] == "english-only")
    there = written(other, tmp_path / "there", lambda record: record["arm"] == "transport")
    board = board_of(here, there)
    assert not board.rows and any(" in sw than" in text for text in board.unpaired)


def test_the_same_run_twice_counts_once_and_another_with_its_name_is_told(results, tmp_path):
    here, again = written(results, tmp_path / "here"), tmp_path / "again"
    shutil.copytree(here, again)
    board = board_of(here, again)
    assert row_of(board, "transport").answer.seeds == (0, 1, 2)
    assert len([text for text in board.unpaired if text.endswith("again.")]) == len(results.records)
    predictions = results.benchmarks[0].predictions
    other = predictions.assign(neutral=np.float32(0.999), entailment=np.float32(0.0), contradiction=np.float32(0.001))
    part = BenchmarkPredictions(results.study.benchmark(), other, consecutive(3))
    written(replace(results, benchmarks=(part,)), again)
    board = board_of(here, again)
    assert len([text for text in board.unpaired if "with other predictions" in text]) == len(results.records)
    assert row_of(board, "transport").answer.difference == row_of(board_of(here), "transport").answer.difference


def test_arms_of_one_name_and_two_configurations_are_kept_apart(results, tmp_path):
    def other(record):
        run = f"{int(record['run_id'], 16) ^ 1:012x}"
        return record | {"run_id": run, "config": record["config"] | {"settings": {"weight": 2.0}}}

    renamed = {record["run_id"]: other(record)["run_id"] for record in results.records}
    predictions = results.benchmarks[0].predictions
    part = BenchmarkPredictions(
        results.study.benchmark(), predictions.assign(run_id=predictions["run_id"].map(renamed)), consecutive(3)
    )
    study = replace(results.study, name="theirs")
    theirs = replace(results, study=study, benchmarks=(part,), records=tuple(map(other, results.records)))
    here = written(results, tmp_path / "here", lambda record: record["arm"] in ARMS[:2])
    there = written(theirs, tmp_path / "there", lambda record: record["arm"] == "transport")
    board = board_of(here, there)
    assert {row.answer.contrast.first for row in board.rows} == {"transport (small)", "transport (theirs)"}
    same = board_of(here, there, against="transport (small)")
    assert any("both sides are the same predictions" in text for text in same.unpaired)


def test_collapse_and_shared_warm_starts_are_noted(results, tmp_path):
    folder = written(results, tmp_path / "all")
    assert any(note.startswith("Collapsed") and "adversarial seed 0" in note for note in board_of(folder).notes)
    for path in folder.glob("*.json"):
        card = json.loads(path.read_text())
        card["run"]["warm_start"] = "one"
        card["reading"]["precision"] = "bfloat16" if card["run"]["seed"] else "float32"
        path.write_text(json.dumps(card))
    notes = board_of(folder).notes
    assert any("transport: seeds share the warm start one" in note for note in notes)
    assert any("different precision: bfloat16, float32" in note for note in notes)


def test_cards_without_labels_are_compared_too(results, tmp_path):
    closed = small_results(licence="not stated")
    assert row_of(board_of(written(closed, tmp_path / "closed")), "transport").answer.difference == pytest.approx(
        row_of(board_of(written(results, tmp_path / "open")), "transport").answer.difference
    )
