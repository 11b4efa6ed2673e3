"""`python -m core data get`: licences first, a sentence for what cannot be fetched, where it went, being stopped."""

from __future__ import annotations

import io
import json
import signal
import subprocess
import sys
import time
from hashlib import sha256

import pytest

from core.cli import main
from core.data.fetch import manifest
from tests.support.paths import ROOT
from tests.support.publisher import publishing

CONTENT = ("prem\thyp\tlabel\n" + "A cat sleeps.\tAn animal sleeps.\tentailment\n" * 3000).encode()


@pytest.fixture
def publisher(tmp_path, monkeypatch):
    """A publisher of TaxiNLI, alone in the list of downloads; no data but what is fetched into the workspace."""
    monkeypatch.delenv("ISOGLOSS_DATA", raising=False)
    monkeypatch.setenv("HF_HUB_CACHE", str(tmp_path / "hub"))
    monkeypatch.setenv("ISOGLOSS_HOME", str(tmp_path / "home"))
    with publishing() as one:
        one.files["/taxinli10k.tsv"] = CONTENT
        (tmp_path / "downloads.toml").write_text(
            f'[[download]]\nsource = "TaxiNLI"\nurl = "{one.url}/"\nto = "TaxiNLI/"\nhash_of = "file"\nseen = ""\n'
            f'files = [{{ name = "taxinli10k.tsv", bytes = {len(CONTENT)}, '
            f'sha256 = "{sha256(CONTENT).hexdigest()}" }}]\n'
        )
        monkeypatch.setattr(manifest, "DOWNLOADS", tmp_path / "downloads.toml")
        yield one


def _run(capsys, *arguments: str) -> tuple[int, str, str]:
    status = main(["data", *arguments])
    captured = capsys.readouterr()
    return status, captured.out, captured.err


def test_without_the_licence_nothing_is_asked_of_the_publisher(publisher, capsys, monkeypatch, tmp_path):
    monkeypatch.setattr(sys, "stdin", io.StringIO(""))
    status, out, err = _run(capsys, "get", "TaxiNLI")
    assert status == 2 and out == "" and publisher.asked == []
    assert "C-UDA 1.0" in err and err.strip().endswith("give --accept-licence.")


@pytest.mark.parametrize(("answer", "status"), [("yes\n", 0), ("no\n", 2), ("", 2)])
def test_a_person_is_asked(publisher, capsys, monkeypatch, answer, status):
    stdin = io.StringIO(answer)
    monkeypatch.setattr(stdin, "isatty", lambda: True)
    monkeypatch.setattr(sys, "stdin", stdin)
    assert _run(capsys, "get", "TaxiNLI")[0] == status


def test_what_came_is_in_the_workspace_and_read_from_there(publisher, capsys, tmp_path):
    status, out, err = _run(capsys, "get", "taxinli", "--accept-licence", "--json")
    document = json.loads(out)
    assert status == 0 and document["ok"] and document["folder"] == str(tmp_path / "home" / "data")
    assert document["sources"][0]["status"] == "fetched" and document["sources"][0]["hash_of"] == "file"
    assert "TaxiNLI: 0.1 MB" in err
    assert (tmp_path / "home/data/TaxiNLI/taxinli10k.tsv").read_bytes() == CONTENT
    listing = json.loads(_run(capsys, "list", "--json")[1])
    assert listing["shown"] == "real"
    assert [(one["name"], one["items"], one["bytes"]) for one in listing["sources"]] == [
        ("TaxiNLI", 3000, len(CONTENT))
    ]
    status, out, _ = _run(capsys, "get", "TaxiNLI")
    assert status == 0 and out == "TaxiNLI: already here.\n"


def test_a_folder_that_is_not_read_unasked_is_named(publisher, capsys, tmp_path):
    (tmp_path / "other").mkdir()
    status, out, _ = _run(capsys, "get", "TaxiNLI", "--accept-licence", "--data", str(tmp_path / "other"))
    assert status == 0 and f"--data {tmp_path / 'other'}" in out
    assert not (tmp_path / "home" / "data").exists()


