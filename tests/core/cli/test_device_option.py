"""--device: on every verb that trains or reads a model, and one sentence where there is no such device."""

from __future__ import annotations

import json

import pytest

from core.cli import main
from tests.core.cli.test_verbs import LEAVES, options

READERS = {
    ("run",), ("tune",), ("trial",), ("predict",), ("align",), ("retrieve",), ("patch",), ("diagnose",),
    ("suites", "run"), ("study", "run"), ("bitext", "score"),
}  # fmt: skip


def test_which_verbs_have_it():
    assert {path for path in LEAVES if "device" in options(path)} == READERS
    assert all(options(path)["device"].default == "auto" for path in READERS)


@pytest.mark.parametrize(("device", "said"), [("cuda", "no CUDA device"), ("mps", "no Apple GPU")])
def test_a_device_that_is_not_there(tmp_path, capsys, monkeypatch, device, said):
    import torch

    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    monkeypatch.setattr(torch.backends.mps, "is_available", lambda: False)
    pairs = tmp_path / "pairs.txt"
    pairs.write_text("a cat ||| paka\n", encoding="utf-8")
    home = str(tmp_path / "home")
    assert main(["align", str(pairs), "--home", home, "--device", device]) != 0
    error = capsys.readouterr().err
    assert said in error and "--device auto or cpu" in error.replace("\n", " ") and "Traceback" not in error


@pytest.mark.slow
def test_links_on_the_processor_are_those_without_the_option(tmp_path, capsys):
    pairs = tmp_path / "pairs.txt"
    pairs.write_text("a black cat ||| paka mweusi\n", encoding="utf-8")
    found = []
    for extra in ([], ["--device", "cpu"]):
        assert main(["align", str(pairs), "--home", str(tmp_path), "--json", *extra]) == 0
        found.append(json.loads(capsys.readouterr().out)["links_of_lines"])
    assert found[0] == found[1] and found[0][0]
