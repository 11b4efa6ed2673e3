"""Layers of a study as shares of depth: numbers before anything is hashed, and the numbers that were there before."""

from __future__ import annotations

import pytest

from core.errors import BadInput
from core.experiment.studies.read import find_study, parse_study
from tests.core.experiment.test_study_plans import XNLI
from tests.support.late import COLLECTING

if not COLLECTING:
    from core.experiment.studies.plan import plan_study


def planned(text, starter, depth):
    return plan_study(parse_study(text), starter, "ab" * 32, depth=depth)


def with_share(share: str) -> str:
    return f"{XNLI}\n[model]\nfirst_layer = {share}\n"


@pytest.mark.parametrize(("depth", "first"), [(12, 4), (24, 8), (6, 2), (2, 1), (1, 0)])
def test_the_first_trained_layer_is_a_share_of_depth(starter, depth, first):
    assert {run.model.first_layer for run in planned(with_share("0.3333"), starter, depth)} == {first}


def test_a_share_is_hashed_as_the_number_that_it_is(starter):
    shares, numbers = planned(with_share("0.5"), starter, 12), planned(with_share("6"), starter, 12)
    assert [run.run_id for run in shares] == [run.run_id for run in numbers]
    assert [run.run_id for run in shares] != [run.run_id for run in planned(with_share("0.5"), starter, 6)]
    assert [run.run_id for run in numbers] == [run.run_id for run in planned(with_share("6"), starter, 6)]


def test_settings_of_an_arm_may_be_shares(starter):
    text = XNLI.replace("token_weight", "anchor_layers = [0.5, 1.0], token_layer = 0.67, token_weight", 1)
    for depth, anchors, token in ((12, (6, 12), 8), (2, (1, 2), 1), (24, (12, 24), 16)):
        transport = next(run for run in planned(text, starter, depth) if run.arm == "transport")
        assert tuple(transport.settings["anchor_layers"]) == anchors and transport.settings["token_layer"] == token


def test_the_quick_study_fits_an_encoder_of_any_depth(starter):
    quick = find_study("quick")
    assert {run.model.first_layer for run in plan_study(quick, starter, "ab" * 32)} == {4}
    assert {run.model.first_layer for run in plan_study(quick, starter, "ab" * 32, depth=2)} == {1}


@pytest.mark.parametrize("share", ["1.0", "-0.5", "1.5"])
def test_what_is_no_share_is_told_with_its_line(share):
    with pytest.raises(BadInput, match=r"line \d+: first_layer is .*below 1.0"):
        parse_study(with_share(share))


def test_a_layer_of_an_arm_that_is_no_share_is_one_sentence(starter):
    with pytest.raises(BadInput, match="token_layer is 1.5: a layer is a whole number, or a share"):
        planned(XNLI.replace("token_weight", "token_layer = 1.5, token_weight", 1), starter, 12)