def test_the_listing_says_what_can_be_fetched(publisher, capsys):
    out = _run(capsys)[1]
    assert "Can be fetched" in out and "TaxiNLI" in out.split("Can be fetched")[1].split("Not found")[0]
    missing = {one["name"]: one for one in json.loads(_run(capsys, "list", "--json")[1])["missing"]}
    assert missing["TaxiNLI"]["fetched"] == len(CONTENT) and missing["CAD"]["fetched"] == 0


def test_what_is_fetched_by_hand_is_told_in_one_sentence(publisher, capsys):
    status, out, err = _run(capsys, "get", "CAD", "--accept-licence")
    assert status == 2 and out == "" and err.startswith("CAD is fetched by hand: ") and len(err.splitlines()) == 1


def test_what_fails_is_told_and_the_rest_comes(publisher, capsys):
    status, out, err = _run(capsys, "get", "TaxiNLI", "CAD", "--accept-licence", "--json")
    document = json.loads(out)
    assert status == 1 and not document["ok"]
    assert [one["status"] for one in document["sources"]] == ["fetched", "by hand"]
    assert "CAD is fetched by hand" in err


def test_a_file_that_is_gone_says_how_to_get_it(publisher, capsys):
    publisher.files.clear()
    status, _, err = _run(capsys, "get", "TaxiNLI", "--accept-licence")
    assert status == 1 and "answers 404" in err and "By hand: TaxiNLI (Joshi et al. 2020)" in err


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["get"], "Name data sets, or a study with --study"),
        (["get", "nothing"], "There is no data set 'nothing'"),
        (["get", "--study", "nothing"], "There is no study 'nothing'"),
        (["--json", "get", "TaxiNLI"], "stand after its name"),
    ],
)
def test_what_cannot_be_meant_is_told(publisher, capsys, arguments, sentence):
    status, out, err = _run(capsys, *arguments)
    assert status == 2 and out == "" and sentence in err and len(err.splitlines()) == 1


def test_a_studys_data_is_fetched_and_the_rest_told(publisher, capsys):
    status, out, err = _run(capsys, "get", "--study", "quick", "--accept-licence", "--json")
    by_name = {one["name"]: one["status"] for one in json.loads(out)["sources"]}
    assert status == 1 and by_name["TaxiNLI"] == "fetched" and by_name["XNLI"] == "by hand"
    assert "XNLI is fetched by hand" in err


def test_stopped_by_a_person_it_goes_on_from_there(publisher, capsys, tmp_path):
    publisher.held.add("/taxinli10k.tsv")
    code = (
        # A shell that starts tests in the background has them ignore the signal, and what they start.
        "import signal, sys\nsignal.signal(signal.SIGINT, signal.default_int_handler)\n"
        "from pathlib import Path\nfrom core.cli import main\nfrom core.data.fetch import manifest\n"
        "manifest.DOWNLOADS = Path(sys.argv[1])\nraise SystemExit(main(['data', 'get', 'TaxiNLI', '--accept-licence']))"
    )
    process = subprocess.Popen(
        [sys.executable, "-c", code, str(tmp_path / "downloads.toml")], cwd=ROOT, stderr=subprocess.PIPE, text=True
    )
    assert publisher.begun.wait(30)
    part = tmp_path / "home/data/.incomplete" / f"{sha256(CONTENT).hexdigest()}.part"
    deadline = time.monotonic() + 20
    while not (part.is_file() and part.stat().st_size) and time.monotonic() < deadline:
        time.sleep(0.01)
    process.send_signal(signal.SIGINT)
    err = process.communicate(timeout=30)[1]
    assert process.returncode in (1, 130) and "the same command goes on from there" in err and "Traceback" not in err
    came = part.stat().st_size
    assert not (tmp_path / "home/data/TaxiNLI").exists() and came > 0
    publisher.held.clear()
    assert _run(capsys, "get", "TaxiNLI", "--accept-licence")[0] == 0
    assert publisher.ranges_of("/taxinli10k.tsv") == ["", f"bytes={came}-"]
    assert (tmp_path / "home/data/TaxiNLI/taxinli10k.tsv").read_bytes() == CONTENT
